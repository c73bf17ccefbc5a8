"""Counting: few writes, each click once, and one link's trouble is not another's."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import time_machine

from core.config import settings
from models.click_batch import ClickBatch
from models.link_day import TOTAL, LinkDay
from services.clicks import counting
from services.clicks.click import Click
from services.clicks.counting import Delivery, count_clicks
from tests import faults
from tests.recorder import recorded
from tests.store import rows

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def delivery(message_id: object, code: str = "tea", *, is_repeated: bool = False, **values) -> Delivery:
    usual = {"at": AT, "country": "DE", "referrer": "direct", "device": "mobile", "is_bot": False}
    return Delivery(str(message_id), Click(code, **usual | values).to_body(), is_repeated)


def counted(code: str = "tea", period: str = TOTAL) -> tuple[int, int]:
    row = LinkDay.get(code, period)
    return row.clicks, row.bot_clicks


def written(sent: list[dict]) -> Counter[str]:
    """Writes a table, over all transactions."""
    return Counter(write["TableName"] for body in sent for item in body["TransactItems"] for write in item.values())


def test_a_thousand_clicks_on_one_link_are_three_writes():
    batch = [delivery(number, is_bot=number % 10 == 0, at=AT + timedelta(seconds=number)) for number in range(1000)]
    with faults.faults("TransactWriteItems") as sent, recorded() as calls:
        assert count_clicks(batch) == []
    assert calls == ["BatchGetItem", "TransactWriteItems"]
    assert written(sent) == {settings().link_days_table: 2, settings().click_batches_table: 1}
    assert counted() == counted("tea", "D#2026-11-21") == (900, 100)
    total, day = LinkDay.get("tea", TOTAL), LinkDay.get("tea", "D#2026-11-21")
    assert total.last_clicked_at == AT + timedelta(seconds=999)
    assert (total.day, total.countries, total.referrers, total.devices) == (None, {}, {}, {})
    assert (day.day, day.countries, day.referrers, day.devices) == (
        "2026-11-21", {"DE": 900}, {"direct": 900}, {"mobile": 900},
    )  # fmt: skip


def test_a_thousand_more_are_three_more():
    count_clicks([delivery(number) for number in range(1000)])
    more = [delivery(f"more {number}", country="CH", device="desktop") for number in range(1000)]
    with faults.faults("TransactWriteItems") as sent:
        count_clicks(more)
    assert written(sent).total() == 3
    day = LinkDay.get("tea", "D#2026-11-21")
    assert (day.clicks, day.countries, day.devices) == (
        2000,
        {"DE": 1000, "CH": 1000},
        {"mobile": 1000, "desktop": 1000},
    )
    assert (day.version, counted()) == (2, (2000, 0))


def test_one_write_more_for_every_day_more():
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    batch = [delivery(1, at=midnight - timedelta(milliseconds=1)), delivery(2, at=midnight), delivery(3, at=midnight)]
    with faults.faults("TransactWriteItems") as sent:
        count_clicks(batch)
    assert written(sent) == {settings().link_days_table: 3, settings().click_batches_table: 1}
    assert (counted(), counted("tea", "D#2026-11-21"), counted("tea", "D#2026-11-22")) == ((3, 0), (1, 0), (2, 0))


def test_the_same_set_again_counts_once():
    batch = [delivery(number, code=f"link-{number % 7}") for number in range(100)]
    assert count_clicks(batch) == []
    before = rows(settings().link_days_table)
    for again in (batch, batch[::-1], [*batch, *batch]):
        assert count_clicks(again) == []
    assert rows(settings().link_days_table) == before
    assert sum(LinkDay.get(f"link-{number}", TOTAL).clicks for number in range(7)) == 100


def test_a_message_twice_in_a_batch_counts_once():
    count_clicks([delivery(1), delivery(1), delivery(2)])
    assert counted() == (2, 0)


def test_another_set_counts_again_and_is_metered(monkeypatch):
    metrics: list[tuple[str, int]] = []
    monkeypatch.setattr(counting, "count", lambda metric, value=1: metrics.append((metric, value)))
    count_clicks([delivery(1), delivery(2)])
    count_clicks([delivery(1, is_repeated=True), delivery(2, is_repeated=True)])
    assert (counted(), metrics) == ((2, 0), [])
    count_clicks([delivery(1, is_repeated=True), delivery(2, is_repeated=True), delivery(3)])
    assert (counted(), metrics) == ((5, 0), [("ClicksMaybeCountedTwice", 2)])


def test_a_lost_answer_counts_once():
    with faults.faults("TransactWriteItems", faults.response_lost):
        assert count_clicks([delivery(1)]) == []
    assert counted() == (1, 0)


def test_an_outcome_nobody_knows_counts_once_when_it_comes_back():
    """Every answer is lost although the first try was applied; the messages come again and find their marker."""
    batch = [delivery(1), delivery(2)]
    with faults.faults("TransactWriteItems", faults.response_lost, faults.request_lost, faults.request_lost):
        assert count_clicks(batch) == ["1", "2"]
    assert count_clicks(batch) == []
    assert counted() == (2, 0)


def test_what_is_no_click_comes_back_and_the_rest_is_counted():
    batch = [
        Delivery("bad", "{", False),
        delivery(1),
        Delivery("worse", json.dumps({"version": 9}), False),
        delivery(2),
    ]
    assert count_clicks(batch) == ["bad", "worse"]
    assert counted() == (2, 0)
    assert count_clicks([Delivery("bad", "{", True), Delivery("worse", "", True)]) == ["bad", "worse"]


def test_one_links_trouble_is_not_anothers():
    batch = [delivery(1, "tea"), delivery(2, "mug"), delivery(3, "mug"), delivery(4, "pot")]
    with faults.faults("TransactWriteItems", None, faults.error("ValidationException")):
        assert count_clicks(batch) == ["2", "3"]
    assert (counted("tea"), counted("pot")) == ((1, 0), (1, 0))
    assert LinkDay.find("mug", TOTAL) is None
    assert count_clicks(batch) == []
    assert (counted("tea"), counted("mug"), counted("pot")) == ((1, 0), (2, 0), (1, 0))


def test_who_loses_a_race_adds_to_what_is_there():
    def count_first(_: object) -> None:
        count_clicks([delivery("other", country="CH")])

    count_clicks([delivery(0)])
    with faults.faults("TransactWriteItems", count_first):
        assert count_clicks([delivery(1), delivery(2)]) == []
    assert counted() == (4, 0)
    assert LinkDay.get("tea", "D#2026-11-21").countries == {"DE": 3, "CH": 1}


def test_who_loses_every_race_tries_later(monkeypatch):
    monkeypatch.setattr(counting, "commit", lambda _: (_ for _ in ()).throw(counting.ConditionFailed([])))
    monkeypatch.setattr("services.clicks.counting.time.sleep", lambda _: None)
    assert count_clicks([delivery(1), delivery(2)]) == ["1", "2"]
    assert rows(settings().link_days_table) == rows(settings().click_batches_table) == []


def test_at_most_twenty_referrers_a_day():
    """Who has a place keeps it; of the new ones those that came most often get what is left."""
    first = {f"a{number:02}.example": 1 for number in range(15)} | {"direct": 4, "other": 5}
    second = {f"b{number:02}.example": number + 1 for number in range(10)} | {"a00.example": 7, "direct": 1}
    for name, hosts in (("first", first), ("second", second)):
        referrers = [host for host, times in hosts.items() for _ in range(times)]
        count_clicks([delivery(f"{name} {number}", referrer=host) for number, host in enumerate(referrers)])
    expected = first | {"a00.example": 8, "direct": 5}
    expected |= {f"b{number:02}.example": number + 1 for number in (9, 8, 7, 6)}
    expected["other"] += sum(number + 1 for number in range(6))
    day = LinkDay.get("tea", "D#2026-11-21")
    assert day.referrers == expected
    assert len(day.referrers.keys() - {"other"}) == 20
    assert sum(day.referrers.values()) == day.clicks


def test_bots_leave_no_more_than_a_number():
    count_clicks([delivery(1, is_bot=True, country="CH", referrer="news.example", device="desktop")])
    day, total = LinkDay.get("tea", "D#2026-11-21"), LinkDay.get("tea", TOTAL)
    assert (day.clicks, day.bot_clicks, day.countries, day.referrers, day.devices) == (0, 1, {}, {}, {})
    assert (total.clicks, total.bot_clicks, total.last_clicked_at) == (0, 1, None)


def test_the_last_click_is_the_latest_not_the_last_counted():
    count_clicks([delivery(1, at=AT)])
    count_clicks([delivery(2, at=AT - timedelta(hours=1)), delivery(3, at=AT + timedelta(hours=1), is_bot=True)])
    assert LinkDay.get("tea", TOTAL).last_clicked_at == AT


def test_a_marker_tells_nothing_and_goes_after_fifteen_days():
    with time_machine.travel(AT, tick=False):
        count_clicks([delivery("b"), delivery("a")])
    (marker,) = ClickBatch.batch_get([rows(settings().click_batches_table)[0]["key"]])
    assert len(marker.key) == 64
    assert marker.expires_at == AT + timedelta(days=15)
    assert marker.serialize().keys() == {"key", "expires_at"}
