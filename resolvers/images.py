"""How the root fields about pictures are answered."""

from resolvers.catalogue import find_product
from schema.context import Info
from schema.image import Image, is_seen_by
from schema.image_upload import (
    CreateImageUploadInput,
    CreateImageUploadPayload,
    DeleteImageInput,
    DeleteImagePayload,
    UploadTarget,
)
from schema.node import fetch_key, find_key
from services.images.removing import delete_image as delete_stored_image
from services.images.uploading import create_upload


async def find_image(info: Info, image_id: str) -> Image | None:
    """Null when the caller may not see it, or not its product: one read of each."""
    row = await info.context.loaders.images.load(image_id)
    if row is None or not is_seen_by(info.context.viewer, row):
        return None
    return Image.from_row(row) if await find_product(info, row.product_id) else None


async def create_image_upload(info: Info, input: CreateImageUploadInput) -> CreateImageUploadPayload:
    row, form = await info.context.run(
        create_upload,
        find_key(input.product_id, "Product"),
        input.content_type,
        input.byte_size,
        input.alt_text.value if input.alt_text else None,
    )
    info.context.loaders.products.clear_all()
    return CreateImageUploadPayload(image=Image.from_row(row), upload=UploadTarget.from_form(form))


async def delete_image(info: Info, input: DeleteImageInput) -> DeleteImagePayload:
    image_id = fetch_key(input.image_id, "Image", ("imageId",))
    await info.context.run(delete_stored_image, image_id)
    info.context.loaders.products.clear_all()
    info.context.loaders.images.prime(image_id, None, force=True)
    return DeleteImagePayload(deleted_image_id=input.image_id)
