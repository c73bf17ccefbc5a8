"""Races over codes, limited clicks and counts, on a store that is atomic."""

from collections import Counter

import pytest

from core.clock import now
from core.viewer import Viewer
from models.link_day import TOTAL, LinkDay
from models.short_link import ShortLink
from services.clicks.click import Click
from services.clicks.counting import Delivery, count_clicks
from services.short_links import following
from services.short_links.changing import update_short_link
from services.short_links.following import LinkGone, follow
from services.short_links.listing import list_short_links_of
from tests.concurrency.test_stock import at_once
from tests.makers import make_short_link

pytestmark = pytest.mark.usefixtures("dynamodb_local")


@pytest.mark.parametrize("count", [pytest.param(64, id="SL-16")])
def test_64_want_one_code(count):
    assert at_once(count, lambda number: make_short_link(f"owner-{number}", code="tea")) == {"done": 1, "TAKEN": 63}
    winner = ShortLink.get("tea").owner_id
    assert [link.code for link in list_short_links_of(winner).rows] == ["tea"]
    assert sum(len(list_short_links_of(f"owner-{number}").rows) for number in range(count)) == 1


@pytest.mark.parametrize("is_remembered", [True, False])
def test_64_visitors_of_a_link_with_10_clicks(is_remembered):
    following.forget()
    code = make_short_link(max_clicks=10).code
    if is_remembered:
        following._find(code, now())
    ends: list[str] = []

    def visit(_: int) -> None:
        try:
            follow(code, now(), is_click=True)
        except LinkGone:
            ends.append("gone")
        else:
            ends.append("followed")

    assert at_once(64, visit) == {"done": 64}
    assert Counter(ends) == {"followed": 10, "gone": 54}
    assert ShortLink.get(code).clicks_used == 10


def test_8_change_one_version():
    code = make_short_link().code
    ends = at_once(8, lambda number: update_short_link(Viewer("owner"), code, {"title": f"Title {number}"}, 1))
    assert ends == {"done": 1, "STALE_VERSION": 7}


def test_5_batches_of_one_link_at_once():
    """As many as the template lets run side by side."""
    at = now()

    def count_batch(number: int) -> None:
        click = Click("tea", at, "CH", f"host-{number}.example", "mobile", is_bot=False)
        batch = [Delivery(f"{number}-{each}", click.to_body(), is_repeated=False) for each in range(100)]
        assert count_clicks(batch) == []

    assert at_once(5, count_batch) == {"done": 5}
    day = LinkDay.get("tea", f"D#{at.date()}")
    assert LinkDay.get("tea", TOTAL).clicks == day.clicks == sum(day.referrers.values()) == 500
    assert day.referrers == {f"host-{number}.example": 100 for number in range(5)}


def test_one_batch_by_5_workers_at_once():
    click = Click("tea", now(), "CH", "direct", "mobile", is_bot=False)
    batch = [Delivery(str(number), click.to_body(), is_repeated=False) for number in range(100)]
    assert at_once(5, lambda _: count_clicks(batch)) == {"done": 5}
    assert LinkDay.get("tea", TOTAL).clicks == 100
