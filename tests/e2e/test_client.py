"""A real GraphQL client: an account from nothing, and the catalogue paged both ways."""

import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gql import Client, gql
from gql.transport.httpx import HTTPXTransport

PASSWORD = "Correct-horse-1"


def client(kiosk: str, token: str | None = None) -> Client:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Client(transport=HTTPXTransport(url=f"{kiosk}/graphql", headers=headers), fetch_schema_from_transport=True)


@pytest.fixture
def anyone(kiosk) -> Client:
    return client(kiosk)


def ask(asked: Client, document: str, **variables: Any) -> dict[str, Any]:
    request = gql(document)
    request.variable_values = variables
    return asked.execute(request)


def mail_to(kiosk: str, address: str, subject: str) -> dict[str, Any]:
    """The newest one; mails travel for a moment."""
    for _ in range(200):
        for mail in httpx.get(f"{kiosk}/local/mail.json").json():
            if address in mail["to"] and subject in mail["subject"]:
                return mail
        time.sleep(0.05)
    raise AssertionError(f"no mail about {subject!r} to {address}")


def test_an_account_from_nothing(kiosk, anyone):
    email = f"{uuid4().hex}@example.com"
    sign_up = "mutation($i: SignUpInput!) { signUp(input: $i) { accepted userErrors { code } } }"
    accepted = ask(anyone, sign_up, i={"email": email, "password": PASSWORD, "name": "Grace Hopper"})
    assert accepted == {"signUp": {"accepted": True, "userErrors": []}}

    code = re.search(r"\b\d{6}\b", mail_to(kiosk, email, "code")["text"]).group()
    confirm = "mutation($i: ConfirmSignUpInput!) { confirmSignUp(input: $i) { confirmed userErrors { code } } }"
    confirmed = ask(anyone, confirm, i={"email": email, "code": code})
    assert confirmed == {"confirmSignUp": {"confirmed": True, "userErrors": []}}

    sign_in = """mutation($i: SignInInput!) {
        signIn(input: $i) { tokens { accessToken expiresIn } viewer { email name role } userErrors { code } }
    }"""
    signed_in = ask(anyone, sign_in, i={"email": email, "password": PASSWORD})["signIn"]
    assert signed_in["viewer"] == {"email": email, "name": "Grace Hopper", "role": "CUSTOMER"}
    assert signed_in["tokens"]["expiresIn"] == 900

    me = client(kiosk, signed_in["tokens"]["accessToken"])
    assert ask(me, "{ viewer { email } }") == {"viewer": {"email": email}}
    assert "Grace Hopper" in mail_to(kiosk, email, "Welcome")["text"]


def pages(anyone: Client, forwards: bool) -> Iterator[list[str]]:
    size, cursor = ("first", "after") if forwards else ("last", "before")
    query = f"""query($cursor: String) {{
        products({size}: 7, {cursor}: $cursor, order: {{by: NAME, direction: ASC}}) {{
            nodes {{ name }} pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }}
        }}
    }}"""
    position = None
    while True:
        page = ask(anyone, query, cursor=position)["products"]
        yield [node["name"] for node in page["nodes"]]
        info = page["pageInfo"]
        if not info["hasNextPage" if forwards else "hasPreviousPage"]:
            return
        position = info["endCursor" if forwards else "startCursor"]


def test_products_both_ways(anyone):
    forwards = list(pages(anyone, forwards=True))
    assert [len(page) for page in forwards] == [7, 7, 7, 3]
    names = [name for page in forwards for name in page]
    assert names == sorted(names, key=str.casefold)
    assert len(set(names)) == 24

    backwards = list(pages(anyone, forwards=False))
    assert [len(page) for page in backwards] == [7, 7, 7, 3]
    assert [name for page in reversed(backwards) for name in page] == names
