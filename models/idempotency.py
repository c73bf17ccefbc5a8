"""What a client's idempotency key was first used for."""

import hashlib
from datetime import datetime, timedelta

from pynamodb.attributes import TTLAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition

from core.config import settings
from models.base import Table

KEPT = timedelta(days=35)
"""Longer than the 28 days that a message can live between its queue, the dead-letter queue and a redrive."""


class Idempotency(Table):
    class Meta:
        table_name = settings().idempotency_table

    key = UnicodeAttribute(hash_key=True)
    request_hash = UnicodeAttribute()
    result_id = UnicodeAttribute()
    first_used_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()

    @classmethod
    def make_key(cls, caller_id: str, mutation: str, key: str) -> str:
        return hashlib.sha256("\0".join((caller_id, mutation, key)).encode()).hexdigest()

    @classmethod
    def absent_or_expired(cls, now: datetime) -> Condition:
        """By timestamp, never by presence: DynamoDB deletes expired rows up to days late."""
        return cls.key.does_not_exist() | (cls.expires_at <= now)
