"""The demo day's report, as a person makes, reads and gets it."""

import os
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Page, async_playwright, expect

from api import graphiql
from api.graphiql_assets import ASSETS
from tests.e2e.test_browser import GRAPHIQL_READS_THE_TAB_MS
from tests.local.test_invoke import invoke


@pytest.fixture
async def page(chromium):
    if not all(graphiql.FILES[asset.name].exists() for asset in ASSETS):
        pytest.skip("needs GraphiQL's files: make graphiql")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield await browser.new_page(viewport={"width": 1400, "height": 1600})
        await browser.close()


def mails(kiosk: str, within: float = 20) -> list[dict]:
    """The reports' mails, once there is one."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = [
            mail for mail in httpx.get(f"{kiosk}/local/mail.json").json() if mail["subject"].startswith("Kiosk on")
        ]
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("no mail came")


async def test_the_demo_days_report(kiosk: str, page: Page) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    for _ in range(2):
        ran = invoke("ReportDayFunction", port=kiosk.rpartition(":")[2])
        assert ran.returncode == 0, ran.stderr
    (mail,) = mails(kiosk)
    assert mail["to"] == ["admin@kiosk.example"]
    assert mail["subject"] == f"Kiosk on {yesterday:%A}, {yesterday.day} {yesterday:%B %Y}"

    await page.goto(f"{kiosk}/local/")
    letter = page.frame_locator("iframe").first
    chart = letter.get_by_alt_text("Orders and revenue of the last 14 days")
    assert await chart.evaluate("picture => [picture.complete, picture.naturalWidth]") == [True, 988]

    await page.goto(f"{kiosk}/graphql")
    await page.get_by_label("E-mail").fill("admin@kiosk.example")
    await page.get_by_label("Password").fill("Kiosk-demo-1")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_contain_text("admin")
    await page.get_by_role("tab", name="DailyReports").click()
    await page.wait_for_timeout(GRAPHIQL_READS_THE_TAB_MS)
    await page.get_by_role("button", name="Execute query").click()
    answer = page.locator(".graphiql-response")
    await expect(answer).to_contain_text(f'"date": "{yesterday}"')
    await expect(answer).to_contain_text('"title": "Autumn sale"')
    if folder := os.environ.get("KIOSK_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/report-query.png")
        await page.goto(f"{kiosk}/local/")
        await page.screenshot(path=f"{folder}/report-mail.png")
