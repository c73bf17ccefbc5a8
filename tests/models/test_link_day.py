"""Rows of clicks stay small, and a day's are found by the day."""

from typing import Any

from models.link_day import TOTAL, LinkDay
from services.clicks.click import DEVICES
from services.clicks.countries import COUNTRIES
from tests.recorder import recorded


def size(value: dict[str, Any]) -> int:
    """In bytes, by DynamoDB's own rules."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.lstrip("-").strip("0")) + 1) // 2 + 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + size(each) for name, each in content.items())
    raise NotImplementedError(kind)


def test_the_fullest_row_of_a_day_has_less_than_2800_bytes():
    """Each country clicked a quarter of a million times, each of twenty hosts of the longest kind too."""
    row = LinkDay(
        "x" * 64,
        "D#2026-11-21",
        day="2026-11-21",
        clicks=62_499_999,
        bot_clicks=12_345_678,
        countries=dict.fromkeys([*COUNTRIES, "unknown"], 249_999),
        referrers={f"{number:02}{'x' * 22}.example": 249_999 for number in range(20)} | {"other": 57_499_999},
        devices=dict.fromkeys(DEVICES, 15_624_999),
        version=123_456,
    )
    attributes = row.serialize()
    assert len(attributes["countries"]["M"]) == 250
    assert sum(len(name) + size(value) for name, value in attributes.items()) == 2724


def test_counts_are_stored_as_numbers():
    LinkDay("tea", TOTAL, countries={"DE": 3}).save()
    assert LinkDay.get("tea", TOTAL).serialize()["countries"] == {"M": {"DE": {"N": "3"}}}
    assert LinkDay.get("tea", TOTAL).countries == {"DE": 3}


def test_a_row_begins_empty():
    first, second = LinkDay("tea", TOTAL), LinkDay("mug", TOTAL)
    first.countries["DE"] = 1
    assert (second.clicks, second.bot_clicks, second.version) == (0, 0, 0)
    assert (second.countries, second.referrers, second.devices) == ({}, {}, {})


def test_a_day_by_clicks():
    for code, clicks in [("tea", 3), ("mug", 30), ("pot", 7)]:
        LinkDay(code, "D#2026-11-21", day="2026-11-21", clicks=clicks, referrers={"direct": clicks}).save()
        LinkDay(code, TOTAL, clicks=99).save()
    LinkDay("tea", "D#2026-11-22", day="2026-11-22", clicks=50).save()
    with recorded() as sent:
        rows = list(LinkDay.by_day.query("2026-11-21", scan_index_forward=False))
    assert sent == ["Query"]
    assert [(row.code, row.clicks) for row in rows] == [("mug", 30), ("pot", 7), ("tea", 3)]


def test_totals_of_many_links_in_one_read():
    for number in range(30):
        LinkDay(f"link-{number}", TOTAL, clicks=number).save()
        LinkDay(f"link-{number}", "D#2026-11-21", clicks=77).save()
    with recorded() as sent:
        found = LinkDay.find_many([f"link-{number}" for number in range(40)], range_key=TOTAL)
    assert sent == ["BatchGetItem"]
    assert {code: row.clicks for code, row in found.items()} == {f"link-{number}": number for number in range(30)}
