"""What the mutations of short links take."""

from datetime import datetime

import strawberry

from schema.scalars import URL
from schema.short_link import RedirectType
from services.short_links.changing import ShortLinkChanges
from services.short_links.making import NewShortLink


@strawberry.input(description="A new short link.")
class CreateShortLinkInput:
    destination_url: URL = strawberry.field(
        description="http or https, at most 2,048 characters, on the public internet and not a short link of ours."
    )
    code: strawberry.Maybe[str | None] = strawberry.field(
        description="3 to 64 of A-Z a-z 0-9 _ -; 8 random characters when absent."
    )
    title: strawberry.Maybe[str | None] = strawberry.field(description="At most 200 characters.")
    redirect_type: RedirectType = RedirectType.TEMPORARY
    expires_at: strawberry.Maybe[datetime | None]
    max_clicks: strawberry.Maybe[int | None] = strawberry.field(description="1 to 1,000,000,000.")

    def to_new(self) -> NewShortLink:
        return NewShortLink(
            destination_url=self.destination_url,
            code=self.code.value if self.code else None,
            title=self.title.value if self.title else None,
            redirect_type=self.redirect_type.name,
            expires_at=self.expires_at.value if self.expires_at else None,
            max_clicks=self.max_clicks.value if self.max_clicks else None,
        )


@strawberry.input(description="What is absent is kept; null clears. Followed links show a change within 5 seconds.")
class UpdateShortLinkInput:
    short_link_id: strawberry.ID
    destination_url: strawberry.Maybe[URL | None]
    title: strawberry.Maybe[str | None]
    redirect_type: strawberry.Maybe[RedirectType | None]
    expires_at: strawberry.Maybe[datetime | None]
    max_clicks: strawberry.Maybe[int | None]
    disabled: strawberry.Maybe[bool | None]
    expected_version: strawberry.Maybe[int | None] = strawberry.field(
        description="The version that was read: refused with STALE_VERSION when it is no longer so."
    )

    def to_changes(self) -> ShortLinkChanges:
        changes: ShortLinkChanges = {}
        if self.destination_url:
            changes["destination_url"] = self.destination_url.value
        if self.title:
            changes["title"] = self.title.value
        if self.redirect_type:
            changes["redirect_type"] = self.redirect_type.value.name if self.redirect_type.value else None
        if self.expires_at:
            changes["expires_at"] = self.expires_at.value
        if self.max_clicks:
            changes["max_clicks"] = self.max_clicks.value
        if self.disabled:
            changes["disabled"] = self.disabled.value
        return changes


@strawberry.input(description="The short link to delete.")
class DeleteShortLinkInput:
    short_link_id: strawberry.ID
