"""What the catalogue's mutations answer."""

import strawberry

from schema.errors import UserError
from schema.product import Product


@strawberry.type(description="The product that was made.")
class CreateProductPayload:
    product: Product | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The product as it is now.")
class UpdateProductPayload:
    product: Product | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What was deleted.")
class DeleteProductPayload:
    deleted_product_id: strawberry.ID | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The product with its stock as it is now.")
class AdjustStockPayload:
    product: Product | None = None
    replayed: bool = strawberry.field(
        default=False, description="True when this key was used before and nothing was done now."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
