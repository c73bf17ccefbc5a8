"""Remaking a day's report: what it takes and what it answers."""

from datetime import date

import strawberry

from schema.errors import UserError
from schema.report import DailyReport


@strawberry.input(description="The day whose report is made anew.")
class RegenerateDailyReportInput:
    day: date = strawberry.field(name="date", description="A day that has ended.")


@strawberry.type(description="The report as it is now: its numbers are those of the first time.")
class RegenerateDailyReportPayload:
    report: DailyReport | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
