"""JW-25: signatures that were made by nobody, or by the wrong means."""

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from api.auth import authenticate
from core.viewer import Viewer
from tests.api.tokens import FOREIGN_KEY, KEY, SUB, is_refused, rs256, token

pytestmark = pytest.mark.usefixtures("key_set", "clock")

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
