"""Kiosk's own scalars: stricter in and plainer out than Strawberry's."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

URL = NewType("URL", str)

_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,10})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004 - GraphQL reports ValueError to the client
    return value


def _parse_decimal(value: Any) -> Decimal:
    if not _DECIMAL.fullmatch(_text(value)):
        raise ValueError('must be digits such as "19.99"')
    return Decimal(value)


def _print_decimal(value: Decimal) -> str:
    return f"{value:f}"


def _parse_date(value: Any) -> date:
    if not _DATE.fullmatch(_text(value)):
        raise ValueError("must be a day such as 2026-11-21")
    return date.fromisoformat(value)


def _parse_date_time(value: Any) -> datetime:
    if not _DATE_TIME.fullmatch(_text(value)):
        raise ValueError("must be an instant with its offset, such as 2026-11-21T09:00:00Z")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error


def _print_date_time(value: datetime) -> str:
    """Whole seconds without a fraction, others in milliseconds; `Z`, never +00:00."""
    unit = "milliseconds" if value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=unit).replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, sent as a string: "19.99".',
        serialize=_print_decimal,
        parse_value=_parse_decimal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339 in UTC: 2026-11-21T09:00:00Z.",
        serialize=_print_date_time,
        parse_value=_parse_date_time,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day, ISO 8601: 2026-11-21. Days are UTC days.",
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="An absolute http or https URL, as the WHATWG URL parser writes it. "
        "Any string is taken and then judged.",
        serialize=str,
        parse_value=_text,
    ),
}
