"""Pictures of products as clients see them."""

from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry

from core.config import settings
from core.viewer import Viewer
from models.image import DELETED
from models.image import Image as ImageRow
from schema.node import Node, to_global_id
from schema.scalars import URL


@strawberry.enum(description="How far a picture has come.")
class ImageStatus(Enum):
    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    PROCESSING = "PROCESSING"
    READY = "READY"
    REJECTED = "REJECTED"


@strawberry.enum(description="Why an upload did not become a picture.")
class ImageRejection(Enum):
    UNSUPPORTED_TYPE = strawberry.enum_value(
        "UNSUPPORTED_TYPE",
        description="By its content it is no JPEG, PNG, WebP or GIF, whatever was declared.",
    )
    TOO_LARGE = "TOO_LARGE"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    CORRUPT = "CORRUPT"
    NEVER_UPLOADED = "NEVER_UPLOADED"


@strawberry.enum(description="What a rendition is encoded as.")
class ImageFormat(Enum):
    JPEG = "JPEG"
    WEBP = "WEBP"


@strawberry.type(description="One size of a picture in one format; what is at its URL never changes.")
class ImageRendition:
    format: ImageFormat
    width: int
    height: int
    byte_size: int
    url: URL

    @classmethod
    def from_stored(cls, made: dict[str, Any]) -> Self:
        return cls(
            format=ImageFormat(made["format"]),
            width=made["width"],
            height=made["height"],
            byte_size=made["byte_size"],
            url=URL(f"{settings().media_base_url}/{made['key']}"),
        )


@strawberry.type(description="A picture of a product.")
class Image(Node):
    status: ImageStatus
    rejection: ImageRejection | None
    alt_text: str | None
    width: int | None = strawberry.field(description="Of the original, turned upright.")
    height: int | None
    renditions: list[ImageRendition] = strawberry.field(
        description="Widths 800, 400 and 200, never enlarged, in each format; smallest first. Empty until READY."
    )
    created_at: datetime

    @classmethod
    def from_row(cls, row: ImageRow) -> Self:
        return cls(
            id=to_global_id("Image", row.image_id),
            status=ImageStatus(row.status),
            rejection=ImageRejection(row.rejection) if row.rejection else None,
            alt_text=row.alt_text,
            width=row.width,
            height=row.height,
            renditions=[ImageRendition.from_stored(made) for made in row.renditions],
            created_at=row.created_at,
        )


def is_seen_by(viewer: Viewer | None, row: ImageRow) -> bool:
    """Of a product that the viewer sees."""
    return row.status == "READY" or (row.status != DELETED and viewer is not None and viewer.is_admin)
