"""Making short links: SL-09, and what a refusal leaves behind."""

from datetime import timedelta

import pytest

from core.clock import now
from core.config import settings
from core.errors import Refused
from core.viewer import Viewer
from models.short_link import ShortLink
from services.short_links import making
from services.short_links.changing import delete_short_link
from tests import faults
from tests.makers import make_short_link
from tests.recorder import recorded
from tests.store import rows


def refusals(**values) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        make_short_link(**values)
    return [(error.code, error.field and error.field[0]) for error in refused.value.errors]


def test_a_link_of_ones_own_choice():
    expires_at = now() + timedelta(days=1)
    with recorded() as sent:
        made = make_short_link(
            "ann",
            destination_url="HTTPS://Example.com/Tea?a=b",
            code="Tea_2026-x",
            title="  The tea ",
            redirect_type="PERMANENT",
            expires_at=expires_at,
            max_clicks=3,
        )
    assert sent == ["TransactWriteItems"]
    link = ShortLink.get("Tea_2026-x")
    assert link.attribute_values == made.attribute_values
    assert link.attribute_values == {
        "code": "Tea_2026-x",
        "owner_id": "ann",
        "state": "ACTIVE",
        "destination_url": "https://example.com/Tea?a=b",
        "title": "The tea",
        "redirect_type": "PERMANENT",
        "valid_until": expires_at,
        "max_clicks": 3,
        "clicks_used": 0,
        "created_at": link.created_at,
        "updated_at": link.created_at,
        "version": 1,
        "created_sort": f"{link.created_at.isoformat(timespec='milliseconds')[:-6]}Z#Tea_2026-x",
    }


def test_a_drawn_code():
    link = make_short_link()
    assert len(link.code) == 8
    assert ShortLink.get(link.code).destination_url == "https://example.com/page"


def test_codes_differ_by_case():
    make_short_link(code="tea")
    assert make_short_link(code="Tea").code == "Tea"


def test_taken():
    make_short_link("ann", code="tea")
    before = rows(settings().short_links_table)
    for owner in ("ann", "ben"):
        with pytest.raises(Refused) as refused:
            make_short_link(owner, code="tea")
        (error,) = refused.value.errors
        assert (error.code, error.field, error.suggestion) == ("TAKEN", ("code",), "tea-2")
    assert rows(settings().short_links_table) == before
    assert make_short_link("ben", code=error.suggestion).code == "tea-2"


def test_a_deleted_code_is_not_given_out_again():
    make_short_link("ann", code="tea")
    delete_short_link(Viewer("ann"), "tea")
    assert refusals(code="tea") == [("TAKEN", "code")]


def test_everything_wrong_is_said_at_once():
    found = refusals(
        destination_url="javascript:alert(1)",
        code="api",
        title="x" * 201,
        expires_at=now() - timedelta(seconds=1),
        max_clicks=0,
    )
    assert found == [
        ("UNSAFE_URL", "destinationUrl"),
        ("INVALID", "title"),
        ("INVALID", "expiresAt"),
        ("INVALID", "maxClicks"),
        ("RESERVED", "code"),
    ]
    assert rows(settings().short_links_table) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "a\nb"}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "a\u2028b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"max_clicks": -1}, "maxClicks"),
        ({"max_clicks": 1_000_000_001}, "maxClicks"),
        ({"destination_url": "example.com"}, "destinationUrl"),
        ({"code": "ab"}, "code"),
    ],
)
def test_refused(values, field):
    assert refusals(**values) == [("INVALID", field)]
    assert rows(settings().short_links_table) == []


@pytest.mark.parametrize("values", [{"title": "x" * 200}, {"title": "  "}, {"max_clicks": 1}, {"max_clicks": 10**9}])
def test_taken_as_it_is(values):
    link = make_short_link(**values)
    assert link.title == (values.get("title", "").strip() or None)
    assert link.max_clicks == values.get("max_clicks")


@pytest.mark.parametrize("collisions", [pytest.param(count, id=f"SL-09-{count}") for count in (1, 4)])
def test_a_drawn_code_that_is_taken_is_drawn_again(collisions, monkeypatch):
    make_short_link(code="sameCode")
    codes = iter(["sameCode"] * collisions + ["freeCode"])
    monkeypatch.setattr(making, "draw_code", lambda: next(codes))
    assert make_short_link("ben").code == "freeCode"
    assert ShortLink.get("sameCode").owner_id == "owner"


@pytest.mark.parametrize("collisions", [pytest.param(5, id="SL-09-5")])
def test_five_collisions_are_a_reason_to_give_up(collisions, monkeypatch):
    make_short_link(code="sameCode")
    drawn: list[str] = []
    monkeypatch.setattr(making, "draw_code", lambda: drawn.append("sameCode") or "sameCode")
    assert refusals() == [("RETRY", None)]
    assert len(drawn) == collisions
    assert len(rows(settings().short_links_table)) == 1


def test_a_lost_answer_makes_one_link():
    """By its request token: the embedded AWS ignores those, so here the request itself is lost."""
    with faults.faults("TransactWriteItems", faults.request_lost) as sent:
        make_short_link(code="tea")
    assert [len(body["TransactItems"]) for body in sent] == [1, 1]
    assert sent[0]["ClientRequestToken"] == sent[1]["ClientRequestToken"]
    assert len(rows(settings().short_links_table)) == 1
