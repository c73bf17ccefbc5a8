"""The moves of a picture from state to state: each is one conditional write, and whoever comes second loses."""

from datetime import datetime, timedelta
from typing import Any

from models.image import DELETED, Image
from models.transaction import ConditionFailed, Write, commit, update

UPLOAD_WINDOW = timedelta(hours=1)
"""What the sweeper leaves an upload; its form is valid for minutes."""
PROCESSING_WINDOW = timedelta(days=1)
"""Longer than an event is tried for. What is not finished by then will not be."""
SETTLING = timedelta(hours=1)
"""Longer than anybody can still be writing objects of a picture that is finished or deleted."""
_UNFINISHED = ("AWAITING_UPLOAD", "PROCESSING")


def is_unfinished(row: Image) -> bool:
    return row.status in _UNFINISHED


def begin(row: Image, at: datetime) -> None:
    """AWAITING_UPLOAD → PROCESSING; left as it is when another delivery came first."""
    if row.status == "AWAITING_UPLOAD":
        _move(row, at, ["AWAITING_UPLOAD"], due_at=at + PROCESSING_WINDOW, status="PROCESSING")


def make_ready(row: Image, at: datetime, *, width: int, height: int, renditions: list[dict[str, Any]]) -> bool:
    """False when another was first: a finished picture never changes."""
    values = {"width": width, "height": height, "renditions": renditions}
    return _move(row, at, _UNFINISHED, due_at=at + SETTLING, status="READY", **values)


def reject(row: Image, at: datetime, reason: str) -> bool:
    """False when another was first."""
    return _move(row, at, [row.status], due_at=at + SETTLING, status="REJECTED", rejection=reason)


def deletion(row: Image, at: datetime) -> Write:
    """`row` may hold nothing but its key. The sweeper removes its objects next."""
    return update(row, row.change(due_at=at, status=DELETED, updated_at=at))


def put_off(row: Image, due_at: datetime | None) -> None:
    """Nothing more is to be done before then, or at all."""
    status = row.status
    _commit(update(row, row.change(due_at=due_at), Image.status == status))


def _move(row: Image, at: datetime, statuses: Any, *, due_at: datetime, **values: Any) -> bool:
    return _commit(update(row, row.change(due_at=due_at, updated_at=at, **values), Image.status.is_in(*statuses)))


def _commit(write: Write) -> bool:
    try:
        commit([write])
    except ConditionFailed:
        return False
    return True
