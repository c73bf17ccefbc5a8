"""What can be refused, and how it is said. A service raises `Refused`; the schema turns it into data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.money import Money

Path = tuple[str, ...]
"""Where in the input: ("lines", "0", "quantity"), in the names clients send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainError:
    code: str
    message: str
    field: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidInputError(DomainError):
    code: str = "INVALID"
    """INVALID, REQUIRED, INVALID_CREDENTIALS, INVALID_TOKEN, EMAIL_NOT_CONFIRMED, INVALID_STATE,
    CURRENCY_MISMATCH, UNSAFE_URL or RESERVED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundError(DomainError):
    code: str = "NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenError(DomainError):
    code: str = "TAKEN"
    suggestion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleVersionError(DomainError):
    code: str = "STALE_VERSION"
    current_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InsufficientStockError(DomainError):
    code: str = "INSUFFICIENT_STOCK"
    product_id: str
    requested: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChangedError(DomainError):
    code: str = "PRICE_CHANGED"
    product_id: str
    expected: Money
    actual: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStateError(DomainError):
    code: str = "INVALID_STATE"
    current_status: str
    available_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyError(DomainError):
    code: str = "IDEMPOTENCY_KEY_REUSED"
    first_used_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryError(DomainError):
    code: str = "RETRY"
    """RETRY or RATE_LIMITED. Nothing was changed."""
    retry_after_seconds: int = 1


class Refused(Exception):
    """Expected, and the user can act on it: becomes a payload's `userErrors`. Nothing was changed."""

    def __init__(self, *errors: DomainError) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def refuse_all(errors: Iterable[DomainError]) -> None:
    """Refuse with everything that was found, if anything was."""
    if found := tuple(errors):
        raise Refused(*found)


class BadRequest(Exception):
    """The caller's program is wrong (a bad cursor, `first: 0`): a top-level error, code BAD_REQUEST."""


class SessionEnded(Exception):
    """The token is good but its account or session is gone: a top-level error, code UNAUTHENTICATED."""
