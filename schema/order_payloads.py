"""What the mutations of orders answer."""

from typing import Self

import strawberry

from schema.errors import UserError, from_error
from schema.money import Money
from schema.order import Order
from schema.order_line import OrderLine
from services.orders.preview import Preview


@strawberry.type(description="What `createOrder` would answer, without writing anything.")
class OrderPreview:
    lines: list[OrderLine]
    total: Money | None
    user_errors: list[UserError]

    @classmethod
    def from_preview(cls, preview: Preview) -> Self:
        return cls(
            lines=[OrderLine.from_priced(line) for line in preview.lines],
            total=Money.from_minor(preview.total.minor, preview.total.currency) if preview.total else None,
            user_errors=[from_error(error) for error in preview.errors],
        )


@strawberry.type(description="The order that was placed.")
class CreateOrderPayload:
    order: Order | None = None
    replayed: bool = strawberry.field(
        default=False, description="True when this key was used before: the order is the one made then."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The order as it is now: a paid one is cancelled once its money is on its way back.")
class CancelOrderPayload:
    order: Order | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The order as it is now.")
class FulfillOrderPayload:
    order: Order | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The order as it is now.")
class MarkOrderDeliveredPayload:
    order: Order | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The order as it is now: the money follows within moments.")
class RefundOrderPayload:
    order: Order | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
