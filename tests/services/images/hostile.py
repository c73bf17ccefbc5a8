"""Files made to break a decoder: broken ones, lying ones, exploding ones, and others under a picture's name."""

import random
import struct
import zlib
from collections.abc import Iterator, Sequence

from PIL import Image

from tests.services.images.originals import card, oriented, saved, with_canaries

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
PROGRESSIVE = "progressive JPEG"
Files = Iterator[tuple[str, bytes]]


def _whole() -> dict[str, bytes]:
    small = card(90, 60)
    return {
        "JPEG": oriented(6, image=small),
        PROGRESSIVE: saved(small, "JPEG", progressive=True),
        "PNG": saved(small, "PNG"),
        "WEBP": saved(small, "WEBP"),
        "lossless WEBP": saved(small, "WEBP", lossless=True),
        "GIF": saved(small.quantize(32), "GIF"),
        "animated GIF": saved(small, "GIF", save_all=True, append_images=[small.rotate(90)]),
        "animated WEBP": saved(small, "WEBP", save_all=True, append_images=[small.rotate(90)]),
        "CMYK JPEG": saved(small.convert("CMYK"), "JPEG"),
        "alpha PNG": saved(small.convert("RGBA"), "PNG"),
    }


def truncations() -> Files:
    """At every 64th byte, of one with all its metadata too."""
    with_metadata = {f"{kind} with metadata": with_canaries(kind)[:3200] for kind in FORMATS}
    for name, whole in {**_whole(), **with_metadata}.items():
        for end in range(0, len(whole), 64):
            yield f"{name} cut at {end}", whole[:end]


def flips() -> Files:
    """One byte each, most of them where the structure stands."""
    chance = random.Random(5)
    for name, whole in _whole().items():
        for _ in range(42):
            at = min(int(chance.expovariate(1 / 200)), len(whole) - 1)
            broken = bytearray(whole)
            broken[at] ^= chance.randrange(1, 256)
            yield f"{name} flipped at {at}", bytes(broken)


def giants() -> Files:
    """A header and nothing much behind it."""
    for size in ((65_535, 65_535), (30_000, 30_000), (5_001, 5_000), (12_001, 1), (1, 60_000), (0, 0), (5_000, 5_000)):
        width, height = size
        yield f"PNG header {width}x{height}", _png(width, height, b"")
        yield f"PNG header {width}x{height} and some", _png(width, height, bytes(1000))
        screen = struct.pack("<HHBBB", width, height, 0xF0, 0, 0)
        yield f"GIF header {width}x{height}", b"GIF89a" + screen + bytes(6) + b";"
        yield f"JPEG header {width}x{height}", _jpeg(width, height)
        yield (
            f"JPEG header {width}x{height} far behind",
            _jpeg(width, height, before=b"\xff\xe2\xff\xff" + bytes(65_533)),
        )
        yield f"WebP header {width}x{height}", _webp(width, height)


def bombs() -> Files:
    """Small files of many pixels, within the limits and beyond."""
    for mode in ("1", "L", "P", "RGB", "RGBA", "I;16"):
        yield f"PNG of 25 megapixels, {mode}", _png_of_zeros(5_000, 5_000, mode)
        yield f"PNG of 36 megapixels, {mode}", _png_of_zeros(6_000, 6_000, mode)
    yield "PNG as wide as may be", _png_of_zeros(12_000, 2_000, "RGBA")
    yield "PNG as high as may be", _png_of_zeros(2_000, 12_000, "RGBA")
    yield "PNG of 144 megapixels", _png_of_zeros(12_000, 12_000, "1")
    for width, height in ((5_000, 5_000), (6_000, 6_000)):
        plain = Image.new("L", (width, height))
        yield f"GIF bomb {width}x{height}", saved(plain, "GIF")
        yield f"JPEG bomb {width}x{height}", saved(plain, "JPEG", quality=5)
        yield f"progressive JPEG bomb {width}x{height}", saved(plain, "JPEG", quality=5, progressive=True)
    yield "GIF whose frame is larger than its screen", _gif_of_a_larger_frame()
    frames = [Image.new("P", (64, 64), index % 7) for index in range(500)]
    yield "GIF of 500 frames", saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


def zip_bombs() -> Files:
    """In a PNG's text, profile and metadata chunks, and in its pixels."""
    bomb = zlib.compress(bytes(70_000_000), 9)
    for kind, head in ((b"zTXt", b"Comment\0\0"), (b"iCCP", b"icc\0\0"), (b"iTXt", b"Comment\0\1\0en\0\0")):
        for times in (1, 20):
            yield f"PNG {kind.decode()} bomb times {times}", _png(90, 60, None, [(kind, head + bomb)] * times)
    yield "PNG with more pixels than it says", _png(90, 60, bomb)
    yield "PNG eXIf bomb", _png(90, 60, None, [(b"eXIf", b"II*\0" + bytes(5_000_000))])
    loop = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    segment = b"\xff\xe1" + struct.pack(">H", len(loop) + 2) + loop
    yield "JPEG with EXIF that goes round", b"\xff\xd8" + segment + saved(card(90, 60), "JPEG")[2:]


def polyglots() -> Files:
    others = {
        "HTML": b"<!doctype html><script>alert(1)</script>",
        "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
        "ZIP": b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18),
        "script": b"#!/bin/sh\nexit 1\n",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
        "TIFF": saved(card(90, 60), "TIFF"),
        "BMP": saved(card(90, 60), "BMP"),
        "PPM": saved(card(90, 60), "PPM"),
        "ICO": saved(card(64, 64), "ICO"),
        "AVIF": saved(card(90, 60), "AVIF"),
        "JPEG 2000": saved(card(90, 60), "JPEG2000"),
        "nothing": b"",
        "zeros": bytes(5000),
        "noise": random.Random(7).randbytes(5000),
    }
    for name, body in others.items():
        yield name, body
        for kind, whole in _whole().items():
            yield f"{kind}, then {name}", whole + body
            if name in {"HTML", "SVG", "PDF", "ZIP", "noise"}:
                yield f"{name}, then {kind}", body + whole
                yield f"{kind} magic, then {name}", whole[:12] + body
    yield "GIF that is a script", b"GIF89a=1;alert(1)//" + _whole()["GIF"][18:]


def everything() -> Files:
    for family in (truncations, flips, giants, bombs, zip_bombs, polyglots):
        yield from family()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(
    width: int,
    height: int,
    pixels: bytes | None = None,
    before: Sequence[tuple[bytes, bytes]] = (),
    depth_and_type: tuple[int, int] = (8, 2),
) -> bytes:
    if pixels is None:
        pixels = zlib.compress(bytes((1 + 3 * width) * height))
    header = struct.pack(">IIBBBBB", width, height, *depth_and_type, 0, 0, 0)
    chunks = [(b"IHDR", header), *before, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _png_of_zeros(width: int, height: int, mode: str) -> bytes:
    depth, kind, bits = {
        "1": (1, 0, 1),
        "L": (8, 0, 8),
        "P": (8, 3, 8),
        "RGB": (8, 2, 24),
        "RGBA": (8, 6, 32),
        "I;16": (16, 0, 16),
    }[mode]
    packer, row = zlib.compressobj(1), bytes(1 + (width * bits + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    palette = [(b"PLTE", bytes(range(30))), (b"tRNS", b"\0")] if mode == "P" else []
    return _png(width, height, pixels, palette, (depth, kind))


def _jpeg(width: int, height: int, before: bytes = b"") -> bytes:
    frame = struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes((1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1))
    scan = b"\xff\xda" + struct.pack(">HB", 12, 3) + bytes((1, 0, 2, 0x11, 3, 0x11, 0, 63, 0))
    return b"\xff\xd8" + before + b"\xff\xc0" + frame + scan + b"\0\xff\xd9"


def _webp(width: int, height: int) -> bytes:
    bits = ((width - 1) & 0x3FFF) | ((height - 1) & 0x3FFF) << 14
    body = b"VP8L" + struct.pack("<I", 6) + b"\x2f" + struct.pack("<I", bits) + b"\0"
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _gif_of_a_larger_frame() -> bytes:
    whole = bytearray(saved(card(90, 60).quantize(32), "GIF"))
    at = whole.index(b",\0\0\0\0")
    whole[at + 5 : at + 9] = struct.pack("<HH", 60_000, 60_000)
    return bytes(whole)
