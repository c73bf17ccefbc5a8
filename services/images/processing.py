"""What comes of an upload: renditions in the media bucket and a READY picture, or a REJECTED one with its reason."""

import hashlib
from contextlib import closing

from core.clock import now
from core.observability import count, logger
from models.image import Image
from services.images import header, moves, storage
from services.images.rendering import render
from services.images.rules import MAX_BYTES, Rejected, refuse_giants


def process_upload(image_id: str) -> None:
    """Safe to repeat, also at once: whoever finishes first decides. Raises only what another try may cure."""
    row = Image.find(image_id, consistent=True)
    if row is None or not moves.is_unfinished(row):
        logger.info("Upload of a picture that is done with", extra={"image_id": image_id})
        return
    moves.begin(row, now())
    try:
        is_first = _make_ready(row)
    except Rejected as rejected:
        is_first = moves.reject(row, now(), rejected.reason)
    if is_first:
        logger.info("Picture finished", extra={"image_id": image_id, "status": row.status, "reason": row.rejection})
        count("PictureReady" if row.status == "READY" else "PictureRejected")


def _make_ready(row: Image) -> bool:
    original = _read_original(row.image_id)
    rendered = render(original)
    digest = hashlib.sha256(original).hexdigest()[:16]
    renditions = [
        {
            "format": made.format,
            "width": made.width,
            "height": made.height,
            "byte_size": len(made.body),
            "key": storage.put_rendition(row.image_id, digest, made),
        }
        for made in rendered.renditions
    ]
    return moves.make_ready(row, now(), width=rendered.width, height=rendered.height, renditions=renditions)


def _read_original(image_id: str) -> bytes:
    """Its size is asked for before anything is read, and its first bytes are looked at before the rest."""
    size = storage.size_of_upload(image_id)
    if size == 0:
        raise Rejected("CORRUPT")
    if size > MAX_BYTES:
        raise Rejected("TOO_LARGE")
    with closing(storage.open_upload(image_id)) as body:
        head = body.read(header.LONGEST)
        found = header.find_header(head)
        if found is None:
            raise Rejected("UNSUPPORTED_TYPE")
        if found.size:
            refuse_giants(*found.size)
        original = head + body.read(MAX_BYTES + 1 - len(head))
    if len(original) > MAX_BYTES:  # another one was put there meanwhile
        raise Rejected("TOO_LARGE")
    return original
