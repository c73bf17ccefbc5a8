"""Events as API Gateway's HTTP APIs send them, payload 2.0."""

import base64
import json
from typing import Any

ACCEPT = "application/graphql-response+json"


def make_event(
    method: str = "POST",
    path: str = "/graphql",
    *,
    body: bytes | str | None = None,
    headers: dict[str, Any] | None = None,
    stage: str = "$default",
    **members: Any,
) -> dict[str, Any]:
    """A body of bytes goes in base64, as API Gateway sends what is not text to it."""
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": ACCEPT,
            "content-type": "application/json",
            "host": "abc123.execute-api.eu-central-1.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-65b8f0a1-0123456789abcdef01234567",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **(headers or {}),
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": "abc123.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abc123",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": stage,
            "time": "21/Nov/2026:09:00:00 +0000",
            "timeEpoch": 1795251600000,
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return event | members


def make_query(query: str, **members: Any) -> str:
    return json.dumps({"query": query, **members})
