"""Confirmation and reset codes as Cognito gives them: six digits, for some hours, five tries, used once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.core.exceptions import JsonRESTError

from core.clock import now

TRIES = 5


@dataclass(slots=True)
class _Code:
    digits: str
    expires_at: datetime
    wrong: int = 0


_codes: dict[tuple[str, str], _Code] = {}


def issue(purpose: str, sub: str, lifetime: timedelta) -> str:
    """A new code; the one before no longer counts."""
    digits = f"{secrets.randbelow(10**6):06}"
    _codes[purpose, sub] = _Code(digits, now() + lifetime)
    return digits


def use(purpose: str, sub: str, given: str) -> None:
    """Spends the code, or raises Cognito's error for it."""
    code = _codes.get((purpose, sub))
    if code is None or code.expires_at <= now():
        raise expired()
    if code.wrong >= TRIES:
        raise JsonRESTError("LimitExceededException", "Attempt limit exceeded, please try after some time.")
    if not secrets.compare_digest(code.digits.encode(), given.encode()):
        code.wrong += 1
        raise JsonRESTError("CodeMismatchException", "Invalid verification code provided, please try again.")
    del _codes[purpose, sub]


def expired() -> JsonRESTError:
    return JsonRESTError("ExpiredCodeException", "Invalid code provided, please request a code again.")
