"""Locally the whole app serves its own machine only: demo accounts and a mailbox are for nobody else."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit


def is_local_host(host: str) -> bool:
    """A Host header, with or without a port. Any other name may be a page elsewhere that rebound its DNS to us."""
    try:
        return urlsplit(f"//{host}").hostname in {"localhost", "127.0.0.1"} and "@" not in host
    except ValueError:
        return False


def is_local_origin(origin: str) -> bool:
    scheme, _, host = origin.partition("://")
    return scheme in {"http", "https"} and is_local_host(host)


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


class OnlyThisMachine:
    """ASGI middleware: loopback peers whose Host is local; and no form posted from another site's page."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # A Lambda event, as in the tests, has no peer: "aws.event" is Mangum's, and nothing a request can set.
        if scope["type"] == "lifespan" or "aws.event" in scope or (reason := _refusal(scope)) is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            body = f"{reason}\n".encode()
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1008})


def _refusal(scope: Any) -> str | None:
    peer, _ = scope.get("client") or ("", 0)
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if not _is_loopback(peer):
        return "Kiosk on a laptop serves only its own machine."
    if not is_local_host(headers.get(b"host", "")):
        return "Use localhost or 127.0.0.1 as the host."
    origin = headers.get(b"origin")
    if scope.get("method", "GET") not in {"GET", "HEAD", "OPTIONS"} and origin and not is_local_origin(origin):
        return "Not from another site."
    return None
