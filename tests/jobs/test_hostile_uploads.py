"""Uploads that mean no good, from the form to the media bucket. Ids are those of the security cases."""

import io
import json
from io import BytesIO
from itertools import islice

import pytest
from PIL import Image as Picture

import local
from core.config import settings
from core.observability import logger
from local.resources import client
from services.images import processing
from services.images.uploading import create_upload
from tests.makers import make_product
from tests.services.images import hostile
from tests.services.images.originals import CANARY, card, oriented, saved, with_canaries
from tests.services.images.uploads import dead_letters, deliver, key_of, make_upload, media, post, read, state
from tests.store import rows


def test_UP01_every_twentieth_hostile_file_in_earnest():
    """All the way from the bucket; all thousand are in tests/services/images/test_hostile.py."""
    uploads = {name: make_upload(body) for name, body in islice(hostile.everything(), 0, None, 20)}
    assert len(uploads) > 50
    local.drain()
    outcomes = {name: state(read(row)) for name, row in uploads.items()}
    reasons = {"UNSUPPORTED_TYPE", "TOO_MANY_PIXELS", "CORRUPT"}
    assert set(outcomes.values()) == {("READY", None)} | {("REJECTED", reason) for reason in reasons}
    assert dead_letters() == []


@pytest.mark.parametrize("declared", ["image/jpeg", "image/png", "image/webp", "image/gif"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_UP02_the_content_decides_and_not_the_declared_type(kind, declared):
    assert state(deliver(make_upload(saved(card(90, 60), kind), content_type=declared))) == ("READY", None)


@pytest.mark.parametrize("name", ["HTML", "SVG", "PDF", "ZIP", "script", "PostScript", "TIFF", "BMP", "AVIF", "noise"])
def test_UP03_no_picture_is_refused_after_its_first_bytes(name, monkeypatch):
    def render(_: bytes) -> None:
        raise AssertionError("the decoder was asked")

    monkeypatch.setattr(processing, "render", render)
    files = dict(hostile.polyglots())
    for body in (
        files[name],
        *(files[f"{name}, then {kind}"] for kind in ("JPEG", "PNG") if f"{name}, then {kind}" in files),
    ):
        assert state(deliver(make_upload(body))) == ("REJECTED", "UNSUPPORTED_TYPE")
    assert media() == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_UP04_UP14_upright_and_without_metadata(kind):
    row = deliver(make_upload(with_canaries(kind), alt_text="seen"))
    assert state(row) == ("READY", None)
    stored = media()
    assert len(stored) == 6
    for key, kept in stored.items():
        assert CANARY not in kept.body + key.encode()
        assert dict(Picture.open(BytesIO(kept.body)).getexif()) == {}
    assert CANARY.decode() not in json.dumps(rows(settings().images_table), default=str)


@pytest.mark.parametrize("size", [(65_535, 65_535), (5_001, 5_000), (12_001, 1)])
def test_UP05_giants_are_refused_by_their_header(size, monkeypatch):
    def render(_: bytes) -> None:
        raise AssertionError("the decoder was asked")

    monkeypatch.setattr(processing, "render", render)
    giants = [body for name, body in hostile.giants() if f"{size[0]}x{size[1]}" in name and "far behind" not in name]
    refused = [state(deliver(make_upload(body))) for body in giants if body[8:12] != b"WEBP" or size[0] < 16_384]
    assert refused == [("REJECTED", "TOO_MANY_PIXELS")] * len(refused)
    assert len(refused) >= 4


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_UP06_the_first_frame_of_an_animation(kind):
    frames = [Picture.new("RGB", (300, 200), colour) for colour in ("red", "lime", "blue")]
    row = deliver(make_upload(saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=90)))
    for kept in media().values():
        picture = Picture.open(BytesIO(kept.body)).convert("RGB")
        assert getattr(picture, "n_frames", 1) == 1
        red, green, blue = picture.getpixel((50, 50))
        assert (red > 240, green < 15, blue < 15) == (True, True, True)
    assert state(row) == ("READY", None)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\tb\x7f.jpg", "<script>.svg", "x" * 3000, f"{CANARY.decode()}.jpg", "${filename}"]
)
def test_UP11_UP12_nothing_of_the_files_name_is_kept(name, monkeypatch):
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    row, form = create_upload(make_product().product_id, "image/jpeg", 1000)
    assert post(form.url, form.fields, oriented(1), name).status_code == 204
    local.drain()
    assert state(read(row)) == ("READY", None)
    (upload,) = client("s3").list_objects_v2(Bucket=settings().uploads_bucket)["Contents"]
    assert upload["Key"] == key_of(row)
    everything = json.dumps(rows(settings().images_table), default=str) + "".join(media()) + lines.getvalue()
    assert CANARY.decode() not in everything
    assert "passwd" not in everything
    assert "script" not in everything
