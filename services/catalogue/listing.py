"""The lists that products stand in: what is sold, in any order and category, and what is not, for admins."""

from core.errors import BadRequest
from models.paging import Page, parse_window, query_page
from models.product import ALL_LISTED, Product
from services.catalogue.rules import is_category


def list_products(
    *,
    status: str = "ACTIVE",
    category: str | None = None,
    sort: str = "CREATED_AT",
    is_descending: bool = True,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page[Product]:
    """One query. The rows are partial. What is not ACTIVE stands in one list a status, by CREATED_AT only."""
    direction = "DESC" if is_descending else "ASC"
    window = parse_window(f"products {status} {category or '*'} {sort} {direction}", first, after, last, before)
    if status != "ACTIVE":
        if category is not None:
            raise BadRequest("`category` is for ACTIVE products only.")
        if sort != "CREATED_AT":
            raise BadRequest("Other than ACTIVE products are ordered by CREATED_AT only.")
        return query_page(Product.not_active, [status], window, descending=is_descending)
    if category is None:
        return query_page(Product.index_of(sort, in_category=False), [ALL_LISTED], window, descending=is_descending)
    if not is_category(category):
        return Page(rows=[], cursors=[], has_next_page=False, has_previous_page=False)
    return query_page(Product.index_of(sort, in_category=True), [category], window, descending=is_descending)
