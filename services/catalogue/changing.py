"""Changing and deleting a product: a change that loses a race reads the product again and decides anew."""

from typing import Any, TypedDict

from core.clock import now
from core.errors import InvalidInputError, Refused, RetryError, StaleVersionError, refuse_all
from models.product import DELETED, Product
from models.transaction import ConditionFailed, commit, update
from models.unique import claim, release
from services.catalogue import rules
from services.catalogue.rules import Errors, Price
from services.catalogue.slugs import slug_taken
from services.images.removing import deletions

TRIES = 5


class ProductChanges(TypedDict, total=False):
    """A key that is absent is kept; None clears, and is refused where a value is required."""

    slug: str | None
    name: str | None
    description: str | None
    category: str | None
    price: Price | None
    status: str | None


def update_product(product_id: str | None, changes: ProductChanges, expected_version: int | None = None) -> Product:
    """Without `expected_version` it changes whatever the product is by then. What changes nothing writes nothing."""
    values = _checked(product_id, changes)
    assert product_id is not None  # noqa: S101 - refused otherwise
    for _ in range(TRIES):
        product = _fetch(product_id)
        version, slug = product.version, product.slug
        if expected_version not in {None, version}:
            raise Refused(_stale(version))
        actions = product.change(**values)
        if not actions:
            return product
        actions += product.change(version=version + 1, updated_at=now())
        row = update(product, actions, Product.version == version)
        new_guard, old_guard = claim("SLUG", product.slug, product_id), release("SLUG", slug, product_id)
        try:
            commit([row] if product.slug == slug else [row, new_guard, old_guard])
        except ConditionFailed as failed:
            if failed.of(row) is None and failed.of(new_guard):
                raise Refused(slug_taken(product.slug)) from failed
        else:
            return product
    raise Refused(_too_many_changes())


def delete_product(product_id: str) -> None:
    """Leaves a tombstone: its orders may still give stock back. Its pictures go; SKU and slug are free again."""
    for _ in range(TRIES):
        product = _fetch(product_id)
        version = product.version
        actions = product.change(status=DELETED, version=version + 1, updated_at=now())
        try:
            commit(
                [
                    update(product, actions, Product.version == version),
                    release("SKU", product.sku, product_id),
                    release("SLUG", product.slug, product_id),
                    *deletions(product),
                ]
            )
        except ConditionFailed:
            continue
        return
    raise Refused(_too_many_changes())


def _checked(product_id: str | None, changes: ProductChanges) -> dict[str, Any]:
    """As stored."""
    errors: Errors = [] if product_id is not None else [rules.no_such_product()]
    values: dict[str, Any] = {}
    for field in ("slug", "name", "price", "status"):
        if field in changes and changes[field] is None:
            message = f"A product must have a {field}."
            errors.append(InvalidInputError(code="REQUIRED", message=message, field=(field,)))
    if (slug := changes.get("slug")) is not None:
        values["slug"] = rules.slug(slug, errors)
    if (name := changes.get("name")) is not None:
        values["name"] = rules.name(name, errors)
    if "description" in changes:
        values["description"] = rules.description(changes["description"], errors)
    if "category" in changes:
        values["category"] = rules.category(changes["category"], errors)
    if (price := changes.get("price")) is not None:
        money = rules.price(price, errors)
        values |= {"price_minor": money.minor, "currency": money.currency}
    if (status := changes.get("status")) is not None:
        values["status"] = status
    refuse_all(errors)
    return values


def _fetch(product_id: str) -> Product:
    product = Product.find(product_id, consistent=True)
    if product is None or product.status == DELETED:
        raise Refused(rules.no_such_product())
    return product


def _stale(current_version: int) -> StaleVersionError:
    return StaleVersionError(
        message="The product was changed meanwhile.", field=("expectedVersion",), current_version=current_version
    )


def _too_many_changes() -> RetryError:
    return RetryError(message="Others change the product all the time. Nothing was changed: please try again.")
