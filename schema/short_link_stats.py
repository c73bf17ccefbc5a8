"""The clicks of a short link as clients see them."""

from datetime import date
from typing import Self

import strawberry

from services.short_links.stats import Counts, LinkStats


@strawberry.type(description="The clicks of a UTC day.")
class DailyClicks:
    date: date
    clicks: int


@strawberry.type(description="How many clicks have something in common.")
class ClickCount:
    key: str
    clicks: int


@strawberry.type(description="What came of a short link in a span of days: of people, but for botClicks.")
class ShortLinkStats:
    clicks: int
    bot_clicks: int = strawberry.field(description="Of bots that say so, previews and tools.")
    daily: list[DailyClicks] = strawberry.field(description="Oldest first; days without a click are left out.")
    countries: list[ClickCount] = strawberry.field(
        description="Most first, at most 20, then `other`. ISO 3166-1 alpha-2, or `unknown`."
    )
    referrers: list[ClickCount] = strawberry.field(
        description="Hosts, most first, at most 20, then `other`. `direct` is without one."
    )
    devices: list[ClickCount] = strawberry.field(description="`desktop`, `mobile`, `tablet` and `other`.")

    @classmethod
    def from_stats(cls, stats: LinkStats) -> Self:
        return cls(
            clicks=stats.clicks,
            bot_clicks=stats.bot_clicks,
            daily=[DailyClicks(date=day, clicks=clicks) for day, clicks in stats.daily],
            countries=_counts(stats.countries),
            referrers=_counts(stats.referrers),
            devices=_counts(stats.devices),
        )


def _counts(counts: Counts) -> list[ClickCount]:
    return [ClickCount(key=key, clicks=clicks) for key, clicks in counts]
