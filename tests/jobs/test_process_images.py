"""From S3's event to a finished picture. Ids are those of the fault matrix and of the security cases."""

import hashlib
import sys
from io import BytesIO
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from botocore.exceptions import ClientError
from PIL import Image as Picture

import local
from core import aws
from core.config import settings
from jobs.process_images import handler
from local.resources import client
from models.base import shared_connection
from models.image import Image
from services.images import processing, rendering
from services.images.rules import MAX_BYTES
from services.images.uploading import create_upload
from tests.faults import error, faults
from tests.makers import make_product
from tests.recorder import recorded
from tests.services.images.originals import card, oriented, saved
from tests.services.images.uploads import (
    dead_letters,
    deliver,
    event,
    key_of,
    make_upload,
    media,
    post,
    put,
    read,
    s3_calls,
    state,
)
from tests.store import rows

IMMUTABLE = "public, max-age=31536000, immutable"


class Crash(BaseException):
    """The process ends: nothing catches it."""


def test_upload_to_ready_as_it_happens():
    product = make_product()
    row, form = create_upload(product.product_id, "image/jpeg", 20_000, "A card")
    assert state(row) == ("AWAITING_UPLOAD", None)
    assert post(form.url, form.fields, oriented(6)).status_code == 204
    local.drain()
    row = read(row)
    assert state(row) == ("READY", None)
    assert (row.width, row.height, row.alt_text, row.product_id) == (900, 600, "A card", product.product_id)
    stored = media()
    assert [(made["format"], made["width"], made["height"]) for made in row.renditions] == [
        ("JPEG", 200, 133),
        ("WEBP", 200, 133),
        ("JPEG", 400, 267),
        ("WEBP", 400, 267),
        ("JPEG", 800, 533),
        ("WEBP", 800, 533),
    ]
    folder = f"images/{row.image_id}/{hashlib.sha256(oriented(6)).hexdigest()[:16]}"
    names = ["200.jpg", "200.webp", "400.jpg", "400.webp", "800.jpg", "800.webp"]
    assert [made["key"] for made in row.renditions] == sorted(stored) == [f"{folder}/{name}" for name in names]
    for made in row.renditions:
        kept = stored[made["key"]]
        assert len(kept.body) == made["byte_size"]
        assert kept.headers == (f"image/{made['format'].lower()}", "inline", IMMUTABLE)
        assert Picture.open(BytesIO(kept.body)).format == made["format"]
    assert dead_letters() == []


def test_E01_delivered_again():
    row = make_upload(oriented(6))
    first, before = deliver(row), media()
    with recorded() as dynamodb, s3_calls() as s3:
        again = deliver(row)
    assert (dynamodb, s3) == (["GetItem", "GetItem"], [])  # the second is this test's own
    assert again.attribute_values == first.attribute_values

    row.update([Image.status.set("AWAITING_UPLOAD"), Image.renditions.set([])])
    assert deliver(row).renditions == first.renditions
    assert media() == before


@pytest.mark.parametrize("order", ["in order", "reversed"])
def test_E02_two_uploads_to_one_form(order):
    row = make_upload(oriented(1))
    if order == "reversed":
        put(key_of(row), saved(card(300, 500), "PNG"))
    first = deliver(row)
    assert (first.width, first.height) == ((900, 600) if order == "in order" else (300, 500))
    before = media()
    put(key_of(row), saved(card(640, 480), "PNG"))
    assert deliver(row).attribute_values == first.attribute_values
    assert media() == before


def test_E02_UP09_overwritten_while_it_is_processed(monkeypatch):
    """The second upload finishes while the first is still being rendered: the first changes nothing of it."""
    row = make_upload(oriented(1))
    real, seen = processing.render, []

    def render(original: bytes) -> Any:
        monkeypatch.setattr(processing, "render", real)
        put(key_of(row), saved(card(640, 480), "PNG"))
        seen.append(deliver(row))
        seen.append(media())
        return real(original)

    monkeypatch.setattr(processing, "render", render)
    after = deliver(row)
    winner, objects = seen
    assert (winner.status, winner.width, winner.height) == ("READY", 640, 480)
    assert after.attribute_values == winner.attribute_values
    kept = {made["key"] for made in after.renditions}
    assert {key: stored for key, stored in media().items() if key in kept} == objects


@pytest.mark.parametrize("at", range(1, 9))
def test_E03_crash_at_each_call(at):
    """Six renditions are put between two writes of the row: the process dies before one of the eight, then redoes."""
    row = make_upload(oriented(1))
    left = at

    def die_in_time(**_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Crash

    hooks = [
        (aws.s3(), "before-call.s3.PutObject"),
        (shared_connection().client, "before-call.dynamodb.TransactWriteItems"),
    ]
    for one, name in hooks:
        one.meta.events.register(name, die_in_time)
    try:
        with pytest.raises(Crash):
            deliver(row)
    finally:
        for one, name in hooks:
            one.meta.events.unregister(name, die_in_time)
    assert read(row).status == ("AWAITING_UPLOAD" if at == 1 else "PROCESSING")
    done = deliver(row)
    assert state(done) == ("READY", None)
    assert sorted(media()) == [made["key"] for made in done.renditions]


def test_E03_the_last_answer_is_lost():
    row = make_upload(oriented(1))
    with faults("TransactWriteItems", None, error("InternalServerError", status=500)):
        assert state(deliver(row)) == ("READY", None)


@pytest.mark.parametrize("gone", ["before", "between looking and reading"])
def test_E04_the_object_is_gone(gone):
    row = make_upload(oriented(1))

    def delete() -> None:
        client("s3").delete_object(Bucket=settings().uploads_bucket, Key=key_of(row))

    if gone == "before":
        delete()
    with s3_calls("GetObject", delete):
        after = deliver(row)
    assert state(after) == ("REJECTED", "NEVER_UPLOADED")
    assert media() == {}


def test_E05_what_we_wrote_ourselves_is_no_upload():
    row = deliver(make_upload(oriented(1)))
    key = row.renditions[0]["key"]
    with recorded() as dynamodb, s3_calls() as s3:
        handler(event(key, settings().media_bucket), None)
        handler(event(key), None)
        handler(event(key_of(row), settings().media_bucket), None)
        handler(event(key_of(row), "another-bucket"), None)
        handler({"Event": "s3:TestEvent", "Bucket": settings().uploads_bucket}, None)
    assert (dynamodb, s3) == ([], [])
    local.drain()
    assert read(row).attribute_values == row.attribute_values


ODD_KEYS = [
    "uploads/a picture.jpg",
    "uploads/a+b.jpg",
    "uploads/100%.jpg",
    "uploads/%2B%20.jpg",
    "uploads/Grüße-日本.jpg",
    "uploads/../uploads/x",
    "uploads/./x",
    "/uploads/x",
    "uploads//x",
    "uploads/x\n",
    "uploads/",
]


@pytest.mark.parametrize("key", ODD_KEYS)
@pytest.mark.parametrize("encode", [quote_plus, quote, str])
def test_E06_UP11_odd_keys_are_nobodys(key, encode):
    """No form of ours has such a key. One that looks like a picture's when it is put right is none either."""
    row = make_upload(oriented(1))
    odd = key.replace("x", row.image_id)
    with recorded() as dynamodb, s3_calls() as s3:
        handler(event(encode(odd)), None)
    assert (dynamodb, s3) == ([], [])
    assert state(read(row)) == ("AWAITING_UPLOAD", None)


@pytest.mark.parametrize("encode", [quote_plus, quote, str, lambda key: key.replace("u", "%75")])
def test_E06_the_right_object_however_its_key_is_encoded(encode):
    row = make_upload(oriented(1))
    handler(event(encode(key_of(row))), None)
    assert state(read(row)) == ("READY", None)


@pytest.mark.parametrize(("size", "reason"), [(0, "CORRUPT"), (MAX_BYTES + 1, "TOO_LARGE")])
def test_E07_UP10_refused_by_size_without_reading(size, reason):
    row = make_upload(bytes(size))
    with s3_calls() as s3:
        after = deliver(row)
    assert s3 == ["HeadObject"]
    assert state(after) == ("REJECTED", reason)


def test_E07_the_largest_file_that_may_be():
    whole = oriented(1)
    assert state(deliver(make_upload(whole + bytes(MAX_BYTES - len(whole))))) == ("READY", None)


def test_E07_replaced_by_a_larger_one_after_its_size_was_asked_for():
    row = make_upload(oriented(1))
    with s3_calls("GetObject", lambda: put(key_of(row), oriented(1) + bytes(MAX_BYTES))):
        assert state(deliver(row)) == ("REJECTED", "TOO_LARGE")


@pytest.mark.parametrize("way", ["hang", "hog", "die"])
def test_E08_a_decoder_that_hangs_or_eats_memory(way, monkeypatch):
    bad, good = make_upload(oriented(1)), make_upload(oriented(1))
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "_COMMAND", [sys.executable, "-m", "tests.services.images.decoders", way])
        patch.setattr(rendering, "SECONDS", 2)
        assert state(deliver(bad)) == ("REJECTED", "CORRUPT")
    local.drain()
    assert (state(read(bad)), state(read(good))) == (("REJECTED", "CORRUPT"), ("READY", None))
    assert dead_letters() == []


def test_what_is_no_fault_of_the_picture_comes_again_and_then_waits_for_a_person(monkeypatch):
    bad, good = make_upload(oriented(1)), make_upload(oriented(1))
    local.drain()
    bad.update([Image.status.set("AWAITING_UPLOAD")])
    good.update([Image.status.set("AWAITING_UPLOAD")])
    both = {"Records": event(key_of(bad))["Records"] + event(key_of(good))["Records"]}

    def fail() -> None:
        if read(bad).status == "PROCESSING" and read(good).status == "AWAITING_UPLOAD":
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your request rate."}}, "GetObject")

    with s3_calls("GetObject", fail), pytest.raises(ExceptionGroup) as failed:
        handler(both, None)
    assert len(failed.value.exceptions) == 1
    assert (read(bad).status, read(good).status) == ("PROCESSING", "READY")
    assert state(deliver(bad)) == ("READY", None)


def test_an_upload_for_a_picture_that_was_deleted_or_never_was():
    row = make_upload(oriented(1))
    row.delete()
    with s3_calls() as s3:
        handler(event(key_of(row)), None)
    assert s3 == []
    assert rows(settings().images_table) == []
