"""Creating a product: its row and the guards of its SKU and slug, in one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass

from ulid import ULID

from core.clock import now
from core.errors import Refused, RetryError, TakenError, refuse_all
from models.product import Product
from models.transaction import ConditionFailed, commit, put
from models.unique import claim
from services.catalogue import rules
from services.catalogue.rules import Errors, Price
from services.catalogue.slugs import find_free_slug, make_slug, slug_taken, with_suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    sku: str
    name: str
    price: Price
    slug: str | None = None
    """Made from the name when None."""
    description: str | None = None
    category: str | None = None
    stock: int = 0
    status: str = "DRAFT"


def create_product(new: NewProduct) -> Product:
    product = _checked(new)
    for slug in [new.slug] if new.slug is not None else _made_slugs(product):
        product.slug = slug
        taken = _write(product)
        if not taken:
            return product
        if "sku" in taken or new.slug is not None:
            raise _taken(taken, new)
    raise Refused(RetryError(message="No free slug was found: please try again, or choose one."))


def _checked(new: NewProduct) -> Product:
    errors: Errors = []
    moment = now()
    product = Product(
        product_id=str(ULID()),
        sku=rules.sku(new.sku, errors),
        slug=None if new.slug is None else rules.slug(new.slug, errors),
        name=rules.name(new.name, errors),
        description=rules.description(new.description, errors),
        category=rules.category(new.category, errors),
        status=new.status,
        image_ids=[],
        created_at=moment,
        updated_at=moment,
        version=1,
    )
    price = rules.price(new.price, errors)
    product.price_minor, product.currency = price.minor, price.currency
    product.stock = rules.stock(new.stock, errors)
    refuse_all(errors)
    product.place_in_indexes()
    return product


def _made_slugs(product: Product) -> Iterator[str]:
    """The name's own; a free one like it; and, should others be faster each time, one that nobody else can hit."""
    slug = make_slug(product.name)
    yield slug
    yield find_free_slug(slug) or slug
    yield with_suffix(slug, product.product_id[-8:].lower())


def _write(product: Product) -> list[str]:
    """The fields whose values are taken; nothing was written if any is."""
    guards = {
        "sku": claim("SKU", product.sku, product.product_id),
        "slug": claim("SLUG", product.slug, product.product_id),
    }
    try:
        commit([put(product), *guards.values()])
    except ConditionFailed as failed:
        return [field for field, guard in guards.items() if failed.of(guard)]
    return []


def _taken(fields: list[str], new: NewProduct) -> Refused:
    errors: Errors = []
    if "sku" in fields:
        errors.append(TakenError(message="Another product has this SKU.", field=("sku",)))
    if "slug" in fields and new.slug is not None:
        errors.append(slug_taken(new.slug))
    return Refused(*errors)
