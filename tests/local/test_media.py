"""Public pictures at `/local/media/`."""

import httpx

from api.main import app
from core.config import settings
from local.resources import client


async def test_a_picture_and_none() -> None:
    stored = {"Body": b"webp", "ContentType": "image/webp", "CacheControl": "public, max-age=31536000, immutable"}
    client("s3").put_object(Bucket=settings().media_bucket, Key="images/1/a/200.webp", **stored)
    base = "http://127.0.0.1/local/media/"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as browser:
        seen = await browser.get("images/1/a/200.webp")
        missing = await browser.get("images/1/a/400.webp")
        nothing = await browser.get("")
    assert (nothing.status_code, nothing.text) == (404, "NoSuchKey")
    assert (seen.status_code, seen.content) == (200, b"webp")
    assert seen.headers["content-type"] == "image/webp"
    assert seen.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (missing.status_code, missing.text) == (404, "NoSuchKey")
