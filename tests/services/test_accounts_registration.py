"""Signing up and confirming it: what is told, and what never is."""

from datetime import timedelta

import boto3
import pytest
import time_machine

from core.aws import cognito, sqs
from core.clock import now
from core.config import settings
from core.errors import InvalidInputError, Refused, RetryError
from local import mailbox
from models.user import User
from services.accounts import confirm_sign_up, sign_in, sign_up
from services.accounts.refusals import NOT_THE_CODE
from services.accounts.rules import MAX_PASSWORD
from tests import faults
from tests.faults import faults as meeting
from tests.makers import PASSWORD, code_sent_to, make_session
from tests.store import rows

ANN = "ann@kiosk.example"


def pool_users() -> list[dict[str, str]]:
    users = boto3.client("cognito-idp").list_users(UserPoolId=settings().user_pool_id)["Users"]
    return [
        {"status": user["UserStatus"], **{item["Name"]: item["Value"] for item in user["Attributes"]}} for user in users
    ]


def mail_events() -> list[str]:
    got = sqs().receive_message(QueueUrl=settings().mail_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in got.get("Messages", [])]


def refusal(call, *args) -> tuple:
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value.errors


def test_sign_up_and_confirm():
    sign_up("  Ann@Kiosk.example ", PASSWORD, " Ann ")
    assert [(user["status"], user["email"], user["name"]) for user in pool_users()] == [("UNCONFIRMED", ANN, "Ann")]
    assert rows(settings().users_table) == []
    with time_machine.travel(now(), tick=False):
        confirm_sign_up("ANN@kiosk.example", code_sent_to(ANN))
        at = now()
    (user,) = pool_users()
    assert user["status"] == "CONFIRMED"
    row = User.find(user["sub"])
    assert (row.email, row.name, row.role, row.version) == (ANN, "Ann", "CUSTOMER", 1)
    assert (row.created_at, row.updated_at) == (at, at)
    assert mail_events() == [f'{{"version": 1, "template": "welcome", "subject_id": "{user["sub"]}"}}']


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("Passw0rd-1", True),
        ("Aa1" + "x" * (MAX_PASSWORD - 3), True),
        ("Correct horse 7", True),
        ("Pässwört-Üb3r", True),
        ("Passw0rd-", False),
        ("Aa1" + "x" * (MAX_PASSWORD - 2), False),
        ("passw0rd-1", False),
        ("PASSW0RD-1", False),
        ("Password-x", False),
        ("Ünd-ß-٣-aä", False),
        (" Passw0rd-1", False),
        ("Passw0rd-1 ", False),
        ("Passw0rd\n-1", False),
        ("Passw0rd\ud800-1", False),
        ("", False),
    ],
)
def test_password_policy_says_nothing_of_the_address(password, is_good):
    """Security case AZ-15."""
    make_session(ANN)
    answers = []
    for email in (ANN, "free@kiosk.example"):
        try:
            answers.append(sign_up(email, password, "Ann"))
        except Refused as refused:
            answers.append(refused.errors)
    assert answers[0] == answers[1]
    assert (answers[0] is None) is is_good
    assert len(pool_users()) == (2 if is_good else 1)
    if not is_good:
        (error,) = answers[0]
        assert (error.code, error.field) == ("INVALID", ("password",))


def test_a_taken_address_is_answered_like_a_free_one_and_left_alone():
    session = make_session(ANN)
    mailbox.empty()
    assert sign_up(ANN, "Another-pass-1", "Mallory") is None
    assert mailbox.newest_first() == []
    assert [user["sub"] for user in pool_users()] == [session.user.user_id]
    assert sign_in(ANN, PASSWORD).user.name == "Ann"
    with pytest.raises(Refused):
        sign_in(ANN, "Another-pass-1")


def test_signing_up_again_replaces_what_nobody_confirmed():
    sign_up(ANN, "Mallorys-pass-1", "Mallory")
    first_code = code_sent_to(ANN)
    sign_up(ANN, PASSWORD, "Ann")
    assert len(pool_users()) == 1
    assert len(mailbox.newest_first()) == 2
    if first_code != code_sent_to(ANN):
        assert refusal(confirm_sign_up, ANN, first_code) == (NOT_THE_CODE,)
    confirm_sign_up(ANN, code_sent_to(ANN))
    assert sign_in(ANN, PASSWORD).user.name == "Ann"
    with pytest.raises(Refused):
        sign_in(ANN, "Mallorys-pass-1")


def test_all_that_is_wrong_is_said_at_once():
    errors = refusal(sign_up, "no address", "short", "")
    assert [(error.code, error.field) for error in errors] == [
        ("INVALID", ("email",)),
        ("INVALID", ("password",)),
        ("INVALID", ("name",)),
    ]
    assert pool_users() == []


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "ann@",
        "@kiosk.example",
        "ann@kiosk",
        "ann@@kiosk.example",
        "ann smith@kiosk.example",
        "ann@kiosk..example",
        ".ann@kiosk.example",
        "ann.@kiosk.example",
        "ann@-kiosk.example",
        "ann@kiosk.example, bob@kiosk.example",
        "ann@kiosk.example\nBcc: bob@kiosk.example",
        '"ann"@kiosk.example',
        "Ann <ann@kiosk.example>",
        "änn@kiosk.example",
        "ann\ud800@kiosk.example",
        "a" * 65 + "@kiosk.example",
        "ann@" + "k" * 64 + ".example",
        "ann@" + "kiosk." * 20 + "example",
    ],
)
def test_what_is_no_address(email):
    (error,) = refusal(sign_up, email, PASSWORD, "Ann")
    assert (error.code, error.field) == ("INVALID", ("email",))


@pytest.mark.parametrize("email", ["a@b.co", "ann.ohara+x@mail.kiosk.example", "a" * 64 + "@kiosk.example"])
def test_what_is_an_address(email):
    assert make_session(email).user.email == email


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "Ann\nBob", "Ann\u0000", "Ann\u202e", "Ann\ud800"])
def test_what_is_no_name(name):
    (error,) = refusal(sign_up, ANN, PASSWORD, name)
    assert (error.code, error.field) == ("INVALID", ("name",))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "x" * 5000, "12 456", "é", "\ud800", "1\n2"])
def test_a_wrong_code(code):
    sign_up(ANN, PASSWORD, "Ann")
    assert refusal(confirm_sign_up, ANN, code) == (NOT_THE_CODE,)
    assert [user["status"] for user in pool_users()] == ["UNCONFIRMED"]
    assert rows(settings().users_table) == []
    assert mail_events() == []


def test_codes_that_count_no_more():
    sign_up(ANN, PASSWORD, "Ann")
    sign_up("bob@kiosk.example", PASSWORD, "Bob")
    code = code_sent_to(ANN)
    with time_machine.travel(now() + timedelta(hours=24, seconds=1)):
        assert refusal(confirm_sign_up, ANN, code) == (NOT_THE_CODE,)
    if code != code_sent_to("bob@kiosk.example"):
        assert refusal(confirm_sign_up, "bob@kiosk.example", code) == (NOT_THE_CODE,)
    confirm_sign_up(ANN, code)
    assert refusal(confirm_sign_up, ANN, code) == (NOT_THE_CODE,)
    assert refusal(confirm_sign_up, "nobody@kiosk.example", code) == (NOT_THE_CODE,)
    assert refusal(confirm_sign_up, "no address", code) == (NOT_THE_CODE,)
    assert len(mail_events()) == 1


def test_a_sixth_try_is_too_many():
    sign_up(ANN, PASSWORD, "Ann")
    code = code_sent_to(ANN)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        assert refusal(confirm_sign_up, ANN, wrong) == (NOT_THE_CODE,)
    assert refusal(confirm_sign_up, ANN, code) == (NOT_THE_CODE,)
    assert [user["status"] for user in pool_users()] == ["UNCONFIRMED"]


@pytest.mark.parametrize("code", ["TooManyRequestsException", "LimitExceededException"])
def test_throttled(code):
    with meeting("SignUp", *[faults.error(code)] * 3, client=cognito()) as sent:
        (error,) = refusal(sign_up, ANN, PASSWORD, "Ann")
    assert isinstance(error, RetryError)
    assert (error.code, error.retry_after_seconds) == ("RATE_LIMITED", 60)
    assert len(sent) == 3
    assert pool_users() == []


def test_what_cognito_alone_refuses_is_an_invalid_input():
    with meeting("SignUp", faults.error("InvalidParameterException"), client=cognito()):
        (error,) = refusal(sign_up, ANN, PASSWORD, "Ann")
    assert error == InvalidInputError(message="This e-mail address or password cannot be used.")


def test_a_code_that_cannot_be_delivered_is_not_told():
    with meeting("SignUp", faults.error("CodeDeliveryFailureException"), client=cognito()):
        assert sign_up(ANN, PASSWORD, "Ann") is None


def test_any_other_failure_is_unexpected():
    unexpected = cognito().exceptions.ResourceNotFoundException
    with meeting("SignUp", faults.error("ResourceNotFoundException"), client=cognito()), pytest.raises(unexpected):
        sign_up(ANN, PASSWORD, "Ann")


def test_the_account_was_confirmed_or_went_while_it_was_looked_at():
    sign_up(ANN, "Mallorys-pass-1", "Mallory")
    with meeting("AdminGetUser", faults.error("UserNotFoundException"), client=cognito()):
        assert sign_up(ANN, PASSWORD, "Ann") is None
    assert len(pool_users()) == 1
    with meeting("AdminDeleteUser", faults.error("UserNotFoundException"), client=cognito()):
        assert sign_up(ANN, PASSWORD, "Ann") is None
    assert len(pool_users()) == 1


def test_a_confirmation_is_one_though_the_profile_must_wait():
    sign_up(ANN, PASSWORD, "Ann")
    with meeting("AdminGetUser", *[faults.error("InternalErrorException")] * 3, client=cognito()):
        confirm_sign_up(ANN, code_sent_to(ANN))
    assert rows(settings().users_table) == []
    assert mail_events() == []
    user = sign_in(ANN, PASSWORD).user
    assert (user.name, user.email, user.role) == ("Ann", ANN, "CUSTOMER")
    assert len(mail_events()) == 1
