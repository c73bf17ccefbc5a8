"""The worker: does what is due in an order, as often as it is asked, and nothing twice.

Whatever it does, it first made durable that it would.
"""

from datetime import datetime

from core.clock import now as read_clock
from core.observability import count, logger
from models.order import Order
from models.transaction import ConditionFailed
from services.mail.events import MailEvent, queue_mail
from services.orders import paying
from services.orders.moves import MAILS, move, owe
from services.orders.unwinding import expire, start_refunding

LOST_RACES = 10
"""Reads after which a message gives up and is delivered again."""


def advance(order_id: str) -> None:
    """Safe to repeat, early, late and at once: the state in the table decides."""
    for _ in range(LOST_RACES):
        order = Order.find(order_id, consistent=True)
        if order is None:
            logger.warning("Work for an unknown order", extra={"order_id": order_id})
            count("UnknownOrder")
            return
        try:
            _work_off(order)
        except ConditionFailed:
            continue
        return
    raise RuntimeError(f"order {order_id} changed {LOST_RACES} times while it was worked on")


def _work_off(order: Order) -> None:
    """Step by step, until nothing is due now."""
    while True:
        moved = _step(order, read_clock())
        if moved is None:
            break
        order = moved
    if order.mail_owed:
        _queue_owed_mail(order, read_clock())


def _step(order: Order, now: datetime) -> Order | None:
    match order.status:
        case "PENDING":
            return _start_charging(order, now) if now < order.pay_deadline else expire(order, now)
        case "CHARGING" if _is_due(order, now):
            return paying.charge(order, now)
        case "PAID":
            return _refund_as_asked(order, now) if order.cancel_requested else _confirm(order, now)
        case "REFUNDING" if _is_due(order, now):
            return paying.refund(order, now)
        case _:
            return None


def _is_due(order: Order, now: datetime) -> bool:
    return order.due_at is not None and order.due_at <= now


def _start_charging(order: Order, now: datetime) -> Order:
    def change(moved: Order) -> None:
        moved.charging_since = now

    return move(order, "CHARGING", "Payment asked for", now, change, due_at=now)


def _confirm(order: Order, now: datetime) -> Order:
    return move(order, "CONFIRMED", "Confirmed", now, lambda moved: owe(moved, "order_confirmed"))


def _refund_as_asked(order: Order, now: datetime) -> Order:
    return start_refunding(order, "Cancelled after it was paid", now)


def _queue_owed_mail(order: Order, now: datetime) -> None:
    """One event a mail, in the order of what happened; queued twice after a crash, it is sent once."""
    for template in sorted(order.mail_owed or (), key=MAILS.index):
        queue_mail(MailEvent(template, order.order_id))

    def change(moved: Order) -> None:
        moved.mail_owed = None

    move(order, order.status, "Mail queued", now, change, due_at=order.due_at)
