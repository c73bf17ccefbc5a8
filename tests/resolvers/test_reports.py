"""Reports through the schema: shapes, permissions, 92 days, and what each query costs."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from api.root import schema
from core.config import settings
from core.viewer import Viewer
from schema.context import Context
from schema.node import to_global_id
from services.catalogue import delete_product
from services.reports.making import make_report
from services.short_links.changing import delete_short_link
from services.short_links.making import NewShortLink, create_short_link
from tests.makers import make_product
from tests.recorder import recorded
from tests.services.reports.days import at, click, make_confirmed
from tests.store import rows

ADMIN = Viewer("admin", "ADMIN")
CUSTOMER = Viewer("customer")
DAY = date(2026, 11, 20)
NOON = at("2026-11-20 12:00")
MORNING = at("2026-11-21 09:00")


async def execute(text: str, viewer: Viewer | None = ADMIN, **variables: Any) -> Any:
    return await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))


async def ask(text: str, viewer: Viewer | None = ADMIN, **variables: Any) -> dict[str, Any]:
    result = await execute(text, viewer, **variables)
    assert result.errors is None
    return result.data


def codes(result: Any) -> list[str]:
    return [error.extensions["code"] for error in result.errors]


async def test_a_report_whole():
    mug = make_product(sku="MUG", name="Mug")
    link = create_short_link("admin", NewShortLink(destination_url="https://example.com/", code="spring-25"))
    make_confirmed(NOON, {mug: 3}, amount_minor=3750)
    make_confirmed(NOON, {mug: 1}, amount_minor=1200, currency="JPY")
    click(link.code, NOON, times=4)
    make_report(DAY, MORNING)
    data = await ask(
        """{ dailyReport(date: "2026-11-20") {
            __typename id date ordersPlaced ordersConfirmed ordersCancelled revenue { amount currencyCode } unitsSold
            newUsers linkClicks topProducts { product { slug stock } sku name units }
            topLinks { shortLink { code clicks } code clicks } generatedAt
        } }"""
    )
    assert data["dailyReport"] == {
        "__typename": "DailyReport",
        "id": to_global_id("DailyReport", "2026-11-20"),
        "date": "2026-11-20",
        "ordersPlaced": 2,
        "ordersConfirmed": 2,
        "ordersCancelled": 0,
        "revenue": [{"amount": "37.50", "currencyCode": "EUR"}, {"amount": "1200", "currencyCode": "JPY"}],
        "unitsSold": 4,
        "newUsers": 0,
        "linkClicks": 4,
        "topProducts": [{"product": {"slug": "mug", "stock": 10}, "sku": "MUG", "name": "Mug", "units": 4}],
        "topLinks": [{"shortLink": {"code": "spring-25", "clicks": 4}, "code": "spring-25", "clicks": 4}],
        "generatedAt": "2026-11-21T09:00:00Z",
    }


async def test_what_was_deleted_since_is_null():
    mug = make_product(sku="MUG")
    link = create_short_link("admin", NewShortLink(destination_url="https://example.com/"))
    make_confirmed(NOON, {mug: 3})
    click(link.code, NOON)
    make_report(DAY, MORNING)
    delete_product(mug.product_id)
    delete_short_link(ADMIN, link.code)
    data = await ask(
        '{ dailyReport(date: "2026-11-20") { topProducts { sku product { id } } topLinks { code shortLink { id } } } }'
    )
    assert data["dailyReport"] == {
        "topProducts": [{"sku": "MUG", "product": None}],
        "topLinks": [{"code": link.code, "shortLink": None}],
    }


async def test_days_newest_first_those_without_a_report_left_out():
    for day in (18, 20, 17, 14):
        make_report(date(2026, 11, day), MORNING)
    data = await ask('{ dailyReports(from: "2026-11-15", to: "2026-11-20") { date } }')
    assert [report["date"] for report in data["dailyReports"]] == ["2026-11-20", "2026-11-18", "2026-11-17"]
    assert await ask('{ dailyReports(from: "2026-12-01", to: "2026-12-01") { date } }') == {"dailyReports": []}
    assert await ask('{ dailyReport(date: "2026-11-19") { date } }') == {"dailyReport": None}


@pytest.mark.parametrize(("first", "is_taken"), [("2026-08-21", True), ("2026-08-20", False), ("0001-01-01", False)])
async def test_at_most_92_days(first: str, is_taken: bool):
    result = await execute(
        'query($first: Date!) { dailyReports(from: $first, to: "2026-11-20") { date } }', first=first
    )
    assert (result.data, codes(result) if result.errors else []) == (
        {"dailyReports": [] if is_taken else None},
        [] if is_taken else ["BAD_REQUEST"],
    )


async def test_the_wrong_way_round():
    result = await execute('{ dailyReports(from: "2026-11-20", to: "2026-11-19") { date } }')
    assert codes(result) == ["BAD_REQUEST"]


COSTS = {
    '{ dailyReport(date: "2026-11-20") { ordersPlaced revenue { amount } } }': ["GetItem"],
    '{ dailyReports(from: "2026-08-21", to: "2026-11-20") { ordersPlaced topProducts { sku } } }': ["Query"],
    '{ dailyReports(from: "2026-08-21", to: "2026-11-20") { topProducts { product { name } } } }': [
        "Query", "BatchGetItem",
    ],
    '{ dailyReports(from: "2026-08-21", to: "2026-11-20") { topLinks { shortLink { title } } } }': [
        "Query", "BatchGetItem",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "calls"), COSTS.items())
async def test_what_a_query_costs(text: str, calls: list[str]):
    """92 days with all that can stand in them are still one read."""
    mugs = [make_product() for _ in range(10)]
    make_confirmed(NOON, dict.fromkeys(mugs, 1))
    for number in range(10):
        click(f"code-{number}", NOON)
    report = make_report(DAY, MORNING)
    for back in range(1, 92):
        report.day = (DAY - timedelta(days=back)).isoformat()
        report.save()
    with recorded() as sent:
        data = await ask(text)
    assert sent == calls
    assert len(data.get("dailyReports", [0] * 92)) == 92


NODE = "query($id: ID!) { node(id: $id) { id ... on DailyReport { date } } }"


async def test_node():
    make_report(DAY, MORNING)
    id = to_global_id("DailyReport", "2026-11-20")
    assert await ask(NODE, id=id) == {"node": {"id": id, "date": "2026-11-20"}}
    for viewer in (None, CUSTOMER):
        assert await ask(NODE, viewer, id=id) == {"node": None}
    for other in ("2026-11-19", "yesterday", "2026-11-20 "):
        assert await ask(NODE, id=to_global_id("DailyReport", other)) == {"node": None}


FIELDS = {
    '{ dailyReport(date: "2026-11-20") { date } }': "dailyReport",
    '{ dailyReports(from: "2026-11-20", to: "2026-11-20") { date } }': "dailyReports",
    'mutation { regenerateDailyReport(input: {date: "2026-11-20"}) { report { date } } }': "regenerateDailyReport",
}


@pytest.mark.parametrize(("text", "field"), FIELDS.items())
@pytest.mark.parametrize(("viewer", "code"), [(None, "UNAUTHENTICATED"), (CUSTOMER, "FORBIDDEN")])
async def test_admins_only(text: str, field: str, viewer: Viewer | None, code: str):
    with recorded() as sent:
        result = await execute(text, viewer)
    assert (result.data, codes(result), sent) == ({field: None}, [code], [])


REGENERATE = """mutation($date: Date!) { regenerateDailyReport(input: {date: $date}) {
    report { date ordersConfirmed linkClicks generatedAt } userErrors { __typename code field message }
} }"""


async def test_regenerated_it_says_when():
    make_confirmed(NOON, {make_product(): 1})
    click("spring", NOON, times=2)
    make_report(DAY, MORNING)
    click("spring", NOON, times=5)
    with time_machine.travel(at("2026-12-01 10:00"), tick=False):
        data = await ask(REGENERATE, date="2026-11-20")
    assert data["regenerateDailyReport"] == {
        "report": {
            "date": "2026-11-20",
            "ordersConfirmed": 1,
            "linkClicks": 2,
            "generatedAt": "2026-12-01T10:00:00Z",
        },
        "userErrors": [],
    }


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-21", "9999-12-31"])
async def test_a_day_that_has_not_ended(day: str):
    with time_machine.travel(at("2026-11-20 23:59:59"), tick=False):
        data = await ask(REGENERATE, date=day)
    assert data["regenerateDailyReport"] == {
        "report": None,
        "userErrors": [
            {
                "__typename": "InvalidInputError",
                "code": "INVALID",
                "field": ["date"],
                "message": "That day has not ended yet.",
            }
        ],
    }
    assert rows(settings().daily_reports_table) == []
