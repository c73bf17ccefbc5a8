"""What the catalogue's mutations take."""

import strawberry

from schema.money import MoneyInput
from schema.product import ProductStatus
from services.catalogue import NewProduct, Price, ProductChanges


def _price(money: MoneyInput) -> Price:
    return Price(money.amount, money.currency_code.value)


@strawberry.input(description="A new product.")
class CreateProductInput:
    sku: str = strawberry.field(description="2 to 64 of A-Z a-z 0-9 . _ -, unique.")
    slug: strawberry.Maybe[str | None] = strawberry.field(description="Made from the name when absent; unique.")
    name: str = strawberry.field(description="3 to 200 characters.")
    description: strawberry.Maybe[str | None] = strawberry.field(description="At most 10,000 characters.")
    category: strawberry.Maybe[str | None] = strawberry.field(description="A slug of at most 64 characters.")
    price: MoneyInput = strawberry.field(description="Zero or more.")
    stock: int = strawberry.field(default=0, description="0 to 1,000,000.")
    status: ProductStatus = ProductStatus.DRAFT

    def to_new(self) -> NewProduct:
        return NewProduct(
            sku=self.sku,
            slug=self.slug.value if self.slug else None,
            name=self.name,
            description=self.description.value if self.description else None,
            category=self.category.value if self.category else None,
            price=_price(self.price),
            stock=self.stock,
            status=self.status.value,
        )


@strawberry.input(description="What is absent is kept; null clears.")
class UpdateProductInput:
    product_id: strawberry.ID
    slug: strawberry.Maybe[str | None]
    name: strawberry.Maybe[str | None]
    description: strawberry.Maybe[str | None]
    category: strawberry.Maybe[str | None]
    price: strawberry.Maybe[MoneyInput | None]
    status: strawberry.Maybe[ProductStatus | None]
    expected_version: strawberry.Maybe[int | None] = strawberry.field(
        description="The version that was read: refused with STALE_VERSION when it is no longer so."
    )

    def to_changes(self) -> ProductChanges:
        changes: ProductChanges = {}
        if self.slug:
            changes["slug"] = self.slug.value
        if self.name:
            changes["name"] = self.name.value
        if self.description:
            changes["description"] = self.description.value
        if self.category:
            changes["category"] = self.category.value
        if self.price:
            changes["price"] = _price(self.price.value) if self.price.value else None
        if self.status:
            changes["status"] = self.status.value.value if self.status.value else None
        return changes


@strawberry.input(description="The product to delete.")
class DeleteProductInput:
    product_id: strawberry.ID


@strawberry.input(description="Pieces that came or went, apart from orders.")
class AdjustStockInput:
    idempotency_key: str = strawberry.field(
        description="1 to 200 characters, chosen by the client: sending it again changes nothing more."
    )
    product_id: strawberry.ID
    delta: int = strawberry.field(description="Added to the stock; may be negative, never below what is there.")
