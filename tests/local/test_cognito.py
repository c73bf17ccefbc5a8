"""Where moto's Cognito is helped: codes, ids, lifetimes, and what it tells about who exists."""

import re
from typing import Any

import jwt
import pytest
import time_machine
from botocore.exceptions import ClientError

from core.aws import cognito
from core.config import settings
from local import mailbox
from local.resources import client

EMAIL = "ann@shop.example"
PASSWORD = "Correct-horse-1"
NEW_PASSWORD = "Battery-staple-2"


def call(action: str, **given: Any) -> Any:
    return getattr(cognito(), action)(ClientId=settings().user_pool_client_id, **given)


def code_of(action: str, **given: Any) -> str:
    """Of Cognito's error, or "" when there is none."""
    try:
        call(action, **given)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def sign_up(email: str = EMAIL) -> str:
    """The code that was mailed."""
    call("sign_up", Username=email, Password=PASSWORD, UserAttributes=[{"Name": "name", "Value": "Ann"}])
    return newest_code()


def newest_code() -> str:
    found = re.search(r"\b\d{6}\b", mailbox.newest_first()[0].text)
    assert found
    return found[0]


def confirm(code: str, email: str = EMAIL) -> str:
    return code_of("confirm_sign_up", Username=email, ConfirmationCode=code)


def forget(email: str = EMAIL) -> str:
    call("forgot_password", Username=email)
    return newest_code()


def reset(code: str, password: str = NEW_PASSWORD, email: str = EMAIL) -> str:
    return code_of("confirm_forgot_password", Username=email, ConfirmationCode=code, Password=password)


def sign_in(password: str = PASSWORD, email: str = EMAIL) -> Any:
    parameters = {"USERNAME": email, "PASSWORD": password}
    return call("initiate_auth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)["AuthenticationResult"]


def not_signed_in(password: str = PASSWORD, email: str = EMAIL) -> str:
    parameters = {"USERNAME": email, "PASSWORD": password}
    return code_of("initiate_auth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


def other(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


def test_a_code_is_mailed_and_confirms_once() -> None:
    code = sign_up()
    (mail,) = mailbox.newest_first()
    assert (mail.to, mail.subject) == ((EMAIL,), "Your verification code")
    assert mail.text == f"Your confirmation code is {code}."
    assert not_signed_in() == "UserNotConfirmedException"
    assert confirm(code) == ""
    assert confirm(code) == "NotAuthorizedException"
    assert sign_in()["ExpiresIn"] == 900


def test_wrong_codes_count_and_the_sixth_try_is_refused_whatever_it_is() -> None:
    code = sign_up()
    assert [confirm(other(code, by)) for by in range(1, 6)] == ["CodeMismatchException"] * 5
    assert confirm(code) == "LimitExceededException"
    call("resend_confirmation_code", Username=EMAIL)
    assert confirm(newest_code()) == ""


def test_a_new_code_ends_the_old_one() -> None:
    first = sign_up()
    while (call("resend_confirmation_code", Username=EMAIL), second := newest_code())[1] == first:
        pass
    assert confirm(first) == "CodeMismatchException"
    assert confirm(second) == ""


@pytest.mark.parametrize(("hours", "outcome"), [(23.9, ""), (24, "ExpiredCodeException")])
def test_a_sign_up_code_lives_a_day(hours: float, outcome: str) -> None:
    with time_machine.travel("2026-11-21T09:00:00Z", tick=False) as clock:
        code = sign_up()
        clock.shift(hours * 3600)
        assert confirm(code) == outcome


@pytest.mark.parametrize(("minutes", "outcome"), [(59, ""), (60, "ExpiredCodeException")])
def test_a_reset_code_lives_an_hour(minutes: int, outcome: str) -> None:
    with time_machine.travel("2026-11-21T09:00:00Z", tick=False) as clock:
        confirm(sign_up())
        code = forget()
        clock.shift(minutes * 60)
        assert reset(code) == outcome


def test_a_code_is_for_one_person_and_one_purpose() -> None:
    anns = sign_up()
    bobs = sign_up("bob@shop.example")
    if anns != bobs:
        assert confirm(bobs) == "CodeMismatchException"
    assert confirm(anns) == ""
    assert reset(bobs) == "ExpiredCodeException"
    assert confirm(forget(), "bob@shop.example") == "CodeMismatchException"


def test_who_signs_up_anew_has_a_code_of_their_own() -> None:
    """The first's is dead with its account."""
    first = sign_up()
    client("cognito-idp").admin_delete_user(UserPoolId=settings().user_pool_id, Username=EMAIL)
    assert confirm(first) == "ExpiredCodeException"
    second = sign_up()
    assert confirm(second) == ""


def test_a_password_is_reset_once() -> None:
    confirm(sign_up())
    code = forget()
    assert mailbox.newest_first()[0].text == f"Your password reset code is {code}."
    assert reset(other(code)) == "CodeMismatchException"
    assert reset(code, "short") == "InvalidPasswordException"
    assert not_signed_in(NEW_PASSWORD) == "NotAuthorizedException"
    assert reset(code) == ""
    assert reset(code) == "ExpiredCodeException"
    assert not_signed_in() == "NotAuthorizedException"
    assert sign_in(NEW_PASSWORD)


def test_who_does_not_exist_is_not_told() -> None:
    nobody = "nobody@shop.example"
    assert not_signed_in(email=nobody) == "NotAuthorizedException"
    assert confirm("123456", nobody) == "ExpiredCodeException"
    assert reset("123456", email=nobody) == "ExpiredCodeException"
    expected = {"Destination": "n***@s***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    for action in ("forgot_password", "resend_confirmation_code"):
        assert call(action, Username=nobody)["CodeDeliveryDetails"] == expected
    assert mailbox.newest_first() == []


def test_a_taken_address_and_an_unconfirmed_one() -> None:
    code = sign_up()
    again = {"Username": EMAIL, "Password": PASSWORD}
    assert code_of("sign_up", **again) == "UsernameExistsException"
    assert code_of("forgot_password", Username=EMAIL) == "InvalidParameterException"
    confirm(code)
    assert code_of("sign_up", **again) == "UsernameExistsException"
    assert code_of("resend_confirmation_code", Username=EMAIL) == "InvalidParameterException"


def test_an_address_has_no_case() -> None:
    code = sign_up("Ann@Shop.Example")
    assert confirm(code, "ANN@shop.example") == ""
    tokens = sign_in(email="aNN@shop.example")
    assert jwt.decode(tokens["IdToken"], options={"verify_signature": False})["email"] == EMAIL
    cognito().global_sign_out(AccessToken=tokens["AccessToken"])
    assert refresh(tokens) == "NotAuthorizedException"


def refresh(tokens: Any) -> str:
    parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    return code_of("initiate_auth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)


def test_tokens_carry_what_cognitos_do() -> None:
    confirm(sign_up())
    tokens = sign_in()
    key = jwt.PyJWKClient(settings().jwks_url).get_signing_key_from_jwt(tokens["AccessToken"]).key
    issuer = settings().token_issuer
    access = jwt.decode(tokens["AccessToken"], key, algorithms=["RS256"], issuer=issuer)
    assert (access["token_use"], access["client_id"]) == ("access", settings().user_pool_client_id)
    assert access["exp"] - access["iat"] == 900
    identity = jwt.decode(
        tokens["IdToken"], key, algorithms=["RS256"], issuer=issuer, audience=settings().user_pool_client_id
    )
    assert (identity["email"], identity["email_verified"], identity["name"]) == (EMAIL, True, "Ann")
    assert identity["sub"] == access["sub"]


def test_a_flow_that_the_template_does_not_allow() -> None:
    parameters = {"USERNAME": EMAIL, "SRP_A": "1"}
    refused = code_of("initiate_auth", AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
    assert refused == "InvalidParameterException"
