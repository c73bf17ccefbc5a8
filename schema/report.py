"""A day's report as admins see it."""

from datetime import date, datetime
from typing import Any, Self

import strawberry

from models.daily_report import DailyReport as ReportRow
from models.product import DELETED
from models.short_link import DELETED as LINK_DELETED
from schema.context import Info
from schema.money import Money
from schema.node import Node, to_global_id
from schema.product import Product
from schema.short_link import ShortLink


@strawberry.type(description="A product and how much of it was sold, in orders confirmed that day.")
class ProductSales:
    product_id: strawberry.Private[str]
    sku: str = strawberry.field(description="As it was when it was last sold that day; so is the name.")
    name: str
    units: int

    @strawberry.field(description="Null once the product was deleted.")
    async def product(self, info: Info) -> Product | None:
        row = await info.context.loaders.products.load(self.product_id)
        return Product.from_row(row) if row and row.status != DELETED else None

    @classmethod
    def from_stored(cls, sold: dict[str, Any]) -> Self:
        return cls(product_id=sold["product_id"], sku=sold["sku"], name=sold["name"], units=sold["units"])


@strawberry.type(description="A short link and how often people followed it.")
class LinkClicks:
    code: str
    clicks: int

    @strawberry.field(description="Null once it was deleted.")
    async def short_link(self, info: Info) -> ShortLink | None:
        row = await info.context.loaders.short_links.load(self.code)
        return ShortLink.from_row(row) if row and row.state != LINK_DELETED else None

    @classmethod
    def from_stored(cls, clicked: dict[str, Any]) -> Self:
        return cls(code=clicked["code"], clicks=clicked["clicks"])


@strawberry.type(description="One UTC day of business, made by the schedule and remade on demand.")
class DailyReport(Node):
    date: date
    orders_placed: int
    orders_confirmed: int
    orders_cancelled: int = strawberry.field(description="Never paid. A refund is no cancellation and changes no day.")
    revenue: list[Money] = strawberry.field(description="Of orders confirmed that day, one entry a currency.")
    units_sold: int = strawberry.field(description="In orders confirmed that day.")
    new_users: int
    link_clicks: int = strawberry.field(description="Of people, as counted when the report was first made.")
    top_products: list[ProductSales] = strawberry.field(description="At most 10, most units first.")
    top_links: list[LinkClicks] = strawberry.field(description="At most 10, most clicks first.")
    generated_at: datetime = strawberry.field(description="When it was made or last remade.")

    @classmethod
    def from_row(cls, row: ReportRow) -> Self:
        return cls(
            id=to_global_id("DailyReport", row.day),
            date=date.fromisoformat(row.day),
            orders_placed=row.orders_placed,
            orders_confirmed=row.orders_confirmed,
            orders_cancelled=row.orders_cancelled,
            revenue=[Money.from_minor(minor, currency) for currency, minor in row.revenue.items()],
            units_sold=row.units_sold,
            new_users=row.new_users,
            link_clicks=row.link_clicks,
            top_products=[ProductSales.from_stored(sold) for sold in row.top_products],
            top_links=[LinkClicks.from_stored(clicked) for clicked in row.top_links],
            generated_at=row.generated_at,
        )
