"""Asking the gateway, for a charge or a refund, and what follows from what it answers.

An answer that does not come is unknown, and looked up; what stays unknown is tried again, as long as the key is good.
"""

from collections.abc import Callable
from datetime import datetime

from core.clock import now as read_clock
from core.money import Money
from core.observability import count, logger
from models.order import Order
from services.orders.moves import move, owe
from services.orders.unwinding import cancel_unpaid
from services.orders.windows import CALL_WINDOW, next_try
from services.payments import KeyReused, Outcome, gateway


def charge(order: Order, now: datetime) -> Order:
    """Of an order in CHARGING."""
    if order.amount_minor == 0:
        return settle_charge(order, Outcome("succeeded"), now)
    assert order.charging_since is not None  # noqa: S101 - set on the way into CHARGING
    asked = {"order_id": order.order_id, "key": order.payment_key}
    outcome = Outcome("unknown")
    if now < order.charging_since + CALL_WINDOW:
        outcome = _ask(order, lambda: gateway().charge(**asked, amount=_amount(order), token=order.payment_token or ""))
    if outcome.status not in {"succeeded", "declined"}:
        outcome = _looked_up(gateway().find_charge(**asked), outcome)
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


def refund(order: Order, now: datetime) -> Order:
    """Of an order in REFUNDING. Looked up before it is asked for: after a review the gateway may have made it."""
    if order.charge_id is None:
        return _refunded(order, None, now)
    assert order.refunding_since is not None  # noqa: S101 - set on the way into REFUNDING
    asked = {"order_id": order.order_id, "key": f"{order.payment_key}:refund", "charge_id": order.charge_id}
    outcome = gateway().find_refund(**asked)
    if outcome.status == "not_found" and now < order.refunding_since + CALL_WINDOW:
        outcome = _ask(order, lambda: gateway().refund(**asked, amount=_amount(order)))
        if outcome.status == "unknown":
            outcome = _looked_up(gateway().find_refund(**asked), outcome)
    now = read_clock()
    if outcome.status == "succeeded":
        return _refunded(order, outcome.reference, now)
    if outcome.status == "declined":
        return move(order, "REVIEW", "A person must look: the refund was refused", now)
    return _retry_later(order, outcome, now, order.refunding_since, "The refund's outcome is not known yet")


def _ask(order: Order, ask: Callable[[], Outcome]) -> Outcome:
    """A key that comes with other parameters than before, after a deployment say, moved nothing now; before, it may."""
    try:
        return ask()
    except KeyReused:
        logger.exception("Payment key reused", extra={"order_id": order.order_id})
        count("PaymentKeyReused")
        return Outcome("unknown")


def _looked_up(found: Outcome, asked: Outcome) -> Outcome:
    return Outcome(found.status, found.reference, asked.retry_after or found.retry_after)


def _retry_later(order: Order, outcome: Outcome, now: datetime, since: datetime, note: str) -> Order:
    window_ends = since + CALL_WINDOW
    if now > window_ends:
        return move(order, "REVIEW", "A person must look: the outcome could not be found out", now)

    def change(moved: Order) -> None:
        moved.attempts = order.attempts + 1

    due_at = next_try(now, order.attempts, outcome.retry_after, window_ends)
    return move(order, order.status, note, now, change, due_at=due_at)


def _refunded(order: Order, refund_id: str | None, now: datetime) -> Order:
    def change(moved: Order) -> None:
        moved.refund_id = refund_id
        owe(moved, "order_refunded")

    return move(order, "REFUNDED", "Refunded", now, change)


def _amount(order: Order) -> Money:
    return Money(order.amount_minor, order.currency)
