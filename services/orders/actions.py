"""What people may do to an order: one table for `availableActions` and for the mutations."""

from collections.abc import Callable
from datetime import datetime

from core.clock import now as read_clock
from core.errors import InvalidInputError, NotFoundError, OrderStateError, Path, Refused, RetryError
from core.viewer import Viewer
from models.order import Order
from models.transaction import ConditionFailed
from services.orders.messages import send_orders
from services.orders.moves import move, owe
from services.orders.unwinding import cancel_unpaid, start_refunding
from services.orders.working import LOST_RACES
from services.short_links.destinations import judge
from services.short_links.making import put_new, tracking_link

FIELD: Path = ("orderId",)
LONGEST_NOTE = 500
_OWNER = {"PENDING": ("CANCEL",), "CHARGING": ("CANCEL",), "PAID": ("CANCEL",), "CONFIRMED": ("CANCEL",)}
_ADMIN = {
    **_OWNER,
    "CONFIRMED": ("CANCEL", "FULFILL", "REFUND"),
    "SHIPPED": ("MARK_DELIVERED", "REFUND"),
    "DELIVERED": ("REFUND",),
}


def available_actions(order: Order, viewer: Viewer) -> tuple[str, ...]:
    if order.cancel_requested and order.status in {"CHARGING", "PAID"}:
        return ()
    return (_ADMIN if viewer.is_admin else _OWNER).get(order.status, ())


def find_order(order_id: str, viewer: Viewer) -> Order | None:
    """Somebody else's order does not exist."""
    order = Order.find(order_id)
    return order if order and viewer.may_act_for(order.user_id) else None


def cancel_order(order_id: str, viewer: Viewer) -> Order:
    """Asked again, it answers the order without a write."""
    reason = "ADMIN" if viewer.is_admin else "CUSTOMER"

    def cancel(order: Order, now: datetime) -> Order:
        note = f"Cancelled by {'an admin' if viewer.is_admin else 'the customer'}"
        match order.status:
            case "PENDING":
                return cancel_unpaid(order, reason, note, now)
            case "CONFIRMED":
                return start_refunding(order, note, now, cancel_reason=reason)
            case _:
                return _ask_to_cancel(order, reason, note, now)

    return _act(order_id, viewer, "CANCEL", cancel, is_done=_is_cancelled)


def _is_cancelled(order: Order) -> bool:
    return order.cancel_requested or order.cancel_reason in {"CUSTOMER", "ADMIN"}


def _ask_to_cancel(order: Order, reason: str, note: str, now: datetime) -> Order:
    """The worker does it, once the payment's outcome is known."""

    def change(moved: Order) -> None:
        moved.cancel_requested = True
        moved.cancel_reason = reason

    return move(
        order, order.status, f"{note}, to be done when the payment is settled", now, change, due_at=order.due_at
    )


def fulfill_order(order_id: str, viewer: Viewer, tracking_url: str | None = None) -> Order:
    """Asked again with the same URL, it answers the order without a write."""
    destination = None if tracking_url is None else judge(tracking_url, ("trackingUrl",))

    def ship(order: Order, now: datetime) -> Order:
        link = tracking_link(order, viewer.user_id, destination, now) if destination else None

        def change(moved: Order) -> None:
            moved.shipped_at = now
            moved.tracking_url = destination
            moved.tracking_code = link.code if link else None
            owe(moved, "order_shipped")

        return move(order, "SHIPPED", "Shipped", now, change, extra=(put_new(link),) if link else ())

    def is_done(order: Order) -> bool:
        return order.status == "SHIPPED" and order.tracking_url == destination

    return _act(order_id, viewer, "FULFILL", ship, is_done)


def mark_delivered(order_id: str, viewer: Viewer) -> Order:
    def deliver(order: Order, now: datetime) -> Order:
        return move(order, "DELIVERED", "Delivered", now)

    return _act(order_id, viewer, "MARK_DELIVERED", deliver, is_done=lambda _: False)


def refund_order(order_id: str, viewer: Viewer, note: str | None) -> Order:
    if note and not (len(note) <= LONGEST_NOTE and note.isprintable()):
        raise Refused(InvalidInputError(message=f"At most {LONGEST_NOTE} printable characters.", field=("note",)))

    def refund(order: Order, now: datetime) -> Order:
        return start_refunding(order, f"Refund asked for by an admin{': ' + note if note else ''}", now)

    return _act(order_id, viewer, "REFUND", refund, is_done=lambda _: False)


def _act(
    order_id: str,
    viewer: Viewer,
    action: str,
    do: Callable[[Order, datetime], Order],
    is_done: Callable[[Order], bool],
) -> Order:
    """Reads again whenever somebody else was first, and decides again."""
    for _ in range(LOST_RACES):
        order = Order.find(order_id, consistent=True)
        if order is None or not viewer.may_act_for(order.user_id):
            raise Refused(NotFoundError(message="There is no such order.", field=FIELD))
        if is_done(order):
            return order
        if action not in available_actions(order, viewer):
            raise Refused(_not_now(order, viewer))
        try:
            moved = do(order, read_clock())
        except ConditionFailed:
            continue
        if moved.due_at:
            send_orders([order_id])
        return moved
    raise Refused(RetryError(message="The order changes all the time. Nothing was changed: please try again."))


def _not_now(order: Order, viewer: Viewer) -> OrderStateError:
    return OrderStateError(
        message=f"That cannot be done to an order that is {order.status}.",
        field=FIELD,
        current_status=order.status,
        available_actions=available_actions(order, viewer),
    )
