"""Bearer tokens and who they say is asking. What a token must be is tested in test_access_token.py."""

import pytest

from api.auth import authenticate
from core.viewer import Viewer
from tests.api.tokens import SUB, claims, is_refused, token

pytestmark = pytest.mark.usefixtures("key_set", "clock")


def test_no_header_is_nobody():
    assert authenticate(None) is None


def test_a_good_token(key_set):
    sent = token()
    viewer = authenticate(f"Bearer {sent}")
    assert viewer == Viewer(SUB, "CUSTOMER")
    assert viewer.access_token == sent
    assert sent not in repr(viewer)
    assert authenticate(f"bearer {sent}") == viewer  # the scheme's name has no case
    assert key_set.asked == 1


def test_role_comes_from_the_groups():
    assert authenticate(f"Bearer {token(claims(**{'cognito:groups': ['other', 'admins']}))}").role == "ADMIN"
    assert authenticate(f"Bearer {token(claims(**{'cognito:groups': ['admins2']}))}").role == "CUSTOMER"
    assert is_refused(f"Bearer {token(claims(**{'cognito:groups': 'admins'}))}")


ODD_HEADERS = {
    "empty": "",
    "no-token": "Bearer",
    "no-token-space": "Bearer ",
    "basic": "Basic YTpi",
    "two-parts": "Bearer a.b",
    "four-parts": "Bearer a.b.c.d",
    "empty-parts": "Bearer ..",
    "not-ascii": "Bearer \u00e9.\u0131.\u017f",
    "null": "Bearer null",
    "tab": "Bearer\ta.b.c",
    "one-letter-parts": "Bearer a.a.a",
}


@pytest.mark.parametrize("header", ODD_HEADERS.values(), ids=ODD_HEADERS.keys())
def test_odd_headers_are_not_anonymous(header):
    assert is_refused(header)
