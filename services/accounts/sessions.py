"""Sessions: signing in, staying so, signing out everywhere."""

from dataclasses import dataclass

from core.aws import cognito
from core.config import settings
from core.errors import InvalidInputError, Refused
from core.viewer import Viewer
from models.user import User
from services.accounts import rules
from services.accounts.profiles import Person, keep_profile
from services.accounts.refusals import refused_as

_WRONG = InvalidInputError(code="INVALID_CREDENTIALS", message="The e-mail address or the password is wrong.")
_UNCONFIRMED = InvalidInputError(
    code="EMAIL_NOT_CONFIRMED", message="Confirm your e-mail address first, with the code we sent.", field=("email",)
)
_ENDED = InvalidInputError(
    code="INVALID_TOKEN", message="This session has ended: sign in again.", field=("refreshToken",)
)
_NO_SIGN_IN = {
    "InvalidParameterException": _WRONG,
    "NotAuthorizedException": _WRONG,
    "PasswordResetRequiredException": _WRONG,
    "UserNotFoundException": _WRONG,
    "UserNotConfirmedException": _UNCONFIRMED,  # Cognito looks at the password first
}
_NO_REFRESH = dict.fromkeys(
    (
        "InvalidParameterException",
        "NotAuthorizedException",
        "PasswordResetRequiredException",
        "UserNotConfirmedException",
        "UserNotFoundException",
    ),
    _ENDED,
)


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    access: str
    refresh: str
    expires_in: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Session:
    tokens: Tokens
    user: User
    viewer: Viewer


def sign_in(email: str, password: str) -> Session:
    """Brings the profile up to date, role included."""
    email = rules.normal_email(email)
    if not (rules.is_email(email) and 1 <= len(password) <= 256 and password.isprintable()):
        raise Refused(_WRONG)
    with refused_as(_NO_SIGN_IN):
        answer = cognito().initiate_auth(
            ClientId=settings().user_pool_client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
    result = answer.get("AuthenticationResult")
    if result is None:  # a challenge, such as a temporary password's: Kiosk makes no such accounts
        raise Refused(_WRONG)
    import jwt  # noqa: PLC0415 - with cryptography, which a laptop's first query can do without

    # Straight from Cognito, so its signature has nothing to add.
    claims = jwt.decode(result["IdToken"], options={"verify_signature": False})
    person = Person.from_claims(claims)
    tokens = Tokens(result["AccessToken"], result["RefreshToken"], result["ExpiresIn"])
    return Session(tokens, keep_profile(person), Viewer(person.user_id, person.role, tokens.access))


def refresh_session(refresh_token: str) -> Tokens:
    if not rules.is_token(refresh_token):
        raise Refused(_ENDED)
    with refused_as(_NO_REFRESH):
        answer = cognito().initiate_auth(
            ClientId=settings().user_pool_client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )
    result = answer["AuthenticationResult"]
    return Tokens(result["AccessToken"], result.get("RefreshToken", refresh_token), result["ExpiresIn"])


def sign_out(viewer: Viewer) -> None:
    """Ends every session: refreshing at once, access when its token runs out. Safe to repeat."""
    client = cognito()
    with refused_as({}):
        try:
            client.global_sign_out(AccessToken=viewer.access_token)
        except client.exceptions.NotAuthorizedException:
            return  # signed out before
