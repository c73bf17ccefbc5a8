"""Changing and deleting short links: by whom, what, and what a refusal leaves behind."""

from datetime import timedelta

import pytest

from core.clock import now
from core.config import settings
from core.errors import Refused
from core.viewer import Viewer
from models.short_link import ShortLink
from services.short_links import changing
from services.short_links.changing import delete_short_link, update_short_link
from services.short_links.following import follow
from services.short_links.listing import list_short_links_of
from tests import faults
from tests.makers import make_short_link
from tests.recorder import recorded
from tests.store import rows

ANN, BEN, ADMIN = Viewer("ann"), Viewer("ben"), Viewer("ada", "ADMIN")


def stored() -> list[dict[str, object]]:
    return rows(settings().short_links_table)


def refused(act, *args) -> list[tuple[str, str | None]]:
    before = stored()
    with pytest.raises(Refused) as refusal:
        act(*args)
    assert stored() == before
    return [(error.code, error.field and error.field[0]) for error in refusal.value.errors]


@pytest.fixture
def code() -> str:
    return make_short_link("ann", title="Tea", expires_at=now() + timedelta(days=1), max_clicks=5).code


@pytest.mark.parametrize("viewer", [ANN, ADMIN])
def test_everything_changes(code, viewer):
    expires_at = now() + timedelta(days=2)
    with recorded() as sent:
        changed = update_short_link(
            viewer,
            code,
            {
                "destination_url": "https://example.org",
                "title": " Coffee ",
                "redirect_type": "PERMANENT",
                "expires_at": expires_at,
                "max_clicks": 7,
                "disabled": True,
            },
            expected_version=1,
        )
    assert sent == ["GetItem", "TransactWriteItems"]
    link = ShortLink.get(code)
    assert link.attribute_values == changed.attribute_values
    assert (link.destination_url, link.title, link.redirect_type) == ("https://example.org/", "Coffee", "PERMANENT")
    assert (link.valid_until, link.max_clicks, link.state, link.version) == (expires_at, 7, "DISABLED", 2)
    assert (link.owner_id, link.updated_at >= link.created_at) == ("ann", True)


def test_absent_keeps_and_none_clears(code):
    update_short_link(ANN, code, {"title": None, "expires_at": None, "max_clicks": None})
    link = ShortLink.get(code)
    assert (link.title, link.valid_until, link.max_clicks, link.version) == (None, None, None, 2)
    assert (link.destination_url, link.redirect_type, link.state) == ("https://example.com/page", "TEMPORARY", "ACTIVE")


def test_what_changes_nothing_writes_nothing(code):
    before = stored()
    with recorded() as sent:
        assert update_short_link(ANN, code, {"title": "Tea", "disabled": False}).version == 1
    assert sent == ["GetItem"]
    assert stored() == before


def test_refused(code):
    assert refused(
        update_short_link, ANN, code, {"destination_url": None, "redirect_type": None, "disabled": None}
    ) == [
        ("REQUIRED", "destinationUrl"),
        ("REQUIRED", "redirectType"),
        ("REQUIRED", "disabled"),
    ]
    wrong = {
        "destination_url": "http://127.0.0.1/",
        "title": "\x00",
        "expires_at": now() - timedelta(seconds=1),
        "max_clicks": 0,
    }
    assert refused(update_short_link, ANN, code, wrong) == [
        ("UNSAFE_URL", "destinationUrl"),
        ("INVALID", "title"),
        ("INVALID", "expiresAt"),
        ("INVALID", "maxClicks"),
    ]


def test_stale(code):
    with pytest.raises(Refused) as refusal:
        update_short_link(ANN, code, {"title": "Coffee"}, expected_version=2)
    (error,) = refusal.value.errors
    assert (error.code, error.current_version, ShortLink.get(code).title) == ("STALE_VERSION", 1, "Tea")


def test_somebody_elses_and_nobodys(code):
    delete_short_link(ANN, make_short_link("ann", code="gone").code)
    for viewer, name in [(BEN, code), (ANN, "nothing"), (ANN, "gone"), (ADMIN, "gone")]:
        assert refused(update_short_link, viewer, name, {"title": "Mine"}) == [("NOT_FOUND", "shortLinkId")]
        assert refused(delete_short_link, viewer, name) == [("NOT_FOUND", "shortLinkId")]


@pytest.mark.parametrize("viewer", [ANN, ADMIN])
def test_delete_leaves_a_tombstone(code, viewer):
    delete_short_link(viewer, code)
    (tombstone,) = stored()
    assert tombstone.keys() == {
        "code", "owner_id", "state", "redirect_type", "valid_until", "max_clicks", "clicks_used", "created_at",
        "updated_at", "version",
    }  # fmt: skip
    assert (tombstone["code"], tombstone["state"], tombstone["version"]) == (code, "DELETED", 2)
    assert list_short_links_of("ann").rows == []


def test_a_limit_counts_from_when_it_is_set():
    code = make_short_link("ann", max_clicks=2).code
    follow(code, now(), is_click=True)
    update_short_link(ANN, code, {"max_clicks": 3})
    assert ShortLink.get(code).clicks_used == 1
    update_short_link(ANN, code, {"max_clicks": None})
    update_short_link(ANN, code, {"max_clicks": 1})
    assert ShortLink.get(code).clicks_used == 0


def test_who_loses_a_race_decides_again(code):
    def rename_first(_: object) -> None:
        update_short_link(ANN, code, {"title": "First"})

    with faults.faults("TransactWriteItems", rename_first):
        assert update_short_link(ANN, code, {"max_clicks": 9}).version == 3
    assert (ShortLink.get(code).title, ShortLink.get(code).max_clicks) == ("First", 9)
    with faults.faults("TransactWriteItems", rename_back(code)):
        assert refused_only(update_short_link, ANN, code, {"max_clicks": 10}, 3) == ["STALE_VERSION"]


def rename_back(code: str):
    return lambda _: update_short_link(ANN, code, {"title": "Back"}) and None


def refused_only(act, *args) -> list[str]:
    with pytest.raises(Refused) as refusal:
        act(*args)
    return [error.code for error in refusal.value.errors]


def test_who_loses_every_race_is_told(code, monkeypatch):
    monkeypatch.setattr(changing, "commit", lambda _: (_ for _ in ()).throw(changing.ConditionFailed([])))
    assert refused(update_short_link, ANN, code, {"title": "Coffee"}) == [("RETRY", None)]
    assert refused(delete_short_link, ANN, code) == [("RETRY", None)]
