"""Accounts through the schema: shapes, permissions, refusals as data, and what each query costs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from api.auth import authenticate
from api.root import schema
from core.config import settings
from core.viewer import Viewer
from models.user import User
from schema.context import Context
from schema.node import to_global_id
from tests.makers import PASSWORD, code_sent_to, make_session
from tests.recorder import recorded
from tests.store import rows

ADMIN = Viewer("admin", "ADMIN")
ANN = "ann@kiosk.example"
NO_CODE = {"code": "INVALID_TOKEN", "field": ["code"]}


async def execute(text: str, viewer: Viewer | None = None, **variables: Any) -> Any:
    return await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))


async def ask(text: str, viewer: Viewer | None = None, **variables: Any) -> dict[str, Any]:
    result = await execute(text, viewer, **variables)
    assert result.errors is None
    return result.data


def codes(result: Any) -> list[str]:
    return [error.extensions["code"] for error in result.errors]


def id_of(user_id: str) -> str:
    return to_global_id("User", user_id)


SIGN_UP = """mutation($email: String!, $password: String!) {
    signUp(input: {email: $email, password: $password, name: "Ann"}) { accepted userErrors { code field } } }"""
CONFIRM = """mutation($email: String!, $code: String!) {
    confirmSignUp(input: {email: $email, code: $code}) { confirmed userErrors { code field } } }"""
SIGN_IN = """mutation($email: String!, $password: String!) { signIn(input: {email: $email, password: $password}) {
    tokens { accessToken refreshToken expiresIn } viewer { id email role } userErrors { code field } } }"""
REFRESH = """mutation($token: String!) { refreshSession(input: {refreshToken: $token}) {
    tokens { accessToken refreshToken expiresIn } userErrors { code field } } }"""
RESET = """mutation($email: String!, $code: String!, $password: String!) {
    resetPassword(input: {email: $email, code: $code, newPassword: $password}) { reset userErrors { code field } } }"""


async def test_from_signing_up_to_signing_out():
    data = await ask(SIGN_UP, email=ANN, password=PASSWORD)
    assert data["signUp"] == {"accepted": True, "userErrors": []}
    data = await ask(SIGN_IN, email=ANN, password=PASSWORD)
    assert data["signIn"] == {
        "tokens": None,
        "viewer": None,
        "userErrors": [{"code": "EMAIL_NOT_CONFIRMED", "field": ["email"]}],
    }
    data = await ask(CONFIRM, email=ANN, code=code_sent_to(ANN))
    assert data["confirmSignUp"] == {"confirmed": True, "userErrors": []}
    data = await ask(SIGN_IN, email=ANN, password=PASSWORD)
    tokens, user = data["signIn"]["tokens"], data["signIn"]["viewer"]
    assert tokens["expiresIn"] == 900
    viewer = authenticate(f"Bearer {tokens['accessToken']}")
    assert user == {"id": id_of(viewer.user_id), "email": ANN, "role": "CUSTOMER"}

    data = await ask(REFRESH, token=tokens["refreshToken"])
    fresh = data["refreshSession"]["tokens"]
    assert fresh["refreshToken"] == tokens["refreshToken"]
    assert authenticate(f"Bearer {fresh['accessToken']}") == viewer

    data = await ask("mutation { signOut { signedOut userErrors { code } } }", viewer)
    assert data["signOut"] == {"signedOut": True, "userErrors": []}
    data = await ask(REFRESH, token=tokens["refreshToken"])
    assert data["refreshSession"] == {
        "tokens": None,
        "userErrors": [{"code": "INVALID_TOKEN", "field": ["refreshToken"]}],
    }


@pytest.mark.parametrize("password", [PASSWORD, "weak"])
async def test_a_taken_address_is_answered_as_a_free_one(password):
    """AZ-15"""
    make_session(ANN)
    taken, free = [await ask(SIGN_UP, email=email, password=password) for email in (ANN, "free@kiosk.example")]
    assert taken == free
    assert taken["signUp"]["accepted"] is (password == PASSWORD)
    assert len(rows(settings().users_table)) == 1


async def test_wrong_codes_and_credentials():
    make_session(ANN)
    confirmed, unknown = [await ask(CONFIRM, email=email, code="000000") for email in (ANN, "nobody@kiosk.example")]
    assert confirmed == unknown == {"confirmSignUp": {"confirmed": False, "userErrors": [NO_CODE]}}
    wrong, nobody = [
        await ask(SIGN_IN, email=email, password="Wrong-pass-1") for email in (ANN, "nobody@kiosk.example")
    ]
    assert wrong == nobody
    assert wrong["signIn"]["userErrors"] == [{"code": "INVALID_CREDENTIALS", "field": None}]


async def test_reset_password():
    make_session(ANN)
    request = """mutation($email: String!) {
        requestPasswordReset(input: {email: $email}) { accepted userErrors { code } } }"""
    answers = [await ask(request, email=email) for email in (ANN, "nobody@kiosk.example", "nonsense")]
    assert answers == [{"requestPasswordReset": {"accepted": True, "userErrors": []}}] * 3
    code = code_sent_to(ANN)
    data = await ask(RESET, email=ANN, code=code, password="weak")
    assert data["resetPassword"] == {"reset": False, "userErrors": [{"code": "INVALID", "field": ["newPassword"]}]}
    data = await ask(RESET, email=ANN, code=code, password="Another-pass-1")
    assert data["resetPassword"] == {"reset": True, "userErrors": []}
    data = await ask(RESET, email=ANN, code=code, password="Another-pass-2")
    assert data["resetPassword"] == {"reset": False, "userErrors": [NO_CODE]}
    data = await ask(SIGN_IN, email=ANN, password="Another-pass-1")
    assert data["signIn"]["viewer"]["email"] == ANN


async def test_the_viewer_whole():
    session = make_session(ANN, is_admin=True)
    data = await ask("{ viewer { __typename id email name role createdAt updatedAt version } }", session.viewer)
    stored = User.find(session.user.user_id)

    def text(moment: datetime) -> str:
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")

    assert data["viewer"] == {
        "__typename": "User",
        "id": id_of(session.user.user_id),
        "email": ANN,
        "name": "Ann",
        "role": "ADMIN",
        "createdAt": text(stored.created_at),
        "updatedAt": text(stored.updated_at),
        "version": 2,
    }
    assert await ask("{ viewer { id } }") == {"viewer": None}


async def test_a_viewer_never_seen_before():
    session = make_session(ANN)
    User(user_id=session.user.user_id).delete()
    data = await ask("{ viewer { email name } }", session.viewer)
    assert data["viewer"] == {"email": ANN, "name": "Ann"}
    assert len(rows(settings().users_table)) == 1


async def test_who_sees_whom():
    ann, bob = make_session(ANN), make_session("bob@kiosk.example")
    query = """query($id: ID!) { user(id: $id) { email } node(id: $id) { ... on User { email } } }"""
    seen = {"user": {"email": ANN}, "node": {"email": ANN}}
    unseen = {"user": None, "node": None}
    ann_id = id_of(ann.user.user_id)
    assert await ask(query, ann.viewer, id=ann_id) == seen
    assert await ask(query, ADMIN, id=ann_id) == seen
    assert await ask(query, bob.viewer, id=ann_id) == unseen
    assert await ask(query, id=ann_id) == unseen
    for id in (id_of("nobody"), to_global_id("Product", ann.user.user_id), ann.user.user_id, "", "é", ann_id + "="):
        assert await ask(query, ADMIN, id=id) == unseen


async def test_somebody_elses_account_is_not_even_read():
    ann, bob = make_session(ANN), make_session("bob@kiosk.example")
    for id in (id_of(ann.user.user_id), id_of("nobody")):
        with recorded() as sent:
            await ask("query($id: ID!) { user(id: $id) { email } }", bob.viewer, id=id)
        assert sent == []


async def test_fields_for_the_signed_in_and_for_admins():
    ann = make_session(ANN)
    result = await execute('mutation { signOut { signedOut } updateProfile(input: {name: "Eve"}) { user { id } } }')
    assert codes(result) == ["UNAUTHENTICATED"] * 2
    assert result.data == {"signOut": None, "updateProfile": None}
    assert codes(await execute("{ users { nodes { email } } }")) == ["UNAUTHENTICATED"]
    result = await execute("{ users { nodes { email } } }", ann.viewer)
    assert (codes(result), result.data) == (["FORBIDDEN"], {"users": None})


def make_users(count: int) -> list[str]:
    """Newest first."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for number in range(count):
        at = start + timedelta(hours=number // 2)  # two at a time
        User.new(f"u{number}", email=f"{number}@kiosk.example", name="x", role="CUSTOMER", created_at=at).save()
    return [id_of(f"u{number}") for number in reversed(range(count))]


USERS = """query($first: Int, $after: String, $last: Int, $before: String) {
    users(first: $first, after: $after, last: $last, before: $before) {
        nodes { id } edges { cursor } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }"""


@pytest.mark.parametrize(
    ("size", "onward", "cursor", "more"),
    [
        ("first", "after", "endCursor", "hasNextPage"),
        ("last", "before", "startCursor", "hasPreviousPage"),
    ],
)
async def test_users_page_by_page(size, onward, cursor, more):
    everybody = make_users(7)
    seen: list[str] = []
    arguments: dict[str, Any] = {size: 3}
    for _ in range(3):
        with recorded() as sent:
            page = (await ask(USERS, ADMIN, **arguments))["users"]
        assert sent == ["Query"]
        ids = [node["id"] for node in page["nodes"]]
        assert [edge["cursor"] for edge in page["edges"]][-1] == page["pageInfo"]["endCursor"]
        seen = seen + ids if size == "first" else ids + seen
        assert page["pageInfo"][more] is (len(seen) < 7)
        arguments[onward] = page["pageInfo"][cursor]
    assert seen == everybody


@pytest.mark.parametrize(
    "arguments", [{"first": 0}, {"first": 101}, {"last": -1}, {"first": 1, "last": 1}, {"after": "x"}]
)
async def test_users_asked_wrongly(arguments):
    assert codes(await execute(USERS, ADMIN, **arguments)) == ["BAD_REQUEST"]


async def test_costs():
    session = make_session(ANN)
    me = id_of(session.user.user_id)
    for query, calls in {
        "{ viewer { email } }": ["BatchGetItem"],
        "query($id: ID!) { viewer { email } user(id: $id) { name } node(id: $id) { id } }": ["BatchGetItem"],
    }.items():
        with recorded() as sent:
            await ask(query, session.viewer, id=me)
        assert sent == calls


UPDATE = """mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
    user { name version } userErrors { __typename code field ... on StaleVersionError { currentVersion } } } }"""


async def update(viewer: Viewer, **input: Any) -> dict[str, Any]:
    return (await ask(UPDATE, viewer, input=input))["updateProfile"]


async def test_update_profile():
    viewer = make_session(ANN).viewer
    assert await update(viewer) == {"user": {"name": "Ann", "version": 1}, "userErrors": []}
    answer = {"user": {"name": "Anna", "version": 2}, "userErrors": []}
    assert await update(viewer, name="Anna", expectedVersion=1) == answer
    assert await update(viewer, name="Anna", expectedVersion=None) == answer
    before = rows(settings().users_table)
    stale = {
        "__typename": "StaleVersionError",
        "code": "STALE_VERSION",
        "field": ["expectedVersion"],
        "currentVersion": 2,
    }
    assert await update(viewer, name="Other", expectedVersion=1) == {"user": None, "userErrors": [stale]}
    required = {"__typename": "InvalidInputError", "code": "REQUIRED", "field": ["name"]}
    assert await update(viewer, name=None) == {"user": None, "userErrors": [required]}
    invalid = {"__typename": "InvalidInputError", "code": "INVALID", "field": ["name"]}
    assert await update(viewer, name=" ") == {"user": None, "userErrors": [invalid]}
    assert rows(settings().users_table) == before


async def test_after_signing_in_the_request_asks_as_whom_it_signed_in():
    make_session(ANN)
    data = await ask(
        """mutation($email: String!, $password: String!) {
            signIn(input: {email: $email, password: $password}) { viewer { id } }
            updateProfile(input: {name: "Anna"}) { user { email name } }
        }""",
        email=ANN,
        password=PASSWORD,
    )
    assert data["updateProfile"]["user"] == {"email": ANN, "name": "Anna"}


async def test_a_failed_sign_in_leaves_the_request_anonymous():
    make_session(ANN)
    result = await execute(
        """mutation { signIn(input: {email: "ann@kiosk.example", password: "Wrong-pass-1"}) { userErrors { code } }
            updateProfile(input: {name: "Eve"}) { user { id } } }"""
    )
    assert result.data["signIn"] == {"userErrors": [{"code": "INVALID_CREDENTIALS"}]}
    assert codes(result) == ["UNAUTHENTICATED"]


async def test_a_viewer_whose_account_is_gone_is_not_taken_for_nobody():
    session = make_session(ANN)
    User(user_id=session.user.user_id).delete()
    boto3.client("cognito-idp").admin_delete_user(UserPoolId=settings().user_pool_id, Username=ANN)
    result = await execute("{ viewer { email } }", session.viewer)
    assert result.data == {"viewer": None}
    assert [error.extensions for error in result.errors] == [{"code": "UNAUTHENTICATED"}]
