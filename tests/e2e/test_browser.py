"""GraphiQL in a real browser: an example, a sign-in, and what it changes."""

import os

import pytest
from playwright.async_api import Page, async_playwright, expect

from api import graphiql
from api.graphiql_assets import ASSETS

GRAPHIQL_READS_THE_TAB_MS = 500
"""It learns a moment after the tab opened which operation stands in it."""


@pytest.fixture
async def page(chromium):
    if not all(graphiql.FILES[asset.name].exists() for asset in ASSETS):
        pytest.skip("needs GraphiQL's files: make graphiql")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
        yield page
        await browser.close()


async def test_first_example_then_sign_in_then_viewer(kiosk: str, page: Page) -> None:
    outside = []
    page.on("request", lambda request: outside.append(request.url) if not request.url.startswith(kiosk) else None)
    await page.goto(f"{kiosk}/graphql")
    answer = page.locator(".graphiql-response")

    await page.get_by_role("button", name="Execute query").click()
    await expect(answer).to_contain_text('"maxPageSize": 100')

    await page.get_by_role("tab", name="Viewer").click()
    await page.wait_for_timeout(GRAPHIQL_READS_THE_TAB_MS)
    await page.get_by_role("button", name="Execute query").click()
    await expect(answer).to_contain_text('"viewer": null')

    await page.get_by_label("E-mail").fill("customer@kiosk.example")
    await page.get_by_label("Password").fill("Kiosk-demo-1")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_contain_text("Signed in as")
    await page.get_by_role("button", name="Execute query").click()
    await expect(answer).to_contain_text('"email": "customer@kiosk.example"')
    if folder := os.environ.get("KIOSK_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/graphiql.png")
    assert await page.evaluate("Object.keys(localStorage).filter(key => localStorage[key].includes('Bearer'))") == []
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []
