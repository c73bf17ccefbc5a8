"""Bearer token → Viewer. What is no good access token of ours is refused, never taken for anonymous."""

import re
from typing import Any

from core.viewer import Viewer
from services.accounts.profiles import role_of

_SUB = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


class InvalidToken(Exception):
    """The request says who asks, and does not prove it. Nothing of it may be executed."""


def authenticate(authorization: str | None) -> Viewer | None:
    """None without the header. May fetch the key set: at most two seconds, and rarely."""
    if authorization is None:
        return None
    from api.access_token import read_claims  # noqa: PLC0415 - a laptop's first query can do without cryptography

    try:
        return _viewer(read_claims(authorization), authorization.partition(" ")[2])
    except ValueError as error:
        raise InvalidToken from error


def _viewer(claims: dict[str, Any], access_token: str) -> Viewer:
    sub, groups = claims.get("sub"), claims.get("cognito:groups", [])
    if not (isinstance(sub, str) and _SUB.fullmatch(sub) and isinstance(groups, list)):
        raise ValueError("says not who it is for")
    return Viewer(user_id=sub, role=role_of(groups), access_token=access_token)
