"""The history of an order, one row a version: append-only, and what the day's report is folded from."""

from collections.abc import Iterator
from datetime import date
from heapq import merge
from typing import Self

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from core.clock import to_text
from core.config import settings
from models.attributes import IntegerAttribute
from models.base import Table
from models.order import Order
from models.shards import all_shards

REPORTED = {"PENDING", "CONFIRMED", "CANCELLED"}
PAGE = 500
"""Rows of a day read at once from each shard, so that a big day takes no more memory than a small one."""


class _ByDay(GlobalSecondaryIndex["OrderEvent"]):
    class Meta:
        projection = AllProjection()

    day_shard = UnicodeAttribute(hash_key=True)
    at_sort = UnicodeAttribute(range_key=True)


class OrderEvent(Table):
    class Meta:
        table_name = settings().order_events_table

    order_id = UnicodeAttribute(hash_key=True)
    version = IntegerAttribute(range_key=True)
    status = UnicodeAttribute()
    at = UTCDateTimeAttribute()
    note = UnicodeAttribute(null=True)
    day_shard = UnicodeAttribute(null=True)
    """`2026-11-21#3`; only where a report counts the event: the order's arrival in a reported status."""
    at_sort = UnicodeAttribute(null=True)
    sold: JSONAttribute = JSONAttribute(null=True)
    """For a report: {amount_minor, currency, lines}."""

    by_day = _ByDay()

    @classmethod
    def of(cls, order: Order, note: str, *, is_arrival: bool) -> Self:
        event = cls(order.order_id, order.version, status=order.status, at=order.updated_at, note=note)
        if is_arrival and order.status in REPORTED:
            event.day_shard = f"{order.updated_at.date().isoformat()}#{order.shard}"
            event.at_sort = f"{to_text(order.updated_at)}#{order.order_id}"
            event.sold = {"amount_minor": order.amount_minor, "currency": order.currency, "lines": order.lines}
        return event

    @classmethod
    def history(cls, order_id: str) -> list[Self]:
        """Oldest first; one query."""
        return list(cls.query(order_id))

    @classmethod
    def of_day(cls, day: date) -> Iterator["OrderEvent"]:
        """What a report counts, in order of time, page by page; of each row only what it needs."""
        needed = ["status", "at_sort", "sold"]
        shards = [
            cls.by_day.query(shard, page_size=PAGE, attributes_to_get=needed)
            for shard in all_shards(f"{day.isoformat()}#")
        ]
        return merge(*shards, key=lambda event: event.at_sort)
