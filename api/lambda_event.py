"""What API Gateway hands to the function: an HTTP API event (payload 2.0), made safe for Mangum."""

import base64
import binascii
import re
from typing import Any

from api import problems

HOST = re.compile(r"[\w.-]+(:\d{1,5})?", re.ASCII)


class NotAnHttpEvent(Exception):
    """Something else invoked the function, or the event is damaged."""

    @property
    def answer(self) -> dict[str, Any]:
        return {
            "statusCode": 400,
            "headers": {"content-type": problems.MEDIA_TYPE, "cache-control": "no-store"},
            "body": problems.body(400, detail=str(self)).decode(),
            "isBase64Encoded": False,
        }


def read(event: Any) -> dict[str, Any]:
    """A new event of only what Mangum reads, every part of the type it expects; the stage's prefix is off the path."""
    match event:
        case {
            "version": "2.0",
            "rawPath": str(path),
            "requestContext": {"http": {"method": str(method), "sourceIp": str(source_ip)}} as context,
        }:
            pass
        case _:
            raise NotAnHttpEvent("The event is not of an API Gateway HTTP API, payload version 2.0.")
    return {
        "version": "2.0",
        "rawQueryString": _text(event.get("rawQueryString")),
        "headers": _headers(event.get("headers")),
        "cookies": [_text(cookie) for cookie in _of(list, event.get("cookies"))],
        "requestContext": {
            "requestId": _text(context.get("requestId")),
            "http": {
                "method": _text(method),
                "path": _without_stage(_text(path), _text(context.get("stage"))),
                "sourceIp": _text(source_ip),
            },
        },
        "body": _body(event),
        "isBase64Encoded": False,
    }


def _without_stage(path: str, stage: str) -> str:
    """A named stage stands before every path; $default does not."""
    return path.removeprefix(f"/{stage}") or "/" if f"{path}/".startswith(f"/{stage}/") else path


def _headers(headers: Any) -> dict[str, str]:
    texts = {_text(name).lower(): _text(value) for name, value in _of(dict, headers).items() if value is not None}
    if not HOST.fullmatch(texts.get("host", "localhost")):
        raise NotAnHttpEvent("The Host header is not a host.")
    texts.pop("x-forwarded-port", None)
    return texts


def _body(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not isinstance(body, str):
        raise NotAnHttpEvent("The body is not text.")
    if not event.get("isBase64Encoded"):
        return body.encode(errors="surrogatepass")  # bad UTF-8 on the wire: refused where bodies are read
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise NotAnHttpEvent("The body is not base64.") from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    try:
        value.encode()
    except (AttributeError, UnicodeEncodeError):  # not a string, or one with a lone surrogate
        raise NotAnHttpEvent("The event holds something else than text where text belongs.") from None
    return str(value)


def _of(kind: type, value: Any) -> Any:
    if value is None:
        return kind()
    if isinstance(value, kind):
        return value
    raise NotAnHttpEvent(f"The event holds something else than a {kind.__name__} where one belongs.")
