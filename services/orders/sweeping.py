"""The sweeper's part in orders: what is due gets a message, and what nobody pays is given up."""

import random
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from core.clock import to_text
from core.observability import logger
from models.base import BATCH_READ_LIMIT
from models.order import Order
from models.shards import all_shards
from services.orders.messages import send_orders
from services.orders.unwinding import expire

AFTER_EVERY_ID = "$"
"""Sorts behind the `#` before the id: everything due by then, that very moment included."""
LONGEST_RUN = 40
"""Seconds: what is left then is left to the next run, a minute later. The function has 55."""


def sweep_orders(now: datetime) -> int:
    """How many orders were due. Every one gets its message before the first unpaid one is given up, for each of
    those takes a transaction. Two sweepers at once do no harm."""
    ends_at = time.monotonic() + LONGEST_RUN
    swept, unpaid = 0, list[str]()
    for page in _pages(now):
        due = [order for order in Order.find_many(page, consistent=True).values() if _is_due(order, now)]
        send_orders([order.order_id for order in due])
        swept += len(due)
        unpaid += [order.order_id for order in due if _is_unpaid(order, now)]
        if time.monotonic() > ends_at:
            break
    for order_id in unpaid:
        if time.monotonic() > ends_at:
            break
        _expire(order_id, now)
    return swept


def _pages(now: datetime) -> Iterator[list[str]]:
    """The ids that the index has as due. It may be behind its table: the orders themselves decide."""
    shards = all_shards()
    random.shuffle(shards)  # so that no shard is always the one that is left
    for shard in shards:
        keys = Order.due.query(shard, Order.due_sort < to_text(now) + AFTER_EVERY_ID)
        while page := [key.order_id for key in islice(keys, BATCH_READ_LIMIT)]:
            yield page


def _is_due(order: Order, now: datetime) -> bool:
    return order.due_at is not None and order.due_at <= now


def _is_unpaid(order: Order, now: datetime) -> bool:
    return order.status == "PENDING" and now >= order.pay_deadline


def _expire(order_id: str, now: datetime) -> None:
    """One that fails keeps no other from its turn: its message tries again."""
    try:
        order = Order.find(order_id, consistent=True)
        if order and _is_unpaid(order, now):
            expire(order, now)
    except Exception:
        logger.exception("Order not expired", extra={"order_id": order_id})
