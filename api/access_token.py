"""What an access token of ours says, once its signature, its header and its dates hold."""

import json
import re
import time
from typing import Any

import jwt
from jwt.utils import base64url_decode

from api.signing_keys import SigningKeys
from core.config import settings

MAX_TOKEN = 8192
MOST_BRACKETS = 100
"""That bounds the nesting, which Python versions bound differently; a token of ours has three."""
CLOCK_SKEW = 60
"""Seconds that `iat` and `nbf` may lie ahead. `exp` gets none: signing out promises an end within 15 minutes."""
LONGEST_LIFE = 24 * 60 * 60
"""Seconds: Cognito makes no access token that lives longer."""
_BEARER = re.compile(r"bearer ([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII | re.IGNORECASE)
_TYPES = (None, "JWT", "at+jwt")

signing_keys = SigningKeys()
_jws = jwt.PyJWS(algorithms=["RS256"])


def read_claims(authorization: str) -> dict[str, Any]:
    """Raises ValueError where it is none of ours.

    PyJWT checks the signature only: of claims it takes string dates and id tokens, of headers `b64` and `crit`.
    """
    parts = _BEARER.fullmatch(authorization)
    if parts is None or len(authorization) > len("bearer ") + MAX_TOKEN:
        raise ValueError("not a bearer token")
    header = _object(base64url_decode(parts[1]))
    if header.get("alg") != "RS256" or header.get("typ") not in _TYPES or {"crit", "b64"} & header.keys():
        raise ValueError("not an access token's header")
    key = signing_keys.find(header.get("kid"))
    if key is None:
        raise ValueError("not signed with a key of ours")
    try:
        claims = _object(_jws.decode(authorization.partition(" ")[2], key, algorithms=["RS256"]))
    except jwt.PyJWTError as error:
        raise ValueError("not signed by us") from error
    _check(claims)
    return claims


def _object(text: bytes) -> dict[str, Any]:
    """A name given twice is refused: two readers could read two different things."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(values := dict(pairs)) < len(pairs):
            raise ValueError("a name is given twice")
        return values

    if text.count(b"[") + text.count(b"{") > MOST_BRACKETS:
        raise ValueError("nested too deeply")
    value = json.loads(text.decode(), object_pairs_hook=once)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of refusal
    return value


def _check(claims: dict[str, Any]) -> None:
    now = int(time.time())
    is_ours = (
        claims.get("iss") == settings().token_issuer
        and claims.get("token_use") == "access"
        and claims.get("client_id") == settings().user_pool_client_id
        and claims.get("aud", settings().user_pool_client_id) == settings().user_pool_client_id
    )
    if not is_ours:
        raise ValueError("not an access token of ours")
    issued, expires, not_before = _seconds(claims, "iat"), _seconds(claims, "exp"), _seconds(claims, "nbf", 0)
    if not now < expires <= issued + LONGEST_LIFE or max(issued, not_before) > now + CLOCK_SKEW:
        raise ValueError("expired, or not valid yet")


def _seconds(claims: dict[str, Any], name: str, default: int | None = None) -> int:
    value = claims.get(name, default)
    if type(value) is not int or value < 0:
        raise ValueError(f"`{name}` is no number of seconds")
    return value
