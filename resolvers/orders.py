"""How the root fields of orders are answered."""

import strawberry

from schema.connection import Connection, given
from schema.context import Info
from schema.node import fetch_key, find_key
from schema.order import Order, OrderBy
from schema.order_inputs import (
    CancelOrderInput,
    CreateOrderInput,
    FulfillOrderInput,
    MarkOrderDeliveredInput,
    OrderPreviewInput,
    RefundOrderInput,
)
from schema.order_payloads import (
    CancelOrderPayload,
    CreateOrderPayload,
    FulfillOrderPayload,
    MarkOrderDeliveredPayload,
    OrderPreview,
    RefundOrderPayload,
)
from schema.order_status import OrderStatus
from services.orders import actions, listing, placing
from services.orders.preview import preview


async def find_order(info: Info, order_id: str) -> Order | None:
    """Null when it is not the caller's to see."""
    viewer = info.context.viewer
    row = await info.context.run(actions.find_order, order_id, viewer) if viewer else None
    return Order.from_row(row) if row else None


async def order(info: Info, by: OrderBy) -> Order | None:
    """By id one read; by number two, the guard's and the order's."""
    order_id = find_key(by.id.value, "Order") if by.id else None
    if by.number:
        order_id = await info.context.run(listing.find_order_id, by.number.value)
    return await find_order(info, order_id) if order_id else None


async def orders(
    info: Info,
    *,
    status: OrderStatus | None = strawberry.UNSET,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
) -> Connection[Order]:
    page = await info.context.run(
        listing.list_orders,
        status.value if status else None,
        **given(first=first, after=after, last=last, before=before),
    )
    return Connection[Order].from_page(page, Order.from_row)


async def order_preview(info: Info, input: OrderPreviewInput) -> OrderPreview:
    return OrderPreview.from_preview(await info.context.run(preview, [line.to_request() for line in input.lines]))


async def create_order(info: Info, input: CreateOrderInput) -> CreateOrderPayload:
    user_id = info.context.signed_in.user_id
    placed = await info.context.run(placing.place_order, user_id, input.to_request())
    return CreateOrderPayload(order=Order.from_row(placed.order), replayed=placed.is_replay)


async def cancel_order(info: Info, input: CancelOrderInput) -> CancelOrderPayload:
    row = await info.context.run(actions.cancel_order, _order_id(input.order_id), info.context.signed_in)
    return CancelOrderPayload(order=Order.from_row(row))


async def fulfill_order(info: Info, input: FulfillOrderInput) -> FulfillOrderPayload:
    row = await info.context.run(
        actions.fulfill_order,
        _order_id(input.order_id),
        info.context.signed_in,
        input.tracking_url.value if input.tracking_url else None,
    )
    return FulfillOrderPayload(order=Order.from_row(row))


async def mark_order_delivered(info: Info, input: MarkOrderDeliveredInput) -> MarkOrderDeliveredPayload:
    row = await info.context.run(actions.mark_delivered, _order_id(input.order_id), info.context.signed_in)
    return MarkOrderDeliveredPayload(order=Order.from_row(row))


async def refund_order(info: Info, input: RefundOrderInput) -> RefundOrderPayload:
    row = await info.context.run(
        actions.refund_order,
        _order_id(input.order_id),
        info.context.signed_in,
        input.note.value if input.note else None,
    )
    return RefundOrderPayload(order=Order.from_row(row))


def _order_id(global_id: strawberry.ID) -> str:
    return fetch_key(global_id, "Order", actions.FIELD)
