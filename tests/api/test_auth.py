"""Tokens: what proves who asks, and the many things that do not. Ids are those of the security cases."""

import base64
import dataclasses
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import hypothesis
import pytest
import time_machine
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from api import access_token, signing_keys
from api.auth import InvalidToken, authenticate
from api.signing_keys import SigningKeys
from core.config import settings
from core.viewer import Viewer

KEY, NEXT_KEY, FOREIGN_KEY, WEAK_KEY = (rsa.generate_private_key(65537, bits) for bits in (2048, 2048, 2048, 1024))
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SUB = "7d0f52aa-286b-4fb4-a3a9-2aa6a18d8f7c"


def jwk(key: rsa.RSAPrivateKey, kid: str, **more: Any) -> dict[str, Any]:
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig", "alg": "RS256"} | more


class KeySet:
    """The issuer's key set, on loopback."""

    def __init__(self) -> None:
        self.keys: Any = [jwk(KEY, "one")]
        self.body: bytes | None = None
        self.status = 200
        self.asked = 0
        key_set = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                key_set.asked += 1
                self.send_response(key_set.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(key_set.body or json.dumps({"keys": key_set.keys}).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def key_set(monkeypatch):
    served = KeySet()
    configured = dataclasses.replace(settings(), jwks_url=served.url)
    monkeypatch.setattr(signing_keys, "settings", lambda: configured)
    monkeypatch.setattr(access_token, "signing_keys", SigningKeys())
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


pytestmark = pytest.mark.usefixtures("key_set", "clock")


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def rs256(signed: bytes, key: rsa.RSAPrivateKey = KEY) -> bytes:
    return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def claims(**changes: Any) -> dict[str, Any]:
    """None takes one away."""
    now = int(datetime.now(UTC).timestamp())
    usual = {
        "sub": SUB,
        "iss": settings().token_issuer,
        "client_id": settings().user_pool_client_id,
        "token_use": "access",
        "iat": now,
        "exp": now + 900,
        "username": SUB,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def token(
    body: dict[str, Any] | bytes | None = None,
    *,
    sign: Callable[[bytes], bytes] = rs256,
    raw_header: bytes | None = None,
    **header: Any,
) -> str:
    given = {name: value for name, value in ({"kid": "one", "alg": "RS256"} | header).items() if value is not None}
    signed = f"{b64(raw_header or given)}.{b64(claims() if body is None else body)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def is_refused(value: str) -> bool:
    try:
        authenticate(value)
    except InvalidToken:
        return True
    return False


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


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
NOW_S = int(NOW.timestamp())
FOREIGN_JWK = jwk(FOREIGN_KEY, "one")


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


# JW-25 ------------------------------------------------------------------------------------------

SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
SHA256_INFO_WITHOUT_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420")
SIZE = 256


def raw_rsa(encoded: bytes) -> bytes:
    numbers = KEY.private_numbers()
    number = pow(int.from_bytes(encoded), numbers.d, numbers.public_numbers.n)
    return number.to_bytes(SIZE)


def encoded(digest_info: bytes, *, lead: bytes = b"\0\1", fill: bytes = b"\xff", end: bytes = b"\0") -> bytes:
    return lead + fill * (SIZE - len(lead) - len(end) - len(digest_info)) + end + digest_info


def info(signed: bytes) -> bytes:
    return SHA256_INFO + hashlib.sha256(signed).digest()


BAD_SIGNATURES: dict[str, Callable[[bytes], bytes]] = {
    "first-bit": lambda signed: bytes([rs256(signed)[0] ^ 0x80]) + rs256(signed)[1:],
    "last-bit": lambda signed: rs256(signed)[:-1] + bytes([rs256(signed)[-1] ^ 1]),
    "truncated": lambda signed: rs256(signed)[:-1],
    "lengthened": lambda signed: rs256(signed) + b"\0",
    "leading-zero": lambda signed: b"\0" + rs256(signed),
    "one-byte": lambda _: b"\0",
    "zero": lambda _: bytes(SIZE),
    "one": lambda _: (1).to_bytes(SIZE),
    "minus-one": lambda _: (KEY.public_key().public_numbers().n - 1).to_bytes(SIZE),
    "modulus": lambda _: KEY.public_key().public_numbers().n.to_bytes(SIZE),
    "plus-modulus": lambda signed: (int.from_bytes(rs256(signed)) + KEY.public_key().public_numbers().n).to_bytes(257),
    "of-something-else": lambda signed: rs256(signed + b"x"),
    "of-another-key": lambda signed: rs256(signed, FOREIGN_KEY),
    "sha1": lambda signed: KEY.sign(signed, padding.PKCS1v15(), hashes.SHA1()),
    "sha512": lambda signed: KEY.sign(signed, padding.PKCS1v15(), hashes.SHA512()),
    "pss": lambda signed: KEY.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()),
    "no-digest-info": lambda signed: raw_rsa(encoded(hashlib.sha256(signed).digest())),
    "padding-type-2": lambda signed: raw_rsa(encoded(info(signed), lead=b"\0\2")),
    "padding-type-0": lambda signed: raw_rsa(encoded(info(signed), lead=b"\0\0", fill=b"\0")),
    "padding-not-ff": lambda signed: raw_rsa(encoded(info(signed), fill=b"\xfe")),
    "padding-unended": lambda signed: raw_rsa(encoded(info(signed), end=b"\xff")),
    "short-padding-then-garbage": lambda signed: raw_rsa(
        (b"\0\1" + b"\xff" * 8 + b"\0" + info(signed)).ljust(SIZE, b"\0")
    ),
    "garbage-in-parameters": lambda signed: raw_rsa(encoded(info(signed)[:-1] + b"\0")),
}


def test_a_signature_made_by_hand_is_taken():
    """So that those below are refused for what is wrong with them."""
    assert authenticate(f"Bearer {token(sign=lambda signed: raw_rsa(encoded(info(signed))))}") == Viewer(SUB)


@pytest.mark.parametrize("sign", BAD_SIGNATURES.values(), ids=[f"JW-25-{name}" for name in BAD_SIGNATURES])
def test_bad_signature(sign):
    assert is_refused(f"Bearer {token(sign=sign)}")


EC_KEY = ec.generate_private_key(ec.SECP256R1())
BAD_KEYS: dict[str, dict[str, Any]] = {
    "for-encryption": jwk(KEY, "one", use="enc"),
    "for-another-algorithm": jwk(KEY, "one", alg="RS512"),
    "for-PSS": jwk(KEY, "one", alg="PS256"),
    "weak": jwk(WEAK_KEY, "one"),
    "private": RSAAlgorithm.to_jwk(KEY, as_dict=True) | {"kid": "one", "use": "sig", "alg": "RS256"},
    "elliptic": ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "one", "use": "sig"},
    "symmetric": {"kty": "oct", "k": b64(PEM), "kid": "one"},
    "no-kid": {name: value for name, value in jwk(KEY, "one").items() if name != "kid"},
    "kid-number": jwk(KEY, "one") | {"kid": 1},
    "no-modulus": {name: value for name, value in jwk(KEY, "one").items() if name != "n"},
    "modulus-number": jwk(KEY, "one") | {"n": 1},
    "modulus-not-base64": jwk(KEY, "one") | {"n": "\u00e9"},
    "even-exponent": jwk(KEY, "one") | {"e": "Ag"},
    "exponent-one": jwk(KEY, "one") | {"e": "AQ"},
    "unknown-kind": jwk(KEY, "one") | {"kty": "XYZ"},
}
SIGNERS = {"weak": lambda signed: rs256(signed, WEAK_KEY)}


@pytest.mark.parametrize("name", BAD_KEYS, ids=[f"JW-25-{name}" for name in BAD_KEYS])
def test_bad_key(key_set, name):
    key_set.keys = [BAD_KEYS[name]]
    assert is_refused(f"Bearer {token(sign=SIGNERS.get(name, rs256))}")
    assert key_set.asked == 1


# The key set --------------------------------------------------------------------------------------


def test_rotation_is_seen_at_once_and_looked_for_once(key_set, clock):
    """JW-26"""
    assert authenticate(f"Bearer {token()}")
    key_set.keys = [jwk(NEXT_KEY, "two"), jwk(KEY, "one")]
    clock.shift(timedelta(minutes=6))

    def by_next() -> str:
        return token(sign=lambda signed: rs256(signed, NEXT_KEY), kid="two")

    assert authenticate(f"Bearer {by_next()}") == Viewer(SUB)
    assert key_set.asked == 2
    for number in range(1000):
        assert is_refused(f"Bearer {token(b'{}', sign=lambda _: b'x', kid=f'unknown-{number}')}")
    assert key_set.asked == 2
    clock.shift(timedelta(minutes=5))
    for number in range(1000):
        assert is_refused(f"Bearer {token(b'{}', sign=lambda _: b'x', kid=f'unknown-{number}')}")
    assert key_set.asked == 3
    assert authenticate(f"Bearer {token()}") == Viewer(SUB)


def test_keys_serve_a_day_while_the_key_set_is_down(key_set, clock):
    """JW-27"""
    assert authenticate(f"Bearer {token()}")
    key_set.status = 503
    for _ in range(4):
        clock.shift(timedelta(hours=5, minutes=59))
        assert authenticate(f"Bearer {token()}") == Viewer(SUB)
    clock.shift(timedelta(minutes=5))
    assert is_refused(f"Bearer {token()}")
    key_set.status = 200
    assert is_refused(f"Bearer {token()}")  # it was asked this very second
    clock.shift(timedelta(seconds=5))
    assert authenticate(f"Bearer {token()}") == Viewer(SUB)
    assert key_set.asked == 7


def test_a_key_set_down_from_the_start_is_asked_every_five_seconds(key_set, clock):
    """JW-27"""
    key_set.status = 500
    for _ in range(10):
        assert is_refused(f"Bearer {token()}")
        clock.shift(timedelta(seconds=1))
    assert key_set.asked == 2


def test_a_removed_key_stops(key_set, clock):
    """JW-28: within an hour while the key set answers, within a day whatever happens."""
    assert authenticate(f"Bearer {token()}")
    key_set.keys = [jwk(NEXT_KEY, "two")]
    clock.shift(timedelta(minutes=60))
    assert authenticate(f"Bearer {token()}")
    clock.shift(timedelta(seconds=1))
    assert is_refused(f"Bearer {token()}")


BAD_ENTRIES = [{**bad, "kid": "bad"} for name, bad in BAD_KEYS.items() if "kid" not in name]


def test_bad_entries_do_not_hurt_the_good_one(key_set):
    """JW-29"""
    key_set.keys = [None, 1, "x", [], {}, *BAD_ENTRIES, jwk(KEY, "one")]
    assert authenticate(f"Bearer {token()}") == Viewer(SUB)
    assert is_refused(f"Bearer {token(kid='bad')}")


def test_of_two_keys_with_one_name_the_first_counts(key_set):
    """JW-29"""
    key_set.keys = [jwk(KEY, "one"), jwk(FOREIGN_KEY, "one")]
    assert authenticate(f"Bearer {token()}") == Viewer(SUB)
    assert is_refused(f"Bearer {token(sign=lambda signed: rs256(signed, FOREIGN_KEY))}")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b'{"keys": null}', b'{"keys": {}}', b"[" * 50_000, b" " * 70_000, b"\xff"]
)
def test_an_unreadable_key_set_changes_nothing(key_set, clock, body):
    """JW-29"""
    assert authenticate(f"Bearer {token()}")
    key_set.body = body
    clock.shift(timedelta(hours=2))
    assert authenticate(f"Bearer {token()}") == Viewer(SUB)
    assert key_set.asked == 2


def test_a_redirect_is_not_followed(key_set):
    key_set.status = 302
    assert is_refused(f"Bearer {token()}")
    assert key_set.asked == 1


@pytest.mark.parametrize("url", ["https://keys.example/jwks.json", "http://10.0.0.1/jwks.json", "file:///etc/passwd"])
def test_a_laptop_asks_no_other_machine(monkeypatch, url):
    configured = dataclasses.replace(settings(), jwks_url=url)
    monkeypatch.setattr(signing_keys, "settings", lambda: configured)
    assert is_refused(f"Bearer {token()}")
