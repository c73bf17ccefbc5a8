"""Originals for the tests: one card, kept in many ways, that must come out as the same picture each time."""

import struct
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

WIDTH, HEIGHT = 900, 600
CANARY = b"CANARY-7f3q9mxd"
_TO_ORIENTATION = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def card(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Like itself in no mirror and from no other side: four colours, a ramp of greys, and an F."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    x, y = width / 9, height / 6
    draw.rectangle((0, 0, 3 * x, 2 * y), fill=(214, 40, 40))
    draw.rectangle((6 * x, 0, width, 2 * y), fill=(42, 157, 60))
    draw.rectangle((0, 4 * y, 3 * x, height), fill=(38, 70, 200))
    draw.rectangle((6 * x, 4 * y, width, height), fill=(244, 190, 40))
    for step in range(9):
        draw.rectangle((step * x, 2.6 * y, (step + 1) * x, 3.4 * y), fill=(step * 31,) * 3)
    for box in ((3.6, 0.4, 4.1, 5.6), (3.6, 0.4, 5.5, 0.9), (3.6, 2.0, 5.0, 2.5)):
        draw.rectangle((box[0] * x, box[1] * y, box[2] * x, box[3] * y), fill=(20, 20, 20))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def oriented(orientation: int, kind: str = "JPEG", image: Image.Image | None = None) -> bytes:
    """As a camera keeps it: turned, and a note of how to turn it back."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = _TO_ORIENTATION[orientation]
    image = image or card()
    return saved(image if turn is None else image.transpose(turn), kind, exif=exif, quality=95)


def odd_profile() -> bytes:
    """sRGB with red and green changed over: without it, or with it ignored, the colours are plainly wrong."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    places = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 136 + 12 * n for n in range(count)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


def _swapped() -> Image.Image:
    red, green, blue = card().split()
    return Image.merge("RGB", (green, red, blue))


def _sixteen_bits() -> Image.Image:
    grey = card().convert("L")
    return Image.frombytes("I;16", grey.size, b"".join(struct.pack("<H", value * 257) for value in grey.tobytes()))


def _with_hole(size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """The green corner is transparent, and black behind that."""
    image = card(*size).convert("RGBA")
    hole = (image.width * 6 // 9, 0, image.width, image.height * 2 // 6 + 1)
    image.paste((0, 0, 0, 0), hole)
    return image


def _animated(kind: str) -> bytes:
    frames = [card(), Image.new("RGB", (WIDTH, HEIGHT), "magenta"), Image.new("RGB", (WIDTH, HEIGHT), "cyan")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, loop=0)


AS_CARD: dict[str, Callable[[], bytes]] = {
    **{f"orientation {number}": lambda number=number: oriented(number) for number in range(1, 9)},
    "orientation 6 in PNG": lambda: saved(card().transpose(_TO_ORIENTATION[6]), "PNG", exif=_exif(6)),
    "orientation 8 in WebP": lambda: oriented(8, "WEBP"),
    "progressive JPEG": lambda: saved(card(), "JPEG", progressive=True, quality=95),
    "CMYK JPEG": lambda: saved(card().convert("CMYK"), "JPEG", quality=95),
    "PNG": lambda: saved(card(), "PNG"),
    "palette PNG": lambda: saved(card().quantize(64), "PNG"),
    "ICC profile": lambda: saved(_swapped(), "JPEG", icc_profile=odd_profile(), quality=95),
    "ICC profile in PNG": lambda: saved(_swapped(), "PNG", icc_profile=odd_profile()),
    "ICC profile of nonsense": lambda: saved(card(), "JPEG", icc_profile=b"nonsense" * 20, quality=95),
    "WebP": lambda: saved(card(), "WEBP", quality=95),
    "lossless WebP": lambda: saved(card(), "WEBP", lossless=True),
    "GIF": lambda: saved(card().quantize(64), "GIF"),
    "animated GIF": lambda: _animated("GIF"),
    "animated WebP": lambda: _animated("WEBP"),
    "animated PNG": lambda: _animated("PNG"),
}
AS_GREY_CARD: dict[str, Callable[[], bytes]] = {
    "grey JPEG": lambda: saved(card().convert("L"), "JPEG", quality=95),
    "16-bit PNG": lambda: saved(_sixteen_bits(), "PNG"),
    "grey PNG with alpha": lambda: saved(card().convert("LA"), "PNG"),
}
AS_CARD_WITH_HOLE: dict[str, Callable[[], bytes]] = {
    "PNG with alpha": lambda: saved(_with_hole(), "PNG"),
    "WebP with alpha": lambda: saved(_with_hole(), "WEBP", lossless=True),
    "palette PNG with alpha": lambda: saved(_with_hole().quantize(64, Image.Quantize.FASTOCTREE), "PNG"),
    "GIF with transparency": lambda: saved(_with_hole(), "GIF"),
}


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def with_canaries(kind: str) -> bytes:
    """One in every kind of metadata that the format has: GPS, camera, XMP, comments, ICC, and after the end."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x9286] = CANARY.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 1.5), 3: "E", 4: (8.0, 32.0, 2.5), 29: CANARY.decode()})
    exif.get_ifd(0x8769)[0xA430] = CANARY.decode()
    xmp = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">' + CANARY + b"</x:xmpmeta>"
    profile = odd_profile() + CANARY
    options: dict[str, object] = {"exif": exif, "icc_profile": profile, "comment": CANARY, "xmp": xmp}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", CANARY.decode())
        texts.add_text("Comment", CANARY.decode(), zip=True)
        texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options["pnginfo"] = texts
    image = card().quantize(64) if kind == "GIF" else card()
    return saved(image, kind, **options) + CANARY
