"""Uploading and deleting pictures: what the mutations take and answer."""

from datetime import datetime
from typing import Self

import strawberry

from schema.errors import UserError
from schema.image import Image
from schema.scalars import URL
from services.images.uploading import UploadForm


@strawberry.input(description="A picture that is about to be uploaded.")
class CreateImageUploadInput:
    product_id: strawberry.ID
    content_type: str = strawberry.field(description="image/jpeg, image/png, image/webp or image/gif.")
    byte_size: int = strawberry.field(description="At most `service.limits.maxImageBytes`.")
    alt_text: strawberry.Maybe[str | None] = strawberry.field(description="At most 500 characters.")


@strawberry.input(description="The picture to delete.")
class DeleteImageInput:
    image_id: strawberry.ID


@strawberry.type(description="A form field.")
class UploadField:
    name: str
    value: str


@strawberry.type(description="Where and how to send the file: a multipart form POST of all fields, then `file` last.")
class UploadTarget:
    url: URL
    fields: list[UploadField]
    expires_at: datetime

    @classmethod
    def from_form(cls, form: UploadForm) -> Self:
        fields = [UploadField(name=name, value=value) for name, value in form.fields.items()]
        return cls(url=URL(form.url), fields=fields, expires_at=form.expires_at)


@strawberry.type(description="The picture, and where to send its file.")
class CreateImageUploadPayload:
    image: Image | None = None
    upload: UploadTarget | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What was deleted.")
class DeleteImagePayload:
    deleted_image_id: strawberry.ID | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
