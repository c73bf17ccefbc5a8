"""What the mutations of accounts take."""

import strawberry

from services.accounts import ProfileChanges


@strawberry.input(description="A new account.")
class SignUpInput:
    email: str
    password: str = strawberry.field(
        description="10 to 98 characters, with a lower-case letter, an upper-case letter and a digit."
    )
    name: str = strawberry.field(description="1 to 100 characters.")


@strawberry.input(description="Shows that the e-mail address is one's own.")
class ConfirmSignUpInput:
    email: str
    code: str = strawberry.field(description="The code from the e-mail.")


@strawberry.input(description="Credentials.")
class SignInInput:
    email: str
    password: str


@strawberry.input(description="What `signIn` answered.")
class RefreshSessionInput:
    refresh_token: str


@strawberry.input(description="Whose password was forgotten.")
class RequestPasswordResetInput:
    email: str


@strawberry.input(description="A new password, allowed by the code from the e-mail.")
class ResetPasswordInput:
    email: str
    code: str
    new_password: str = strawberry.field(
        description="10 to 98 characters, with a lower-case letter, an upper-case letter and a digit."
    )


@strawberry.input(description="What is absent is kept.")
class UpdateProfileInput:
    name: strawberry.Maybe[str | None] = strawberry.field(description="1 to 100 characters; null is refused.")
    expected_version: strawberry.Maybe[int | None] = strawberry.field(
        description="The version that was read: refused with STALE_VERSION when it is no longer so."
    )

    def to_changes(self) -> ProfileChanges:
        return {"name": self.name.value} if self.name else {}
