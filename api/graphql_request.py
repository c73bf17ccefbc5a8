"""What a POST /graphql asks for, or why it cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

MAX_BODY_BYTES = 64 * 1024
MAX_VARIABLES_DEPTH = 20


class Unreadable(Exception):
    """Not a well-formed GraphQL-over-HTTP request: nothing was parsed, nothing executed."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


async def read(request: Request) -> GraphQLRequest:
    _check_headers(request)
    return parse(await _body(request))


def _check_headers(request: Request) -> None:
    media_type, _, parameters = ",".join(request.headers.getlist("content-type")).lower().partition(";")
    if media_type.strip() != "application/json" or parameters.strip().replace('"', "") not in {"", "charset=utf-8"}:
        raise Unreadable(415, "Send application/json, in UTF-8.", {"accept-post": "application/json"})
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unreadable(415, "Send the body uncompressed.", {"accept-encoding": "identity"})


async def _body(request: Request) -> bytes:
    """Reads no further than the limit, whatever Content-Length says."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Unreadable(413, f"The body may have at most {MAX_BODY_BYTES} bytes.", {"connection": "close"})
    return bytes(body)


def parse(body: bytes) -> GraphQLRequest:
    try:
        members = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable(400, "The body is not JSON.") from None
    if isinstance(members, list):
        raise Unreadable(400, "Batches are not supported: send one request at a time.")
    if not isinstance(members, dict):
        raise Unreadable(400, "The body must be a JSON object.")
    query, name, variables = members.get("query"), members.get("operationName"), members.get("variables")
    if not isinstance(query, str) or not query.strip():
        raise Unreadable(400, "`query` must be a GraphQL document, as a string.")
    if name is not None and not isinstance(name, str):
        raise Unreadable(400, "`operationName` must be a string or null.")
    if variables is not None and not isinstance(variables, dict):
        raise Unreadable(400, "`variables` must be an object or null.")
    if not isinstance(members.get("extensions"), dict | None):
        raise Unreadable(400, "`extensions` must be an object or null.")
    if _is_deeper(variables, MAX_VARIABLES_DEPTH):
        raise Unreadable(400, f"`variables` may be nested {MAX_VARIABLES_DEPTH} deep.")
    return GraphQLRequest(query, name, variables)


def _is_deeper(value: Any, limit: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inside is not None and (limit == 0 or any(_is_deeper(item, limit - 1) for item in inside))
