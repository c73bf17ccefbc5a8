"""What the mutations of accounts answer."""

from typing import Self

import strawberry

from schema.errors import UserError
from schema.user import User
from services.accounts import Tokens


@strawberry.type(
    description="What a client sends as `Authorization: Bearer <accessToken>`, and how it renews it.",
)
class AuthTokens:
    access_token: str
    refresh_token: str
    expires_in: int = strawberry.field(description="Seconds from now.")

    @classmethod
    def from_tokens(cls, tokens: Tokens) -> Self:
        return cls(access_token=tokens.access, refresh_token=tokens.refresh, expires_in=tokens.expires_in)


@strawberry.type(description="A code was sent, if the address is free.")
class SignUpPayload:
    accepted: bool = strawberry.field(
        default=False, description="The same for a free and a taken address: who has an account is not told."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Whether the account can be used now.")
class ConfirmSignUpPayload:
    confirmed: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="A new session.")
class SignInPayload:
    tokens: AuthTokens | None = None
    viewer: User | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The session goes on.")
class RefreshSessionPayload:
    tokens: AuthTokens | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Whether every session has ended.")
class SignOutPayload:
    signed_out: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="A code was sent, if the address has an account.")
class RequestPasswordResetPayload:
    accepted: bool = strawberry.field(default=False, description="The same whether the address has an account or not.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Whether the new password counts.")
class ResetPasswordPayload:
    reset: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The caller as they are now.")
class UpdateProfilePayload:
    user: User | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
