"""One batch read a table, however many objects of a request ask for its rows."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

from strawberry.dataloader import DataLoader

from models.base import Table
from models.image import Image
from models.link_day import TOTAL, LinkDay
from models.product import Product
from models.short_link import ShortLink
from models.user import User

Run = Callable[..., Awaitable[Any]]


class Loaders:
    """Made once a request: what they cache is as old as the request."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @cached_property
    def products(self) -> DataLoader[str, Product | None]:
        return self._rows(Product)

    @cached_property
    def images(self) -> DataLoader[str, Image | None]:
        return self._rows(Image)

    @cached_property
    def users(self) -> DataLoader[str, User | None]:
        return self._rows(User)

    @cached_property
    def short_links(self) -> DataLoader[str, ShortLink | None]:
        return self._rows(ShortLink)

    @cached_property
    def link_totals(self) -> DataLoader[str, LinkDay | None]:
        """By the link's code."""
        return self._rows(LinkDay, TOTAL)

    async def fetch_product(self, product_id: str) -> Product:
        row = await self.products.load(product_id)
        if row is None:
            raise LookupError(f"the product {product_id} is gone")
        return row

    def _rows(self, table: type[Table], range_key: str | None = None) -> DataLoader[str, Any]:
        async def load_rows(keys: list[str]) -> list[Table | None]:
            found = await self._run(table.find_many, keys, range_key=range_key)
            return [found.get(key) for key in keys]

        return DataLoader(load_fn=load_rows)
