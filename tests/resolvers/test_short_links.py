"""Short links through the schema: shapes, who sees and changes what, refusals as data, and what each query costs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.root import schema
from core.clock import now, to_text
from core.config import settings
from core.viewer import Viewer
from models.link_day import TOTAL, LinkDay
from models.short_link import ShortLink
from models.user import User
from schema.context import Context
from schema.node import to_global_id
from services.short_links import changing, making
from services.short_links.following import follow
from tests.makers import make_short_link
from tests.recorder import recorded
from tests.store import rows

OWNER, OTHER, ADMIN = Viewer("owner"), Viewer("other"), Viewer("admin", "ADMIN")
IN_2030 = datetime(2030, 1, 1, tzinfo=UTC)


async def execute(text: str, viewer: Viewer | None = None, **variables: Any) -> Any:
    return await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))


async def ask(text: str, viewer: Viewer | None = OWNER, **variables: Any) -> dict[str, Any]:
    result = await execute(text, viewer, **variables)
    assert result.errors is None
    return result.data


def codes(result: Any) -> list[str]:
    return [error.extensions["code"] for error in result.errors]


def id_of(link: ShortLink) -> str:
    return to_global_id("ShortLink", link.code)


WHOLE = """__typename id code shortUrl destinationUrl title status redirectType expiresAt maxClicks clicks lastClickedAt
    createdAt updatedAt version"""


async def test_a_short_link_whole():
    link = make_short_link(code="tea", title="Tea", redirect_type="PERMANENT", expires_at=IN_2030, max_clicks=3)
    LinkDay("tea", TOTAL, clicks=7, bot_clicks=5, last_clicked_at=datetime(2026, 11, 21, 9, tzinfo=UTC)).save()
    created_at = to_text(link.created_at).replace(".000Z", "Z")
    expected = {
        "__typename": "ShortLink",
        "id": id_of(link),
        "code": "tea",
        "shortUrl": f"{settings().public_base_url}/tea",
        "destinationUrl": "https://example.com/page",
        "title": "Tea",
        "status": "ACTIVE",
        "redirectType": "PERMANENT",
        "expiresAt": "2030-01-01T00:00:00Z",
        "maxClicks": 3,
        "clicks": 7,
        "lastClickedAt": "2026-11-21T09:00:00Z",
        "createdAt": created_at,
        "updatedAt": created_at,
        "version": 1,
    }
    query = f"""query($by: ShortLinkBy!) {{ shortLink(by: $by) {{ {WHOLE} }} }}"""
    for by in ({"code": "tea"}, {"id": id_of(link)}):
        with recorded() as sent:
            assert await ask(query, by=by) == {"shortLink": expected}
        assert sent == ["BatchGetItem", "BatchGetItem"]
    data = await ask(f"query($id: ID!) {{ node(id: $id) {{ ... on ShortLink {{ {WHOLE} }} }} }}", id=id_of(link))
    assert data == {"node": expected}


async def test_statuses():
    make_short_link(code="used", max_clicks=1)
    follow("used", now(), is_click=True)
    expired = make_short_link(code="old", expires_at=IN_2030)
    expired.update([ShortLink.valid_until.set(now())])
    make_short_link(code="off")
    changing.update_short_link(OWNER, "off", {"disabled": True})
    for code, status in {"used": "EXHAUSTED", "old": "EXPIRED", "off": "DISABLED"}.items():
        data = await ask("query($code: String!) { shortLink(by: {code: $code}) { status } }", code=code)
        assert data == {"shortLink": {"status": status}}


@pytest.mark.parametrize(
    ("viewer", "is_seen"),
    [(OWNER, True), (ADMIN, True), (OTHER, False), (None, False)],
    ids=["owner", "admin", "other", "anonymous"],
)
async def test_who_sees_a_short_link(viewer, is_seen):
    link = make_short_link(code="tea")
    text = """query($id: ID!) {
        id: shortLink(by: {id: $id}) { id }
        code: shortLink(by: {code: "tea"}) { id }
        node(id: $id) { id }
        nodes(ids: [$id]) { id }
    }"""
    seen = {"id": id_of(link)} if is_seen else None
    assert await ask(text, viewer, id=id_of(link)) == {"id": seen, "code": seen, "node": seen, "nodes": [seen]}
    changing.delete_short_link(OWNER, "tea")
    assert await ask(text, viewer, id=id_of(link)) == {"id": None, "code": None, "node": None, "nodes": [None]}


@pytest.mark.parametrize(
    "by",
    [
        {"code": ""},
        {"code": "ab"},
        {"code": "x" * 5000},
        {"code": "\ud800\ud800\ud800"},
        {"id": ""},
        {"id": "garbled"},
        {"id": to_global_id("ShortLink", "x" * 300)},
        {"id": to_global_id("User", "tea")},
    ],
)
async def test_what_no_short_link_is_named_by(by):
    make_short_link(code="tea")
    with recorded() as sent:
        assert await ask("query($by: ShortLinkBy!) { shortLink(by: $by) { id } }", by=by) == {"shortLink": None}
    assert sent == []


CREATE = """mutation($input: CreateShortLinkInput!) { createShortLink(input: $input) {
    shortLink { code destinationUrl title status redirectType expiresAt maxClicks clicks version }
    userErrors { __typename code message field ... on TakenError { suggestion } }
} }"""


async def test_create():
    with recorded() as sent:
        data = await ask(CREATE, input={"destinationUrl": "HTTPS://Example.com"})
    assert sent == ["TransactWriteItems", "BatchGetItem"]
    link = data["createShortLink"]["shortLink"]
    assert len(link.pop("code")) == 8
    assert data["createShortLink"]["userErrors"] == []
    assert link == {
        "destinationUrl": "https://example.com/",
        "title": None,
        "status": "ACTIVE",
        "redirectType": "TEMPORARY",
        "expiresAt": None,
        "maxClicks": None,
        "clicks": 0,
        "version": 1,
    }
    values = {"code": "tea", "title": "Tea", "redirectType": "PERMANENT", "expiresAt": "2030-01-01T01:00:00+01:00"}
    data = await ask(CREATE, input={"destinationUrl": "https://example.com/", "maxClicks": 5, **values})
    assert data["createShortLink"]["shortLink"] == link | values | {"expiresAt": "2030-01-01T00:00:00Z", "maxClicks": 5}
    assert ShortLink.get("tea").owner_id == "owner"


async def test_create_refused():
    make_short_link(code="tea")
    before = rows(settings().short_links_table)
    taken = await ask(CREATE, OTHER, input={"destinationUrl": "https://example.com/", "code": "tea"})
    assert taken["createShortLink"] == {
        "shortLink": None,
        "userErrors": [
            {
                "__typename": "TakenError",
                "code": "TAKEN",
                "message": "This code was given out before.",
                "field": ["code"],
                "suggestion": "tea-2",
            }
        ],
    }
    wrong = {"destinationUrl": "http://127.0.0.1/", "code": "graphql", "maxClicks": 0, "title": "\n.\n.\n"}
    errors = (await ask(CREATE, input=wrong))["createShortLink"]["userErrors"]
    assert [(error["__typename"], error["code"], error["field"]) for error in errors] == [
        ("InvalidInputError", "UNSAFE_URL", ["destinationUrl"]),
        ("InvalidInputError", "INVALID", ["title"]),
        ("InvalidInputError", "INVALID", ["maxClicks"]),
        ("InvalidInputError", "RESERVED", ["code"]),
    ]
    assert rows(settings().short_links_table) == before


UPDATE = """mutation($input: UpdateShortLinkInput!) { updateShortLink(input: $input) {
    shortLink { destinationUrl title status redirectType expiresAt maxClicks version }
    userErrors { __typename code field ... on StaleVersionError { currentVersion } }
} }"""


async def test_update_keeps_clears_and_sets():
    link = make_short_link(title="Tea", max_clicks=3, expires_at=IN_2030)
    data = await ask(
        UPDATE, input={"shortLinkId": id_of(link), "title": None, "disabled": True, "redirectType": "PERMANENT"}
    )
    assert data["updateShortLink"] == {
        "shortLink": {
            "destinationUrl": "https://example.com/page",
            "title": None,
            "status": "DISABLED",
            "redirectType": "PERMANENT",
            "expiresAt": "2030-01-01T00:00:00Z",
            "maxClicks": 3,
            "version": 2,
        },
        "userErrors": [],
    }
    values = {"expiresAt": None, "maxClicks": None, "disabled": False, "destinationUrl": "https://example.org/"}
    data = await ask(UPDATE, ADMIN, input={"shortLinkId": id_of(link), "expectedVersion": 2, **values})
    changed = data["updateShortLink"]["shortLink"]
    assert (changed["expiresAt"], changed["maxClicks"], changed["status"]) == (None, None, "ACTIVE")
    assert (changed["destinationUrl"], changed["version"]) == ("https://example.org/", 3)


async def test_update_refused():
    link = make_short_link()
    before = rows(settings().short_links_table)

    async def errors(viewer: Viewer = OWNER, **values: Any) -> list[tuple[Any, ...]]:
        data = await ask(UPDATE, viewer, input={"shortLinkId": id_of(link)} | values)
        assert data["updateShortLink"]["shortLink"] is None
        return [tuple(error.values()) for error in data["updateShortLink"]["userErrors"]]

    not_found = [("NotFoundError", "NOT_FOUND", ["shortLinkId"])]
    assert await errors(OTHER, title="Mine") == not_found
    assert await errors(shortLinkId=to_global_id("ShortLink", "nothing"), title="Tea") == not_found
    assert await errors(shortLinkId=to_global_id("Product", link.code), title="Tea") == not_found
    assert await errors(shortLinkId="garbled", title="Tea") == not_found
    assert await errors(shortLinkId="garbled", title="x" * 201) == [
        *not_found,
        ("InvalidInputError", "INVALID", ["title"]),
    ]
    assert await errors(title="Tea", expectedVersion=7) == [
        ("StaleVersionError", "STALE_VERSION", ["expectedVersion"], 1)
    ]
    assert await errors(destinationUrl=None) == [("InvalidInputError", "REQUIRED", ["destinationUrl"])]
    assert await errors(expiresAt="2020-01-01T00:00:00Z") == [("InvalidInputError", "INVALID", ["expiresAt"])]
    assert rows(settings().short_links_table) == before


DELETE = """mutation($id: ID!) { deleteShortLink(input: {shortLinkId: $id}) {
    deletedShortLinkId userErrors { code field }
} }"""


async def test_delete():
    link = make_short_link()
    not_found = {"deletedShortLinkId": None, "userErrors": [{"code": "NOT_FOUND", "field": ["shortLinkId"]}]}
    assert await ask(DELETE, OTHER, id=id_of(link)) == {"deleteShortLink": not_found}
    assert ShortLink.get(link.code).state == "ACTIVE"
    deleted = {"deletedShortLinkId": id_of(link), "userErrors": []}
    assert await ask(DELETE, id=id_of(link)) == {"deleteShortLink": deleted}
    assert await ask(DELETE, id=id_of(link)) == {"deleteShortLink": not_found}


async def test_changing_is_for_the_signed_in():
    link = make_short_link()
    before = rows(settings().short_links_table)
    with recorded() as sent:
        for result in (
            await execute(CREATE, input={"destinationUrl": "https://example.com/"}),
            await execute(UPDATE, input={"shortLinkId": id_of(link), "title": "Mine"}),
            await execute(DELETE, id=id_of(link)),
        ):
            assert codes(result) == ["UNAUTHENTICATED"]
            assert list(result.data.values()) == [None]
    assert sent == []
    assert rows(settings().short_links_table) == before


async def test_a_request_sees_its_own_change():
    link = make_short_link(code="tea")
    text = """mutation($id: ID!) {
        change: updateShortLink(input: {shortLinkId: $id, title: "First"}) { shortLink { title } }
        again: updateShortLink(input: {shortLinkId: $id, title: "Second"}) { shortLink { title version } }
        away: deleteShortLink(input: {shortLinkId: $id}) { deletedShortLinkId }
    }"""
    assert await ask(text, id=id_of(link)) == {
        "change": {"shortLink": {"title": "First"}},
        "again": {"shortLink": {"title": "Second", "version": 3}},
        "away": {"deletedShortLinkId": id_of(link)},
    }


async def test_a_users_short_links(monkeypatch):
    """Newest first, both ways; one query, and one read for the clicks of all."""
    User.new("owner", email="owner@kiosk.example", name="Olga", role="CUSTOMER").save()
    start = datetime(2026, 11, 21, tzinfo=UTC)
    for number in range(5):
        monkeypatch.setattr(making, "now", lambda number=number: start + timedelta(minutes=number))
        make_short_link(code=f"link-{number}")
        LinkDay(f"link-{number}", TOTAL, clicks=number).save()
    make_short_link("other")
    changing.delete_short_link(OWNER, "link-3")
    text = """query($first: Int, $after: String, $last: Int, $before: String) {
        viewer { shortLinks(first: $first, after: $after, last: $last, before: $before) {
            nodes { code clicks } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
        } }
    }"""

    async def page(**window: Any) -> tuple[list[int], dict[str, Any]]:
        links = (await ask(text, **window))["viewer"]["shortLinks"]
        assert [node["code"] for node in links["nodes"]] == [f"link-{node['clicks']}" for node in links["nodes"]]
        return [node["clicks"] for node in links["nodes"]], links["pageInfo"]

    with recorded() as sent:
        numbers, info = await page(first=2)
    assert sorted(sent) == ["BatchGetItem", "BatchGetItem", "Query"]  # the user, the clicks; the links
    assert (numbers, info["hasNextPage"], info["hasPreviousPage"]) == ([4, 2], True, False)
    numbers, info = await page(first=2, after=info["endCursor"])
    assert (numbers, info["hasNextPage"], info["hasPreviousPage"]) == ([1, 0], False, True)
    numbers, info = await page(last=2, before=info["startCursor"])
    assert (numbers, info["hasNextPage"], info["hasPreviousPage"]) == ([4, 2], True, False)
    assert codes(await execute("{ viewer { shortLinks(first: 101) { nodes { id } } } }", OWNER)) == ["BAD_REQUEST"]
    users_cursor = info["startCursor"]
    result = await execute(f'{{ viewer {{ orders(after: "{users_cursor}") {{ nodes {{ id }} }} }} }}', OWNER)
    assert codes(result) == ["BAD_REQUEST"]


STATS = """query($from: Date!, $to: Date!) { shortLink(by: {code: "tea"}) { stats(from: $from, to: $to) {
    clicks botClicks daily { date clicks } countries { key clicks } referrers { key clicks } devices { key clicks }
} } }"""


async def test_stats():
    make_short_link(code="tea")
    for day, clicks in [(20, 1), (21, 3), (22, 5)]:
        day_ = date(2026, 11, day)
        counts = {"countries": {"CH": clicks}, "referrers": {"direct": clicks}, "devices": {"mobile": clicks}}
        LinkDay("tea", f"D#{day_}", day=str(day_), clicks=clicks, bot_clicks=1, **counts).save()
    with recorded() as sent:
        data = await ask(STATS, **{"from": "2026-11-21", "to": "2026-11-22"})
    assert sent == ["BatchGetItem", "Query"]
    assert data["shortLink"]["stats"] == {
        "clicks": 8,
        "botClicks": 2,
        "daily": [{"date": "2026-11-21", "clicks": 3}, {"date": "2026-11-22", "clicks": 5}],
        "countries": [{"key": "CH", "clicks": 8}],
        "referrers": [{"key": "direct", "clicks": 8}],
        "devices": [{"key": "mobile", "clicks": 8}],
    }


@pytest.mark.parametrize(
    ("span", "is_refused"),
    [
        (("2026-01-01", "2027-01-01"), False),
        (("2026-01-01", "2027-01-02"), True),
        (("2026-01-02", "2026-01-01"), True),
        (("0001-01-01", "9999-12-31"), True),
        (("9999-12-31", "9999-12-31"), False),
    ],
)
async def test_a_span_of_stats(span, is_refused):
    make_short_link(code="tea")
    result = await execute(STATS, OWNER, **dict(zip(("from", "to"), span, strict=True)))
    assert (codes(result) if result.errors else []) == (["BAD_REQUEST"] if is_refused else [])
    assert result.data["shortLink"] is None or not is_refused


async def test_what_many_links_cost():
    """A batch for the links, a batch for their totals, and one query each for their stats."""
    links = [make_short_link(code=f"link-{number}") for number in range(20)]
    text = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on ShortLink { clicks lastClickedAt
        stats(from: "2026-11-01", to: "2026-11-30") { clicks }
    } } }"""
    with recorded() as sent:
        await ask(text, ids=[id_of(link) for link in links])
    assert sorted(sent) == ["BatchGetItem"] * 2 + ["Query"] * 20
