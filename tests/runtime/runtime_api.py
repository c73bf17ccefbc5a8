"""Lambda's Runtime API, as much of it as the real runtime client needs, and a child that runs a handler under it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

ROOT = Path(__file__).parents[2]
PREFIX = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:kiosk"


class FunctionFailed(Exception):
    """What the runtime client posted to /error or /init/error."""


class _Calls(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body leave in one flush
    server: "RuntimeApi"

    def do_GET(self) -> None:
        """/invocation/next waits for an event."""
        number, event = self.server.events.get()
        deadline = {"Lambda-Runtime-Deadline-Ms": "4102444800000", "Lambda-Runtime-Invoked-Function-Arn": ARN}
        self._answer(
            200, json.dumps(event).encode(), {"Lambda-Runtime-Aws-Request-Id": f"request-{number}", **deadline}
        )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.results.put((self.path.removeprefix(PREFIX), body))
        self._answer(202, b'{"status":"OK"}', {})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class RuntimeApi(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Calls)
        self.events: Queue[tuple[int, Any]] = Queue()
        self.results: Queue[tuple[str, Any]] = Queue()
        self.invoked = 0
        self.child_id = 0

    def invoke(self, event: Any, *, timeout: float = 60) -> Any:
        self.invoked += 1
        self.events.put((self.invoked, event))
        path, body = self.results.get(timeout=timeout)
        if path != f"/invocation/request-{self.invoked}/response":
            raise FunctionFailed(path, body)
        return body


@contextmanager
def running(handler: str, environ: Mapping[str, str], log: Path) -> Iterator[RuntimeApi]:
    """The real runtime client in a process of its own, with `handler` as Lambda would load it."""
    api = RuntimeApi()
    Thread(target=api.serve_forever, daemon=True).start()
    address = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "PYTHONPATH": str(ROOT)}
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=log.parent,
            env={**environ, **address},
            stdout=output,
            stderr=output,
        )
        api.child_id = child.pid
        try:
            yield api
        finally:
            child.terminate()
            child.wait(10)
            api.shutdown()
            api.server_close()
