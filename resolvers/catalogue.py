"""How the catalogue's root fields are answered."""

import strawberry

from core.viewer import Viewer
from models.product import DELETED
from models.product import Product as ProductRow
from models.unique import Unique, guard_key
from schema.connection import Connection, given
from schema.context import Info
from schema.node import fetch_key, find_key
from schema.product import Product, ProductBy, ProductOrder, ProductStatus, SortDirection
from schema.product_inputs import AdjustStockInput, CreateProductInput, DeleteProductInput, UpdateProductInput
from schema.product_payloads import (
    AdjustStockPayload,
    CreateProductPayload,
    DeleteProductPayload,
    UpdateProductPayload,
)
from services import catalogue
from services.catalogue.rules import is_sku, is_slug


async def find_product(info: Info, product_id: str) -> Product | None:
    """Null when the caller may not see it."""
    row = await info.context.loaders.products.load(product_id)
    return Product.from_row(row) if row and _is_seen_by(info.context.viewer, row) else None


async def product(info: Info, by: ProductBy) -> Product | None:
    """By id one read; by slug or SKU two, the guard's and the product's."""
    product_id = await _find_id(info, by)
    return await find_product(info, product_id) if product_id else None


async def products(
    info: Info,
    *,
    status: ProductStatus = ProductStatus.ACTIVE,
    category: str | None = strawberry.UNSET,
    order: ProductOrder | None = strawberry.UNSET,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
) -> Connection[Product]:
    order = order or ProductOrder()
    page = await info.context.run(
        catalogue.list_products,
        status=status.value,
        sort=order.by.value,
        is_descending=order.direction is SortDirection.DESC,
        **given(category=category, first=first, after=after, last=last, before=before),
    )
    return Connection[Product].from_page(page, Product.from_row)


async def create_product(info: Info, input: CreateProductInput) -> CreateProductPayload:
    row = await info.context.run(catalogue.create_product, input.to_new())
    return CreateProductPayload(product=_as_written(info, row))


async def update_product(info: Info, input: UpdateProductInput) -> UpdateProductPayload:
    row = await info.context.run(
        catalogue.update_product,
        find_key(input.product_id, "Product"),
        input.to_changes(),
        input.expected_version.value if input.expected_version else None,
    )
    return UpdateProductPayload(product=_as_written(info, row))


async def delete_product(info: Info, input: DeleteProductInput) -> DeleteProductPayload:
    product_id = fetch_key(input.product_id, "Product", ("productId",))
    await info.context.run(catalogue.delete_product, product_id)
    info.context.loaders.products.prime(product_id, None, force=True)
    return DeleteProductPayload(deleted_product_id=input.product_id)


async def adjust_stock(info: Info, input: AdjustStockInput) -> AdjustStockPayload:
    adjustment = await info.context.run(
        catalogue.adjust_stock,
        info.context.signed_in.user_id,
        input.idempotency_key,
        find_key(input.product_id, "Product"),
        input.delta,
    )
    product = _as_written(info, adjustment.product) if adjustment.product else None
    return AdjustStockPayload(product=product, replayed=adjustment.is_replayed)


def _is_seen_by(viewer: Viewer | None, row: ProductRow) -> bool:
    return row.status == "ACTIVE" or (row.status != DELETED and viewer is not None and viewer.is_admin)


async def _find_id(info: Info, by: ProductBy) -> str | None:
    guard = None
    if by.id:
        return find_key(by.id.value, "Product")
    if by.slug and is_slug(by.slug.value):
        guard = await info.context.run(Unique.find, guard_key("SLUG", by.slug.value))
    if by.sku and is_sku(by.sku.value):
        guard = await info.context.run(Unique.find, guard_key("SKU", by.sku.value))
    return guard.owner_id if guard else None


def _as_written(info: Info, row: ProductRow) -> Product:
    """What else this request asks about the product is answered from the row as it is now."""
    info.context.loaders.products.prime(row.product_id, row, force=True)
    return Product.from_row(row)
