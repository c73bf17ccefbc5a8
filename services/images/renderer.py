"""The child that decodes: `python -m services.images.renderer`, limited in memory and time before it looks at the file.

The original comes on standard input; the answer, as `rendered` says it, goes to standard output.
"""

import os
import resource
import sys

from services.images import picture
from services.images.rendered import rejection_to_bytes
from services.images.rules import Rejected

MEMORY = 1024**3
CPU_SECONDS = 10
_CORRUPT = rejection_to_bytes("CORRUPT")


def main() -> None:
    original = sys.stdin.buffer.read()
    limit()
    try:
        answer = picture.render(original).to_bytes()
    except Rejected as rejected:
        answer = rejection_to_bytes(rejected.reason)
    except Exception:  # Pillow raises nearly everything for a broken file, MemoryError for a bomb
        answer = _CORRUPT
    while answer:
        answer = answer[os.write(1, answer) :]


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
