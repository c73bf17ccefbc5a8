"""Short links as their owner, and admins, see them."""

from models.paging import Page, parse_window, query_page
from models.short_link import ShortLink


def list_short_links_of(
    owner_id: str,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page[ShortLink]:
    """Newest first; one query."""
    window = parse_window("user-short-links", first, after, last, before)
    return query_page(ShortLink.by_owner, [owner_id], window, descending=True)
