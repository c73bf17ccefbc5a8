"""Content negotiation: which of our media types an Accept header asks for."""

from collections.abc import Sequence


def choose(accept: str, offered: Sequence[str]) -> str | None:
    """The offered type of the highest q, the first offered among equals; None where nothing fits."""
    ranges = [read for part in accept.split(",") if (read := _read(part))]
    wanted = {media_type: _quality(media_type, ranges) for media_type in offered}
    best = max(offered, key=wanted.__getitem__)
    return best if wanted[best] > 0 else None


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """By the most specific range that matches: `*/*, text/html;q=0` takes anything but HTML."""
    qualities = dict(ranges)
    for pattern in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if pattern in qualities:
            return qualities[pattern]
    return 0


def _read(part: str) -> tuple[str, float] | None:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                quality = float(value)
            except ValueError:
                return None
        elif (name, value.strip('"')) != ("charset", "utf-8"):
            return None
    return media_type, quality
