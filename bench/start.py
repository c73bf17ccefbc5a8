"""From start to the first answered query, against the bare import of what it is built on."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

ROUNDS = 5
BARE = "import fastapi, strawberry, pynamodb.models, moto"
QUERY = json.dumps({"query": "{ products(first: 5) { nodes { name stock } } }"}).encode()
GIVE_UP = 30


def bare_import() -> float:
    """Seconds."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE], check=True)
    return time.perf_counter() - began


def first_answer() -> float:
    """Seconds until `uvicorn api.main:app` answered a query with data."""
    port = _free_port()
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PORT": str(port)},
    )
    try:
        while time.perf_counter() - began < GIVE_UP:
            if _answers(port):
                return time.perf_counter() - began
            time.sleep(0.01)
        raise TimeoutError(f"no answer in {GIVE_UP} s")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", QUERY, {"content-type": "application/json", "host": f"127.0.0.1:{port}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bool(json.load(answer)["data"]["products"]["nodes"])
    except OSError:
        return False


def main() -> None:
    pairs = [(bare_import(), first_answer()) for _ in range(ROUNDS)]
    bare, answered = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"bare import {bare:.2f} s, first answered query {answered:.2f} s: {answered / bare:.2f} times")


if __name__ == "__main__":
    main()
