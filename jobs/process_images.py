"""S3: a picture was uploaded."""

from typing import Any
from urllib.parse import unquote_plus

from core.observability import logger
from services.images.processing import process_upload
from services.images.storage import find_image_id


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ARG001
    """Every record gets its try; raises when one is to come again, and then all do."""
    failures = []
    for record in event.get("Records", []):
        stored = record["s3"]
        image_id = find_image_id(stored["bucket"]["name"], unquote_plus(stored["object"]["key"]))
        if image_id is None:
            logger.warning("Not an upload of ours")
            continue
        try:
            process_upload(image_id)
        except Exception as error:
            logger.exception("Picture not processed", extra={"image_id": image_id})
            failures.append(error)
    if failures:
        raise ExceptionGroup("pictures to be tried again", failures)
