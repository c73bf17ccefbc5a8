"""From a file to its renditions: upright, sRGB, without metadata. Needs Pillow: only the limited child imports it."""

import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import GifImagePlugin, Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from services.images.rendered import Rendered, Rendition
from services.images.rules import MAX_PIXELS, WIDTHS, Rejected, refuse_giants

_FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
    )
)
"""Named by their plugins, which are thereby loaded: Pillow would load all of its forty for one that is missing."""
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = {5, 6, 7, 8}
_SRGB = ImageCms.createProfile("sRGB")
_STRIP = 256
"""Rows that are converted at a time: copies of 25 megapixels would be too much at once."""
_EIGHT_OF_SIXTEEN_BITS = [value // 257 for value in range(65_536)]
_SHARP = Image.Resampling.LANCZOS

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def render(original: bytes) -> Rendered:
    """The same bytes for the same original. Raises Rejected, or whatever else Pillow raises for a broken file."""
    with _open(original) as image:
        refuse_giants(*image.size)
        orientation = _orientation(image)
        profile = image.info.get("icc_profile")
        width, height = reversed(image.size) if orientation in _ON_ITS_SIDE else image.size
        sizes = _sizes(width, height)
        largest = sizes[-1][::-1] if orientation in _ON_ITS_SIDE else sizes[-1]
        image.draft(None, (largest[0] * 3, largest[1] * 3))  # a JPEG is decoded at a fraction of its size
        small = _shrunk(image, largest)
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
    small = _to_srgb(small, profile)
    return Rendered(width, height, [made for size in sizes for made in _encode(small.resize(size, _SHARP))])


def _open(original: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(original), formats=_FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Rejected("TOO_MANY_PIXELS") from error


def _sizes(width: int, height: int) -> list[tuple[int, int]]:
    """Never enlarged: an original narrower than a width is made at its own."""
    widths = sorted({min(width, wanted) for wanted in WIDTHS})
    return [(wanted, max(1, round(height * wanted / width))) for wanted in widths]


def _orientation(image: Image.Image) -> int:
    """Upright as it is when the metadata is broken: it does not make a picture a bad one."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # Pillow raises nearly everything, SyntaxError among it
        return 1


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The first frame of an animation: across, strip by strip, then down. On a new picture, so without metadata."""
    across: Image.Image | None = None
    for top in range(0, image.height, _STRIP):
        rows = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        strip = _resizable(rows).resize((size[0], rows.height), _SHARP)
        across = across or Image.new(strip.mode, (size[0], image.height))
        across.paste(strip, (0, top))
    if across is None:
        raise Rejected("CORRUPT")
    return across.resize(size, _SHARP)


def _resizable(image: Image.Image) -> Image.Image:
    """No palette, eight bits a channel."""
    match image.mode:
        case "I;16":
            return _grey_of_sixteen_bits(image)
        case "1":
            return image.convert("L")
        case "LA" | "RGBA":
            return image
        case "L" | "RGB" | "CMYK" if not image.has_transparency_data:
            return image
        case _:
            return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _grey_of_sixteen_bits(image: Image.Image) -> Image.Image:
    """Pillow converts neither the depth nor the one grey that a file may declare transparent."""
    pixels = image.convert("I")
    grey = pixels.point(_EIGHT_OF_SIXTEEN_BITS, "L")
    if not image.has_transparency_data:
        return grey
    alpha = [255] * 65_536
    alpha[image.info["transparency"]] = 0
    return Image.merge("LA", (grey, pixels.point(alpha, "L")))


def _to_srgb(image: Image.Image, profile: Any) -> Image.Image:
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    colours = image.convert({"LA": "L", "RGBA": "RGB"}[image.mode]) if alpha else image
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            colours = ImageCms.profileToProfile(colours, source, _SRGB, outputMode="RGB") or colours
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile, or one for another kind of picture: as if there were none
    colours = colours.convert("RGB")
    if alpha:
        colours.putalpha(alpha)
    return colours


def _encode(image: Image.Image) -> Iterator[Rendition]:
    on_white = image
    if image.mode == "RGBA":
        on_white = Image.new("RGB", image.size, "white")
        on_white.paste(image, mask=image.getchannel("A"))
    yield _rendition("JPEG", on_white, quality=82, optimize=True, progressive=True)
    yield _rendition("WEBP", image, quality=80, method=4)


def _rendition(kind: str, image: Image.Image, **options: Any) -> Rendition:
    file = BytesIO()
    image.save(file, kind, **options)
    return Rendition(kind, image.width, image.height, file.getvalue())
