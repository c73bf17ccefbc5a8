"""Global ids: opaque to clients, and never those of another type."""

import base64
import binascii
import re

import strawberry

from core.errors import NotFoundError, Path, Refused


@strawberry.interface(description="An object that can be fetched again by its id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque and globally unique.")


_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
LONGEST = 512
"""Far beyond our own ids, and within what DynamoDB takes for a key: it fails a read of a longer one."""


def to_global_id(type_name: str, key: str) -> strawberry.ID:
    return strawberry.ID(base64.urlsafe_b64encode(f"{type_name}:{key}".encode()).decode().rstrip("="))


def parse_global_id(global_id: str) -> tuple[str, str] | None:
    """Its type's name and key; None for anything that Kiosk did not write."""
    if len(global_id) > LONGEST:
        return None
    try:
        text = base64.b64decode(global_id + "=" * (-len(global_id) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    type_name, separator, key = text.partition(":")
    is_ours = separator and key and to_global_id(type_name, key) == global_id
    return (type_name, key) if is_ours else None


def find_key(global_id: str, type_name: str) -> str | None:
    """The key in an id of this very type."""
    parsed = parse_global_id(global_id)
    return parsed[1] if parsed and parsed[0] == type_name else None


def fetch_key(global_id: str, type_name: str, field: Path) -> str:
    """The same for an input: refused as NOT_FOUND when it is none."""
    key = find_key(global_id, type_name)
    if key is None:
        words = _CAPITAL_INSIDE.sub(" ", type_name).lower()
        raise Refused(NotFoundError(message=f"There is no such {words}.", field=field))
    return key
