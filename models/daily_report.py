"""The reports of days, as they were made: one row a day, all in one partition."""

from datetime import date
from typing import Self

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute, UTCDateTimeAttribute

from core.config import settings
from models.attributes import IntegerAttribute
from models.base import Table

REPORT = "REPORT"


class DailyReport(Table):
    class Meta:
        table_name = settings().daily_reports_table

    kind = UnicodeAttribute(hash_key=True, default_for_new=REPORT)
    day = UnicodeAttribute(range_key=True, attr_name="date")
    """2026-11-21"""
    orders_placed = IntegerAttribute()
    orders_confirmed = IntegerAttribute()
    orders_cancelled = IntegerAttribute()
    revenue: JSONAttribute = JSONAttribute()
    """Minor units by currency, of the orders confirmed that day: {"EUR": 1250}."""
    units_sold = IntegerAttribute()
    new_users = IntegerAttribute()
    link_clicks = IntegerAttribute()
    top_products: JSONAttribute = JSONAttribute()
    """[{product_id, sku, name, units}]"""
    top_links: JSONAttribute = JSONAttribute()
    """[{code, clicks}]"""
    generated_at = UTCDateTimeAttribute()
    is_mail_owed = BooleanAttribute()
    """Until the mail queue took its event."""

    @classmethod
    def of(cls, day: date, *, consistent: bool = False) -> Self | None:
        """One read."""
        return cls.find(REPORT, day.isoformat(), consistent=consistent)

    @classmethod
    def between(cls, first: date, last: date) -> list[Self]:
        """Newest first, days without one left out; one query."""
        return list(cls.query(REPORT, cls.day.between(first.isoformat(), last.isoformat()), scan_index_forward=False))
