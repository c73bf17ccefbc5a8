"""The embedded AWS's own memory of DynamoDB's tables: looked into, emptied and put back without a call."""

import os
from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend

from local.environment import REGION
from local.template import ACCOUNT


def tables() -> dict[str, Any]:
    return get_backend("dynamodb")[ACCOUNT][REGION].tables


def items(table: str) -> Iterator[dict[str, Any]]:
    """In DynamoDB's typed JSON."""
    found = tables()[table]
    for entry in found.items.values():
        for item in entry.values() if found.has_range_key else (entry,):
            yield item.to_json()["Attributes"]


def is_at_hand() -> bool:
    """Not when the code is at DynamoDB Local."""
    return "AWS_ENDPOINT_URL_DYNAMODB" not in os.environ
