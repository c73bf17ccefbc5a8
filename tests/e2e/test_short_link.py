"""A short link made in GraphiQL, followed in a real browser and by curl, and its clicks a few seconds later."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from playwright.async_api import async_playwright, expect

from api import graphiql
from api.graphiql_assets import ASSETS

MAKE = """mutation Make {
  createShortLink(input: { destinationUrl: "http://shop.example/tea?a=b", code: "walk-through" }) {
    shortLink { shortUrl status } userErrors { code }
  }
}"""
STATS = """query($day: Date!) { shortLink(by: { code: "walk-through" }) { clicks stats(from: $day, to: $day) {
  clicks botClicks daily { date clicks } referrers { key clicks } devices { key clicks }
} } }"""
SECONDS_BEHIND = 15
"""The window of a batch is five; the rest is this machine's own."""


class _Shop(BaseHTTPRequestHandler):
    seen: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["referer"]))
        body = b"<!doctype html><title>The shop</title><h1>Tea</h1>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    """Where the link leads: the browser is told that shop.example is here."""
    _Shop.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Shop) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask(kiosk: str, text: str, token: str = "", **variables: str) -> dict:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(f"{kiosk}/graphql", json={"query": text, "variables": variables}, headers=headers)
    return answer.raise_for_status().json()["data"]


@pytest.fixture
def token(kiosk: str) -> str:
    credentials = 'email: "customer@kiosk.example", password: "Kiosk-demo-1"'
    text = f"mutation {{ signIn(input: {{ {credentials} }}) {{ tokens {{ accessToken }} }} }}"
    return ask(kiosk, text)["signIn"]["tokens"]["accessToken"]


@pytest.mark.skipif(
    not all(graphiql.FILES[asset.name].exists() for asset in ASSETS), reason="needs GraphiQL's files: make graphiql"
)
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
async def test_from_graphiql_to_its_clicks(kiosk: str, chromium: str, shop: ThreadingHTTPServer, token: str) -> None:
    shop_is_here = f"--host-resolver-rules=MAP shop.example:80 127.0.0.1:{shop.server_port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", shop_is_here])
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
        await page.goto(f"{kiosk}/graphql")
        await page.get_by_label("E-mail").fill("customer@kiosk.example")
        await page.get_by_label("Password").fill("Kiosk-demo-1")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("status")).to_contain_text("Signed in as")
        editor = page.locator(".graphiql-query-editor .CodeMirror")
        await editor.evaluate("(element, text) => element.CodeMirror.setValue(text)", MAKE)
        await page.wait_for_timeout(500)  # GraphiQL learns a moment later which operation stands there
        await page.get_by_role("button", name="Execute query").click()
        await expect(page.locator(".graphiql-response")).to_contain_text(f'"shortUrl": "{kiosk}/walk-through"')

        answer = await page.goto(f"{kiosk}/walk-through")
        assert (answer.url, answer.status) == ("http://shop.example/tea?a=b", 200)
        await expect(page.get_by_role("heading")).to_have_text("Tea")
        assert [seen for seen in _Shop.seen if "favicon" not in seen[0]] == [("/tea?a=b", None)]

        answer = await page.goto(f"{kiosk}/nothing-here")
        assert answer.status == 404
        await expect(page.get_by_role("heading")).to_have_text("Nothing here")
        if folder := os.environ.get("KIOSK_SCREENSHOTS"):
            await page.screenshot(path=f"{folder}/unknown-link.png")
        await browser.close()
    followed_at = time.monotonic()

    curl = ["curl", "--silent", "--show-error", "--output", os.devnull, "--write-out", "%{http_code} %{redirect_url}"]
    ran = subprocess.run([*curl, f"{kiosk}/walk-through"], capture_output=True, text=True, check=True)
    assert ran.stdout == "302 http://shop.example/tea?a=b"

    day = datetime.now(UTC).date().isoformat()
    while (link := ask(kiosk, STATS, token, day=day)["shortLink"])["stats"]["botClicks"] < 1:
        assert time.monotonic() - followed_at < SECONDS_BEHIND
        time.sleep(0.25)
    print(f"counted after {time.monotonic() - followed_at:.1f} s")  # noqa: T201 - shown by -s
    assert link == {
        "clicks": 1,
        "stats": {
            "clicks": 1,
            "botClicks": 1,
            "daily": [{"date": day, "clicks": 1}],
            "referrers": [{"key": "direct", "clicks": 1}],
            "devices": [{"key": "desktop", "clicks": 1}],
        },
    }
