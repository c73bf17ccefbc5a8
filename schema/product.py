"""Products as clients see them."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from models.product import Product as ProductRow
from schema.context import Info
from schema.image import Image, is_seen_by
from schema.money import Money
from schema.node import Node, to_global_id


@strawberry.enum(description="Where a product stands.")
class ProductStatus(Enum):
    DRAFT = strawberry.enum_value("DRAFT", description="Seen by admins only.")
    ACTIVE = "ACTIVE"
    ARCHIVED = strawberry.enum_value("ARCHIVED", description="Kept for its orders, no longer listed or sold.")


@strawberry.type(description="Something that is sold.")
class Product(Node):
    row: strawberry.Private[ProductRow]
    sku: str
    slug: str
    name: str
    category: str | None = strawberry.field(description="A slug such as `coffee`.")
    price: Money
    status: ProductStatus
    created_at: datetime
    updated_at: datetime
    version: int = strawberry.field(description="One more with every change but that of stock.")

    @strawberry.field
    async def description(self, info: Info) -> str | None:
        return (await self._whole_row(info)).description

    @strawberry.field(description="Pieces that can be ordered now.")
    async def stock(self, info: Info) -> int:
        return (await self._whole_row(info)).stock

    @strawberry.field(description="At most 12, in display order; only READY ones for customers.")
    async def images(self, info: Info) -> list[Image]:
        rows = await info.context.loaders.images.load_many(self.row.image_ids)
        return [Image.from_row(row) for row in rows if row and is_seen_by(info.context.viewer, row)]

    @classmethod
    def from_row(cls, row: ProductRow) -> Self:
        return cls(
            id=to_global_id("Product", row.product_id),
            row=row,
            sku=row.sku,
            slug=row.slug,
            name=row.name,
            category=row.category,
            price=Money.from_minor(row.price_minor, row.currency),
            status=ProductStatus(row.status),
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    async def _whole_row(self, info: Info) -> ProductRow:
        """Rows of a list lack what their index lacks: one batch read for all of them, when it is asked for."""
        return await info.context.loaders.fetch_product(self.row.product_id) if self.row.is_partial else self.row


@strawberry.enum(description="What a list of products can be ordered by.")
class ProductSort(Enum):
    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    PRICE = "PRICE"


@strawberry.enum(description="Which end of a list comes first.")
class SortDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.input(
    description="PRICE sorts by currency, then amount. Every combination is answered by one index; none scans."
)
class ProductOrder:
    by: ProductSort = ProductSort.CREATED_AT
    direction: SortDirection = SortDirection.DESC


@strawberry.input(one_of=True, description="Exactly one of the ways to name a product.")
class ProductBy:
    id: strawberry.Maybe[strawberry.ID]
    slug: strawberry.Maybe[str]
    sku: strawberry.Maybe[str]
