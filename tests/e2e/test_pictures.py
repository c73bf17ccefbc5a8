"""Pictures as a shop's people meet them: by a page in a real browser, by curl, and in the demo shop."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.async_api import async_playwright, expect

from tests.services.images.originals import card, oriented, saved

GIVE_UP = 60
PICTURES = "{ products(first: 100) { nodes { id name images { altText renditions { format width url } } } } }"


def ask(kiosk: str, query: str, token: str = "", **variables: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    asked = {"query": query, "variables": variables}
    answer = httpx.post(f"{kiosk}/graphql", json=asked, headers=headers, timeout=10).json()
    assert "errors" not in answer
    return answer["data"]


def sign_in(kiosk: str) -> str:
    query = "mutation ($i: SignInInput!) { signIn(input: $i) { tokens { accessToken } } }"
    admin = {"email": "admin@kiosk.example", "password": "Kiosk-demo-1"}
    return ask(kiosk, query, i=admin)["signIn"]["tokens"]["accessToken"]


def wait_for(find: Callable[[], Any]) -> Any:
    began = time.monotonic()
    while time.monotonic() - began < GIVE_UP:
        if found := find():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def test_the_demo_shop_has_a_picture_of_everything(kiosk):
    def find() -> list[dict[str, Any]] | None:
        products = ask(kiosk, PICTURES)["products"]["nodes"]
        return products if all(product["images"] for product in products) else None

    products = wait_for(find)
    assert len(products) == 24
    for product in products:
        image = product["images"][0]
        assert image["altText"] == product["name"]
        assert [(made["format"], made["width"]) for made in image["renditions"]] == [
            (kind, width) for width in (200, 400, 800) for kind in ("JPEG", "WEBP")
        ]
    for made in products[0]["images"][0]["renditions"]:
        answer = httpx.get(made["url"])
        assert answer.headers["content-type"] == f"image/{made['format'].lower()}"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert Image.open(BytesIO(answer.content)).size == (made["width"], made["width"])


async def test_a_browser_uploads_straight_to_s3(kiosk, chromium, tmp_path):
    picture, other = tmp_path / "card.jpg", tmp_path / "page.png"
    picture.write_bytes(oriented(6))
    other.write_bytes(b"<!doctype html>")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page()
        posted, said = [], []
        page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
        page.on("console", lambda message: said.append(message.text))
        await page.goto(f"{kiosk}/local/pictures")
        await expect(page.locator("#product option")).to_have_count(24)
        await page.get_by_label("Product").select_option(index=3)
        await page.get_by_label("Picture").set_input_files(picture)
        await page.get_by_label("Alternative text").fill("A card")
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("status")).to_have_text("READY", timeout=20_000)
        await expect(page.get_by_alt_text("A card")).to_have_count(6)
        assert (
            await page.get_by_alt_text("A card").last.evaluate("async i => (await i.decode(), i.naturalWidth)") == 800
        )
        assert len([url for url in posted if not url.startswith(kiosk)]) == 1
        if folder := os.environ.get("KIOSK_SCREENSHOTS"):
            await page.screenshot(path=f"{folder}/pictures.png", full_page=True)

        await page.get_by_label("Picture").set_input_files(other)
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("status")).to_have_text("REJECTED: UNSUPPORTED_TYPE", timeout=20_000)
        assert said == []
        await browser.close()


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_uploads(kiosk, tmp_path):
    token = sign_in(kiosk)
    original = tmp_path / "card.png"
    original.write_bytes(saved(card(300, 200), "PNG"))
    product = ask(kiosk, PICTURES)["products"]["nodes"][0]
    query = """mutation ($i: CreateImageUploadInput!) { createImageUpload(input: $i) {
      image { id } upload { url fields { name value } } userErrors { message } } }"""
    said = {"productId": product["id"], "contentType": "image/png", "byteSize": original.stat().st_size}
    upload = ask(kiosk, query, token, i=said)["createImageUpload"]
    fields = [part for field in upload["upload"]["fields"] for part in ("-F", f"{field['name']}={field['value']}")]
    command = ["curl", "--noproxy", "*", "-sSf", *fields, "-F", f"file=@{original}", upload["upload"]["url"]]
    subprocess.run(command, check=True, capture_output=True)

    node = "query ($id: ID!) { node(id: $id) { ... on Image { status width height renditions { width } } } }"
    asked = upload["image"]["id"]
    found = wait_for(lambda: (image := ask(kiosk, node, token, id=asked)["node"])["status"] == "READY" and image)
    assert (found["width"], found["height"], len(found["renditions"])) == (300, 200, 4)
