"""What came of a link: sums, orders, limits, and what a year costs."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from core.errors import BadRequest
from models.link_day import LinkDay, period_of
from services.clicks.click import Click
from services.clicks.counting import Delivery, count_clicks
from services.clicks.countries import COUNTRIES
from services.short_links.stats import read_stats
from tests.recorder import recorded

DAY = date(2026, 11, 21)
_ids = count(1)


def click(times: int = 1, day: date = DAY, **values) -> None:
    usual = {"country": "DE", "referrer": "direct", "device": "mobile", "is_bot": False}
    made = Click("tea", datetime(day.year, day.month, day.day, 9, tzinfo=UTC), **usual | values)
    assert count_clicks(Delivery(str(next(_ids)), made.to_body(), is_repeated=False) for _ in range(times)) == []


def test_a_span_of_days():
    click(3)
    click(2, DAY + timedelta(days=1), country="CH", referrer="news.example", device="desktop")
    click(4, DAY + timedelta(days=2), is_bot=True)
    click(9, DAY - timedelta(days=1))
    click(9, DAY + timedelta(days=3))
    with recorded() as sent:
        stats = read_stats("tea", DAY, DAY + timedelta(days=2))
    assert sent == ["Query"]
    assert (stats.clicks, stats.bot_clicks) == (5, 4)
    assert stats.daily == [(DAY, 3), (DAY + timedelta(days=1), 2)]
    assert stats.countries == [("DE", 3), ("CH", 2)]
    assert stats.referrers == [("direct", 3), ("news.example", 2)]
    assert stats.devices == [("mobile", 3), ("desktop", 2)]


def test_nothing():
    click(1)
    stats = read_stats("coffee", DAY, DAY)
    assert (stats.clicks, stats.bot_clicks, stats.daily) == (0, 0, [])
    assert stats.countries == stats.referrers == stats.devices == []


def test_most_first_at_most_twenty_then_other():
    """Two days of twenty hosts each, twenty-five in all, and an `other` in both."""
    for number in (0, 1):
        day = DAY + timedelta(days=number)
        referrers = {f"h{host:02}.example": 30 - host for host in range(5 * number, 5 * number + 20)} | {"other": 50}
        LinkDay("tea", period_of(day), day=day.isoformat(), referrers=referrers).save()
    referrers = read_stats("tea", DAY, DAY + timedelta(days=1)).referrers
    assert referrers == [
        *((f"h{host:02}.example", 2 * (30 - host)) for host in range(5, 15)),
        *((f"h{host:02}.example", clicks) for host, clicks in [(0, 30), (15, 30), (1, 29), (2, 28), (16, 28)]),
        *((f"h{host:02}.example", clicks) for host, clicks in [(3, 27), (4, 26), (17, 26), (18, 24), (19, 22)]),
        ("other", 50 + 50 + 10 + 9 + 8 + 7 + 6),
    ]


@pytest.mark.parametrize(
    ("first", "last"),
    [(DAY, DAY - timedelta(days=1)), (DAY, DAY + timedelta(days=366)), (date.min, date.max), (date.max, date.min)],
)
def test_no_span(first, last):
    with recorded() as sent, pytest.raises(BadRequest):
        read_stats("tea", first, last)
    assert sent == []


def test_a_year_of_the_fullest_rows_costs_two_queries_at_most():
    countries = dict.fromkeys([*COUNTRIES, "unknown"], 123_456)
    referrers = {f"{number:02}{'x' * 22}.example": 123_456 for number in range(20)} | {"other": 123_456}
    devices = dict.fromkeys(("desktop", "mobile", "tablet", "other"), 12_345_678)
    assert {len(host) for host in referrers} == {32, 5}
    first = date(2026, 1, 1)
    with LinkDay.batch_write() as batch:
        for number in range(-2, 368):
            day = first + timedelta(days=number)
            row = {"clicks": 30_987_654, "bot_clicks": 1_234_567, "day": day.isoformat(), "version": 12_345}
            batch.save(LinkDay("tea", period_of(day), **row, countries=countries, referrers=referrers, devices=devices))
    with recorded() as sent:
        stats = read_stats("tea", first, first + timedelta(days=365))
    assert len(stats.daily) == 366
    assert stats.daily[0][0] == first
    assert stats.clicks == 366 * 30_987_654
    assert 1 <= len(sent) <= 2
    assert set(sent) == {"Query"}
