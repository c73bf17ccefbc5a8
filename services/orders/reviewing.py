"""Orders in REVIEW: looked up again by the sweeper, and brought back by an operator."""

import random
import time
from datetime import datetime

from core.clock import now as read_clock
from core.observability import count, logger
from models.order import Order
from models.shards import all_shards
from services.orders.messages import send_orders
from services.orders.moves import move
from services.orders.unwinding import cancel_unpaid, start_refunding
from services.orders.windows import KEY_WINDOW
from services.payments import gateway

LONGEST_RUN = 10
"""Seconds in which look-ups are begun; the sweeper's function has 55 for all it does."""


def review_orders(now: datetime) -> int:
    """Look every parked order up again; how many could be brought back. One that fails keeps no other from its turn.

    What stays parked rings the alarm again, which a crash may have kept from ringing when the order was parked.
    """
    parked = [row.order_id for partition in all_shards("REVIEW#") for row in Order.by_status.query(partition)]
    random.shuffle(parked)  # so that it is never the same ones that no time is left for
    ends_at = time.monotonic() + LONGEST_RUN
    brought_back = 0
    for order_id in parked:
        if time.monotonic() > ends_at:
            break
        try:
            brought_back += review(order_id, now, is_operator=False) is not None
        except Exception:
            logger.exception("Order not reviewed", extra={"order_id": order_id})
    if len(parked) > brought_back:
        count("OrderInReview", len(parked) - brought_back)
    return brought_back


def review(order_id: str, now: datetime | None = None, *, is_operator: bool = True) -> Order | None:
    """The order where it goes now, or None while nothing can be done: what is not known is not decided."""
    now = now or read_clock()
    order = Order.find(order_id, consistent=True)
    if order is None or order.status != "REVIEW":
        return None
    moved = _by_the_refund(order, now, is_operator=is_operator) if order.charge_id else _by_the_charge(order, now)
    if moved and moved.due_at:
        send_orders([order_id])
    return moved


def _by_the_charge(order: Order, now: datetime) -> Order | None:
    outcome = gateway().find_charge(order_id=order.order_id, key=order.payment_key)
    assert order.charging_since is not None  # noqa: S101 - REVIEW without a charge comes from CHARGING
    match outcome.status:
        case "succeeded":

            def paid(moved: Order) -> None:
                moved.charge_id = outcome.reference

            return move(order, "PAID", "Found to be paid", now, paid, due_at=now)
        case "declined":
            return cancel_unpaid(order, "PAYMENT_DECLINED", "Found to be declined", now)
        case "not_found" if now > order.charging_since + KEY_WINDOW:
            return cancel_unpaid(order, order.cancel_reason or "EXPIRED", "Found never to have been charged", now)
        case _:
            return None


def _by_the_refund(order: Order, now: datetime, *, is_operator: bool) -> Order | None:
    """The worker looks up before it calls: a refund that the gateway forgot to tell of is not made twice."""
    asked = {"order_id": order.order_id, "key": f"{order.payment_key}:refund", "charge_id": order.charge_id or ""}
    if is_operator or gateway().find_refund(**asked).status == "succeeded":
        return start_refunding(order, "Refund taken up again after a review", now)
    return None
