"""What may follow what, and the one transaction that makes it so: order, event and stock together."""

from collections.abc import Callable
from datetime import datetime

from core.observability import count, logger
from models.order import Order
from models.order_event import OrderEvent
from models.product import Product
from models.transaction import Write, commit, put, update

MOVES: dict[str, set[str]] = {
    "PENDING": {"CHARGING", "CANCELLED"},
    "CHARGING": {"CHARGING", "PAID", "CANCELLED", "REVIEW"},
    "PAID": {"PAID", "CONFIRMED", "REFUNDING"},
    "CONFIRMED": {"SHIPPED", "REFUNDING"},
    "SHIPPED": {"DELIVERED", "REFUNDING"},
    "DELIVERED": {"REFUNDING"},
    "CANCELLED": set(),
    "REFUNDING": {"REFUNDING", "REFUNDED", "REVIEW"},
    "REFUNDED": set(),
    "REVIEW": {"PAID", "CANCELLED", "REFUNDING"},
}
"""Besides these, every state may be re-entered to note that an owed mail was queued."""
WORKING = {"PENDING", "CHARGING", "PAID", "REFUNDING"}
"""States in which something is due."""

MAILS = ("order_confirmed", "order_shipped", "order_cancelled", "order_refunded")
"""What an order may owe, in the order in which it comes about."""


def move(
    order: Order,
    to: str,
    note: str,
    now: datetime,
    change: Callable[[Order], None] = lambda _: None,
    *,
    due_at: datetime | None = None,
    extra: tuple[Write, ...] = (),
) -> Order:
    """Move the order as it was read; `change` sets what else becomes different.

    Raises ConditionFailed when the stored order is no longer as it was read: read again and decide again,
    never overwrite. Stock returns in the same transaction where the business says so.
    """
    if to not in MOVES[order.status] and to != order.status:
        raise ValueError(f"no order goes from {order.status} to {to}")
    was = dict(order.attribute_values)
    moved = Order(**was)
    moved.status, moved.version, moved.updated_at = to, order.version + 1, now
    change(moved)
    if to != order.status:
        moved.attempts = 0
    if to not in {"PENDING", "CHARGING"}:
        moved.payment_token = None
    is_due = to in WORKING or bool(moved.mail_owed)
    moved.place_in_indexes((due_at or now) if is_due else None)
    commit(
        [
            update(
                Order(order.order_id),
                moved.changed_from(was),
                (Order.status == order.status) & (Order.version == order.version),
            ),
            put(
                OrderEvent.of(moved, note, is_arrival=to != order.status),
                OrderEvent.order_id.does_not_exist(),
            ),
            *(_restock(order) if returns_stock(order, to) else ()),
            *extra,
        ]
    )
    logger.info("Order moved", extra={"order_id": order.order_id, "from": order.status, "to": to})
    if to == "REVIEW":
        count("OrderInReview")
    return moved


def returns_stock(order: Order, to: str) -> bool:
    """Once: what re-enters its state brought its stock back when it arrived there."""
    if to == order.status:
        return False
    return to == "CANCELLED" or (to == "REFUNDED" and order.shipped_at is None)


def _restock(order: Order) -> list[Write]:
    """A deleted product keeps its row, so that stock always finds it."""
    return [
        update(Product(line["product_id"]), [Product.stock.set(Product.stock + line["quantity"])], Product.sku.exists())
        for line in order.lines
    ]


def owe(order: Order, template: str) -> None:
    order.mail_owed = {*(order.mail_owed or ()), template}
