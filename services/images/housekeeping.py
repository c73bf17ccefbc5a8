"""The sweeper's part in pictures: uploads that never came, and objects that belong to nothing any more."""

from datetime import datetime

from core.clock import to_text
from core.observability import logger
from models.image import DELETED, Image
from models.shards import all_shards
from services.images import moves, storage

AFTER_EVERY_ID = "$"
"""Sorts behind the `#` before the id: everything due by then, that very moment included."""


def sweep_images(now: datetime) -> int:
    """How many were due. Two sweepers at once do no harm."""
    swept = 0
    for shard in all_shards():
        for stale in Image.due.query(shard, Image.due_sort < to_text(now) + AFTER_EVERY_ID):
            swept += _sweep(stale.image_id, now)
    return swept


def _sweep(image_id: str, now: datetime) -> int:
    """One that fails keeps no other from its turn: it stays due."""
    try:
        return _work_off(image_id, now)
    except Exception:
        logger.exception("Picture not swept", extra={"image_id": image_id})
        return 0


def _work_off(image_id: str, now: datetime) -> int:
    """An index may be behind its table: the row itself says whether it is due."""
    row = Image.find(image_id, consistent=True)
    if row is None or row.due_at is None or row.due_at > now:
        return 0
    match row.status:
        case "AWAITING_UPLOAD":
            moves.reject(row, now, "NEVER_UPLOADED")
        case "PROCESSING":
            moves.reject(row, now, "CORRUPT")
        case status:
            _tidy(row, now, is_deleted=status == DELETED)
    return 1


def _tidy(row: Image, now: datetime, *, is_deleted: bool) -> None:
    """The original goes once it is done with; and what a delivery that came second wrote, or died over."""
    storage.remove_upload(row.image_id)
    storage.remove_renditions(row.image_id, keep=[] if is_deleted else [made["key"] for made in row.renditions])
    if not is_deleted:
        moves.put_off(row, None)
    elif now < (settled_at := row.updated_at + moves.SETTLING):
        moves.put_off(row, settled_at)
    else:
        row.delete()
