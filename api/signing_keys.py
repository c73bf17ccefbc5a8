"""The user pool's public keys, fetched rarely and kept while they cannot be fetched."""

import ipaddress
import json
import urllib.request
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from core.aws import is_deployed
from core.clock import now
from core.config import settings
from core.observability import count, logger

KEPT = timedelta(hours=24)
"""How long keys serve when they cannot be fetched again; a key that was removed lives no longer either."""
REFRESHED = timedelta(hours=1)
BETWEEN_FETCHES = timedelta(minutes=5)
BETWEEN_FIRST_FETCHES = timedelta(seconds=5)
"""While there is no key at all, and so no token can be checked."""
TIMEOUT = 2.0
_MAX_BYTES = 64 * 1024
_NEVER = datetime.min.replace(tzinfo=UTC)


class SigningKeys:
    """Looks into the key set for keys it does not know, but never more than once in five minutes."""

    def __init__(self) -> None:
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at = self._tried_at = _NEVER
        self._fetching = Lock()

    def find(self, kid: Any) -> RSAPublicKey | None:
        if not isinstance(kid, str):
            return None
        if kid not in self._keys or now() - self._fetched_at > REFRESHED:
            with self._fetching:
                self._refresh(kid)
        return self._keys.get(kid)

    def _refresh(self, kid: str) -> None:
        at = now()
        if at - self._fetched_at > KEPT:
            self._keys = {}
        is_fresh = kid in self._keys and at - self._fetched_at <= REFRESHED  # another thread was quicker
        if is_fresh or at - self._tried_at < (BETWEEN_FETCHES if self._keys else BETWEEN_FIRST_FETCHES):
            return
        self._tried_at = at
        try:
            self._keys = _usable(_fetch(settings().jwks_url))
        except Exception:  # whatever it is: the keys at hand serve on
            logger.exception("Key set not fetched")
            count("KeySetNotFetched")
        else:
            self._fetched_at = at


def _fetch(url: str) -> list[Any]:
    """From the configured address and no other: no redirect, no proxy."""
    address = urlsplit(url)
    if not (_is_loopback(address.hostname or "") or (address.scheme == "https" and is_deployed())):
        raise ValueError("the key set's address is neither https nor on this machine")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
    with opener.open(url, timeout=TIMEOUT) as response:
        entries = json.loads(response.read(_MAX_BYTES))["keys"]
    if not isinstance(entries, list):
        raise TypeError("the key set has no list of keys")
    return entries


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _usable(entries: list[Any]) -> dict[str, RSAPublicKey]:
    """What is made for anything else than checking RS256 signatures, weak or broken does not hurt the others."""
    keys: dict[str, RSAPublicKey] = {}
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
            continue
        try:
            key = jwt.PyJWK(entry, "RS256").key
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if isinstance(kid := entry.get("kid"), str) and isinstance(key, RSAPublicKey) and key.key_size >= 2048:
            keys.setdefault(kid, key)
    return keys


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
