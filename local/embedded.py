"""moto in this process, behind one lock: its memory is not thread-safe, and a lost update here would be a false bug.

The code's own calls are answered in process; a server on a free loopback port answers what leaves the process
(presigned uploads, the key set). Both see the same state, which is gone with the process. Unlike AWS: index
reads are at once consistent, client request tokens are ignored, and a TTL deletes nothing.
"""

import select
import socket
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import RLock, Thread
from typing import Any
from urllib.parse import urlsplit

from moto import mock_aws
from moto.core import models, utils
from moto.core.base_backend import AccountSpecificBackend
from moto.core.botocore_stubber import BotocoreStubber

from core import aws
from local import iam
from local.environment import REGION
from local.guard import is_local_host, is_local_origin

LOCK = RLock()
_mock = mock_aws(config={"core": {"mock_credentials": False}})
_first_use: dict[str, list[Callable[[], None]]] = {}


class _Locked(BotocoreStubber):
    def process_request(self, request: Any) -> Any:
        host = (urlsplit(request.url).hostname or "").split(".")
        with LOCK:
            make("s3" if "s3" in host or host[0] == "127" else host[0])
            return super().process_request(request)


def start() -> None:
    models.botocore_stubber.__class__ = _Locked
    # Start-up: botocore would look into the folder of each of 400 services; and moto read descriptions again that
    # Kiosk's clients have read, and all services' for their regions, of which one serves Kiosk, and one moto's own.
    loader = aws.session().get_component("data_loader")
    vars(loader)["list_available_services"] = lambda _: [each.name for each in Path(loader.BUILTIN_DATA_PATH).iterdir()]
    vars(utils)["create_loader"] = lambda: loader
    setattr(AccountSpecificBackend, "_generate_regions", lambda *_: [REGION, "us-east-1"])  # noqa: B010
    iam.put_off()
    _mock.start()


def stop() -> None:
    """As if it had never been there; what it held is gone."""
    with LOCK:
        _first_use.clear()
        _mock.stop()


def forget_everything() -> None:
    with LOCK:
        _first_use.clear()
        _mock.reset()


def on_first_use(service: str, making: Callable[[], None]) -> None:
    """`making` runs before the service (the first name of its host) answers anything. Others wait meanwhile."""
    _first_use.setdefault(service, []).append(making)


def make(*services: str) -> None:
    """Run now what waits for the first use of these services; of all when none is named."""
    with LOCK:
        for service in services or tuple(_first_use):
            waiting = _first_use.pop(service, [])
            try:
                while waiting:
                    waiting[0]()
                    waiting.pop(0)
            finally:
                if waiting:  # it failed, and will again for all who come
                    _first_use[service] = waiting


@cache
def listen() -> str:
    """The server's address. What it needs is imported when somebody comes; until then they wait in its backlog."""
    listener = socket.create_server(("127.0.0.1", 0))
    Thread(target=_serve, args=(listener,), name="moto", daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _serve(listener: socket.socket) -> None:
    select.select([listener], [], [])
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    class Quiet(MotoRequestHandler):
        def log_request(self, *_: Any) -> None:
            return

    moto = DomainDispatcherApplication(create_backend_app)

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        if not is_local_host(environ.get("HTTP_HOST", "")) or (origin and not is_local_origin(origin)):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"Only this machine.\n"]
        # Read before the lock is taken: a slow upload must not hold up everything else.
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        with LOCK:
            make()
            return list(moto(environ, start_response))

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet, fd=listener.fileno())
    server.serve_forever()
