"""Pictures of products. What is still to be done about one stands in the index `due`."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from core.clock import to_text
from core.config import settings
from models.attributes import IntegerAttribute
from models.base import Table
from models.shards import shard_of

DELETED = "DELETED"
"""Seen by nobody: kept until nothing can write an object of it any more."""


class _Due(GlobalSecondaryIndex["Image"]):
    class Meta:
        projection = KeysOnlyProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_sort = UnicodeAttribute(range_key=True)


class Image(Table):
    class Meta:
        table_name = settings().images_table

    image_id = UnicodeAttribute(hash_key=True)
    product_id = UnicodeAttribute()
    status = UnicodeAttribute()
    """AWAITING_UPLOAD, PROCESSING, READY, REJECTED or DELETED."""
    rejection = UnicodeAttribute(null=True)
    alt_text = UnicodeAttribute(null=True)
    width = IntegerAttribute(null=True)
    height = IntegerAttribute(null=True)
    """Of the original, turned upright."""
    renditions: JSONAttribute = JSONAttribute(default=list)
    """As written to the media bucket, smallest first: [{format, width, height, byte_size, key}]."""
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()

    due_shard = UnicodeAttribute(null=True)
    due_sort = UnicodeAttribute(null=True)

    due = _Due()

    @property
    def due_at(self) -> datetime | None:
        return datetime.fromisoformat(self.due_sort.partition("#")[0]) if self.due_sort else None

    def be_due(self, at: datetime | None) -> None:
        self.due_shard = shard_of(self.image_id) if at else None
        self.due_sort = f"{to_text(at)}#{self.image_id}" if at else None

    def change(self, *, due_at: datetime | None, **values: Any) -> list[Action]:
        """Take these values; answers what must be updated in the stored row."""
        before = dict(self.attribute_values)
        for name, value in values.items():
            setattr(self, name, value)
        self.be_due(due_at)
        return [
            attribute.remove() if value is None else attribute.set(value)
            for name, attribute in self.get_attributes().items()
            if (value := self.attribute_values.get(name)) != before.get(name)
        ]
