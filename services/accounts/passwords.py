"""A forgotten password: asking for a code, and setting a new one with it."""

from botocore.exceptions import BotoCoreError, ClientError

from core.aws import cognito
from core.config import settings
from core.errors import DomainError, InvalidInputError, Refused, refuse_all
from core.observability import count, logger
from services.accounts import rules
from services.accounts.refusals import NOT_THE_CODE, WRONG_CODE, refused_as
from services.accounts.rules import Errors

_TELLING = {
    "CodeDeliveryFailureException",
    "InvalidParameterException",  # no confirmed address
    "LimitExceededException",  # this account's own limit
    "NotAuthorizedException",  # disabled, or never signed in
    "UserNotFoundException",
}
_UNUSABLE: dict[str, DomainError] = dict.fromkeys(
    ("InvalidPasswordException", "PasswordHistoryPolicyViolationException"),
    InvalidInputError(message="This password cannot be used.", field=("newPassword",)),
)


def request_password_reset(email: str) -> None:
    """Says the same whatever the address: what Cognito refuses for one account would tell that it exists."""
    email = rules.normal_email(email)
    if not rules.is_email(email):
        return
    client = cognito()
    with refused_as({}):
        try:
            client.forgot_password(ClientId=settings().user_pool_client_id, Username=email)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in _TELLING:
                raise
            count("PasswordResetNotSent")


def reset_password(email: str, code: str, new_password: str) -> None:
    errors: Errors = []
    email, code = rules.normal_email(email), code.strip()
    new_password = rules.password(new_password, errors, "newPassword")
    refuse_all(errors)
    if not (rules.is_email(email) and rules.is_code(code)):
        raise Refused(NOT_THE_CODE)
    with refused_as(WRONG_CODE | _UNUSABLE):
        cognito().confirm_forgot_password(
            ClientId=settings().user_pool_client_id, Username=email, ConfirmationCode=code, Password=new_password
        )
    _end_sessions(email)


def _end_sessions(email: str) -> None:
    """Whoever knew the old password may be signed in. The new one counts, whether this succeeds or not."""
    try:
        cognito().admin_user_global_sign_out(UserPoolId=settings().user_pool_id, Username=email)
    except (BotoCoreError, ClientError):
        logger.exception("Sessions not ended after a password reset")
        count("SessionsNotEnded")
