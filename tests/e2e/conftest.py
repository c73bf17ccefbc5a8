"""Kiosk as people meet it: a server of its own, started as the README says, and real clients."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

GIVE_UP = 60


@pytest.fixture(scope="session")
def kiosk(tmp_path_factory) -> Iterator[str]:
    """Its base address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    log = (tmp_path_factory.mktemp("kiosk") / "log").open("w+")
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(port)]
    with subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=own) as server:
        try:
            _wait_until_it_answers(base, server)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=20)
            log.close()


def _wait_until_it_answers(base: str, server: "subprocess.Popen[bytes]") -> None:
    began = time.monotonic()
    while server.poll() is None and time.monotonic() - began < GIVE_UP:
        try:
            httpx.post(f"{base}/graphql", json={"query": "{ service { version } }"}).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not answer")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Its program."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if program := shutil.which(name):
            return program
    pytest.skip("needs Chromium")


@pytest.fixture
def aws() -> None:
    """The embedded AWS of this process is not asked."""
