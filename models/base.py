"""The base of every table's model: one connection for all of them, and reads that say what they cost."""

import random
import time
from collections.abc import Iterable, Sequence
from threading import RLock
from typing import Any, Self

import botocore.session
from pynamodb.connection import Connection
from pynamodb.models import Model

from core import aws

BATCH_READ_LIMIT = 100
_connecting = RLock()  # the first reads of a process may come side by side


class _SharedConnection(Connection):
    """PynamoDB would open a botocore session a table, at 100 to 200 ms each."""

    @property
    def session(self) -> botocore.session.Session:
        return aws.session()

    @property
    def client(self) -> Any:
        if self._client is None:
            with _connecting:
                return super().client
        return super().client


_shared = _SharedConnection(connect_timeout_seconds=1, read_timeout_seconds=2, max_retry_attempts=2)


class Table(Model):
    """A stored row. Its subclass names the table in `Meta.table_name`."""

    @classmethod
    def _get_connection(cls) -> Any:
        if cls._connection is None or cls._connection.connection is not _shared:
            with _connecting:
                table = super()._get_connection()
                if table.connection is not _shared:
                    _shared.add_meta_table(table.get_meta_table())
                    table.connection = _shared
        return cls._connection

    @classmethod
    def find(cls, hash_key: str, range_key: str | int | None = None, *, consistent: bool = False) -> Self | None:
        """One read."""
        try:
            return cls.get(hash_key, range_key, consistent_read=consistent)
        except cls.DoesNotExist:
            return None

    @classmethod
    def find_many(
        cls,
        keys: Iterable[str],
        *,
        range_key: str | None = None,
        attributes: Sequence[str] | None = None,
        consistent: bool = False,
    ) -> dict[str, Self]:
        """Rows by hash key, of one range key where the table has one; absent ones are left out. One read a hundred."""
        names = [each.attr_name for each in (cls._hash_key_attribute(), cls._range_key_attribute()) if each]
        wanted = [dict(zip(names, cls._serialize_keys(key, range_key), strict=False)) for key in dict.fromkeys(keys)]
        found: dict[str, Self] = {}
        tries = 0
        while wanted:
            batch, wanted = wanted[:BATCH_READ_LIMIT], wanted[BATCH_READ_LIMIT:]
            page, unprocessed = cls._batch_get_page(batch, consistent_read=consistent, attributes_to_get=attributes)
            for raw in page:
                row = cls.from_raw_data(raw)
                found[getattr(row, str(cls._hash_keyname))] = row
            if unprocessed:
                wanted += unprocessed
                time.sleep(random.uniform(0, min(0.05 * 2**tries, 0.8)))  # noqa: S311 - jitter
                tries += 1
        return found


def shared_connection() -> Connection:
    return _shared
