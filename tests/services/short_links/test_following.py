"""Following short links: what leads on, what a read costs, what is remembered, and limits that are exact."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.clock import now
from core.errors import Refused
from core.viewer import Viewer
from models.short_link import ShortLink
from services.short_links import following
from services.short_links.changing import delete_short_link, update_short_link
from services.short_links.following import LinkGone, LinkUnknown, OnlyClicks, follow, status_of
from tests import faults
from tests.makers import make_short_link
from tests.recorder import recorded

OWNER = Viewer("owner")
START = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def leads_on(code: str, *, is_click: bool = True) -> bool:
    try:
        follow(code, now(), is_click=is_click)
    except (LinkUnknown, LinkGone, OnlyClicks):
        return False
    return True


def why_not(code: str, *, is_click: bool = True) -> type[Exception]:
    with pytest.raises((LinkUnknown, LinkGone, OnlyClicks)) as refused:
        follow(code, now(), is_click=is_click)
    return refused.type


def test_one_eventually_consistent_read():
    code = make_short_link().code
    with faults.faults("GetItem") as read, recorded() as sent:
        assert follow(code, now(), is_click=True).destination_url == "https://example.com/page"
    assert sent == ["GetItem"]
    assert [body["ConsistentRead"] for body in read] == [False]


def test_none_for_five_seconds_after_one(clock):
    code = make_short_link().code
    with recorded() as sent:
        for _ in range(10):
            assert leads_on(code)
            assert leads_on(code, is_click=False)
        clock.shift(4.999)
        assert leads_on(code)
        assert sent == ["GetItem"]
        clock.shift(0.001)
        assert leads_on(code)
        assert sent == ["GetItem", "GetItem"]


@pytest.mark.parametrize("case", [pytest.param(None, id="SL-13")])
def test_a_change_is_seen_within_five_seconds(case, clock):
    code = make_short_link().code
    assert leads_on(code)
    update_short_link(OWNER, code, {"disabled": True})
    clock.shift(5)
    assert why_not(code) is LinkUnknown
    update_short_link(OWNER, code, {"disabled": False, "destination_url": "https://example.org/"})
    clock.shift(5)
    assert follow(code, now(), is_click=True).destination_url == "https://example.org/"
    delete_short_link(OWNER, code)
    clock.shift(5)
    assert why_not(code) is LinkUnknown


def test_a_clock_set_back_remembers_nothing(clock):
    code = make_short_link().code
    assert leads_on(code)
    update_short_link(OWNER, code, {"disabled": True})
    clock.shift(-3600)
    assert why_not(code) is LinkUnknown


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(following, "MOST_REMEMBERED", 3)
    codes = [make_short_link().code for _ in range(5)]
    for code in codes:
        assert leads_on(code)
    assert list(following._remembered) == codes[2:]
    with recorded() as sent:
        assert leads_on(codes[4])
        assert leads_on(codes[0])
    assert sent == ["GetItem"]
    assert list(following._remembered) == [codes[3], codes[4], codes[0]]


def test_what_is_not_there_is_not_remembered():
    for _ in range(3):
        with recorded() as sent:
            assert why_not("nothing") is LinkUnknown
        assert sent == ["GetItem"]
    make_short_link(code="nothing")
    assert leads_on("nothing")


@pytest.mark.parametrize("code", ["", "ab", "x" * 65, "a.b", "favicon.ico", "\ud800\ud800\ud800", "x" * 5000])
def test_what_is_no_code_is_not_read(code):
    with recorded() as sent:
        assert why_not(code) is LinkUnknown
    assert sent == []


@pytest.mark.parametrize(("shift", "leads"), [(-1, True), (-0.001, True), (0, False), (0.001, False), (1, False)])
@pytest.mark.parametrize("is_remembered", [True, False])
def test_expiry_by_time(clock, shift, leads, is_remembered):
    code = make_short_link(expires_at=START + timedelta(seconds=4)).code
    if is_remembered:
        assert leads_on(code)
    clock.shift(4 + shift)
    assert leads_on(code) is leads
    if not leads:
        assert why_not(code) is LinkGone
        assert status_of(ShortLink.get(code), now()) == "EXPIRED"


def test_a_limit_is_exact_and_costs_one_transaction_more(clock):
    code = make_short_link(max_clicks=3).code
    with recorded() as sent:
        assert [leads_on(code) for _ in range(5)] == [True, True, True, False, False]
    assert sent == ["GetItem"] + ["TransactWriteItems"] * 4
    assert why_not(code) is LinkGone
    link = ShortLink.get(code)
    assert (link.clicks_used, link.version, status_of(link, now())) == (3, 1, "EXHAUSTED")


def test_a_limited_link_is_not_shown_to_who_does_not_click():
    code = make_short_link(max_clicks=1).code
    assert why_not(code, is_click=False) is OnlyClicks
    assert ShortLink.get(code).clicks_used == 0
    assert leads_on(code)
    following.forget()
    assert why_not(code, is_click=False) is LinkGone


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"disabled": True}, LinkUnknown),
        ({"max_clicks": None}, None),
        ({"max_clicks": 1}, LinkGone),
        ({"destination_url": "https://example.org/"}, None),
    ],
)
def test_what_is_stored_decides_about_a_limit(changes, end):
    """Not what was remembered."""
    code = make_short_link(max_clicks=5).code
    assert leads_on(code)
    update_short_link(OWNER, code, changes)
    assert leads_on(code) is (end is None)
    if end:
        assert why_not(code) is end


def test_a_limited_link_that_was_deleted():
    code = make_short_link(max_clicks=5).code
    assert leads_on(code)
    delete_short_link(OWNER, code)
    assert why_not(code) is LinkUnknown
    assert ShortLink.get(code).clicks_used == 1


def test_a_limited_link_that_expired_meanwhile(clock):
    code = make_short_link(max_clicks=5, expires_at=START + timedelta(days=1)).code
    assert leads_on(code)
    clock.shift(1)
    with time_machine.travel(START - timedelta(days=1), tick=False):
        update_short_link(OWNER, code, {"expires_at": START})
    assert why_not(code) is LinkGone
    assert ShortLink.get(code).clicks_used == 1


def test_a_lost_request_uses_one():
    code = make_short_link(max_clicks=5).code
    with faults.faults("TransactWriteItems", faults.request_lost):
        assert leads_on(code)
    assert ShortLink.get(code).clicks_used == 1


def test_too_many_at_once(monkeypatch):
    code = make_short_link(max_clicks=5).code
    monkeypatch.setattr("models.transaction.time.sleep", lambda _: None)
    conflict = faults.canceled(["TransactionConflict"])
    with faults.faults("TransactWriteItems", *[conflict] * 5), pytest.raises(Refused) as refused:
        follow(code, now(), is_click=True)
    assert refused.value.errors[0].code == "RETRY"
    assert ShortLink.get(code).clicks_used == 0
