"""Counting a batch: summed in memory, then each link's rows and the marker of its messages in one transaction.

Delivered again, the same messages find their marker. In another set they may count again, which is metered.
"""

import random
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.clock import now
from core.observability import count, logger
from models.click_batch import mark
from models.link_day import TOTAL, LinkDay, period_of
from models.transaction import ConditionFailed, Write, commit, put
from services.clicks.click import Click
from services.clicks.tally import add

TRIES = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    message_id: str
    body: str
    is_repeated: bool
    """Delivered before, and not finished then."""


def count_clicks(deliveries: Iterable[Delivery]) -> list[str]:
    """The ids of the messages that must come back: what is no click, and the clicks of links that failed."""
    failed: list[str] = []
    clicks_of: dict[str, dict[str, Click]] = defaultdict(dict)
    repeated: set[str] = set()
    for delivery in deliveries:
        try:
            click = Click.from_body(delivery.body)
        except ValueError:
            logger.error("Not a click", extra={"message_id": delivery.message_id})
            failed.append(delivery.message_id)
            continue
        clicks_of[click.code][delivery.message_id] = click
        if delivery.is_repeated:
            repeated.add(delivery.message_id)
    for code, clicks in clicks_of.items():
        try:
            is_counted = _count_link(code, clicks)
        except Exception:  # what one link meets does not keep the others back
            logger.exception("Clicks not counted", extra={"code": code, "clicks": len(clicks)})
            failed += clicks
        else:
            if is_counted and (again := repeated & clicks.keys()):
                count("ClicksMaybeCountedTwice", len(again))
    return failed


def _count_link(code: str, clicks: Mapping[str, Click]) -> bool:
    """False when these very messages were counted before. As many writes as the clicks have days, and two."""
    marker = mark(clicks, now())
    for attempt in range(TRIES):
        time.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311 - jitter
        try:
            commit([marker, *_added(code, clicks.values())])
        except ConditionFailed as failed:
            if failed.of(marker):
                return False
        else:
            return True
    raise RuntimeError(f"others counted the same link {TRIES} times meanwhile")


def _added(code: str, clicks: Collection[Click]) -> list[Write]:
    """Fail when a row is no longer as it was read here."""
    of_day: dict[date, list[Click]] = defaultdict(list)
    for click in clicks:
        of_day[click.at.date()].append(click)
    stored = LinkDay.find_periods(code, [TOTAL, *map(period_of, of_day)])
    total = stored.get(TOTAL) or LinkDay(code, TOTAL)
    rows = [(total, clicks)]
    for day, clicks_of_day in of_day.items():
        row = stored.get(period_of(day)) or LinkDay(code, period_of(day), day=day.isoformat())
        rows.append((row, clicks_of_day))
    writes = []
    for row, counted in rows:
        is_as_read = LinkDay.version == row.version if row.version else LinkDay.code.does_not_exist()
        add(row, counted)
        row.version += 1
        writes.append(put(row, is_as_read))
    return writes
