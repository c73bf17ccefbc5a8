"""Short links by their code. A deleted one stays as a tombstone, so that its code is not given out again."""

from typing import Any

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from core.clock import to_text
from core.config import settings
from models.attributes import IntegerAttribute
from models.base import Table

ACTIVE, DISABLED, DELETED = "ACTIVE", "DISABLED", "DELETED"


class _ByOwner(GlobalSecondaryIndex["ShortLink"]):
    class Meta:
        projection = AllProjection()

    owner_id = UnicodeAttribute(hash_key=True)
    created_sort = UnicodeAttribute(range_key=True)


class ShortLink(Table):
    class Meta:
        table_name = settings().short_links_table

    code = UnicodeAttribute(hash_key=True)
    owner_id = UnicodeAttribute()
    state = UnicodeAttribute()
    """What was decided: ACTIVE, DISABLED or DELETED. Whether it expired or is exhausted is seen from the rest."""
    destination_url = UnicodeAttribute(null=True)
    """As the WHATWG parser writes it: ASCII only. A tombstone has none."""
    title = UnicodeAttribute(null=True)
    redirect_type = UnicodeAttribute()
    """TEMPORARY or PERMANENT."""
    valid_until = UTCDateTimeAttribute(null=True)
    max_clicks = IntegerAttribute(null=True)
    clicks_used = IntegerAttribute(default=0)
    """Exact, and counted only while there is a `max_clicks`."""
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    version = IntegerAttribute()
    """One more with every change, but not with clicks."""

    created_sort = UnicodeAttribute(null=True)
    """A tombstone has none: it is in no list."""

    by_owner = _ByOwner()

    def place_in_index(self) -> None:
        self.created_sort = None if self.state == DELETED else f"{to_text(self.created_at)}#{self.code}"

    def change(self, **values: Any) -> list[Action]:
        """Take these values; answers what must be updated in the stored row, the index key included."""
        before = dict(self.attribute_values)
        for name, value in values.items():
            setattr(self, name, value)
        self.place_in_index()
        return [
            attribute.remove() if value is None else attribute.set(value)
            for name, attribute in self.get_attributes().items()
            if (value := self.attribute_values.get(name)) != before.get(name)
        ]
