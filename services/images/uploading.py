"""A place to upload a picture to: the browser posts it straight to S3, by a form that allows this one object only."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from ulid import ULID

from core import aws
from core.clock import now
from core.config import settings
from core.errors import DomainError, InvalidInputError, Refused, refuse_all
from models.image import Image
from models.product import DELETED, Product
from models.transaction import ConditionFailed, commit, put, update
from services.catalogue.rules import no_such_product
from services.images.moves import UPLOAD_WINDOW
from services.images.rules import CONTENT_TYPES, MAX_BYTES, MAX_PER_PRODUCT
from services.images.storage import upload_key

FORM_LIFETIME = timedelta(minutes=5)
LONGEST_ALT_TEXT = 500


@dataclass(frozen=True, slots=True)
class UploadForm:
    url: str
    fields: dict[str, str]
    """All of them, unchanged, before the file."""
    expires_at: datetime


def create_upload(
    product_id: str | None, content_type: str, byte_size: int, alt_text: str | None = None
) -> tuple[Image, UploadForm]:
    """The picture stands in its product's list at once, seen by admins until it is READY."""
    alt_text = _checked(product_id, content_type, byte_size, alt_text)
    assert product_id is not None  # noqa: S101 - refused otherwise
    moment = now()
    row = Image(
        image_id=str(ULID()),
        product_id=product_id,
        status="AWAITING_UPLOAD",
        alt_text=alt_text,
        created_at=moment,
        updated_at=moment,
    )
    row.be_due(moment + UPLOAD_WINDOW)
    product = Product(product_id=product_id)
    listing = update(
        product,
        [
            Product.image_ids.set(Product.image_ids.append([row.image_id])),
            Product.version.set(Product.version + 1),
            Product.updated_at.set(moment),
        ],
        Product.has_room_for_images(MAX_PER_PRODUCT) & (Product.status != DELETED),
    )
    try:
        commit([put(row, Image.image_id.does_not_exist()), listing])
    except ConditionFailed as failed:
        failure = failed.of(listing)
        if failure is None:
            raise
        raise Refused(_why_not(failure.stored)) from failed
    return row, _make_form(row.image_id, content_type, moment)


def _checked(product_id: str | None, content_type: str, byte_size: int, alt_text: str | None) -> str | None:
    """The alternative text as it is stored; an empty one is none."""
    errors: list[DomainError] = [] if product_id else [no_such_product()]
    if content_type not in CONTENT_TYPES:
        message = f"The content type must be one of {', '.join(CONTENT_TYPES)}."
        errors.append(InvalidInputError(message=message, field=("contentType",)))
    if not 1 <= byte_size <= MAX_BYTES:
        message = f"The file must have 1 to {MAX_BYTES:,} bytes."
        errors.append(InvalidInputError(message=message, field=("byteSize",)))
    text = unicodedata.normalize("NFC", (alt_text or "").strip())
    if len(text) > LONGEST_ALT_TEXT:
        message = f"The alternative text must have at most {LONGEST_ALT_TEXT} characters."
        errors.append(InvalidInputError(message=message, field=("altText",)))
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        message = "The alternative text must not hold control characters or line breaks."
        errors.append(InvalidInputError(message=message, field=("altText",)))
    refuse_all(errors)
    return text or None


def _why_not(product: Product | None) -> DomainError:
    """`product` as the condition found it."""
    if product is None or product.status == DELETED:
        return no_such_product()
    message = f"The product has {MAX_PER_PRODUCT} pictures already: delete one first."
    return InvalidInputError(code="INVALID_STATE", message=message, field=("productId",))


def _make_form(image_id: str, content_type: str, moment: datetime) -> UploadForm:
    """Signed here, without a call: S3 checks key, type, size and time when the file comes."""
    form = aws.s3().generate_presigned_post(
        Bucket=settings().uploads_bucket,
        Key=upload_key(image_id),
        Fields={"Content-Type": content_type},
        Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, MAX_BYTES]],
        ExpiresIn=int(FORM_LIFETIME.total_seconds()),
    )
    return UploadForm(settings().uploads_url, form["fields"], moment.replace(microsecond=0) + FORM_LIFETIME)
