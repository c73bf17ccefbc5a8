"""Objects by their global ids, whatever their type."""

import asyncio
from collections.abc import Awaitable, Callable

import strawberry

from core.errors import BadRequest
from models.paging import MAX_SIZE
from resolvers import accounts, catalogue, images, orders, reports, short_links
from schema.context import Info
from schema.node import Node, parse_global_id

_FINDERS: dict[str, Callable[[Info, str], Awaitable[Node | None]]] = {
    "DailyReport": reports.find_report,
    "Image": images.find_image,
    "Order": orders.find_order,
    "Product": catalogue.find_product,
    "ShortLink": short_links.find_short_link,
    "User": accounts.find_user,
}
"""Each answers None for what is not there and for what the caller may not see."""


async def node(info: Info, id: strawberry.ID) -> Node | None:
    parsed = parse_global_id(id)
    if parsed is None or parsed[0] not in _FINDERS:
        return None
    type_name, key = parsed
    return await _FINDERS[type_name](info, key)


async def nodes(info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
    """Found side by side, so that those of one type cost one batch read."""
    if len(ids) > MAX_SIZE:
        raise BadRequest(f"`ids` may name at most {MAX_SIZE} objects.")
    return await asyncio.gather(*(node(info, id) for id in ids))
