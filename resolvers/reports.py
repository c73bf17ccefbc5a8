"""How the root fields of reports are answered."""

from datetime import date
from typing import Annotated

import strawberry

from core.clock import now
from models.daily_report import REPORT
from models.daily_report import DailyReport as ReportRow
from schema.context import Info
from schema.report import DailyReport
from schema.report_regeneration import RegenerateDailyReportInput, RegenerateDailyReportPayload
from services.reports.listing import list_reports
from services.reports.making import remake_report


async def find_report(info: Info, day: str) -> DailyReport | None:
    """Null to all but admins."""
    viewer = info.context.viewer
    if viewer is None or not viewer.is_admin:
        return None
    row = await info.context.run(ReportRow.find, REPORT, day)
    return DailyReport.from_row(row) if row else None


async def daily_report(info: Info, date: date) -> DailyReport | None:
    """One read."""
    return await find_report(info, date.isoformat())


async def daily_reports(
    info: Info,
    first: Annotated[date, strawberry.argument(name="from")],
    last: Annotated[date, strawberry.argument(name="to")],
) -> list[DailyReport]:
    """One query."""
    return [DailyReport.from_row(row) for row in await info.context.run(list_reports, first, last)]


async def regenerate_daily_report(info: Info, input: RegenerateDailyReportInput) -> RegenerateDailyReportPayload:
    row = await info.context.run(remake_report, input.day, now())
    return RegenerateDailyReportPayload(report=DailyReport.from_row(row))
