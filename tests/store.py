"""What DynamoDB holds, as it holds it: for asserting that a refusal wrote nothing."""

import os
from functools import cache
from typing import Any

import boto3

from core.config import settings


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of the catalogue and of orders, by a client of its own: this may scan."""
    names = [settings().products_table, settings().uniques_table, settings().idempotency_table]
    names += [settings().orders_table, settings().order_events_table]
    return {name: rows(name) for name in names}


def rows(table: str) -> list[dict[str, Any]]:
    return sorted(boto3.resource("dynamodb").Table(table).scan()["Items"], key=str)


def client(service: str) -> Any:
    """Of a session of its own, at DynamoDB Local where the code is."""
    return _client(service, os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") if service == "dynamodb" else None)


@cache
def _client(service: str, endpoint: str | None) -> Any:
    return boto3.client(service, endpoint_url=endpoint)
