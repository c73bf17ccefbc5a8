"""Around every request: its id, headers for safety, one log line, and an answer when all else fails."""

import time
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from ulid import ULID

from api.problems import problem
from core.observability import logger


class Envelope:
    """Plain ASGI: Starlette's BaseHTTPMiddleware would cost more than the query inside."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(scope)
        status = 0

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, state["request_id"])
            await send(message)

        try:
            await self.app(scope, receive, send_safely)
        except ClientDisconnect:
            status = 499  # nginx's word for it; nobody reads an answer
        except Exception:
            logger.exception("Unexpected error", extra={"request_id": state["request_id"]})
            if not status:
                await problem(500, request_id=state["request_id"])(scope, receive, send_safely)
        _log(scope, state, status, started)


def _request_id(scope: Scope) -> str:
    """API Gateway's own id, where there is one; never one the client chose."""
    event = scope.get("aws.event", {})
    return event.get("requestContext", {}).get("requestId") or str(ULID())


def _add_headers(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["x-request-id"] = request_id
    headers["x-content-type-options"] = "nosniff"
    headers.setdefault("referrer-policy", "no-referrer")
    headers.setdefault("cache-control", "no-store")


def _log(scope: Scope, state: MutableMapping[str, Any], status: int, started: float) -> None:
    logger.info(
        "Request",
        extra={
            "request_id": state["request_id"],
            "method": scope["method"][:10],
            "path": scope["path"][:100],
            "operation": state.get("operation"),
            "status": status,
            "ms": round((time.perf_counter() - started) * 1000, 1),
        },
    )
