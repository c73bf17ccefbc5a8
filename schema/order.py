"""Orders as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from models.order import Order as OrderRow
from models.order_event import OrderEvent as OrderEventRow
from models.short_link import DELETED
from schema.address import Address
from schema.context import Info
from schema.money import Money
from schema.node import Node, to_global_id
from schema.order_line import OrderLine
from schema.order_status import OrderAction, OrderCancelReason, OrderStatus
from schema.short_link import ShortLink
from services.orders.actions import available_actions

if TYPE_CHECKING:
    from schema.user import User


@strawberry.type(description="Something that happened to an order.")
class OrderEvent:
    status: OrderStatus
    at: datetime
    note: str | None = strawberry.field(description="What led here, for people.")

    @classmethod
    def from_row(cls, row: OrderEventRow) -> Self:
        return cls(status=OrderStatus(row.status), at=row.at, note=row.note)


@strawberry.type(description="What a customer bought. Only the customer and admins see one.")
class Order(Node):
    row: strawberry.Private[OrderRow]
    number: str = strawberry.field(description="Short and readable, for e-mails and the phone: K-7F3Q-9MXD.")
    status: OrderStatus
    cancel_reason: OrderCancelReason | None
    total: Money
    placed_at: datetime
    updated_at: datetime
    version: int

    @strawberry.field
    async def customer(self, info: Info) -> Annotated["User", strawberry.lazy("schema.user")] | None:
        from schema.user import User  # noqa: PLC0415 - users have orders, and orders have a customer

        row = await info.context.loaders.users.load(self.row.user_id)
        return User.from_row(row) if row else None

    @strawberry.field
    def available_actions(self, info: Info) -> list[OrderAction]:
        return [OrderAction(action) for action in available_actions(self.row, info.context.signed_in)]

    @strawberry.field(description="1 to 50, as they were when the order was placed.")
    def lines(self) -> list[OrderLine]:
        return [OrderLine.from_stored(line, self.row.currency) for line in self.row.lines]

    @strawberry.field
    def shipping_address(self) -> Address:
        return Address.from_stored(self.row.shipping_address)

    @strawberry.field(description="Where the parcel is; the admin who sent it owns the link.")
    async def tracking_link(self, info: Info) -> ShortLink | None:
        code = self.row.tracking_code
        row = await info.context.loaders.short_links.load(code) if code else None
        return ShortLink.from_row(row) if row and row.state != DELETED else None

    @strawberry.field(description="Everything that happened, oldest first.")
    async def events(self, info: Info) -> list[OrderEvent]:
        rows = await info.context.run(OrderEventRow.history, self.row.order_id)
        return [OrderEvent.from_row(row) for row in rows]

    @classmethod
    def from_row(cls, row: OrderRow) -> Self:
        return cls(
            id=to_global_id("Order", row.order_id),
            row=row,
            number=row.number,
            status=OrderStatus(row.status),
            cancel_reason=OrderCancelReason(row.cancel_reason) if row.cancel_reason else None,
            total=Money.from_minor(row.amount_minor, row.currency),
            placed_at=row.placed_at,
            updated_at=row.updated_at,
            version=row.version,
        )


@strawberry.input(one_of=True, description="Exactly one of the ways to name an order.")
class OrderBy:
    id: strawberry.Maybe[strawberry.ID]
    number: strawberry.Maybe[str]
