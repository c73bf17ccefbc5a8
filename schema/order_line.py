"""The lines of an order, and of one that is only being thought of."""

from typing import Any, Self

import strawberry

from models.product import DELETED
from schema.context import Info
from schema.money import Money
from schema.product import Product
from services.orders.lines import PricedLine


@strawberry.type(description="A product and how many of it, as they were when the order was placed.")
class OrderLine:
    product_id: strawberry.Private[str]
    sku: str
    name: str
    quantity: int
    unit_price: Money
    total: Money

    @strawberry.field(description="Null once the product was deleted; an archived one is still seen here.")
    async def product(self, info: Info) -> Product | None:
        row = await info.context.loaders.products.load(self.product_id)
        return Product.from_row(row) if row and row.status != DELETED else None

    @classmethod
    def from_stored(cls, line: dict[str, Any], currency: str) -> Self:
        return cls(
            product_id=line["product_id"],
            sku=line["sku"],
            name=line["name"],
            quantity=line["quantity"],
            unit_price=Money.from_minor(line["unit_minor"], currency),
            total=Money.from_minor(line["unit_minor"] * line["quantity"], currency),
        )

    @classmethod
    def from_priced(cls, line: PricedLine) -> Self:
        product = line.product
        return cls(
            product_id=product.product_id,
            sku=product.sku,
            name=product.name,
            quantity=line.quantity,
            unit_price=Money.from_minor(product.price_minor, product.currency),
            total=Money.from_minor(line.total_minor, product.currency),
        )
