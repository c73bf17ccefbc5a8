"""What a short link's fields may hold: each rule answers the value as stored and adds what is wrong to `errors`."""

import unicodedata
from datetime import datetime

from core.errors import DomainError, InvalidInputError, Refused
from services.short_links import destinations

MAX_TITLE = 200
MAX_CLICKS = 1_000_000_000

Errors = list[DomainError]


def destination(value: str, errors: Errors) -> str:
    try:
        return destinations.judge(value, ("destinationUrl",))
    except Refused as refused:
        errors += refused.errors
        return ""


def title(value: str | None, errors: Errors) -> str | None:
    """An empty one is none."""
    value = unicodedata.normalize("NFC", (value or "").strip())
    if len(value) > MAX_TITLE:
        _refuse(errors, f"The title must have at most {MAX_TITLE} characters.", "title")
    elif any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in value):
        _refuse(errors, "The title must not hold control characters or line breaks.", "title")
    return value or None


def valid_until(value: datetime | None, now: datetime, errors: Errors) -> datetime | None:
    if value is not None and value <= now:
        _refuse(errors, "The link cannot expire in the past.", "expiresAt")
    return value


def max_clicks(value: int | None, errors: Errors) -> int | None:
    if value is not None and not 1 <= value <= MAX_CLICKS:
        _refuse(errors, f"The most clicks must be 1 to {MAX_CLICKS:,}.", "maxClicks")
    return value


def _refuse(errors: Errors, message: str, field: str) -> None:
    errors.append(InvalidInputError(message=message, field=(field,)))
