"""Attributes that PynamoDB does not have."""

from operator import index
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import MAP, NUMBER


class IntegerAttribute(Attribute[int]):
    """PynamoDB's NumberAttribute is typed, and reads, as float too: counts and minor units are integers."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(index(value))

    def deserialize(self, value: Any) -> int:
        return int(value)


class CountsAttribute(Attribute[dict[str, int]]):
    """How often each key came. PynamoDB's own maps cost ten times as much to read."""

    attr_type = MAP

    def serialize(self, value: dict[str, int]) -> dict[str, Any]:
        return {key: {NUMBER: str(index(count))} for key, count in value.items()}

    def deserialize(self, value: dict[str, Any]) -> dict[str, int]:
        return {key: int(count[NUMBER]) for key, count in value.items()}
