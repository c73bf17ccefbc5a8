"""What each job did last, for people to look at."""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock


@dataclass(frozen=True, slots=True)
class Run:
    function: str
    source: str
    """The queue, bucket or schedule the event came from, or `invoke`."""
    at: datetime
    seconds: float
    records: int
    outcome: str
    """ok, or failed; partly failed when only some records of a batch did."""
    error: str | None = None


KEPT = 20
"""Of each function: one that runs every minute pushes out no other's."""
_runs: defaultdict[str, deque[Run]] = defaultdict(lambda: deque(maxlen=KEPT))
_noting = Lock()


def note(run: Run) -> None:
    with _noting:
        _runs[run.function].append(run)


def newest_first() -> list[Run]:
    """By when they began."""
    with _noting:
        return sorted((run for runs in _runs.values() for run in reversed(runs)), key=lambda run: run.at, reverse=True)


def forget() -> None:
    with _noting:
        _runs.clear()
