"""A click, as it is queued: nothing in it tells who it was."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from core.clock import to_text
from services.clicks.countries import COUNTRIES, UNKNOWN

VERSION = 1
DEVICES = frozenset({"desktop", "mobile", "tablet", "other"})
DIRECT, OTHER = "direct", "other"
"""In place of a referrer's host: there was none; there was one that is not kept."""
MAX_HOST = 32
"""So that twenty of them fit into a row. Longer ones are few, and count as `other`."""
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_-]{3,64}", re.ASCII)


def is_referrer(text: str) -> bool:
    return text in {DIRECT, OTHER} or (len(text) <= MAX_HOST and _HOST.fullmatch(text) is not None)


@dataclass(frozen=True, slots=True)
class Click:
    code: str
    at: datetime
    country: str
    referrer: str
    device: str
    is_bot: bool
    """Bots that say so, and previews."""

    def to_body(self) -> str:
        return json.dumps({"version": VERSION, **asdict(self), "at": to_text(self.at)})

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises ValueError, without repeating what it was given: what is no click of ours is never counted."""
        match _read(body):
            case {
                "version": 1,
                "code": str(code),
                "at": str(at),
                "country": str(country),
                "referrer": str(referrer),
                "device": str(device),
                "is_bot": bool(is_bot),
            }:
                moment = datetime.fromisoformat(at)
                is_known = country in COUNTRIES | {UNKNOWN} and device in DEVICES and is_referrer(referrer)
                if is_known and moment.tzinfo and _CODE.fullmatch(code):
                    return cls(code, moment.astimezone(UTC), country, referrer, device, is_bot)
        raise ValueError("not a click")


def _read(body: str) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        return None
