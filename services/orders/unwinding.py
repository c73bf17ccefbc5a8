"""Taking an order back: unpaid it is cancelled, paid it is refunded. For the worker, the sweeper and people alike."""

from datetime import datetime

from models.order import Order
from services.orders.moves import move, owe


def expire(order: Order, now: datetime) -> Order:
    return cancel_unpaid(order, "EXPIRED", "Not paid in time", now)


def cancel_unpaid(order: Order, reason: str, note: str, now: datetime) -> Order:
    def change(moved: Order) -> None:
        moved.cancel_reason = reason
        owe(moved, "order_cancelled")

    return move(order, "CANCELLED", note, now, change)


def start_refunding(order: Order, note: str, now: datetime, cancel_reason: str | None = None) -> Order:
    def change(moved: Order) -> None:
        moved.refunding_since = now
        if cancel_reason:
            moved.cancel_reason = cancel_reason

    return move(order, "REFUNDING", note, now, change, due_at=now)
