"""Answers in problem+json (RFC 9457) for what is not GraphQL: unknown paths, wrong methods, failures."""

from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


def body(status: int, **members: Any) -> bytes:
    said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return orjson.dumps(said | members)


def problem(status: int, *, request_id: str) -> Response:
    return Response(body(status, requestId=request_id), status, media_type=MEDIA_TYPE)


async def from_http_exception(_: Request, error: HTTPException) -> Response:
    return Response(body(error.status_code), error.status_code, error.headers, MEDIA_TYPE)
