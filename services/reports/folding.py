"""A day's figures, folded from what happened on it.

Revenue is gross: an order counts when it is confirmed, and a later refund changes no past day.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from typing import Any

from models.link_day import LinkDay
from models.order_event import OrderEvent
from models.user import User

TOP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Named as a stored report has them."""

    orders_placed: int
    orders_confirmed: int
    orders_cancelled: int
    revenue: dict[str, int]
    units_sold: int
    new_users: int
    link_clicks: int
    top_products: list[dict[str, Any]]
    top_links: list[dict[str, Any]]


def fold(day: date) -> Figures:
    """Reads the day once, page by page: what is held grows with the products sold, not with the orders."""
    arrivals: Counter[str] = Counter()
    revenue: Counter[str] = Counter()
    units: Counter[str] = Counter()
    sold_as: dict[str, dict[str, Any]] = {}
    for event in OrderEvent.of_day(day):
        arrivals[event.status] += 1
        if event.status == "CONFIRMED":
            revenue[event.sold["currency"]] += event.sold["amount_minor"]
            for line in event.sold["lines"]:
                units[line["product_id"]] += line["quantity"]
                sold_as[line["product_id"]] = {name: line[name] for name in ("product_id", "sku", "name")}
    products = [{**sold_as[product_id], "units": sold} for product_id, sold in units.items()]
    link_clicks, top_links = _fold_clicks(day)
    return Figures(
        orders_placed=arrivals["PENDING"],
        orders_confirmed=arrivals["CONFIRMED"],
        orders_cancelled=arrivals["CANCELLED"],
        revenue=dict(sorted(revenue.items())),
        units_sold=units.total(),
        new_users=User.count_new(day),
        link_clicks=link_clicks,
        top_products=nsmallest(TOP, products, key=lambda each: (-each["units"], each["sku"], each["product_id"])),
        top_links=top_links,
    )


def _fold_clicks(day: date) -> tuple[int, list[dict[str, Any]]]:
    """All clicks, and the most clicked links, in one pass."""
    total = 0

    def links() -> Iterator[dict[str, Any]]:
        nonlocal total
        for row in LinkDay.by_day.query(day.isoformat(), LinkDay.clicks > 0):
            total += row.clicks
            yield {"code": row.code, "clicks": row.clicks}

    top = nsmallest(TOP, links(), key=lambda link: (-link["clicks"], link["code"]))
    return total, top
