"""The clicks of a short link: one row a day, and one of all days. A row stays under 2.8 KB: a year fits into a page."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from core.config import settings
from models.attributes import CountsAttribute, IntegerAttribute
from models.base import Table

TOTAL = "TOTAL"


def period_of(day: date) -> str:
    return f"D#{day.isoformat()}"


class _ByDay(GlobalSecondaryIndex["LinkDay"]):
    """Written once a link and batch, so one partition a day is enough."""

    class Meta:
        projection = KeysOnlyProjection()

    day = UnicodeAttribute(hash_key=True)
    clicks = IntegerAttribute(range_key=True)


class LinkDay(Table):
    class Meta:
        table_name = settings().link_days_table

    code = UnicodeAttribute(hash_key=True)
    period = UnicodeAttribute(range_key=True)
    """`D#2026-11-21`, or TOTAL."""
    day = UnicodeAttribute(null=True)
    """`2026-11-21`; the row of all days has none."""
    clicks = IntegerAttribute(default=0)
    """Of people, as is all that follows but `bot_clicks`."""
    bot_clicks = IntegerAttribute(default=0)
    last_clicked_at = UTCDateTimeAttribute(null=True)
    countries = CountsAttribute(default=dict)
    referrers = CountsAttribute(default=dict)
    devices = CountsAttribute(default=dict)
    """These three only in the row of a day."""
    version = IntegerAttribute(default=0)
    """One more with every batch."""

    by_day = _ByDay()

    @classmethod
    def find_periods(cls, code: str, periods: Iterable[str]) -> dict[str, Self]:
        """One consistent read."""
        rows = cls.batch_get([(code, period) for period in periods], consistent_read=True)
        return {row.period: row for row in rows}

    @classmethod
    def find_days(cls, code: str, first: date, last: date) -> list[Self]:
        """Oldest first; one query a megabyte."""
        return list(cls.query(code, cls.period.between(period_of(first), period_of(last))))
