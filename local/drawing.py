"""Draws a product: flat shapes on a soft ground, from a few numbers each. Nobody has to own a photograph."""

from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont

from local.shapes import SHAPES

SIZE = 900
_FINE = 2
_INK, _PAPER, _STEEL = (52, 44, 40), (250, 246, 238), (176, 180, 184)


def draw(shape: str, colour: str, label: str) -> bytes:
    """A JPEG."""
    body = ImageColor.getrgb(colour)[:3]
    tones = {
        "body": body,
        "dark": _mixed(body, _INK, 0.35),
        "light": _mixed(body, _PAPER, 0.35),
        "blue": _mixed(body, (40, 80, 160), 0.75),
        "paper": _PAPER,
        "ink": _INK,
        "steel": _STEEL,
    }
    image = _ground(body)
    pen = ImageDraw.Draw(image)
    for kind, tone, *numbers in SHAPES[shape]:
        at = [number * image.width / 100 for number in numbers]
        if kind == "label":
            _stroke(pen, "box", tones[tone], [*at, 0.1 * (at[3] - at[1])])
            _write(pen, label, at, tones["dark"])
        else:
            _stroke(pen, kind, tones[tone], at)
    file = BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(file, "JPEG", quality=90)
    return file.getvalue()


def _mixed(colour: tuple[int, ...], other: tuple[int, ...], share: float) -> tuple[int, ...]:
    return tuple(round(one * (1 - share) + two * share) for one, two in zip(colour, other, strict=True))


def _ground(body: tuple[int, ...]) -> Image.Image:
    """Lighter above, and a shadow where things stand."""
    side = SIZE * _FINE
    above, below = _mixed(body, (255, 255, 255), 0.86), _mixed(body, (236, 230, 222), 0.72)
    image = Image.new("RGB", (1, 64))
    for y in range(64):
        image.putpixel((0, y), _mixed(above, below, y / 63))
    image = image.resize((side, side), Image.Resampling.BICUBIC)
    shadow = Image.new("L", (90, 90))
    ImageDraw.Draw(shadow).ellipse((17, 70, 73, 80), fill=120)
    soft = shadow.filter(ImageFilter.GaussianBlur(4)).resize((side, side), Image.Resampling.BICUBIC)
    image.paste(_mixed(body, _INK, 0.6), mask=soft)
    return image


def _stroke(pen: ImageDraw.ImageDraw, kind: str, tone: tuple[int, ...], at: list[float]) -> None:
    match kind:
        case "box":
            pen.rounded_rectangle(at[:4], at[4], tone)
        case "oval":
            pen.ellipse(at, tone)
        case "ring":
            pen.ellipse(at[:4], outline=tone, width=round(at[4]))
        case "line":
            pen.line(at[1:], tone, round(at[0]), joint="curve")
        case "area":
            pen.polygon(at, tone)


def _write(pen: ImageDraw.ImageDraw, text: str, at: list[float], ink: tuple[int, ...]) -> None:
    left, top, right, bottom = at
    font = ImageFont.load_default(1.5 * (right - left) / max(len(text), 6))
    pen.text(((left + right) / 2, (top + bottom) / 2), text, ink, font, anchor="mm")
