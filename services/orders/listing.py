"""Orders in lists, newest first, and by number."""

import re

from models.order import Order
from models.paging import Page, parse_window, query_page
from models.shards import all_shards
from models.unique import Unique, guard_key

_NUMBER = re.compile(r"K-[0-9A-Z]{4}-[0-9A-Z]{4}", re.ASCII)


def find_order_id(number: str) -> str | None:
    """One read."""
    number = number.strip().upper()
    guard = Unique.find(guard_key("ORDER", number)) if _NUMBER.fullmatch(number) else None
    return guard.owner_id if guard else None


def list_orders(
    status: str | None = None,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page[Order]:
    """Eight queries, one a shard, merged."""
    if status:
        window = parse_window(f"orders:{status}", first, after, last, before)
        return query_page(Order.by_status, all_shards(f"{status}#"), window, descending=True)
    return query_page(Order.all, all_shards(), parse_window("orders", first, after, last, before), descending=True)


def list_orders_of(
    user_id: str,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page[Order]:
    """One query."""
    window = parse_window("user-orders", first, after, last, before)
    return query_page(Order.by_user, [user_id], window, descending=True)
