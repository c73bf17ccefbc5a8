"""Signing in, staying so, signing out; and a forgotten password."""

from datetime import timedelta

import boto3
import pytest
import time_machine

from api.auth import InvalidToken, authenticate
from core.aws import cognito
from core.clock import now
from core.config import settings
from core.errors import InvalidInputError, Refused, RetryError, SessionEnded
from core.viewer import Viewer
from local import mailbox
from models.user import User
from services.accounts import (
    fetch_profile,
    passwords,
    refresh_session,
    request_password_reset,
    reset_password,
    sign_in,
    sign_out,
    sign_up,
)
from services.accounts.refusals import NOT_THE_CODE
from tests import faults
from tests.faults import faults as meeting
from tests.makers import PASSWORD, code_sent_to, make_session
from tests.store import rows

ANN = "ann@kiosk.example"
NEW_PASSWORD = "Another-pass-1"
WRONG = InvalidInputError(code="INVALID_CREDENTIALS", message="The e-mail address or the password is wrong.")
ENDED = InvalidInputError(
    code="INVALID_TOKEN", message="This session has ended: sign in again.", field=("refreshToken",)
)


def refusal(call, *args) -> tuple:
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value.errors


def test_sign_in():
    user_id = make_session(ANN).user.user_id
    session = sign_in(" ANN@kiosk.example ", PASSWORD)
    assert session.viewer == Viewer(user_id, "CUSTOMER")
    assert (session.user.user_id, session.tokens.expires_in) == (user_id, 900)
    assert authenticate(f"Bearer {session.tokens.access}") == session.viewer
    assert session.tokens.access not in repr(session)
    assert session.tokens.refresh not in repr(session)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ANN, "Wrong-pass-1"),
        (ANN, ""),
        (ANN, "x" * 257),
        (ANN, "\ud800" * 10),
        (ANN, PASSWORD + " "),
        ("nobody@kiosk.example", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        ("\ud800@kiosk.example", PASSWORD),
    ],
)
def test_wrong_credentials(email, password):
    make_session(ANN)
    assert refusal(sign_in, email, password) == (WRONG,)


def test_unconfirmed_is_told_to_who_knows_the_password_only():
    sign_up(ANN, PASSWORD, "Ann")
    (error,) = refusal(sign_in, ANN, PASSWORD)
    assert (error.code, error.field) == ("EMAIL_NOT_CONFIRMED", ("email",))
    assert refusal(sign_in, ANN, "Wrong-pass-1") == (WRONG,)
    assert rows(settings().users_table) == []


@pytest.mark.parametrize("code", ["UserNotFoundException", "PasswordResetRequiredException"])
def test_other_ways_to_be_wrong(code):
    make_session(ANN)
    with meeting("InitiateAuth", faults.error(code), client=cognito()):
        assert refusal(sign_in, ANN, PASSWORD) == (WRONG,)


def test_an_account_that_must_first_choose_a_password():
    pool = {"UserPoolId": settings().user_pool_id, "Username": ANN}
    boto3.client("cognito-idp").admin_create_user(**pool, TemporaryPassword=PASSWORD)
    assert refusal(sign_in, ANN, PASSWORD) == (WRONG,)


def test_throttled():
    make_session(ANN)
    with meeting("InitiateAuth", *[faults.error("TooManyRequestsException")] * 3, client=cognito()):
        (error,) = refusal(sign_in, ANN, PASSWORD)
    assert isinstance(error, RetryError)
    assert error.code == "RATE_LIMITED"


def test_refresh():
    session = make_session(ANN)
    with time_machine.travel(now() + timedelta(minutes=14), tick=False):
        tokens = refresh_session(session.tokens.refresh)
        assert tokens.refresh == session.tokens.refresh
        assert tokens.access != session.tokens.access
        assert authenticate(f"Bearer {tokens.access}") == session.viewer


@pytest.mark.parametrize("token", ["", "unknown", "a b", "é", "\ud800", "x" * 9000, "1e6\n"])
def test_refresh_with_nothing_of_ours(token):
    make_session(ANN)
    assert refusal(refresh_session, token) == (ENDED,)


def test_sign_out_ends_every_session():
    first, second = make_session(ANN), sign_in(ANN, PASSWORD)
    bob = make_session("bob@kiosk.example")
    sign_out(first.viewer)
    assert refusal(refresh_session, first.tokens.refresh) == (ENDED,)
    assert refusal(refresh_session, second.tokens.refresh) == (ENDED,)
    assert refresh_session(bob.tokens.refresh).access
    sign_out(first.viewer)  # again
    assert sign_in(ANN, PASSWORD).viewer == first.viewer


def test_a_signed_out_token_opens_nothing_new_and_ends_within_15_minutes():
    session = make_session(ANN)
    sign_out(session.viewer)
    User(user_id=session.user.user_id).delete()
    with pytest.raises(SessionEnded):
        fetch_profile(session.viewer)
    assert rows(settings().users_table) == []
    with time_machine.travel(now() + timedelta(minutes=15), tick=False), pytest.raises(InvalidToken):
        authenticate(f"Bearer {session.tokens.access}")


def test_reset_password():
    make_session(ANN)
    request_password_reset("  Ann@kiosk.example")
    reset_password("ANN@kiosk.example ", code_sent_to(ANN), NEW_PASSWORD)
    assert sign_in(ANN, NEW_PASSWORD).user.email == ANN
    assert refusal(sign_in, ANN, PASSWORD) == (WRONG,)
    assert refusal(reset_password, ANN, code_sent_to(ANN), "Yet-another-1") == (NOT_THE_CODE,)  # used


def test_a_reset_ends_every_session():
    """Whoever knew the old password is out."""
    session = make_session(ANN)
    request_password_reset(ANN)
    reset_password(ANN, code_sent_to(ANN), NEW_PASSWORD)
    assert refusal(refresh_session, session.tokens.refresh) == (ENDED,)
    assert refresh_session(sign_in(ANN, NEW_PASSWORD).tokens.refresh).access


def test_a_reset_holds_though_the_sessions_could_not_be_ended(monkeypatch):
    metrics: list[str] = []
    monkeypatch.setattr(passwords, "count", metrics.append)
    make_session(ANN)
    request_password_reset(ANN)
    code = code_sent_to(ANN)
    planned = [faults.error("TooManyRequestsException")] * 3
    with meeting("AdminUserGlobalSignOut", *planned, client=cognito()) as sent:
        reset_password(ANN, code, NEW_PASSWORD)
    assert [body["Username"] for body in sent] == [ANN] * 3
    assert metrics == ["SessionsNotEnded"]
    assert sign_in(ANN, NEW_PASSWORD).user.email == ANN


def test_reset_codes_that_do_not_count():
    make_session(ANN)
    make_session("bob@kiosk.example")
    request_password_reset(ANN)
    request_password_reset("bob@kiosk.example")
    code = code_sent_to(ANN)
    if code != code_sent_to("bob@kiosk.example"):
        assert refusal(reset_password, "bob@kiosk.example", code, NEW_PASSWORD) == (NOT_THE_CODE,)
    assert refusal(reset_password, "nobody@kiosk.example", code, NEW_PASSWORD) == (NOT_THE_CODE,)
    assert refusal(reset_password, "no address", code, NEW_PASSWORD) == (NOT_THE_CODE,)
    for wrong in ("", "12345", "é23456", "\ud800", "x" * 5000):
        assert refusal(reset_password, ANN, wrong, NEW_PASSWORD) == (NOT_THE_CODE,)
    with time_machine.travel(now() + timedelta(hours=1, seconds=1)):
        assert refusal(reset_password, ANN, code, NEW_PASSWORD) == (NOT_THE_CODE,)
    assert sign_in(ANN, PASSWORD)


def test_a_weak_password_says_nothing_of_address_or_code():
    make_session(ANN)
    request_password_reset(ANN)
    for email, code in ((ANN, code_sent_to(ANN)), (ANN, "000000"), ("nobody@kiosk.example", "000000")):
        (error,) = refusal(reset_password, email, code, "weak")
        assert (error.code, error.field) == ("INVALID", ("newPassword",))
    reset_password(ANN, code_sent_to(ANN), NEW_PASSWORD)  # the code was not spent


@pytest.mark.parametrize("email", ["nobody@kiosk.example", "unconfirmed@kiosk.example", "no address", "\ud800"])
def test_asking_for_a_reset_says_nothing_of_the_address(email):
    sign_up("unconfirmed@kiosk.example", PASSWORD, "Ann")
    mailbox.empty()
    assert request_password_reset(email) is None
    assert mailbox.newest_first() == []


@pytest.mark.parametrize(
    "code",
    ["LimitExceededException", "NotAuthorizedException", "CodeDeliveryFailureException", "UserNotFoundException"],
)
def test_a_refusal_that_would_tell_of_an_account_is_not_told(code):
    make_session(ANN)
    with meeting("ForgotPassword", *[faults.error(code)] * 3, client=cognito()):
        assert request_password_reset(ANN) is None


def test_asking_for_a_reset_too_often_for_the_whole_pool():
    with meeting("ForgotPassword", *[faults.error("TooManyRequestsException")] * 3, client=cognito()):
        (error,) = refusal(request_password_reset, ANN)
    assert (type(error), error.code) == (RetryError, "RATE_LIMITED")
