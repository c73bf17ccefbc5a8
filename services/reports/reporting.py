"""What the schedule does: every day that has ended gets its report, and its report one mail."""

from datetime import date, datetime, timedelta

from models.daily_report import DailyReport
from models.report_chart import ReportChart
from models.transaction import commit, update
from models.user import User
from services.mail.events import MailEvent, queue_mail
from services.reports.chart import DAYS_SHOWN, draw
from services.reports.making import CAUGHT_UP, make_report


def report_days(at: datetime) -> list[date]:
    """The days reported now, oldest first: yesterday, and what earlier runs missed or did not finish.

    Whatever a crash left, the next run finishes: a report stands as it was first made, and owes its mail until the
    queue took the event. An event queued twice is sent once.
    """
    yesterday = at.date() - timedelta(days=1)
    first = _first_day(yesterday)
    finished = {report.day for report in DailyReport.between(first, yesterday) if not report.is_mail_owed}
    days = [first + timedelta(days=number) for number in range((yesterday - first).days + 1)]
    owed = [day for day in days if day.isoformat() not in finished]
    for day in owed:
        _mail(make_report(day, at), at)
    return owed


def _first_day(yesterday: date) -> date:
    """Before anybody was there, no day was missed."""
    somebody = User.find_first()
    earliest = somebody.created_at.date() if somebody else yesterday
    return min(max(earliest, yesterday - CAUGHT_UP + timedelta(days=1)), yesterday)


def _mail(report: DailyReport, at: datetime) -> None:
    day = date.fromisoformat(report.day)
    shown = DailyReport.between(day - timedelta(days=DAYS_SHOWN - 1), day)
    ReportChart.of(report.day, draw(day, shown), at).save()
    queue_mail(MailEvent("daily_report", report.day))
    commit([update(report, [DailyReport.is_mail_owed.set(False)], DailyReport.day.exists())])
