"""How the root fields of accounts are answered."""

import strawberry

from models.paging import Page, parse_window, query_page
from models.user import ALL_USERS
from models.user import User as UserRow
from schema.account_inputs import (
    ConfirmSignUpInput,
    RefreshSessionInput,
    RequestPasswordResetInput,
    ResetPasswordInput,
    SignInInput,
    SignUpInput,
    UpdateProfileInput,
)
from schema.account_payloads import (
    AuthTokens,
    ConfirmSignUpPayload,
    RefreshSessionPayload,
    RequestPasswordResetPayload,
    ResetPasswordPayload,
    SignInPayload,
    SignOutPayload,
    SignUpPayload,
    UpdateProfilePayload,
)
from schema.connection import Connection, given
from schema.context import Info
from schema.node import find_key
from schema.user import User
from services import accounts


async def find_user(info: Info, user_id: str) -> User | None:
    """Null when the caller may not see them."""
    viewer = info.context.viewer
    if viewer is None or not viewer.may_act_for(user_id):
        return None
    row = await info.context.loaders.users.load(user_id)
    return User.from_row(row) if row else None


async def viewer(info: Info) -> User | None:
    """One read; the first time that somebody is seen, Cognito is asked who they are. None only when signed out."""
    caller = info.context.viewer
    if caller is None:
        return None
    if known := await find_user(info, caller.user_id):
        return known
    return _as_written(info, await info.context.run(accounts.fetch_profile, caller))


async def user(info: Info, id: strawberry.ID) -> User | None:
    user_id = find_key(id, "User")
    return await find_user(info, user_id) if user_id else None


async def users(
    info: Info,
    *,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
) -> Connection[User]:
    page = await info.context.run(_newest_users, **given(first=first, after=after, last=last, before=before))
    return Connection[User].from_page(page, User.from_row)


async def sign_up(info: Info, input: SignUpInput) -> SignUpPayload:
    await info.context.run(accounts.sign_up, input.email, input.password, input.name)
    return SignUpPayload(accepted=True)


async def confirm_sign_up(info: Info, input: ConfirmSignUpInput) -> ConfirmSignUpPayload:
    await info.context.run(accounts.confirm_sign_up, input.email, input.code)
    return ConfirmSignUpPayload(confirmed=True)


async def sign_in(info: Info, input: SignInInput) -> SignInPayload:
    """What else the request asks, it asks as whom it signed in."""
    session = await info.context.run(accounts.sign_in, input.email, input.password)
    info.context.viewer = session.viewer
    return SignInPayload(tokens=AuthTokens.from_tokens(session.tokens), viewer=_as_written(info, session.user))


async def refresh_session(info: Info, input: RefreshSessionInput) -> RefreshSessionPayload:
    tokens = await info.context.run(accounts.refresh_session, input.refresh_token)
    return RefreshSessionPayload(tokens=AuthTokens.from_tokens(tokens))


async def sign_out(info: Info) -> SignOutPayload:
    await info.context.run(accounts.sign_out, info.context.signed_in)
    return SignOutPayload(signed_out=True)


async def request_password_reset(info: Info, input: RequestPasswordResetInput) -> RequestPasswordResetPayload:
    await info.context.run(accounts.request_password_reset, input.email)
    return RequestPasswordResetPayload(accepted=True)


async def reset_password(info: Info, input: ResetPasswordInput) -> ResetPasswordPayload:
    await info.context.run(accounts.reset_password, input.email, input.code, input.new_password)
    return ResetPasswordPayload(reset=True)


async def update_profile(info: Info, input: UpdateProfileInput) -> UpdateProfilePayload:
    row = await info.context.run(
        accounts.update_profile,
        info.context.signed_in,
        input.to_changes(),
        input.expected_version.value if input.expected_version else None,
    )
    return UpdateProfilePayload(user=_as_written(info, row))


def _newest_users(
    first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
) -> Page[UserRow]:
    window = parse_window("users", first, after, last, before)
    return query_page(UserRow.newest, [ALL_USERS], window, descending=True)


def _as_written(info: Info, row: UserRow) -> User:
    """What else this request asks about the person is answered from the row as it is now."""
    info.context.loaders.users.prime(row.user_id, row, force=True)
    return User.from_row(row)
