"""Access tokens: what proves who asks, and the many things that do not. Ids are those of the security cases."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from api.auth import InvalidToken, authenticate
from core.config import settings
from core.viewer import Viewer
from tests.api.tokens import FOREIGN_KEY, KEY, NOW, PEM, SUB, b64, claims, is_refused, jwk, rs256, token

pytestmark = pytest.mark.usefixtures("key_set", "clock")
NOW_S = int(NOW.timestamp())
FOREIGN_JWK = jwk(FOREIGN_KEY, "one")


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


def signed_by_foreign(**header: Any) -> Callable[[], str]:
    return lambda: token(sign=lambda signed: rs256(signed, FOREIGN_KEY), **header)


REFUSED: dict[str, Callable[[], str]] = {
    "JW-01-none": lambda: token(alg="none", sign=lambda _: b""),
    "JW-01-None": lambda: token(alg="None", sign=lambda _: b""),
    "JW-01-none-signed": lambda: token(alg="none"),
    "JW-01-no-alg": lambda: token(alg=None),
    "JW-02-HS256-PEM": lambda: token(alg="HS256", sign=hs256(PEM)),
    "JW-02-HS256-PEM-CRLF": lambda: token(alg="HS256", sign=hs256(PEM.replace(b"\n", b"\r\n"))),
    "JW-02-HS256-JWK": lambda: token(alg="HS256", sign=hs256(json.dumps(jwk(KEY, "one")).encode())),
    "JW-02-RS256-with-HS": lambda: token(sign=hs256(PEM)),
    "JW-02-HS256-empty": lambda: token(alg="HS256", sign=hs256(b"")),
    "JW-02-RS512": lambda: token(alg="RS512", sign=lambda s: KEY.sign(s, padding.PKCS1v15(), hashes.SHA512())),
    "JW-03-wrong-kid": lambda: token(kid="two"),
    "JW-03-wrong-case": lambda: token(kid="ONE"),
    "JW-04-no-kid": lambda: token(kid=None),
    "JW-04-empty-kid": lambda: token(kid=""),
    "JW-04-kid-list": lambda: token(kid=["one"]),
    "JW-04-kid-number": lambda: token(kid=1),
    "JW-05-kid-twice": lambda: token(raw_header=b'{"kid":"two","alg":"RS256","kid":"one"}'),
    "JW-05-alg-twice": lambda: token(raw_header=b'{"kid":"one","alg":"none","alg":"RS256"}'),
    "JW-06-traversal": lambda: token(kid="../../../../dev/null", sign=hs256(b""), alg="HS256"),
    "JW-06-traversal-RS256": lambda: token(kid="../../one"),
    "JW-06-sql": lambda: token(kid="x' UNION SELECT 'one"),
    "JW-07-jku": signed_by_foreign(jku="http://127.0.0.1:1/keys"),
    "JW-08-x5u": signed_by_foreign(x5u="http://127.0.0.1:1/cert"),
    "JW-08-x5c": signed_by_foreign(x5c=["MIIB"]),
    "JW-09-jwk": signed_by_foreign(jwk=FOREIGN_JWK),
    "JW-10-crit": lambda: token(crit=["exp"]),
    "JW-10-crit-unknown": lambda: token(crit=["urn:x"], **{"urn:x": 1}),
    "JW-10-crit-empty": lambda: token(crit=[]),
    "JW-11-b64-false": lambda: token(b64=False),
    "JW-11-b64-false-crit": lambda: token(b64=False, crit=["b64"]),
    "JW-11-b64-true": lambda: token(b64=True),
    "JW-12-expired-now": lambda: token(claims(iat=NOW_S - 900, exp=NOW_S)),
    "JW-12-expired-1": lambda: token(claims(iat=NOW_S - 901, exp=NOW_S - 1)),
    "JW-12-expired-60": lambda: token(claims(iat=NOW_S - 960, exp=NOW_S - 60)),
    "JW-12-expired-61": lambda: token(claims(iat=NOW_S - 961, exp=NOW_S - 61)),
    "JW-12-no-exp": lambda: token(claims(exp=None)),
    "JW-13-exp-string": lambda: token(claims(exp=str(NOW_S + 900))),
    "JW-13-exp-float": lambda: token(claims(exp=NOW_S + 900.5)),
    "JW-13-exp-true": lambda: token(claims(exp=True)),
    "JW-13-exp-null": lambda: token(json.dumps(claims() | {"exp": None}).encode()),
    "JW-13-exp-1e30": lambda: token(json.dumps(claims()).replace(str(NOW_S + 900), "1e30").encode()),
    "JW-13-exp-1e400": lambda: token(json.dumps(claims()).replace(str(NOW_S + 900), "1e400").encode()),
    "JW-13-exp-nan": lambda: token(json.dumps(claims()).replace(str(NOW_S + 900), "NaN").encode()),
    "JW-13-exp-huge": lambda: token(claims(exp=10**30)),
    "JW-13-exp-5000-digits": lambda: token(json.dumps(claims()).replace(str(NOW_S + 900), "9" * 5000).encode()),
    "JW-13-exp-tomorrow": lambda: token(claims(exp=NOW_S + 24 * 60 * 60 + 1)),
    "JW-13-exp-negative": lambda: token(claims(exp=-NOW_S)),
    "JW-14-iat-ahead": lambda: token(claims(iat=NOW_S + 61)),
    "JW-14-iat-string": lambda: token(claims(iat=str(NOW_S))),
    "JW-14-iat-missing": lambda: token(claims(iat=None)),
    "JW-14-iat-negative": lambda: token(claims(iat=-1)),
    "JW-14-nbf-ahead": lambda: token(claims(nbf=NOW_S + 61)),
    "JW-14-nbf-string": lambda: token(claims(nbf=str(NOW_S))),
    "JW-15-aud-wrong": lambda: token(claims(aud="somebody-else")),
    "JW-15-aud-list": lambda: token(claims(aud=[settings().user_pool_client_id])),
    "JW-15-client-wrong": lambda: token(claims(client_id="somebody-else")),
    "JW-15-client-missing": lambda: token(claims(client_id=None)),
    "JW-16-iss-slash": lambda: token(claims(iss=settings().token_issuer + "/")),
    "JW-16-iss-foreign-pool": lambda: token(claims(iss=settings().token_issuer + "x")),
    "JW-16-iss-missing": lambda: token(claims(iss=None)),
    "JW-16-iss-list": lambda: token(claims(iss=[settings().token_issuer])),
    "JW-17-id-token": lambda: token(claims(token_use="id", aud=settings().user_pool_client_id, client_id=None)),
    "JW-17-id-token-with-client": lambda: token(claims(token_use="id")),
    "JW-17-refresh": lambda: token(claims(token_use="refresh")),
    "JW-17-no-use": lambda: token(claims(token_use=None)),
    "JW-18-typ-other": lambda: token(typ="id+jwt"),
    "JW-18-typ-number": lambda: token(typ=1),
    "JW-18-typ-list": lambda: token(typ=["JWT"]),
    "JW-19-no-sub": lambda: token(claims(sub=None)),
    "JW-19-sub-int": lambda: token(claims(sub=1)),
    "JW-19-sub-empty": lambda: token(claims(sub="")),
    "JW-19-sub-line-break": lambda: token(claims(sub=SUB + "\n")),
    "JW-19-sub-long": lambda: token(claims(sub="a" * 65)),
    "JW-21-padding": lambda: token() + "==",
    "JW-21-padding-inside": lambda: token().replace(".", "=.", 1),
    "JW-21-standard-alphabet": lambda: (
        token(claims(x="\u00ff\u00ff\u00fe?>")).replace("_", "/").replace("-", "+") + "+"
    ),
    "JW-22-leading-space": lambda: " " + token(),
    "JW-22-trailing-space": lambda: token() + " ",
    "JW-22-line-break": lambda: token() + "\n",
    "JW-22-space-inside": lambda: token().replace(".", " .", 1),
    "JW-22-two-tokens": lambda: f"{token()}, {token()}",
    "JW-23-JWE": lambda: ".".join([b64({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "one"}), *(["AAAA"] * 4)]),
    "JW-23-nested": lambda: token(token().encode(), cty="JWT"),
    "JW-23-not-an-object": lambda: token(b"[]"),
    "JW-23-not-json": lambda: token(b"{"),
    "JW-23-not-utf8": lambda: token(b'{"sub":"\xff"}'),
    "JW-23-claim-twice": lambda: token(json.dumps(claims()).replace("{", '{"sub":"other",', 1).encode()),
    "JW-23-deep-header": lambda: token(
        raw_header=b'{"kid":"one","alg":"RS256","x":' + b"[" * 2500 + b"]" * 2500 + b"}"
    ),
    "JW-23-deep-claims": lambda: token(b"[" * 2500 + b"]" * 2500),
}


@pytest.mark.parametrize("made", REFUSED.values(), ids=REFUSED.keys())
def test_refused(made):
    assert authenticate(f"Bearer {token()}") == Viewer(SUB)
    assert is_refused(f"Bearer {made()}")


ACCEPTED: dict[str, Callable[[], str]] = {
    "JW-07-jku-ignored": lambda: token(jku="http://127.0.0.1:1/keys"),
    "JW-08-x5u-ignored": lambda: token(x5u="http://127.0.0.1:1/cert"),
    "JW-09-jwk-ignored": lambda: token(jwk=FOREIGN_JWK),
    "JW-12-last-second": lambda: token(claims(iat=NOW_S - 899, exp=NOW_S + 1)),
    "JW-13-a-day": lambda: token(claims(exp=NOW_S + 24 * 60 * 60)),
    "JW-14-iat-60-ahead": lambda: token(claims(iat=NOW_S + 60)),
    "JW-14-nbf-60-ahead": lambda: token(claims(nbf=NOW_S + 60)),
    "JW-15-aud-ours": lambda: token(claims(aud=settings().user_pool_client_id)),
    "JW-18-typ-JWT": lambda: token(typ="JWT"),
    "JW-18-typ-at+jwt": lambda: token(typ="at+jwt"),
    "JW-24-unknown-claim": lambda: token(claims(scope="aws.cognito.signin.user.admin", jti="x", device={"a": [1]})),
    "JW-24-unknown-header": lambda: token(zip="DEF", x="y"),
}


@pytest.mark.parametrize("made", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(made):
    assert authenticate(f"Bearer {made()}") == Viewer(SUB)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@hypothesis.settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "cty"]), ANY_JSON),
    body=st.dictionaries(st.sampled_from([*claims(), "aud", "nbf", "cognito:groups"]), ANY_JSON),
)
def test_whatever_stands_in_a_token_it_is_refused_or_understood(header, body):
    given_header = json.dumps({"kid": "one", "alg": "RS256"} | header).encode()
    made = token(json.dumps(claims() | body).encode(), raw_header=given_header)
    try:
        viewer = authenticate(f"Bearer {made}")
    except InvalidToken:
        return
    assert viewer == Viewer(
        (claims() | body)["sub"], "ADMIN" if "admins" in body.get("cognito:groups", []) else "CUSTOMER"
    )


def padded_to(length: int) -> str:
    for size in range(length // 2, length):
        made = token(claims(x="x" * size))
        if len(made) >= length:
            return made
    raise AssertionError


def test_length():
    """JW-20"""
    longest = padded_to(8192)
    assert len(longest) == 8192
    assert authenticate(f"Bearer {longest}") == Viewer(SUB)
    too_long = padded_to(8193)
    assert is_refused(f"Bearer {too_long}")
    assert is_refused(f"Bearer {'a' * 1_000_000}.a.a")


def test_only_one_way_to_write_it():
    """JW-21: the last character's spare bits."""
    made = token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = made[:-1] + alphabet[alphabet.index(made[-1]) + 1]
    assert base64.urlsafe_b64decode(other.split(".")[2] + "==") == base64.urlsafe_b64decode(made.split(".")[2] + "==")
    assert authenticate(f"Bearer {made}")
    assert is_refused(f"Bearer {other}")
