"""moto's tables without what makes them slow and fat.

A transaction copies every item of its tables, to be able to go back: at 5,000 items it took a second. Here the copy
shares the items, and an update changes a copy of its own. And every item ever read was kept, for moto's dashboard.
"""

import copy
from collections import defaultdict
from typing import Any

from moto.backends import get_backend
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from local.environment import REGION
from local.template import ACCOUNT

_update_item = DynamoDBBackend.update_item


def install() -> None:
    """Safe to repeat."""
    for kept in (Item, Table):
        setattr(kept, "__new__", staticmethod(_untracked))  # noqa: B010 - moto's is typed otherwise
    setattr(Table, "__deepcopy__", _snapshot)  # noqa: B010
    setattr(DynamoDBBackend, "update_item", _update_a_copy)  # noqa: B010


def empty_tables() -> dict[str, Table]:
    """As they are now, without their items."""
    return {name: _emptied(table) for name, table in _backend().tables.items()}


def put_tables(tables: dict[str, Table]) -> None:
    """Much faster than creating them again: every test begins so."""
    _backend().tables.update({name: _emptied(table) for name, table in tables.items()})


def _backend() -> DynamoDBBackend:
    backend: DynamoDBBackend = get_backend("dynamodb")[ACCOUNT][REGION]
    return backend


def _emptied(table: Table) -> Table:
    taken = copy.copy(table)
    taken.items = defaultdict(dict)
    return taken


def _untracked(cls: type, *_: Any, **__: Any) -> Any:
    return object.__new__(cls)


def _snapshot(table: Table, _: Any) -> Table:
    taken = copy.copy(table)
    taken.items = copy.copy(table.items)
    if table.has_range_key:
        for hash_key, items in table.items.items():
            taken.items[hash_key] = copy.copy(items)
    return taken


def _update_a_copy(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any) -> Item:
    table = backend.get_table(table_name)
    if set(table.table_key_attrs) == set(key):  # otherwise moto says what is wrong
        hash_key, range_key = backend.get_keys_value(table, key)
        if item := table.get_item(hash_key, range_key):
            items: dict[Any, Any] = table.items[hash_key] if range_key else table.items
            items[range_key or hash_key] = copy.deepcopy(item)
    return _update_item(backend, table_name, key, *args, **kwargs)
