"""When a schedule of the template fires next: rate(5 minutes), cron(0 9 * * ? *)."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from core.clock import now
from local.environment import REGION
from local.functions import Function
from local.template import ACCOUNT, TemplateError

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_WEEKDAYS = "SUN MON TUE WED THU FRI SAT"
_LOOK_AHEAD = timedelta(days=4 * 366)


@dataclass(slots=True)
class Schedule:
    function: Function
    name: str
    next_after: Callable[[datetime], datetime]
    given: Any
    source: str
    due_at: datetime

    @classmethod
    def from_event(cls, function: Function, at: str, kind: str, properties: dict[str, Any]) -> "Schedule | None":
        """None for one that the template disables."""
        place, source = ("ScheduleExpression", "aws.scheduler") if kind == "ScheduleV2" else ("Schedule", "aws.events")
        if properties.get("State") == "DISABLED" or properties.get("Enabled") is False:
            return None
        if properties.get("ScheduleExpressionTimezone", "UTC") != "UTC":
            raise TemplateError(f"{at}.ScheduleExpressionTimezone: only UTC is known to local/schedule.py")
        try:
            next_after = parse(str(properties.get(place)))
        except ValueError as error:
            raise TemplateError(f"{at}.{place}: {error}") from error
        return cls(function, at, next_after, _given(at, properties), source, next_after(now()))

    def event(self, at: datetime) -> Any:
        if self.given is not None:
            return self.given
        return {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": "Scheduled Event",
            "source": self.source,
            "account": ACCOUNT,
            "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [f"{self.function.resource.arn}/{self.name}"],
            "detail": {} if self.source == "aws.events" else "{}",
        }


def _given(at: str, properties: dict[str, Any]) -> Any:
    try:
        return json.loads(properties["Input"]) if "Input" in properties else None
    except ValueError as error:
        raise TemplateError(f"{at}.Input: is not JSON: {error}") from error


def parse(expression: str) -> Callable[[datetime], datetime]:
    if found := _RATE.fullmatch(expression):
        step = timedelta(**{f"{found[2]}s": int(found[1])})
        return lambda moment: moment + step
    if not (found := _CRON.fullmatch(expression)):
        raise ValueError(f"{expression!r} is neither rate(…) nor cron(…)")
    minutes, hours = _numbers(found[1], 0, 59), _numbers(found[2], 0, 23)
    days, months = _numbers(found[3], 1, 31), _numbers(found[4], 1, 12, _MONTHS)
    weekdays, years = _numbers(found[5], 1, 7, _WEEKDAYS), _numbers(found[6], 1970, 2199)
    if (found[3] == "?") == (found[5] == "?"):
        raise ValueError(f"{expression!r} needs a ? for either the day of the month or the day of the week")

    def next_after(moment: datetime) -> datetime:
        day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        last = day + _LOOK_AHEAD
        while day < last:
            if day.year in years and day.month in months and day.day in days and day.isoweekday() % 7 + 1 in weekdays:
                for hour in sorted(hours):
                    for minute in sorted(minutes):
                        if (candidate := day.replace(hour=hour, minute=minute)) > moment:
                            return candidate
            day += timedelta(days=1)
        raise ValueError(f"{expression!r} never fires")

    return next_after


def _numbers(text: str, low: int, high: int, names: str = "") -> set[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in {"*", "?"}:
            start, end = low, high
        else:
            start = _number(first, names)
            end = _number(last, names) if last else (high if step else start)
        if not (low <= start <= end <= high):
            raise ValueError(f"{part!r} is outside {low}–{high}")
        numbers |= set(range(start, end + 1, int(step or 1)))
    return numbers


def _number(text: str, names: str) -> int:
    try:
        return names.split().index(text.upper()) + 1 if text.upper() in names.split() else int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not known to local/schedule.py") from None
