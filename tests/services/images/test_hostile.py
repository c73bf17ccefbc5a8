"""More than a thousand hostile files: each is made or refused, quickly and in little memory, and nothing dies of it."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from services.images.rendered import Rendered
from services.images.rules import Rejected
from tests.services.images import hostile
from tests.services.images.originals import card, saved

FAMILIES = (
    hostile.truncations,
    hostile.flips,
    hostile.giants,
    hostile.bombs,
    hostile.zip_bombs,
    hostile.polyglots,
)
SECONDS = 3
KILOBYTES = 256 * 1024
tried: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def at_least_a_thousand() -> Iterator[None]:
    yield
    if len(tried) == len(FAMILIES):
        assert tried.total() >= 1000


@pytest.fixture
def aws() -> None:
    """Nothing of it is asked here."""


def outcome(answer: Path) -> str:
    try:
        Rendered.from_bytes(answer.read_bytes())
    except Rejected as rejected:
        return rejected.reason
    return "READY"


def decode(originals: Iterable[tuple[str, bytes]], directory: Path) -> dict[str, tuple[str, float, int]]:
    """The outcome, CPU seconds and most kilobytes of each. One whose child died has no cost, and fails here."""
    files = {}
    for number, (name, original) in enumerate(originals):
        files[name] = directory / f"{number:04}"
        files[name].write_bytes(original)
    subprocess.run([sys.executable, "-m", "tests.services.images.measured", directory], check=True, timeout=300)
    costs = {name: Path(f"{file}.cost").read_text().split() for name, file in files.items()}
    return {
        name: (outcome(Path(f"{file}.answer")), float(costs[name][0]), int(costs[name][1]))
        for name, file in files.items()
    }


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_UP01_made_or_refused_within_limits(family, tmp_path):
    decoded = decode(family(), tmp_path)
    assert {name: each for name, each in decoded.items() if each[1] > SECONDS or each[2] > KILOBYTES} == {}
    assert {what for what, _, _ in decoded.values()} <= {"READY", "CORRUPT", "TOO_MANY_PIXELS"}
    tried[family.__name__] = len(decoded)


def test_UP05_the_largest_webp(tmp_path):
    """libwebp's decoder and Pillow hold four copies between them: more than the rest, within the child's limit."""
    largest = card(5_000, 5_000).convert("RGBA")
    decoded = decode([("WebP of 25 megapixels", saved(largest, "WEBP", lossless=True, quality=0, method=0))], tmp_path)
    ((what, seconds, kilobytes),) = decoded.values()
    assert what == "READY"
    assert seconds <= SECONDS
    assert kilobytes <= 2 * KILOBYTES
