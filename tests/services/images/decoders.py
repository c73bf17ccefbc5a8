"""Decoders gone wrong, in the very child that decodes: `python -m tests.services.images.decoders hang`."""

import json
import os
import resource
import sys
import time

from services.images import picture, renderer


def hang(_original: bytes) -> None:
    while True:
        time.sleep(1)


def spin(_original: bytes) -> None:
    while True:
        pass


def hog(_original: bytes) -> None:
    held = []
    while True:
        held.append(bytearray(64 * 1024**2))


def hog_beneath_python(_original: bytes) -> None:
    """Past MemoryError: what a decoder written in C does when it is refused memory and does not look."""
    try:
        hog(b"")
    except MemoryError:
        os.abort()


def die(_original: bytes) -> None:
    os.kill(os.getpid(), 11)


def tell(_original: bytes) -> None:
    limits = {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in ("AS", "CPU", "CORE")}
    sys.stderr.write(json.dumps({"environment": sorted(os.environ), "limits": limits}))
    sys.exit(3)


if __name__ == "__main__":
    picture.render = globals()[sys.argv[1]]
    renderer.main()
