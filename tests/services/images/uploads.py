"""Uploads as they happen: a form is asked for, a file is posted or put, S3 tells of it; and what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

import local
from core import aws
from core.config import settings
from jobs.process_images import handler
from local import queues
from local.resources import client
from models.image import Image
from models.product import Product
from services.images.uploading import create_upload
from tests.makers import make_product


def make_upload(original: bytes | None = None, product: Product | None = None, **values: Any) -> Image:
    """The row; with an original, that is in the bucket."""
    usual = {"content_type": "image/jpeg", "byte_size": 1000}
    row, _ = create_upload((product or make_product()).product_id, **usual | values)
    if original is not None:
        put(key_of(row), original)
    return row


def key_of(row: Image) -> str:
    return f"uploads/{row.image_id}"


def put(key: str, body: bytes, bucket: str = "") -> None:
    client("s3").put_object(Bucket=bucket or settings().uploads_bucket, Key=key, Body=body)


def post(url: str, fields: dict[str, str], body: bytes, name: str = "picture.jpg") -> httpx.Response:
    """As a browser does."""
    return httpx.post(url, data=fields, files={"file": (name, body, "application/octet-stream")}, trust_env=False)


def event(key: str, bucket: str = "") -> dict[str, Any]:
    """With the key as it is given: S3 encodes it."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Post",
        "s3": {"bucket": {"name": bucket or settings().uploads_bucket}, "object": {"key": key, "size": 1}},
    }
    return {"Records": [record]}


def deliver(row: Image) -> Image:
    """The row as it is then."""
    handler(event(key_of(row)), None)
    return read(row)


def read(row: Image) -> Image:
    return Image.get(row.image_id, consistent_read=True)


@dataclass(frozen=True)
class Stored:
    body: bytes
    headers: tuple[str, str, str]
    """Its type, disposition and cache control."""


def objects(bucket: str) -> dict[str, Stored]:
    found = {}
    for listed in client("s3").list_objects_v2(Bucket=bucket).get("Contents", []):
        answer = client("s3").get_object(Bucket=bucket, Key=listed["Key"])
        headers = (answer["ContentType"], answer.get("ContentDisposition"), answer.get("CacheControl"))
        found[listed["Key"]] = Stored(answer["Body"].read(), headers)
    return found


def media() -> dict[str, Stored]:
    return objects(settings().media_bucket)


@contextmanager
def s3_calls(operation: str = "*", hook: Callable[[], None] = lambda: None) -> Iterator[list[str]]:
    """The calls made meanwhile, and a hook that runs before each of the operation's."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)
        if model.name == operation:
            hook()

    events = aws.s3().meta.events
    events.register("before-call.s3", note)
    try:
        yield made
    finally:
        events.unregister("before-call.s3", note)


def dead_letters() -> list[dict[str, str]]:
    return queues.dead_letters(local.running())


def state(row: Image) -> tuple[str, str | None]:
    return row.status, row.rejection
