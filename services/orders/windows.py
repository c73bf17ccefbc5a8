"""How long an order waits for what: all the times of the protocol."""

import random
from datetime import datetime, timedelta

PAYMENT_DEADLINE = timedelta(minutes=15)
"""An order that is still not being charged by then is cancelled."""
MESSAGE_HEAD_START = timedelta(seconds=30)
"""What the message of a new order gets before the sweeper sends another."""
KEY_WINDOW = timedelta(hours=24)
"""How long a gateway remembers an idempotency key; beyond it a repeated call would act again."""
CALL_WINDOW = KEY_WINDOW - timedelta(hours=1)
"""How long we call with a key: the hour is for clocks that differ and calls under way."""
_FIRST_BACKOFF = timedelta(seconds=30)
_LONGEST_BACKOFF = timedelta(minutes=15)


def next_try(now: datetime, attempts: int, asked_for: timedelta | None, window_ends: datetime) -> datetime:
    """Exponential with jitter, 15 to 30 seconds first and 15 minutes at most; what the gateway asks for if longer."""
    longest: timedelta = min(_FIRST_BACKOFF * 2 ** min(attempts, 10), _LONGEST_BACKOFF)
    wait = max(longest * random.uniform(0.5, 1), asked_for or timedelta())  # noqa: S311 - jitter
    return now + wait if now >= window_ends else min(now + wait, window_ends)
