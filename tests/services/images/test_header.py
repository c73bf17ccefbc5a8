"""What the first bytes say, held against what Pillow reads from the whole file."""

from io import BytesIO

import pytest
from PIL import Image

from services.images.header import LONGEST, Header, find_header
from tests.services.images import hostile
from tests.services.images.originals import AS_CARD, card, saved, with_canaries


@pytest.mark.parametrize("make", AS_CARD.values(), ids=AS_CARD)
def test_format_and_size(make):
    image = Image.open(BytesIO(make()))
    assert find_header(make()[:LONGEST]) == Header(image.format, image.size)


@pytest.mark.parametrize("kind", hostile.FORMATS)
def test_behind_metadata(kind):
    assert find_header(with_canaries(kind)) == Header(kind, (900, 600))


def test_lossy_webp_with_alpha():
    assert find_header(saved(card(123, 45).convert("RGBA"), "WEBP")) == Header("WEBP", (123, 45))


def test_jpeg_with_more_metadata_than_is_looked_at():
    whole = saved(card(), "JPEG")
    far = whole[:2] + b"\xff\xe2\xff\xff" + bytes(65_533) + whole[2:]
    assert find_header(far[:LONGEST]) == Header("JPEG", None)
    assert find_header(far) == Header("JPEG", (900, 600))


@pytest.mark.parametrize("kind", hostile.FORMATS)
def test_any_length_is_read_without_an_error(kind):
    whole = saved(card(90, 60), kind)
    for end in range(min(len(whole), 2000)):
        found = find_header(whole[:end])
        assert found in (None, Header(kind, None), Header(kind, (90, 60)))


def test_broken_ones_are_read_without_an_error():
    for _, original in hostile.flips():
        find_header(original)
