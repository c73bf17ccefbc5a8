"""Signing up, and confirming it with the code from the e-mail."""

from core.aws import cognito
from core.config import settings
from core.errors import InvalidInputError, Refused, refuse_all
from core.observability import count, logger
from services.accounts import rules
from services.accounts.profiles import Person, keep_profile
from services.accounts.refusals import NOT_THE_CODE, WRONG_CODE, refused_as
from services.accounts.rules import Errors

_NOT_ACCEPTED = dict.fromkeys(
    ("InvalidParameterException", "InvalidPasswordException"),
    InvalidInputError(message="This e-mail address or password cannot be used."),
)


def sign_up(email: str, password: str, name: str) -> None:
    """Says the same for a free and a taken address.

    One that nobody confirmed is replaced, password and name included: whoever asked first has not shown that the
    address is theirs, and must not choose the password of the account that its owner confirms.
    """
    errors: Errors = []
    email = rules.email(email, errors)
    password = rules.password(password, errors, "password")
    name = rules.name(name, errors)
    refuse_all(errors)
    with refused_as(_NOT_ACCEPTED):
        if not _register(email, password, name) and _forget_unconfirmed(email):
            _register(email, password, name)


def confirm_sign_up(email: str, code: str) -> None:
    """Done once Cognito took the code. The profile and its welcome follow here, or at the first sign-in."""
    email, code = rules.normal_email(email), code.strip()
    if not (rules.is_email(email) and rules.is_code(code)):
        raise Refused(NOT_THE_CODE)
    with refused_as(WRONG_CODE):
        cognito().confirm_sign_up(ClientId=settings().user_pool_client_id, Username=email, ConfirmationCode=code)
    try:
        user = cognito().admin_get_user(UserPoolId=settings().user_pool_id, Username=email)
        keep_profile(Person.from_attributes(user["UserAttributes"], "CUSTOMER"))
    except Exception:
        logger.exception("Profile left to the first sign-in")


def _register(email: str, password: str, name: str) -> bool:
    """False when the address has an account, confirmed or not."""
    client = cognito()
    try:
        client.sign_up(
            ClientId=settings().user_pool_client_id,
            Username=email,
            Password=password,
            UserAttributes=[{"Name": "name", "Value": name}],
        )
    except client.exceptions.UsernameExistsException:
        return False
    except client.exceptions.CodeDeliveryFailureException:
        count("SignUpCodeUndelivered")  # the account waits unconfirmed: signing up again replaces it
    return True


def _forget_unconfirmed(email: str) -> bool:
    """True when the address is free now. Deletes the very account it looked at, never one made meanwhile."""
    client = cognito()
    pool_id = settings().user_pool_id
    try:
        user = client.admin_get_user(UserPoolId=pool_id, Username=email)
        if user["UserStatus"] != "UNCONFIRMED":
            return False
        client.admin_delete_user(UserPoolId=pool_id, Username=user["Username"])
    except client.exceptions.UserNotFoundException:
        pass
    return True
