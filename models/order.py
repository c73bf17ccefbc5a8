"""Orders. The row is also the outbox: whatever is still due stands in the index `due`."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from core.clock import to_text
from core.config import settings
from models.attributes import IntegerAttribute
from models.base import Table
from models.shards import shard_of


class _ByUser(GlobalSecondaryIndex["Order"]):
    class Meta:
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    placed_sort = UnicodeAttribute(range_key=True)


class _All(GlobalSecondaryIndex["Order"]):
    class Meta:
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    placed_sort = UnicodeAttribute(range_key=True)


class _ByStatus(GlobalSecondaryIndex["Order"]):
    class Meta:
        projection = AllProjection()

    status_shard = UnicodeAttribute(hash_key=True)
    placed_sort = UnicodeAttribute(range_key=True)


class _Due(GlobalSecondaryIndex["Order"]):
    class Meta:
        projection = KeysOnlyProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_sort = UnicodeAttribute(range_key=True)


class Order(Table):
    class Meta:
        table_name = settings().orders_table

    order_id = UnicodeAttribute(hash_key=True)
    number = UnicodeAttribute()
    status = UnicodeAttribute()
    version = IntegerAttribute()
    """One more with every transition; the event of that version says what happened."""
    user_id = UnicodeAttribute()
    lines: JSONAttribute = JSONAttribute()
    """As bought: [{product_id, sku, name, quantity, unit_minor}]."""
    amount_minor = IntegerAttribute()
    currency = UnicodeAttribute()
    shipping_address: JSONAttribute = JSONAttribute()
    placed_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()

    request_hash = UnicodeAttribute()
    payment_key = UnicodeAttribute()
    """The gateway's idempotency key, never another: a charge is asked for once."""
    payment_token = UnicodeAttribute(null=True)
    """Gone once the order left CHARGING for good; in no event and no log."""
    pay_deadline = UTCDateTimeAttribute()
    charging_since = UTCDateTimeAttribute(null=True)
    refunding_since = UTCDateTimeAttribute(null=True)
    attempts = IntegerAttribute(default=0)
    """Unknown outcomes since the order entered its state."""
    charge_id = UnicodeAttribute(null=True)
    refund_id = UnicodeAttribute(null=True)
    cancel_requested = BooleanAttribute(default=False)
    cancel_reason = UnicodeAttribute(null=True)
    shipped_at = UTCDateTimeAttribute(null=True)
    """Never cleared: what was shipped does not come back into stock."""
    tracking_url = UnicodeAttribute(null=True)
    tracking_code = UnicodeAttribute(null=True)
    """The short link to it."""
    mail_owed = UnicodeSetAttribute(null=True)
    """Templates whose event the mail queue has not yet accepted."""

    shard = UnicodeAttribute()
    status_shard = UnicodeAttribute()
    placed_sort = UnicodeAttribute()
    due_shard = UnicodeAttribute(null=True)
    due_sort = UnicodeAttribute(null=True)

    by_user = _ByUser()
    all = _All()
    by_status = _ByStatus()
    due = _Due()

    @property
    def due_at(self) -> datetime | None:
        return datetime.fromisoformat(self.due_sort.partition("#")[0]) if self.due_sort else None

    def place_in_indexes(self, due_at: datetime | None) -> None:
        """Set the index keys from the rest of the row; `due_at` is None when nothing is due."""
        self.shard = shard_of(self.order_id)
        self.status_shard = f"{self.status}#{self.shard}"
        self.placed_sort = f"{to_text(self.placed_at)}#{self.order_id}"
        self.due_shard = self.shard if due_at else None
        self.due_sort = f"{to_text(due_at)}#{self.order_id}" if due_at else None

    def changed_from(self, before: dict[str, Any]) -> list[Action]:
        """What must be updated in the stored row, which had these attributes."""
        now = self.attribute_values
        return [
            attribute.remove() if now.get(name) is None else attribute.set(now[name])
            for name, attribute in self.get_attributes().items()
            if now.get(name) != before.get(name)
        ]
