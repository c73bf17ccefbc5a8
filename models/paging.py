"""Keyset pages of an index, forwards and backwards, with opaque cursors.

A cursor names its list and a sort key, never a partition: that comes from the caller's own right, so a
cursor needs no signature.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any, Generic, TypeVar

from pynamodb.indexes import GlobalSecondaryIndex

from core.errors import BadRequest
from models.base import Table

DEFAULT_SIZE = 20
MAX_SIZE = 100
LONGEST_SORT_KEY = 1024
"""In bytes: DynamoDB's own limit."""
_VERSION = 1
_shards = ThreadPoolExecutor(8, thread_name_prefix="shard")

Row = TypeVar("Row", bound=Table)


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: `size` rows after or before a sort key."""

    list_tag: str
    size: int = DEFAULT_SIZE
    is_backward: bool = False
    bound: str | None = None

    def cursor(self, sort_key: str) -> str:
        text = json.dumps([_VERSION, self.list_tag, sort_key], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    cursors: list[str]
    has_next_page: bool
    has_previous_page: bool


def parse_window(list_tag: str, first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """Raises BadRequest for what no correct client sends."""
    if first is not None and last is not None:
        raise BadRequest("`first` and `last` exclude each other.")
    if (first is not None and before is not None) or (last is not None and after is not None) or (after and before):
        raise BadRequest("`first` goes with `after`, `last` with `before`.")
    is_backward = last is not None or before is not None
    size = last if last is not None else first
    if size is None:
        size = DEFAULT_SIZE
    if not 1 <= size <= MAX_SIZE:
        raise BadRequest(f"`{'last' if is_backward else 'first'}` must be between 1 and {MAX_SIZE}.")
    window = Window(list_tag, size, is_backward)
    cursor = before if is_backward else after
    return window if cursor is None else Window(list_tag, size, is_backward, _sort_key(window, cursor))


def _sort_key(window: Window, cursor: str) -> str:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        sort_key = json.loads(text)[2]
        is_sort_key = isinstance(sort_key, str) and 1 <= len(sort_key.encode()) <= LONGEST_SORT_KEY
        if is_sort_key and window.cursor(sort_key) == cursor:
            return str(sort_key)
    except (binascii.Error, ValueError, LookupError, TypeError, RecursionError):
        pass
    raise BadRequest("The cursor is not one of this list.")


def query_page(
    index: GlobalSecondaryIndex[Row], partitions: Sequence[str], window: Window, *, descending: bool = False
) -> Page[Row]:
    """One query a partition; several partitions (shards) are merged. Reads one row beyond the page."""
    sort: Any = next(attribute for attribute in index.Meta.attributes.values() if attribute.is_range_key)
    is_ascending_read = descending == window.is_backward

    def read(partition: str) -> list[Row]:
        condition = None
        if window.bound is not None:
            condition = sort > window.bound if is_ascending_read else sort < window.bound
        return list(index.query(partition, condition, scan_index_forward=is_ascending_read, limit=window.size + 1))

    def sort_key(row: Row) -> Any:
        return getattr(row, sort.attr_name)

    if len(partitions) == 1:
        rows = read(partitions[0])
    else:
        streams = list(_shards.map(read, partitions))
        rows = list(islice(merge(*streams, key=sort_key, reverse=not is_ascending_read), window.size + 1))
    has_more = len(rows) > window.size
    rows = rows[: window.size]
    if window.is_backward:
        rows.reverse()
    return Page(
        rows=rows,
        cursors=[window.cursor(sort_key(row)) for row in rows],
        has_next_page=window.bound is not None if window.is_backward else has_more,
        has_previous_page=has_more if window.is_backward else window.bound is not None,
    )
