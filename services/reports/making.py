"""A day's report, made once and remade on demand."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta

from core.errors import InvalidInputError, Refused, RetryError
from models.daily_report import DailyReport
from models.transaction import ConditionFailed, commit, put, update
from services.reports.folding import Figures, fold

TRIES = 5
CAUGHT_UP = timedelta(days=35)
"""How far back a missed day is made up for, with its mail; `regenerateDailyReport` makes older ones, without."""


def make_report(day: date, at: datetime) -> DailyReport:
    """The one that stands; it is made now if there is none. Whoever comes second keeps what the first one made."""
    return DailyReport.of(day, consistent=True) or _put(_new(day, fold(day), at))


def remake_report(day: date, now: datetime) -> DailyReport:
    """Folded anew. Orders and users are as they were; clicks that were counted late stay out, as the first time."""
    if day >= now.date():
        raise Refused(InvalidInputError(message="That day has not ended yet.", field=("date",)))
    figures = fold(day)
    for _ in range(TRIES):
        stored = DailyReport.of(day, consistent=True)
        if stored is None:
            return _put(_new(day, figures, now))
        try:
            return _replace(stored, figures, now)
        except ConditionFailed:
            continue
    raise Refused(RetryError(message="Others remake this report just now. Nothing was changed: please try again."))


def _new(day: date, figures: Figures, at: datetime) -> DailyReport:
    return DailyReport(
        day=day.isoformat(), **asdict(figures), generated_at=at, is_mail_owed=at.date() - day <= CAUGHT_UP
    )


def _put(report: DailyReport) -> DailyReport:
    try:
        commit([put(report, DailyReport.day.does_not_exist())])
    except ConditionFailed as failed:
        first: DailyReport = failed.failures[0].stored
        return first
    return report


def _replace(stored: DailyReport, figures: Figures, now: datetime) -> DailyReport:
    kept = replace(figures, link_clicks=stored.link_clicks, top_links=stored.top_links)
    values = {**asdict(kept), "generated_at": now}
    actions = [getattr(DailyReport, name).set(value) for name, value in values.items()]
    commit([update(stored, actions, DailyReport.generated_at == stored.generated_at)])
    for name, value in values.items():
        setattr(stored, name, value)
    return stored
