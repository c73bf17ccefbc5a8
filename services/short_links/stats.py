"""What came of a short link in a span of days."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.errors import BadRequest
from models.link_day import LinkDay
from services.clicks.click import OTHER

MAX_DAYS = 366
MAX_KEYS = 20

Counts = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class LinkStats:
    clicks: int
    bot_clicks: int
    daily: list[tuple[date, int]]
    """Days without a click are left out."""
    countries: Counts
    referrers: Counts
    devices: Counts


def read_stats(code: str, first: date, last: date) -> LinkStats:
    """One query a megabyte of rows: a year of full ones fits into one or two."""
    if not 1 <= (last - first).days + 1 <= MAX_DAYS:
        raise BadRequest(f"`from` to `to` must be 1 to {MAX_DAYS} days.")
    rows = LinkDay.find_days(code, first, last)
    return LinkStats(
        clicks=sum(row.clicks for row in rows),
        bot_clicks=sum(row.bot_clicks for row in rows),
        daily=[(date.fromisoformat(row.day), row.clicks) for row in rows if row.clicks],
        countries=_most_first(row.countries for row in rows),
        referrers=_most_first(row.referrers for row in rows),
        devices=_most_first(row.devices for row in rows),
    )


def _most_first(rows: Iterable[dict[str, int]]) -> Counts:
    """At most 20, by name where equal, then what is left as `other`."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row)
    rest = counts.pop(OTHER, 0)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest += sum(clicks for _, clicks in ordered[MAX_KEYS:])
    return ordered[:MAX_KEYS] + ([(OTHER, rest)] if rest else [])
