"""Profiles: made when first needed, kept up to date, welcomed once."""

from datetime import timedelta

import boto3
import pytest
import time_machine

from core.aws import cognito, sqs
from core.clock import now
from core.config import settings
from core.errors import InvalidInputError, Refused, SessionEnded, StaleVersionError
from models.user import User
from services.accounts import confirm_sign_up, fetch_profile, sign_in, sign_up, update_profile
from services.accounts.profiles import WELCOME_WITHIN, Person, keep_profile
from tests import faults
from tests.faults import faults as meeting
from tests.makers import PASSWORD, code_sent_to, make_session
from tests.recorder import recorded
from tests.store import rows

ANN = "ann@kiosk.example"


def group(call: str, email: str) -> None:
    pool = {"UserPoolId": settings().user_pool_id, "Username": email, "GroupName": "admins"}
    getattr(boto3.client("cognito-idp"), call)(**pool)


def waiting_mails() -> int:
    names = ["ApproximateNumberOfMessages"]
    got = sqs().get_queue_attributes(QueueUrl=settings().mail_queue_url, AttributeNames=names)
    return int(got["Attributes"]["ApproximateNumberOfMessages"])


def refusal(call, *args) -> tuple:
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value.errors


def test_role_changes_are_seen_at_sign_in():
    session = make_session(ANN)
    group("admin_add_user_to_group", ANN)
    assert User.find(session.user.user_id).role == "CUSTOMER"
    admin = sign_in(ANN, PASSWORD)
    assert (admin.viewer.role, admin.user.role, admin.user.version) == ("ADMIN", "ADMIN", 2)
    group("admin_remove_user_from_group", ANN)
    customer = sign_in(ANN, PASSWORD)
    assert (customer.viewer.role, customer.user.role, customer.user.version) == ("CUSTOMER", "CUSTOMER", 3)
    assert User.find(session.user.user_id).role == "CUSTOMER"


def test_signing_in_again_writes_nothing():
    make_session(ANN)
    with recorded() as sent:
        sign_in(ANN, PASSWORD)
    assert sent == ["GetItem"]


def test_an_address_changed_in_cognito_is_taken_over_and_the_own_name_kept():
    session = make_session(ANN)
    update_profile(session.viewer, {"name": "Anna"})
    attributes = [{"Name": "email", "Value": "anna@kiosk.example"}, {"Name": "name", "Value": "Other"}]
    boto3.client("cognito-idp").admin_update_user_attributes(
        UserPoolId=settings().user_pool_id, Username=ANN, UserAttributes=attributes
    )
    user = sign_in("anna@kiosk.example", PASSWORD).user
    assert (user.user_id, user.email, user.name) == (session.user.user_id, "anna@kiosk.example", "Anna")


def test_somebody_seen_for_the_first_time_costs_one_question():
    session = make_session(ANN, is_admin=True)
    User(user_id=session.user.user_id).delete()
    with meeting("GetUser", client=cognito()) as asked:
        user = fetch_profile(session.viewer)
    assert len(asked) == 1
    assert (user.user_id, user.email, user.name, user.role) == (session.user.user_id, ANN, "Ann", "ADMIN")
    assert len(rows(settings().users_table)) == 1


def test_two_first_sign_ins_at_once_make_one_profile(monkeypatch):
    session = make_session(ANN)
    stored = rows(settings().users_table)
    known = User.find

    def find_nobody_once(*args, **kwargs):
        monkeypatch.setattr(User, "find", known)

    monkeypatch.setattr(User, "find", find_nobody_once)
    assert keep_profile(Person(session.user.user_id, ANN, "Late", "CUSTOMER")).name == "Ann"
    assert rows(settings().users_table) == stored


def test_a_welcome_survives_a_queue_that_is_down():
    sign_up(ANN, PASSWORD, "Ann")
    with meeting("SendMessage", *[faults.error("ServiceUnavailable")] * 3, client=sqs()):
        confirm_sign_up(ANN, code_sent_to(ANN))
    assert waiting_mails() == 0
    user = sign_in(ANN, PASSWORD).user
    assert waiting_mails() == 1
    assert User.find(user.user_id).is_welcome_owed is False
    sign_in(ANN, PASSWORD)
    assert waiting_mails() == 1


def test_a_welcome_queued_but_not_noted_is_queued_again():
    """The event is the same: what is sent is one mail."""
    sign_up(ANN, PASSWORD, "Ann")
    lost = [None, *[faults.error("InternalServerError")] * 10]
    with meeting("TransactWriteItems", *lost):
        confirm_sign_up(ANN, code_sent_to(ANN))
    sign_in(ANN, PASSWORD)
    got = sqs().receive_message(QueueUrl=settings().mail_queue_url, MaxNumberOfMessages=10)["Messages"]
    assert len(got) == 2
    assert got[0]["Body"] == got[1]["Body"]


def test_a_late_welcome_is_none():
    sign_up(ANN, PASSWORD, "Ann")
    with meeting("SendMessage", *[faults.error("ServiceUnavailable")] * 3, client=sqs()):
        confirm_sign_up(ANN, code_sent_to(ANN))
    with time_machine.travel(now() + WELCOME_WITHIN + timedelta(seconds=1)):
        sign_in(ANN, PASSWORD)
    assert waiting_mails() == 0


def test_update_profile():
    session = make_session(ANN)
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        user = update_profile(session.viewer, {"name": "  Ann-Marie "}, 1)
        assert user.updated_at == now()
    stored = User.find(session.user.user_id)
    for row in (user, stored):
        assert (row.name, row.version, row.email, row.created_at) == ("Ann-Marie", 2, ANN, session.user.created_at)
    assert stored.updated_at == user.updated_at


@pytest.mark.parametrize("changes", [{}, {"name": "Ann"}, {"name": " Ann "}])
def test_update_of_nothing_writes_nothing(changes):
    session = make_session(ANN)
    before = rows(settings().users_table)
    assert update_profile(session.viewer, changes).version == 1
    assert rows(settings().users_table) == before


def test_update_with_a_version_of_the_past():
    session = make_session(ANN)
    update_profile(session.viewer, {"name": "Anna"})
    before = rows(settings().users_table)
    (error,) = refusal(update_profile, session.viewer, {"name": "Other"}, 1)
    assert error == StaleVersionError(
        message="Somebody changed the profile first.", field=("expectedVersion",), current_version=2
    )
    assert refusal(update_profile, session.viewer, {}, 3)[0].current_version == 2
    assert rows(settings().users_table) == before


def test_update_that_meets_another_change_decides_anew():
    session = make_session(ANN)

    def change_first(request):
        User(user_id=session.user.user_id).update([User.name.set("First"), User.version.set(2)])

    with meeting("TransactWriteItems", change_first):
        assert update_profile(session.viewer, {"name": "Second"}).version == 3
    session = make_session("bob@kiosk.example")
    with meeting("TransactWriteItems", change_first):
        (error,) = refusal(update_profile, session.viewer, {"name": "Second"}, 1)
    assert error.current_version == 2
    assert User.find(session.user.user_id).name == "First"


def test_update_whose_answer_is_lost_is_done_once():
    """DynamoDB answers the second sending by its token; the embedded one fails it, and the profile is read again."""
    session = make_session(ANN)
    with meeting("TransactWriteItems", faults.response_lost) as sent:
        user = update_profile(session.viewer, {"name": "Anna"})
    assert len({request["ClientRequestToken"] for request in sent}) == 1
    assert (len(sent), user.name, user.version) == (2, "Anna", 2)
    assert User.find(session.user.user_id).version == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [(None, "REQUIRED"), ("", "INVALID"), ("x" * 101, "INVALID"), ("a\nb", "INVALID"), ("a\u202eb", "INVALID")],
)
def test_update_to_no_name(name, code):
    session = make_session(ANN)
    before = rows(settings().users_table)
    (error,) = refusal(update_profile, session.viewer, {"name": name})
    assert (type(error), error.code, error.field) == (InvalidInputError, code, ("name",))
    assert rows(settings().users_table) == before


def test_update_of_somebody_who_is_gone():
    session = make_session(ANN)
    User(user_id=session.user.user_id).delete()
    boto3.client("cognito-idp").admin_delete_user(UserPoolId=settings().user_pool_id, Username=ANN)
    with pytest.raises(SessionEnded):
        update_profile(session.viewer, {"name": "Anna"})
    assert rows(settings().users_table) == []


@pytest.mark.parametrize("name", ["\U0001f469\u200d\U0001f469\u200d\U0001f467", "\u0645\u06cc\u200c\u0646\u0627"])
def test_update_to_a_name_with_joiners(name):
    assert update_profile(make_session(ANN).viewer, {"name": name}).name == name
