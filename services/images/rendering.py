"""Rendering a picture in a child of its own, so that a file that kills or hangs the decoder takes nothing else down."""

import os
import subprocess
import sys
from pathlib import Path

from core.observability import count, logger
from services.images.rendered import Rendered
from services.images.rules import Rejected

SECONDS = 10
_COMMAND = [sys.executable, "-m", "services.images.renderer"]
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = ("LD_LIBRARY_PATH", "PYTHONPATH")
"""All that the child gets: whoever took the decoder over would find no credentials in it."""


class RendererBroken(RuntimeError):
    """The child failed before it came to the file: that is our fault, and the event comes again."""


def render(original: bytes) -> Rendered:
    """The same bytes for the same original. Raises Rejected."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        child = subprocess.run(  # noqa: S603 - our own module
            _COMMAND, input=original, capture_output=True, timeout=SECONDS, cwd=_ROOT, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _killed("time") from error
    if child.returncode < 0:
        raise _killed(f"signal {-child.returncode}")
    if child.returncode > 0:
        raise RendererBroken(child.stderr.decode(errors="replace")[-2000:])
    return Rendered.from_bytes(child.stdout)


def _killed(by: str) -> Rejected:
    logger.warning("Decoder killed", extra={"by": by})
    count("DecoderKilled")
    return Rejected("CORRUPT")
