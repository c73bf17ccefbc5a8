"""Short links as clients see them."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Self

import strawberry

from core.clock import now
from models.short_link import ShortLink as ShortLinkRow
from schema.context import Info
from schema.node import Node, to_global_id
from schema.scalars import URL
from schema.short_link_stats import ShortLinkStats
from services.short_links.codes import short_url
from services.short_links.following import status_of
from services.short_links.stats import read_stats


@strawberry.enum(description="Whether a short link leads on.")
class ShortLinkStatus(Enum):
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    EXHAUSTED = strawberry.enum_value("EXHAUSTED", description="Its maxClicks is used up.")
    DISABLED = "DISABLED"


@strawberry.enum(description="What browsers may remember of a redirect. A link with maxClicks is always TEMPORARY.")
class RedirectType(Enum):
    TEMPORARY = strawberry.enum_value(
        "TEMPORARY", description="302, never cached: every click is counted, a change works at once."
    )
    PERMANENT = strawberry.enum_value("PERMANENT", description="301, cached for up to an hour.")


@strawberry.type(description="A short address that leads to a long one. Its owner and admins see it.")
class ShortLink(Node):
    code: str = strawberry.field(description="The path of the short URL; never changes.")
    short_url: URL
    destination_url: URL
    title: str | None
    status: ShortLinkStatus
    redirect_type: RedirectType
    expires_at: datetime | None
    max_clicks: int | None = strawberry.field(description="Exact, bots included; counted from when it was set.")
    created_at: datetime
    updated_at: datetime
    version: int

    @strawberry.field(description="People only; bots and previews are counted apart. Seconds behind.")
    async def clicks(self, info: Info) -> int:
        total = await info.context.loaders.link_totals.load(self.code)
        return total.clicks if total else 0

    @strawberry.field(description="By a person.")
    async def last_clicked_at(self, info: Info) -> datetime | None:
        total = await info.context.loaders.link_totals.load(self.code)
        return total.last_clicked_at if total else None

    @strawberry.field(description="At most 366 days, both ends included. One query a link, two where rows are many.")
    async def stats(
        self, info: Info, from_: Annotated[date, strawberry.argument(name="from")], to: date
    ) -> ShortLinkStats:
        return ShortLinkStats.from_stats(await info.context.run(read_stats, self.code, from_, to))

    @classmethod
    def from_row(cls, row: ShortLinkRow) -> Self:
        return cls(
            id=to_global_id("ShortLink", row.code),
            code=row.code,
            short_url=URL(short_url(row.code)),
            destination_url=URL(row.destination_url),
            title=row.title,
            status=ShortLinkStatus(status_of(row, now())),
            redirect_type=RedirectType(row.redirect_type),
            expires_at=row.valid_until,
            max_clicks=row.max_clicks,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )


@strawberry.input(one_of=True, description="Exactly one of the ways to name a short link.")
class ShortLinkBy:
    id: strawberry.Maybe[strawberry.ID]
    code: strawberry.Maybe[str]
