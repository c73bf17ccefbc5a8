"""What Cognito refuses, said as Kiosk says it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import ClientError

from core.errors import DomainError, InvalidInputError, Refused, RetryError

_TOO_MANY = {"LimitExceededException", "TooManyRequestsException"}
NOT_THE_CODE = InvalidInputError(
    code="INVALID_TOKEN",
    message="The code is wrong, used or expired. Ask for a new one; after several tries wait a while first.",
    field=("code",),
)
WRONG_CODE: dict[str, DomainError] = dict.fromkeys(
    (
        "AliasExistsException",
        "CodeMismatchException",
        "ExpiredCodeException",
        "InvalidParameterException",
        "LimitExceededException",  # this account's own: told apart, it would tell that there is one
        "NotAuthorizedException",  # confirmed before
        "TooManyFailedAttemptsException",
        "UserNotConfirmedException",
        "UserNotFoundException",
    ),
    NOT_THE_CODE,
)
"""The same for wrong, expired, used and foreign codes, and for addresses without an account."""


@contextmanager
def refused_as(refusals: Mapping[str, DomainError]) -> Iterator[None]:
    """Cognito's error codes become refusals. One that stands here nowhere is unexpected, and stays what it is."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in refusals:
            raise Refused(refusals[code]) from error
        if code in _TOO_MANY:
            raise Refused(_too_many_tries()) from error
        raise


def _too_many_tries() -> RetryError:
    message = "Too many tries. Wait a while, then try again."
    return RetryError(code="RATE_LIMITED", message=message, retry_after_seconds=60)
