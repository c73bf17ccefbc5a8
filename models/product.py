"""What is sold. Its stock stands in the row, so that an order can take it in one transaction."""

from typing import Any

from pynamodb.attributes import ListAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from core.clock import to_text
from core.config import settings
from models.attributes import IntegerAttribute
from models.base import Table

ALL_LISTED = "ALL"
DELETED = "DELETED"
"""A tombstone: kept so that stock coming back from an order finds its row; in no index, seen by nobody."""
SORTED_NAME_BYTES = 512
_BEFORE_ANY_LETTER = "\x1f"
"""Ends a name in its sort key, below all that a name can hold: Mug stands before Mug, large."""

_PROJECTED = IncludeProjection(
    [
        *("sku", "slug", "name", "category", "price_minor", "currency", "status", "image_ids"),
        *("created_at", "updated_at", "version"),
    ]
)
"""All but stock and description: selling rewrites no index."""


class _AllCreated(GlobalSecondaryIndex["Product"]):
    class Meta:
        projection = _PROJECTED

    listed = UnicodeAttribute(hash_key=True)
    created_sort = UnicodeAttribute(range_key=True)


class _AllName(GlobalSecondaryIndex["Product"]):
    class Meta:
        projection = _PROJECTED

    listed = UnicodeAttribute(hash_key=True)
    name_sort = UnicodeAttribute(range_key=True)


class _AllPrice(GlobalSecondaryIndex["Product"]):
    class Meta:
        projection = _PROJECTED

    listed = UnicodeAttribute(hash_key=True)
    price_sort = UnicodeAttribute(range_key=True)


class _CategoryCreated(GlobalSecondaryIndex["Product"]):
    class Meta:
        projection = _PROJECTED

    listed_category = UnicodeAttribute(hash_key=True)
    created_sort = UnicodeAttribute(range_key=True)


class _CategoryName(GlobalSecondaryIndex["Product"]):
    class Meta:
        projection = _PROJECTED

    listed_category = UnicodeAttribute(hash_key=True)
    name_sort = UnicodeAttribute(range_key=True)


class _CategoryPrice(GlobalSecondaryIndex["Product"]):
    class Meta:
        projection = _PROJECTED

    listed_category = UnicodeAttribute(hash_key=True)
    price_sort = UnicodeAttribute(range_key=True)


class _NotActive(GlobalSecondaryIndex["Product"]):
    class Meta:
        projection = _PROJECTED

    unlisted = UnicodeAttribute(hash_key=True)
    created_sort = UnicodeAttribute(range_key=True)


class Product(Table):
    """Rows read from an index are partial: see `is_partial`. Never `save()` one, it would wipe what is missing."""

    class Meta:
        table_name = settings().products_table

    product_id = UnicodeAttribute(hash_key=True)
    sku = UnicodeAttribute()
    slug = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    category = UnicodeAttribute(null=True)
    price_minor = IntegerAttribute()
    currency = UnicodeAttribute()
    status = UnicodeAttribute()
    """DRAFT, ACTIVE, ARCHIVED or DELETED."""
    stock = IntegerAttribute()
    image_ids = ListAttribute[str]()
    """At most 12, in display order."""
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    version = IntegerAttribute()
    """One more with every change but that of stock."""

    listed = UnicodeAttribute(null=True)
    listed_category = UnicodeAttribute(null=True)
    unlisted = UnicodeAttribute(null=True)
    created_sort = UnicodeAttribute(null=True)
    name_sort = UnicodeAttribute(null=True)
    price_sort = UnicodeAttribute(null=True)

    all_created = _AllCreated()
    all_name = _AllName()
    all_price = _AllPrice()
    category_created = _CategoryCreated()
    category_name = _CategoryName()
    category_price = _CategoryPrice()
    not_active = _NotActive()

    @property
    def is_partial(self) -> bool:
        """Read from an index, without stock and description."""
        return self.stock is None

    @classmethod
    def index_of(cls, sort: str, *, in_category: bool) -> GlobalSecondaryIndex["Product"]:
        """The index of what is listed, by CREATED_AT, NAME or PRICE."""
        if in_category:
            return {"CREATED_AT": cls.category_created, "NAME": cls.category_name, "PRICE": cls.category_price}[sort]
        return {"CREATED_AT": cls.all_created, "NAME": cls.all_name, "PRICE": cls.all_price}[sort]

    @classmethod
    def has_room_for_images(cls, most: int) -> Condition:
        return cls.image_ids.exists() & (size(cls.image_ids) < most)

    def place_in_indexes(self) -> None:
        """Set the index keys from the rest of the row."""
        is_active = self.status == "ACTIVE"
        self.listed = ALL_LISTED if is_active else None
        self.listed_category = self.category if is_active else None
        self.unlisted = self.status if self.status in {"DRAFT", "ARCHIVED"} else None
        self.created_sort = f"{to_text(self.created_at)}#{self.product_id}"
        self.name_sort = f"{_sortable(self.name)}{_BEFORE_ANY_LETTER}#{self.product_id}"
        self.price_sort = f"{self.currency}#{self.price_minor:012d}#{self.product_id}"

    def change(self, **values: Any) -> list[Action]:
        """Take these values; answers what must be updated in the stored row, index keys included."""
        before = dict(self.attribute_values)
        for name, value in values.items():
            setattr(self, name, value)
        self.place_in_indexes()
        return [
            attribute.remove() if value is None else attribute.set(value)
            for name, attribute in self.get_attributes().items()
            if (value := self.attribute_values.get(name)) != before.get(name)
        ]


def _sortable(name: str) -> str:
    return name.casefold().encode()[:SORTED_NAME_BYTES].decode(errors="ignore")
