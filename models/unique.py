"""Guard items: one row for each value that must be unique, written in its owner's transaction."""

from typing import Literal

from pynamodb.attributes import UnicodeAttribute

from core.config import settings
from models.base import Table
from models.transaction import Write, delete, put

Kind = Literal["SKU", "SLUG", "ORDER"]


class Unique(Table):
    class Meta:
        table_name = settings().uniques_table

    key = UnicodeAttribute(hash_key=True)
    """`SKU#…`, `SLUG#…` or `ORDER#number`."""
    owner_id = UnicodeAttribute()


def guard_key(kind: Kind, value: str) -> str:
    return f"{kind}#{value}"


def claim(kind: Kind, value: str, owner_id: str) -> Write:
    """Fails when somebody has it, the owner included."""
    return put(Unique(key=guard_key(kind, value), owner_id=owner_id), Unique.key.does_not_exist())


def release(kind: Kind, value: str, owner_id: str) -> Write:
    """Fails when the owner does not have it."""
    return delete(Unique(key=guard_key(kind, value)), Unique.owner_id == owner_id)
