"""The time: whole milliseconds of UTC, and for the demo shop's past another moment, here only."""

from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest

from core.clock import now, set_to, to_text

NOON = datetime(2026, 11, 20, 12, 0, 0, 123_456, tzinfo=UTC)
NOON_STORED = NOON.replace(microsecond=123_000)


def test_it_is_now_in_whole_milliseconds():
    before = datetime.now(UTC)
    moment = now()
    assert before - timedelta(milliseconds=1) < moment <= datetime.now(UTC)
    assert (moment.microsecond % 1000, moment.tzinfo) == (0, UTC)


def test_set_to_a_moment_of_any_zone():
    with set_to(NOON.astimezone(timezone(timedelta(hours=14)))):
        assert now() == NOON_STORED
        assert now().utcoffset() == timedelta()
        with set_to(NOON + timedelta(days=1)):
            assert now() == NOON_STORED + timedelta(days=1)
        assert now() == NOON_STORED


def test_it_goes_on_afterwards_even_after_a_failure():
    with pytest.raises(KeyError), set_to(NOON):
        raise KeyError
    assert now() != NOON_STORED


def test_other_threads_keep_the_time():
    seen: list[datetime] = []
    with set_to(NOON):
        other = Thread(target=lambda: seen.append(now()))
        other.start()
        other.join()
    assert seen[0] != NOON_STORED


def test_as_text_it_has_a_fixed_width_and_is_utc():
    assert to_text(NOON) == "2026-11-20T12:00:00.123Z"
    assert to_text(NOON.replace(microsecond=0).astimezone(timezone(timedelta(hours=-8)))) == "2026-11-20T12:00:00.000Z"
