"""Reports to look at."""

from datetime import date

from core.errors import BadRequest
from models.daily_report import DailyReport

MOST_DAYS = 92


def list_reports(first: date, last: date) -> list[DailyReport]:
    """Newest first; days without a report are left out. One query."""
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise BadRequest(f"`from` to `to` must be 1 to {MOST_DAYS} days.")
    return DailyReport.between(first, last)
