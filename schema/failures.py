"""Top-level errors: each gets a stable code, and what was not foreseen is logged and masked."""

import re

from graphql import GraphQLError, GraphQLSyntaxError

from core.errors import BadRequest, SessionEnded
from core.observability import logger
from schema.context import Context

MASKED = "Something went wrong on our side. Please tell us the request id."


_WORDS_OF_STRAWBERRY = re.compile(r".* (Field|Argument) ('\w+') of type 'Maybe\[.*", re.DOTALL)


def say(error: GraphQLError, context: Context | None, *, is_validation: bool) -> None:
    """Changes the error in place: Strawberry answers with the very objects that it hands out."""
    if error.extensions and "code" in error.extensions:
        return
    code = _code(error, is_validation=is_validation)
    error.message = _WORDS_OF_STRAWBERRY.sub(r"\1 \2 must not be null.", error.message)
    error.extensions = {"code": code}
    if code == "INTERNAL":
        request_id = context.request_id if context else None
        error.extensions["requestId"] = request_id
        logger.error(
            "Unexpected error",
            exc_info=error.original_error,
            extra={"request_id": request_id, "path": ".".join(map(str, error.path or []))},
        )
        error.message = MASKED
        error.original_error = None


def _code(error: GraphQLError, *, is_validation: bool) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if is_validation:
        # Strawberry hands out an exception of its own machinery here too, without a place in the document.
        return "INTERNAL" if error.original_error and not error.nodes else "GRAPHQL_VALIDATION_FAILED"
    if isinstance(error.original_error, SessionEnded):
        return "UNAUTHENTICATED"
    is_the_callers = isinstance(error.original_error, BadRequest) or error.path is None
    return "BAD_REQUEST" if is_the_callers else "INTERNAL"
