"""People as clients see them."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from models.user import User as UserRow
from schema.connection import Connection, given
from schema.context import Info
from schema.node import Node, to_global_id
from schema.order import Order
from schema.short_link import ShortLink
from services.orders.listing import list_orders_of
from services.short_links.listing import list_short_links_of


@strawberry.enum(description="What a person may do.")
class Role(Enum):
    CUSTOMER = "CUSTOMER"
    ADMIN = "ADMIN"


@strawberry.type(description="A person with an account. Only the person and admins see one.")
class User(Node):
    user_id: strawberry.Private[str]
    email: str
    name: str
    role: Role = strawberry.field(description="As of the last sign-in.")
    created_at: datetime
    updated_at: datetime
    version: int

    @strawberry.field(description="Newest first. One query a user.")
    async def orders(
        self,
        info: Info,
        *,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> Connection[Order]:
        window = given(first=first, after=after, last=last, before=before)
        page = await info.context.run(list_orders_of, self.user_id, **window)
        return Connection[Order].from_page(page, Order.from_row)

    @strawberry.field(description="Newest first. One query a user.")
    async def short_links(
        self,
        info: Info,
        *,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> Connection[ShortLink]:
        window = given(first=first, after=after, last=last, before=before)
        page = await info.context.run(list_short_links_of, self.user_id, **window)
        return Connection[ShortLink].from_page(page, ShortLink.from_row)

    @classmethod
    def from_row(cls, row: UserRow) -> Self:
        return cls(
            id=to_global_id("User", row.user_id),
            user_id=row.user_id,
            email=row.email,
            name=row.name,
            role=Role(row.role),
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=int(row.version),
        )
