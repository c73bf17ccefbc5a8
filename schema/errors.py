"""Expected refusals as data: each error of core/errors.py has its type here, under the same name."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from core import errors
from schema.context import Info
from schema.money import Money
from schema.order_status import OrderAction, OrderStatus

if TYPE_CHECKING:
    from schema.product import Product


@strawberry.enum(
    description="Why an input was refused. Members are only ever added: treat an unknown one like INVALID."
)
class UserErrorCode(Enum):
    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    NOT_FOUND = "NOT_FOUND"
    TAKEN = "TAKEN"
    STALE_VERSION = "STALE_VERSION"
    INVALID_STATE = "INVALID_STATE"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - a code, not a secret
    EMAIL_NOT_CONFIRMED = "EMAIL_NOT_CONFIRMED"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    PRICE_CHANGED = "PRICE_CHANGED"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    UNSAFE_URL = "UNSAFE_URL"
    RESERVED = "RESERVED"
    RATE_LIMITED = "RATE_LIMITED"
    RETRY = "RETRY"


@strawberry.interface(
    description="An expected refusal. `userErrors { code message field }` reads every present and future one."
)
class UserError:
    code: UserErrorCode
    message: str = strawberry.field(description="For people, in English; never parsed.")
    field: list[str] | None = strawberry.field(
        description='Path into the input: ["lines", "0", "quantity"]. Null when no one field is to blame.'
    )


@strawberry.type(description="A value that cannot be accepted as it is.")
class InvalidInputError(UserError):
    pass


@strawberry.type(description="Something the input names is not there, or not the caller's to see.")
class NotFoundError(UserError):
    pass


@strawberry.type(description="A value that must be unique and is in use.")
class TakenError(UserError):
    suggestion: str | None = strawberry.field(
        description="A free value close to the one asked for, where one can be offered."
    )


@strawberry.type(description="Somebody else's change came first: read again, then decide.")
class StaleVersionError(UserError):
    current_version: int


@strawberry.type(description="Fewer pieces are left than were asked for.")
class InsufficientStockError(UserError):
    product_id: strawberry.Private[str]
    requested: int
    available: int

    @strawberry.field
    async def product(self, info: Info) -> Annotated["Product", strawberry.lazy("schema.product")]:
        return await _load_product(info, self.product_id)


@strawberry.type(description="A price is no longer what the customer was shown.")
class PriceChangedError(UserError):
    product_id: strawberry.Private[str]
    expected: Money
    actual: Money

    @strawberry.field
    async def product(self, info: Info) -> Annotated["Product", strawberry.lazy("schema.product")]:
        return await _load_product(info, self.product_id)


@strawberry.type(description="The order is in a state that does not allow it.")
class OrderStateError(UserError):
    current_status: OrderStatus
    available_actions: list[OrderAction]


@strawberry.type(description="The idempotency key was used before, for something else.")
class IdempotencyError(UserError):
    first_used_at: datetime


@strawberry.type(description="Too many tries, or too much contention just now: nothing was changed.")
class RetryError(UserError):
    retry_after_seconds: int


async def _load_product(info: Info, product_id: str) -> "Product":
    from schema.product import Product  # noqa: PLC0415 - products can be refused, and refusals name products

    return Product.from_row(await info.context.loaders.fetch_product(product_id))


def from_error(error: errors.DomainError) -> UserError:
    said: dict[str, Any] = {
        "code": UserErrorCode(error.code),
        "message": error.message,
        "field": None if error.field is None else list(error.field),
    }
    match error:
        case errors.NotFoundError():
            return NotFoundError(**said)
        case errors.TakenError():
            return TakenError(**said, suggestion=error.suggestion)
        case errors.StaleVersionError():
            return StaleVersionError(**said, current_version=error.current_version)
        case errors.InsufficientStockError():
            return InsufficientStockError(
                **said, product_id=error.product_id, requested=error.requested, available=error.available
            )
        case errors.PriceChangedError():
            return PriceChangedError(
                **said,
                product_id=error.product_id,
                expected=Money.from_minor(error.expected.minor, error.expected.currency),
                actual=Money.from_minor(error.actual.minor, error.actual.currency),
            )
        case errors.OrderStateError():
            return OrderStateError(
                **said,
                current_status=OrderStatus(error.current_status),
                available_actions=[OrderAction(action) for action in error.available_actions],
            )
        case errors.IdempotencyError():
            return IdempotencyError(**said, first_used_at=error.first_used_at)
        case errors.RetryError():
            return RetryError(**said, retry_after_seconds=error.retry_after_seconds)
        case _:
            return InvalidInputError(**said)
