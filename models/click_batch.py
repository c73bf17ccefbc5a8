"""Which clicks were counted: a marker for each set of messages, written with the counts."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from pynamodb.attributes import TTLAttribute, UnicodeAttribute

from core.config import settings
from models.base import Table
from models.transaction import Write, put

KEPT = timedelta(days=15)
"""Longer than a message lives in its queue and the dead-letter queue."""


class ClickBatch(Table):
    class Meta:
        table_name = settings().click_batches_table

    key = UnicodeAttribute(hash_key=True)
    expires_at = TTLAttribute()


def mark(message_ids: Iterable[str], now: datetime) -> Write:
    """Fails when this very set was counted before."""
    key = hashlib.sha256("\0".join(sorted(message_ids)).encode()).hexdigest()
    row = ClickBatch(key=key, expires_at=now.replace(microsecond=0) + KEPT)
    return put(row, ClickBatch.key.does_not_exist())
