"""Where an order goes."""

from dataclasses import dataclass, fields

from core.errors import DomainError, InvalidInputError

MAX_LENGTH = 200
_OPTIONAL = {"line2", "postal_code", "region"}
_SENT_AS = {"postal_code": "postalCode", "country_code": "countryCode"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    name: str
    line1: str
    line2: str | None = None
    city: str
    postal_code: str | None = None
    region: str | None = None
    country_code: str
    """ISO 3166-1 alpha-2."""


def check_address(address: Address) -> list[DomainError]:
    errors: list[DomainError] = []
    for field in fields(address):
        path = ("shippingAddress", _SENT_AS.get(field.name, field.name))
        value: str | None = getattr(address, field.name)
        if field.name == "country_code":
            if not (value and len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
                errors.append(InvalidInputError(message="Two capital letters such as CH.", field=path))
        elif not (value or "").strip():
            if field.name not in _OPTIONAL or value:
                errors.append(InvalidInputError(code="REQUIRED", message="May not be empty.", field=path))
        elif value and (len(value) > MAX_LENGTH or not value.isprintable()):
            errors.append(InvalidInputError(message=f"At most {MAX_LENGTH} printable characters.", field=path))
    return errors
