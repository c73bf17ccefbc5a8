"""The issuer's keys: which are taken, how long they serve, and how seldom they are asked for."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from api import signing_keys
from api.auth import authenticate
from core.config import settings
from core.viewer import Viewer
from tests.api.tokens import FOREIGN_KEY, KEY, NEXT_KEY, PEM, SUB, WEAK_KEY, b64, is_refused, jwk, rs256, token

pytestmark = pytest.mark.usefixtures("key_set", "clock")

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
