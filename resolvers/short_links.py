"""How the root fields of short links are answered."""

import strawberry

from models.short_link import DELETED
from models.short_link import ShortLink as ShortLinkRow
from schema.context import Info
from schema.node import fetch_key, find_key
from schema.short_link import ShortLink, ShortLinkBy
from schema.short_link_inputs import CreateShortLinkInput, DeleteShortLinkInput, UpdateShortLinkInput
from schema.short_link_payloads import CreateShortLinkPayload, DeleteShortLinkPayload, UpdateShortLinkPayload
from services.short_links import changing, making
from services.short_links.codes import is_code


async def find_short_link(info: Info, code: str) -> ShortLink | None:
    """Null when it is not the caller's to see."""
    viewer = info.context.viewer
    row = await info.context.loaders.short_links.load(code) if viewer and is_code(code) else None
    is_seen = row and viewer and row.state != DELETED and viewer.may_act_for(row.owner_id)
    return ShortLink.from_row(row) if row and is_seen else None


async def short_link(info: Info, by: ShortLinkBy) -> ShortLink | None:
    """One read either way: the code is the key."""
    code = by.code.value if by.code else find_key(by.id.value, "ShortLink") if by.id else None
    return await find_short_link(info, code) if code else None


async def create_short_link(info: Info, input: CreateShortLinkInput) -> CreateShortLinkPayload:
    row = await info.context.run(making.create_short_link, info.context.signed_in.user_id, input.to_new())
    return CreateShortLinkPayload(short_link=_as_written(info, row))


async def update_short_link(info: Info, input: UpdateShortLinkInput) -> UpdateShortLinkPayload:
    row = await info.context.run(
        changing.update_short_link,
        info.context.signed_in,
        find_key(input.short_link_id, "ShortLink"),
        input.to_changes(),
        input.expected_version.value if input.expected_version else None,
    )
    return UpdateShortLinkPayload(short_link=_as_written(info, row))


async def delete_short_link(info: Info, input: DeleteShortLinkInput) -> DeleteShortLinkPayload:
    code = _code(input.short_link_id)
    await info.context.run(changing.delete_short_link, info.context.signed_in, code)
    info.context.loaders.short_links.prime(code, None, force=True)
    return DeleteShortLinkPayload(deleted_short_link_id=input.short_link_id)


def _code(global_id: strawberry.ID) -> str:
    return fetch_key(global_id, "ShortLink", ("shortLinkId",))


def _as_written(info: Info, row: ShortLinkRow) -> ShortLink:
    """What else this request asks about the link is answered from the row as it is now."""
    info.context.loaders.short_links.prime(row.code, row, force=True)
    return ShortLink.from_row(row)
