"""A 12-megapixel JPEG, as a telephone takes them: seconds and memory of the child that renders it."""

import random
import statistics
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from services.images.rendering import render

ROUNDS = 5


def seconds_of(original: bytes) -> float:
    """With the start of the child."""
    began = time.perf_counter()
    render(original)
    return time.perf_counter() - began


def megabytes_of(original: bytes) -> float:
    """At most, as the child itself sees it: what its parent sees begins with the parent's own."""
    with TemporaryDirectory() as directory:
        file = Path(directory, "original")
        file.write_bytes(original)
        subprocess.run([sys.executable, "-m", "tests.services.images.measured", directory], check=True)
        return int(Path(f"{file}.cost").read_text().split()[1]) / 1024


def photograph(width: int, height: int, kind: str) -> bytes:
    """As restless as a photograph: noise at several sizes."""
    dice = random.Random(12)
    image = Image.new("RGB", (width, height))
    for share in (100, 20, 4):
        size = (width // share, height // share)
        noise = Image.frombytes("RGB", size, dice.randbytes(size[0] * size[1] * 3))
        image = Image.blend(image, noise.resize((width, height), Image.Resampling.BICUBIC), 0.45)
    file = BytesIO()
    image.save(file, kind, quality=85)
    return file.getvalue()


def main() -> None:
    least = statistics.median(seconds_of(photograph(200, 200, "JPEG")) for _ in range(ROUNDS))
    print(f"JPEG of 200 x 200: {least:.2f} s, nearly all of it the child's start")
    for kind, width, height in (("JPEG", 4000, 3000), ("JPEG", 5000, 5000), ("WEBP", 4000, 3000), ("WEBP", 5000, 5000)):
        original = photograph(width, height, kind)
        seconds = statistics.median(seconds_of(original) for _ in range(ROUNDS))
        print(
            f"{kind} of {width * height // 1_000_000} megapixels, {len(original) / 1e6:.1f} MB: {seconds:.2f} s, "
            f"{seconds / least:.0f} times that, {megabytes_of(original):.0f} MB of memory"
        )


if __name__ == "__main__":
    main()
