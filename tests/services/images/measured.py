"""The decoder's child for every file of a directory: `python -m tests.services.images.measured DIRECTORY`.

Each file has a child of its own, forked here to save a thousand starts. Beside FILE stand its answer, as FILE.answer,
and FILE.cost: its CPU seconds and most kilobytes, unless it died.
"""

import os
import re
import sys
import time
from pathlib import Path

from services.images import renderer


def decode(original: Path) -> None:
    os.dup2(os.open(original, os.O_RDONLY), 0)
    os.dup2(os.open(f"{original}.answer", os.O_WRONLY | os.O_CREAT), 1)
    renderer.main()
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]
    Path(f"{original}.cost").write_text(f"{time.process_time()} {peak}")


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).iterdir()):
        if (pid := os.fork()) == 0:
            decode(path)
            os._exit(0)
        os.waitpid(pid, 0)
