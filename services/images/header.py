"""What a file's first bytes say: its format, and its width and height where they stand so early.

By content only: a name and a declared type are whatever somebody wrote.
"""

import struct
from dataclasses import dataclass

LONGEST = 65_536
"""As many bytes as are looked at; a JPEG's size may stand behind more metadata than that."""
_NO_SIZE_MARKERS = {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Header:
    format: str
    size: tuple[int, int] | None
    """Not turned upright. None when it does not stand in these bytes."""


def find_header(head: bytes) -> Header | None:
    """None for what is no JPEG, PNG, WebP or GIF."""
    if head.startswith(b"\xff\xd8\xff"):
        return Header("JPEG", _jpeg_size(head))
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Header("PNG", _two(">II", head, 16))
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Header("GIF", _two("<HH", head, 6))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Header("WEBP", _webp_size(head))
    return None


def _two(layout: str, data: bytes, at: int) -> tuple[int, int] | None:
    if len(data) < at + struct.calcsize(layout):
        return None
    first, second = struct.unpack_from(layout, data, at)
    return first, second


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """From the first frame header, over the segments before it."""
    at = 2
    while (step := _two(">HH", data, at)) is not None:
        marker, length = step[0] & 0xFF, step[1]
        if step[0] >> 8 != 0xFF:
            return None
        if marker == 0xFF:  # a fill byte
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE_MARKERS:
            height_and_width = _two(">HH", data, at + 5)
            return height_and_width and (height_and_width[1], height_and_width[0])
        else:
            at += 2 + length
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    match data[12:16]:
        case b"VP8X" if len(data) >= 30:
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L" if len(data) >= 25:
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 " if (size := _two("<HH", data, 26)) is not None:
            return size[0] & 0x3FFF, size[1] & 0x3FFF
    return None
