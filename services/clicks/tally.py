"""Adding clicks to a row in memory, within what a row may hold."""

from collections import Counter
from collections.abc import Iterable

from models.link_day import LinkDay
from services.clicks.click import OTHER, Click

MAX_REFERRERS = 20


def add(row: LinkDay, clicks: Iterable[Click]) -> None:
    """The row of a day takes all of it; the row of all days the numbers and the last time only."""
    clicks = list(clicks)
    people = [click for click in clicks if not click.is_bot]
    row.clicks += len(people)
    row.bot_clicks += len(clicks) - len(people)
    if people:
        latest = max(click.at for click in people)
        row.last_clicked_at = max(row.last_clicked_at or latest, latest)
    if row.day:
        row.countries = dict(Counter(row.countries) + Counter(click.country for click in people))
        row.devices = dict(Counter(row.devices) + Counter(click.device for click in people))
        row.referrers = _within_limit(row.referrers, Counter(click.referrer for click in people))


def _within_limit(stored: dict[str, int], more: Counter[str]) -> dict[str, int]:
    """Who has a place keeps it; of the new ones those that came most often get what is left, by name if equal."""
    counts = Counter(stored)
    for referrer, clicks in sorted(more.items(), key=lambda item: (-item[1], item[0])):
        has_place = referrer in counts or len(counts.keys() - {OTHER}) < MAX_REFERRERS
        counts[referrer if has_place else OTHER] += clicks
    return dict(counts)
