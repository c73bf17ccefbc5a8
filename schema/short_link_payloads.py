"""What the mutations of short links answer."""

import strawberry

from schema.errors import UserError
from schema.short_link import ShortLink


@strawberry.type(description="The short link that was made.")
class CreateShortLinkPayload:
    short_link: ShortLink | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The short link as it is now.")
class UpdateShortLinkPayload:
    short_link: ShortLink | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What was deleted.")
class DeleteShortLinkPayload:
    deleted_short_link_id: strawberry.ID | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
