"""POST /graphql: a body, a call of the schema, an answer, by the GraphQL-over-HTTP specification."""

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import GraphQLFormattedError
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.types import ExecutionResult

from api import accept, graphql_request
from api.auth import InvalidToken, authenticate
from api.graphql_request import Unreadable
from api.root import schema
from schema.context import Context

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
STATUS_OF = {"GRAPHQL_VALIDATION_FAILED": 422, "INTERNAL": 500}
"""Of requests that were not executed, by the first error's code; 400 for all others."""


class GraphQL(HTTPEndpoint):
    async def post(self, request: Request) -> Response:
        media_type = accept.choose(",".join(request.headers.getlist("accept")) or "*/*", (GRAPHQL_JSON, JSON))
        if media_type is None:
            return _refusal(JSON, 406, "BAD_REQUEST", f"Accept {GRAPHQL_JSON} or {JSON}.")
        try:
            asked = await graphql_request.read(request)
            viewer = authenticate(_authorization(request))
        except Unreadable as unreadable:
            return _refusal(media_type, unreadable.status, "BAD_REQUEST", unreadable.message, unreadable.headers)
        except InvalidToken:
            challenge = {"www-authenticate": 'Bearer error="invalid_token"'}
            return _refusal(media_type, 401, "UNAUTHENTICATED", "The token is not valid: sign in again.", challenge)
        context = Context(viewer=viewer, request_id=request.state.request_id)
        result = await schema.execute(
            asked.query, asked.variables, context_value=context, operation_name=asked.operation_name
        )
        request.state.operation = context.operation_name
        return _answer(media_type, result)


routes = [Route("/graphql", GraphQL)]


def _authorization(request: Request) -> str | None:
    """An empty header is not a missing one, and two are one that no token can be: neither makes anybody anonymous."""
    headers = request.headers.getlist("authorization")
    return ", ".join(headers) if headers else None


def _answer(media_type: str, result: ExecutionResult) -> Response:
    errors = [error.formatted for error in result.errors or ()]
    if result.data is None and errors and "path" not in errors[0]:  # refused before anything was executed
        status = STATUS_OF.get(errors[0]["extensions"]["code"], 400)
        return _response(media_type, 200 if media_type == JSON and status < 500 else status, {"errors": errors})
    return _response(media_type, 200, {"data": result.data, "errors": errors} if errors else {"data": result.data})


def _refusal(
    media_type: str, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    error: GraphQLFormattedError = {"message": message, "extensions": {"code": code}}
    return _response(media_type, status, {"errors": [error]}, headers)


def _response(
    media_type: str, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    charset = "; charset=utf-8"
    return Response(orjson.dumps(body), status, headers, media_type + charset)
