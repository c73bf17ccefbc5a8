"""Renditions by the real child: how they look, what is not in them, and what a decoder gone wrong can do."""

import json
import struct
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from services.images import rendering
from services.images.rendered import Rendition
from services.images.rendering import RendererBroken, render
from services.images.rules import Rejected
from tests.services.images.originals import (
    AS_CARD,
    AS_CARD_WITH_HOLE,
    AS_GREY_CARD,
    CANARY,
    card,
    oriented,
    saved,
    with_canaries,
)

GOLDEN = Path(__file__).with_name("golden")
AS_GOLDEN = [
    pytest.param(golden, make, id=name)
    for golden, cases in {"card": AS_CARD, "grey_card": AS_GREY_CARD, "card_with_hole": AS_CARD_WITH_HOLE}.items()
    for name, make in cases.items()
]
TOLERANCE = {200: (4, 64), 400: (2.5, 40), 800: (1.5, 16)}
"""By width, the mean and the largest difference of a channel; anything turned, mirrored or off in colour is at 20."""


def opened(made: Rendition) -> Image.Image:
    return Image.open(BytesIO(made.body))


def on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def same(made: Rendition, golden: Image.Image) -> bool:
    small = on_white(opened(made)).resize(golden.size, Image.Resampling.BOX)
    difference = ImageStat.Stat(ImageChops.difference(small, golden))
    mean, most = TOLERANCE[made.width]
    return max(difference.mean) <= mean and max(high for _, high in difference.extrema) <= most


@pytest.mark.parametrize(("golden", "make"), AS_GOLDEN)
def test_looks_as_it_should(golden, make):
    expected = Image.open(GOLDEN / f"{golden}.png").convert("RGB")
    rendered = render(make())
    assert (rendered.width, rendered.height) == (900, 600)
    assert [(made.format, made.width, made.height) for made in rendered.renditions] == [
        (kind, *size) for size in ((200, 133), (400, 267), (800, 533)) for kind in ("JPEG", "WEBP")
    ]
    assert [made for made in rendered.renditions if not same(made, expected)] == []


def test_the_comparison_tells_pictures_apart():
    """The golden one would not pass for another orientation, nor without its colours."""
    golden = Image.open(GOLDEN / "card.png").convert("RGB")
    straight = render(saved(card(), "PNG")).renditions[-2]
    assert same(straight, golden)
    for turn in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.ROTATE_180):
        assert not same(straight, golden.transpose(turn))
    assert not same(straight, Image.open(GOLDEN / "grey_card.png").convert("RGB"))
    assert not same(straight, Image.open(GOLDEN / "card_with_hole.png").convert("RGB"))


@pytest.mark.parametrize("make", AS_CARD_WITH_HOLE.values(), ids=AS_CARD_WITH_HOLE)
def test_alpha_is_kept_in_webp_and_white_in_jpeg(make):
    jpeg, webp = render(make()).renditions[-2:]
    alpha = opened(webp).getchannel("A")
    assert (alpha.getpixel((700, 80)), alpha.getpixel((80, 80)), alpha.getpixel((700, 450))) == (0, 255, 255)
    assert min(opened(jpeg).getpixel((700, 80))) >= 250


def test_the_transparent_grey_of_sixteen_bits():
    row = struct.pack("<40H", *[40_000] * 20, *[1_000] * 20)
    grey = Image.frombytes("I;16", (40, 20), row * 20)
    jpeg, webp = render(saved(grey, "PNG", transparency=1_000)).renditions
    assert [opened(webp).getpixel(place)[3] for place in ((5, 10), (34, 10))] == [255, 0]
    assert abs(opened(jpeg).getpixel((5, 10))[0] - 40_000 // 257) <= 2
    assert min(opened(jpeg).getpixel((34, 10))) >= 250


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((150, 90), [(150, 90)]),
        ((200, 1), [(200, 1)]),
        ((500, 300), [(200, 120), (400, 240), (500, 300)]),
        ((800, 400), [(200, 100), (400, 200), (800, 400)]),
        ((12_000, 3), [(200, 1), (400, 1), (800, 1)]),
        ((1, 12_000), [(1, 12_000)]),
    ],
    ids=str,
)
def test_never_enlarged(size, expected):
    rendered = render(saved(Image.new("RGB", size, "teal"), "PNG"))
    assert (rendered.width, rendered.height) == size
    assert [(made.width, made.height) for made in rendered.renditions if made.format == "WEBP"] == expected
    assert [opened(made).size for made in rendered.renditions] == [(m.width, m.height) for m in rendered.renditions]


@pytest.mark.parametrize(("width", "height"), [(12_001, 1), (1, 12_001), (5_001, 5_000)])
def test_giants_are_refused_before_they_are_decoded(width, height):
    began = time.perf_counter()
    with pytest.raises(Rejected, match="TOO_MANY_PIXELS"):
        render(saved(Image.new("1", (width, height)), "PNG"))
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_UP14_no_metadata_and_no_canary_of_any_in_what_comes_out(kind):
    original = with_canaries(kind)
    assert CANARY in original
    for made in render(original).renditions:
        assert CANARY not in made.body
        image = opened(made)
        assert (dict(image.getexif()), image.getexif().get_ifd(0x8825)) == ({}, {})
        leftover = set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert leftover - {"loop", "background", "timestamp", "duration"} == set()
        for marker in (b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE", b"ICCP", b"EXIF", b"XMP ", b"xpacket"):
            assert marker not in made.body


def test_UP13_the_same_bytes_every_time():
    originals = [oriented(6), with_canaries("PNG"), AS_CARD_WITH_HOLE["GIF with transparency"]()]
    for original in originals:
        assert render(original) == render(original)


@pytest.mark.parametrize(
    ("way", "ended_by"),
    [("hang", "time"), ("spin", "time"), ("hog", None), ("hog_beneath_python", "signal 6"), ("die", "signal 11")],
)
def test_a_decoder_gone_wrong_is_ended_and_the_next_picture_is_made(way, ended_by, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "_COMMAND", [sys.executable, "-m", "tests.services.images.decoders", way])
        patch.setattr(rendering, "SECONDS", 2 if ended_by == "time" else 30)
        with pytest.raises(Rejected, match="CORRUPT"):
            render(oriented(1))
    assert [record.by for record in caplog.records if record.message == "Decoder killed"] == [ended_by] * bool(ended_by)
    assert render(oriented(1)).width == 900


def test_what_the_child_gets(monkeypatch):
    """No credentials; a gigabyte; ten seconds, which a wait does not count towards and the parent ends."""
    monkeypatch.setattr(rendering, "_COMMAND", [sys.executable, "-m", "tests.services.images.decoders", "tell"])
    with pytest.raises(RendererBroken) as broken:
        render(oriented(1))
    said = json.loads(str(broken.value))
    assert said["limits"] == {"AS": [1024**3] * 2, "CPU": [10, 10], "CORE": [0, 0]}
    assert set(said["environment"]) <= {"LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONPATH"}
    assert rendering.SECONDS == 10


def test_a_child_that_cannot_start_is_our_fault_and_not_the_pictures(monkeypatch):
    monkeypatch.setattr(rendering, "_COMMAND", [sys.executable, "-m", "services.images.not_there"])
    with pytest.raises(RendererBroken, match="not_there"):
        render(oriented(1))
