"""How long is waited between two tries."""

from datetime import UTC, datetime, timedelta

import pytest

from services.orders.windows import CALL_WINDOW, KEY_WINDOW, next_try

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ENDS = NOW + CALL_WINDOW


def waits(attempts: int, asked_for: timedelta | None = None) -> list[float]:
    return [(next_try(NOW, attempts, asked_for, ENDS) - NOW).total_seconds() for _ in range(200)]


@pytest.mark.parametrize(
    ("attempts", "shortest", "longest"), [(0, 15, 30), (1, 30, 60), (4, 240, 480), (5, 450, 900), (99, 450, 900)]
)
def test_longer_with_every_try_and_never_all_at_once(attempts, shortest, longest):
    found = waits(attempts)
    assert shortest <= min(found) < max(found) <= longest
    assert len(set(found)) > 100


def test_as_long_as_the_gateway_asks_for():
    assert set(waits(0, timedelta(minutes=40))) == {2400}
    assert min(waits(5, timedelta(seconds=1))) >= 450


def test_never_past_the_last_moment_of_a_call():
    last = ENDS - timedelta(seconds=3)
    assert next_try(last, 9, timedelta(days=2), ENDS) == ENDS
    assert next_try(ENDS, 0, timedelta(minutes=1), ENDS) == ENDS + timedelta(minutes=1)
    assert timedelta(hours=1) == KEY_WINDOW - CALL_WINDOW
