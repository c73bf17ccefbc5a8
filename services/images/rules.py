"""What an upload may be, and what is made of it."""

from typing import Literal

MAX_BYTES = 10_000_000
MAX_PIXELS = 25_000_000
MAX_SIDE = 12_000
CONTENT_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
WIDTHS = (200, 400, 800)
MAX_PER_PRODUCT = 12

Reason = Literal["UNSUPPORTED_TYPE", "TOO_LARGE", "TOO_MANY_PIXELS", "CORRUPT", "NEVER_UPLOADED"]


class Rejected(Exception):
    """The upload is at fault: trying again would not help."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def refuse_giants(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Rejected("TOO_MANY_PIXELS")
