"""What the service says of itself."""

import strawberry

from models.paging import DEFAULT_SIZE, MAX_SIZE
from services.images.rules import MAX_BYTES, MAX_PIXELS
from services.orders.lines import MAX_LINES


@strawberry.type(description="What the server refuses beyond, so that clients need not guess.")
class ServiceLimits:
    default_page_size: int = DEFAULT_SIZE
    max_page_size: int = MAX_SIZE
    max_order_lines: int = MAX_LINES
    max_image_bytes: int = MAX_BYTES
    max_image_pixels: int = MAX_PIXELS


@strawberry.type(description="The service itself.")
class Service:
    version: str
    limits: ServiceLimits
