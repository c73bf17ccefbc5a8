"""The worker: does what is due in an order, as often as it is asked, and nothing twice.

Whatever it does, it first made durable that it would; whatever a gateway does not answer is unknown.
"""

from datetime import datetime

from core.clock import now as read_clock
from core.money import Money
from core.observability import count, logger
from models.order import Order
from models.transaction import ConditionFailed
from services.mail.events import MailEvent, queue_mail
from services.orders.moves import move, owe
from services.orders.windows import CALL_WINDOW, next_try
from services.payments import Outcome, gateway

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
            return _charge(order, now)
        case "PAID":
            return _refund_as_asked(order, now) if order.cancel_requested else _confirm(order, now)
        case "REFUNDING" if _is_due(order, now):
            return _refund(order, now)
        case _:
            return None


def _is_due(order: Order, now: datetime) -> bool:
    return order.due_at is not None and order.due_at <= now


def expire(order: Order, now: datetime) -> Order:
    return cancel_unpaid(order, "EXPIRED", "Not paid in time", now)


def cancel_unpaid(order: Order, reason: str, note: str, now: datetime) -> Order:
    def change(moved: Order) -> None:
        moved.cancel_reason = reason
        owe(moved, "order_cancelled")

    return move(order, "CANCELLED", note, now, change)


def _start_charging(order: Order, now: datetime) -> Order:
    def change(moved: Order) -> None:
        moved.charging_since = now

    return move(order, "CHARGING", "Payment asked for", now, change, due_at=now)


def _charge(order: Order, now: datetime) -> Order | None:
    if order.amount_minor == 0:
        return settle_charge(order, Outcome("succeeded"), now)
    assert order.charging_since is not None  # noqa: S101 - set on the way into CHARGING
    outcome = Outcome("unknown")
    if now < order.charging_since + CALL_WINDOW:
        outcome = gateway().charge(
            order_id=order.order_id, key=order.payment_key, amount=_amount(order), token=order.payment_token or ""
        )
    if outcome.status not in {"succeeded", "declined"}:
        looked_up = gateway().find_charge(order_id=order.order_id, key=order.payment_key)
        outcome = Outcome(looked_up.status, looked_up.reference, outcome.retry_after or looked_up.retry_after)
    return settle_charge(order, outcome, read_clock())


def settle_charge(order: Order, outcome: Outcome, now: datetime) -> Order:
    """What follows from what is known of the charge: paid, cancelled, tried again, or given to a person."""
    if outcome.status == "succeeded":

        def paid(moved: Order) -> None:
            moved.charge_id = outcome.reference

        return move(order, "PAID", "Paid", now, paid, due_at=now)
    if outcome.status == "declined":
        return cancel_unpaid(order, "PAYMENT_DECLINED", "Payment declined", now)
    assert order.charging_since is not None  # noqa: S101
    return _retry_later(order, outcome, now, order.charging_since, "The payment's outcome is not known yet")


def _retry_later(order: Order, outcome: Outcome, now: datetime, since: datetime, note: str) -> Order:
    window_ends = since + CALL_WINDOW
    if now > window_ends:
        return move(order, "REVIEW", "A person must look: the outcome could not be found out", now)

    def change(moved: Order) -> None:
        moved.attempts = order.attempts + 1

    due_at = next_try(now, order.attempts, outcome.retry_after, window_ends)
    return move(order, order.status, note, now, change, due_at=due_at)


def _confirm(order: Order, now: datetime) -> Order:
    return move(order, "CONFIRMED", "Confirmed", now, lambda moved: owe(moved, "order_confirmed"))


def start_refunding(order: Order, note: str, now: datetime, cancel_reason: str | None = None) -> Order:
    def change(moved: Order) -> None:
        moved.refunding_since = now
        if cancel_reason:
            moved.cancel_reason = cancel_reason

    return move(order, "REFUNDING", note, now, change, due_at=now)


def _refund_as_asked(order: Order, now: datetime) -> Order:
    return start_refunding(order, "Cancelled after it was paid", now)


def _refund(order: Order, now: datetime) -> Order | None:
    if order.charge_id is None:
        return _refunded(order, None, now)
    assert order.refunding_since is not None  # noqa: S101 - set on the way into REFUNDING
    asked = {"order_id": order.order_id, "key": f"{order.payment_key}:refund", "charge_id": order.charge_id}
    outcome = gateway().find_refund(**asked)
    if outcome.status == "not_found" and now < order.refunding_since + CALL_WINDOW:
        outcome = gateway().refund(**asked, amount=_amount(order))
        if outcome.status == "unknown":
            looked_up = gateway().find_refund(**asked)
            outcome = Outcome(looked_up.status, looked_up.reference, outcome.retry_after or looked_up.retry_after)
    now = read_clock()
    if outcome.status == "succeeded":
        return _refunded(order, outcome.reference, now)
    if outcome.status == "declined":
        return move(order, "REVIEW", "A person must look: the refund was refused", now)
    return _retry_later(order, outcome, now, order.refunding_since, "The refund's outcome is not known yet")


def _refunded(order: Order, refund_id: str | None, now: datetime) -> Order:
    def change(moved: Order) -> None:
        moved.refund_id = refund_id
        owe(moved, "order_refunded")

    return move(order, "REFUNDED", "Refunded", now, change)


def _queue_owed_mail(order: Order, now: datetime) -> None:
    """One event a mail; queued twice after a crash, it is sent once."""
    for template in sorted(order.mail_owed or ()):
        queue_mail(MailEvent(template, order.order_id))

    def change(moved: Order) -> None:
        moved.mail_owed = None

    move(order, order.status, "Mail queued", now, change, due_at=order.due_at)


def _amount(order: Order) -> Money:
    return Money(order.amount_minor, order.currency)
