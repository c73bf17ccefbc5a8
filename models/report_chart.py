"""The pictures in the mails of reports, kept for as long as such a mail may still be sent."""

from datetime import datetime, timedelta
from typing import Self

from pynamodb.attributes import BinaryAttribute, TTLAttribute, UnicodeAttribute

from core.config import settings
from models.base import Table

KEPT = timedelta(days=90)


class ReportChart(Table):
    """Apart from the reports: 92 of those are one read, and 92 pictures would be ten."""

    class Meta:
        table_name = settings().report_charts_table

    day = UnicodeAttribute(hash_key=True, attr_name="date")
    png = BinaryAttribute(legacy_encoding=False)
    expires_at = TTLAttribute()

    @classmethod
    def of(cls, day: str, png: bytes, at: datetime) -> Self:
        return cls(day, png=png, expires_at=at.replace(microsecond=0) + KEPT)
