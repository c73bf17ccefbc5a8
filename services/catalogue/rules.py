"""What a product's fields may hold. Each rule answers the value as it is stored and adds what is wrong to `errors`."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from core.errors import DomainError, InvalidInputError, NotFoundError
from core.money import Money

MAX_SLUG = 100
MAX_STOCK = 1_000_000_000
"""GraphQL's Int ends at twice that."""
_SKU = re.compile(r"[A-Za-z0-9._-]{2,64}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UNSTORABLE = {"Cc", "Cs"}
_LINE_BREAKS = {"Zl", "Zp"}

Errors = list[DomainError]


@dataclass(frozen=True, slots=True)
class Price:
    """As asked for: its currency may not have so many decimals."""

    amount: Decimal
    currency: str


def is_sku(text: str) -> bool:
    return _SKU.fullmatch(text) is not None


def is_slug(text: str, longest: int = MAX_SLUG) -> bool:
    return len(text) <= longest and _SLUG.fullmatch(text) is not None


def is_category(text: str) -> bool:
    return is_slug(text, 64)


def no_such_product() -> NotFoundError:
    return NotFoundError(message="There is no such product.", field=("productId",))


def sku(value: str, errors: Errors) -> str:
    if not is_sku(value):
        _refuse(errors, "The SKU must be 2 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'.", "sku")
    return value


def slug(value: str, errors: Errors) -> str:
    if not is_slug(value):
        _refuse(errors, "The slug must be words of a-z and 0-9 joined by '-', at most 100 characters.", "slug")
    return value


def name(value: str, errors: Errors) -> str:
    value = unicodedata.normalize("NFC", value.strip())
    if not 3 <= len(value) <= 200:
        _refuse(errors, "The name must have 3 to 200 characters.", "name")
    elif _holds(value, _UNSTORABLE | _LINE_BREAKS):
        _refuse(errors, "The name must not hold control characters or line breaks.", "name")
    elif not _is_seen(value):
        _refuse(errors, "The name must have something to be seen.", "name")
    return value


def description(value: str | None, errors: Errors) -> str | None:
    """An empty one is none."""
    value = unicodedata.normalize("NFC", (value or "").replace("\r\n", "\n").strip())
    if len(value) > 10_000:
        _refuse(errors, "The description must have at most 10,000 characters.", "description")
    elif _holds(value.replace("\n", "").replace("\t", ""), _UNSTORABLE):
        _refuse(errors, "The description must not hold control characters.", "description")
    return value or None


def category(value: str | None, errors: Errors) -> str | None:
    if value is not None and not is_category(value):
        message = "The category must be words of a-z and 0-9 joined by '-', at most 64 characters."
        _refuse(errors, message, "category")
    return value


def price(value: Price, errors: Errors) -> Money:
    try:
        money = Money.from_amount(value.amount, value.currency)
    except ValueError as error:
        _refuse(errors, f"The price cannot be {value.amount:f}: {error}.", "price", "amount")
        return Money(0, value.currency)
    if money.minor < 0:
        _refuse(errors, "The price must not be negative.", "price", "amount")
    return money


def stock(value: int, errors: Errors) -> int:
    if not 0 <= value <= MAX_STOCK:
        _refuse(errors, f"The stock must be 0 to {MAX_STOCK:,}.", "stock")
    return value


def _holds(text: str, categories: set[str]) -> bool:
    return any(unicodedata.category(character) in categories for character in text)


def _is_seen(text: str) -> bool:
    """A letter, digit, sign or symbol in it: spaces and marks without width are none."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def _refuse(errors: Errors, message: str, *field: str) -> None:
    errors.append(InvalidInputError(message=message, field=field))
