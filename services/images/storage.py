"""The two buckets: uploads under keys of ours in one, what we made of them in the other. Both are private."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core import aws
from core.config import settings
from services.images.rules import Rejected

if TYPE_CHECKING:
    from botocore.response import StreamingBody

    from services.images.rendered import Rendition

_UPLOAD_KEY = re.compile(r"uploads/([0-9A-HJKMNP-TV-Z]{26})")
_GONE = {"404", "NoSuchKey"}
_MEDIA = {"JPEG": ("jpg", "image/jpeg"), "WEBP": ("webp", "image/webp")}


def upload_key(image_id: str) -> str:
    """Nothing of a file's own name is in it."""
    return f"uploads/{image_id}"


def find_image_id(bucket: str, key: str) -> str | None:
    """Of an upload; None for every object that is none, however much its name looks like one."""
    found = _UPLOAD_KEY.fullmatch(key) if bucket == settings().uploads_bucket else None
    return found and found[1]


def size_of_upload(image_id: str) -> int:
    """Without reading it. Raises Rejected when it is gone."""
    try:
        answer = aws.s3().head_object(Bucket=settings().uploads_bucket, Key=upload_key(image_id))
    except ClientError as error:
        raise _as_rejection(error) from error
    return answer["ContentLength"]


def open_upload(image_id: str) -> "StreamingBody":
    """Raises Rejected when it is gone."""
    try:
        answer = aws.s3().get_object(Bucket=settings().uploads_bucket, Key=upload_key(image_id))
    except ClientError as error:
        raise _as_rejection(error) from error
    return answer["Body"]


def put_rendition(image_id: str, digest: str, made: "Rendition") -> str:
    """Under the digest of the original: another upload to the same form writes elsewhere. Answers the key."""
    suffix, content_type = _MEDIA[made.format]
    key = f"images/{image_id}/{digest}/{made.width}.{suffix}"
    aws.s3().put_object(
        Bucket=settings().media_bucket,
        Key=key,
        Body=made.body,
        ContentType=content_type,
        ContentDisposition="inline",
        CacheControl="public, max-age=31536000, immutable",
    )
    return key


def remove_upload(image_id: str) -> None:
    aws.s3().delete_object(Bucket=settings().uploads_bucket, Key=upload_key(image_id))


def remove_renditions(image_id: str, keep: Collection[str] = ()) -> None:
    listed = aws.s3().list_objects_v2(Bucket=settings().media_bucket, Prefix=f"images/{image_id}/")
    for found in listed.get("Contents", []):
        if found["Key"] not in keep:
            aws.s3().delete_object(Bucket=settings().media_bucket, Key=found["Key"])


def _as_rejection(error: ClientError) -> Exception:
    return Rejected("NEVER_UPLOADED") if error.response["Error"]["Code"] in _GONE else error
