"""Pictures through the schema: shapes, who sees and may do what, refusals as data, and what each query costs."""

from typing import Any

import httpx
import pytest

import local
from api.root import schema
from core.config import settings
from core.viewer import Viewer
from models.image import Image
from models.product import Product
from schema.context import Context
from schema.node import to_global_id
from services.catalogue import update_product
from services.images.removing import delete_image
from tests.makers import make_product
from tests.recorder import recorded
from tests.services.images.originals import card, saved
from tests.services.images.uploads import deliver, make_upload, media, read
from tests.store import rows

ADMIN = Viewer("admin", "ADMIN")
CUSTOMER = Viewer("customer")
UPLOAD = """mutation ($input: CreateImageUploadInput!) { createImageUpload(input: $input) {
  image { id status rejection altText width height createdAt renditions { url } }
  upload { url expiresAt fields { name value } }
  userErrors { __typename code message field } } }"""
DELETE = "mutation ($id: ID!) { deleteImage(input: {imageId: $id}) { deletedImageId userErrors { code field } } }"
IMAGES = "query ($id: ID!) { product(by: {id: $id}) { images { id status } } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Image { status altText } } }"


async def ask(text: str, viewer: Viewer | None = None, **variables: Any) -> dict[str, Any]:
    result = await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))
    assert result.errors is None
    return result.data


async def codes(text: str, viewer: Viewer | None = None, **variables: Any) -> list[str]:
    result = await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))
    return [error.extensions["code"] for error in result.errors]


def product_id(product: Product) -> str:
    return to_global_id("Product", product.product_id)


def image_id(row: Image) -> str:
    return to_global_id("Image", row.image_id)


def make_ready(product: Product | None = None, **values: Any) -> Image:
    return deliver(make_upload(saved(card(90, 60), "PNG"), product, **values))


async def test_from_the_form_to_the_pictures_url():
    product = make_product()
    original = saved(card(), "PNG")
    said = {
        "productId": product_id(product),
        "contentType": "image/png",
        "byteSize": len(original),
        "altText": "A card",
    }
    answer = (await ask(UPLOAD, ADMIN, input=said))["createImageUpload"]
    assert answer["userErrors"] == []
    assert (answer["image"]["status"], answer["image"]["altText"]) == ("AWAITING_UPLOAD", "A card")
    assert (answer["image"]["rejection"], answer["image"]["width"], answer["image"]["renditions"]) == (None, None, [])

    fields = {field["name"]: field["value"] for field in answer["upload"]["fields"]}
    file = {"file": ("card.png", original)}
    assert httpx.post(answer["upload"]["url"], data=fields, files=file, trust_env=False).status_code == 204
    local.drain()

    query = """query ($id: ID!) { product(by: {id: $id}) { version images {
      id status rejection altText width height renditions { format width height byteSize url } } } }"""
    product_now = (await ask(query, id=product_id(product)))["product"]
    (image,) = product_now["images"]
    stored = media()
    base = settings().media_base_url
    assert image.pop("renditions") == [
        {
            "format": kind,
            "width": width,
            "height": height,
            "byteSize": len(stored[key].body),
            "url": f"{base}/{key}",
        }
        for (kind, width, height), key in zip(
            [
                (kind, width, height)
                for width, height in ((200, 133), (400, 267), (800, 533))
                for kind in ("JPEG", "WEBP")
            ],
            sorted(stored),
            strict=True,
        )
    ]
    assert image == {
        "id": answer["image"]["id"],
        "status": "READY",
        "rejection": None,
        "altText": "A card",
        "width": 900,
        "height": 600,
    }
    assert product_now["version"] == 2


async def test_customers_see_ready_ones_and_admins_all_in_order():
    product = make_product()
    first, second, third = make_upload(product=product), make_ready(product), deliver(make_upload(b"<svg/>", product))
    gone, last = make_ready(product), make_ready(product)
    delete_image(gone.image_id)
    seen = [{"id": image_id(row), "status": "READY"} for row in (second, last)]
    for viewer in (None, CUSTOMER):
        assert (await ask(IMAGES, viewer, id=product_id(product)))["product"]["images"] == seen
    everything = [(first, "AWAITING_UPLOAD"), (second, "READY"), (third, "REJECTED"), (last, "READY")]
    assert (await ask(IMAGES, ADMIN, id=product_id(product)))["product"]["images"] == [
        {"id": image_id(row), "status": status} for row, status in everything
    ]


async def test_as_a_node():
    ready, waiting = make_ready(alt_text="A pot"), make_upload()
    hidden = make_ready(make_product(status="DRAFT"))
    deleted = make_ready()
    delete_image(deleted.image_id)
    node = {"__typename": "Image", "id": image_id(ready), "status": "READY", "altText": "A pot"}
    for viewer in (None, CUSTOMER, ADMIN):
        assert (await ask(NODE, viewer, id=image_id(ready)))["node"] == node
        assert (await ask(NODE, viewer, id=image_id(deleted)))["node"] is None
        assert (await ask(NODE, viewer, id=to_global_id("Image", "01ABSENT")))["node"] is None
        for row in (waiting, hidden):
            is_seen = (await ask(NODE, viewer, id=image_id(row)))["node"] is not None
            assert is_seen == (viewer is ADMIN)


async def test_pictures_of_an_archived_product_are_seen_with_it():
    product = make_product()
    row = make_ready(product)
    update_product(product.product_id, {"status": "ARCHIVED"})
    assert (await ask(NODE, CUSTOMER, id=image_id(row)))["node"] is None
    assert (await ask(NODE, ADMIN, id=image_id(row)))["node"]["id"] == image_id(row)


@pytest.mark.parametrize(("viewer", "code"), [(None, "UNAUTHENTICATED"), (CUSTOMER, "FORBIDDEN")])
async def test_uploading_and_deleting_are_for_admins(viewer, code):
    product = make_product()
    row = make_ready(product)
    before = rows(settings().images_table), rows(settings().products_table)
    said = {"productId": product_id(product), "contentType": "image/png", "byteSize": 1}
    assert await codes(UPLOAD, viewer, input=said) == [code]
    assert await codes(DELETE, viewer, id=image_id(row)) == [code]
    assert (rows(settings().images_table), rows(settings().products_table)) == before


async def test_refusals_are_data():
    said = {"productId": to_global_id("Product", "01ABSENT"), "contentType": "image/tiff", "byteSize": 0}
    answer = (await ask(UPLOAD, ADMIN, input=said))["createImageUpload"]
    assert (answer["image"], answer["upload"]) == (None, None)
    assert [(error["__typename"], error["code"], error["field"]) for error in answer["userErrors"]] == [
        ("InvalidInputError", "INVALID", ["contentType"]),
        ("InvalidInputError", "INVALID", ["byteSize"]),
    ]
    answer = (await ask(UPLOAD, ADMIN, input=said | {"productId": "garbled"}))["createImageUpload"]
    assert [error["field"] for error in answer["userErrors"]] == [["productId"], ["contentType"], ["byteSize"]]
    said |= {"contentType": "image/png", "byteSize": 1}
    for given in (said, said | {"productId": image_id(make_upload())}, said | {"productId": "garbled"}):
        (error,) = (await ask(UPLOAD, ADMIN, input=given))["createImageUpload"]["userErrors"]
        assert (error["__typename"], error["code"], error["field"]) == ("NotFoundError", "NOT_FOUND", ["productId"])


async def test_delete():
    product = make_product()
    row = make_ready(product)
    deleted = {"deletedImageId": image_id(row), "userErrors": []}
    assert (await ask(DELETE, ADMIN, id=image_id(row)))["deleteImage"] == deleted
    assert (await ask(IMAGES, ADMIN, id=product_id(product)))["product"]["images"] == []
    assert read(row).status == "DELETED"
    for id in (image_id(row), product_id(product), "garbled"):
        refused = {"deletedImageId": None, "userErrors": [{"code": "NOT_FOUND", "field": ["imageId"]}]}
        assert (await ask(DELETE, ADMIN, id=id))["deleteImage"] == refused


async def test_limits():
    limits = (await ask("{ service { limits { maxImageBytes maxImagePixels } } }"))["service"]["limits"]
    assert limits == {"maxImageBytes": 10_000_000, "maxImagePixels": 25_000_000}


async def test_what_it_costs():
    for _ in range(25):
        product = make_product()
        make_upload(product=product)
        make_upload(product=product)
    lists = "{ products(first: 50) { nodes { id images { id renditions { url } } } } }"
    with recorded() as heard:
        assert len((await ask(lists))["products"]["nodes"]) == 25
    assert sorted(heard) == ["BatchGetItem", "Query"]
    with recorded() as heard:
        await ask(IMAGES, id=product_id(product))
    assert heard == ["BatchGetItem", "BatchGetItem"]
    row = make_ready()
    with recorded() as heard:
        await ask(NODE, id=image_id(row))
    assert heard == ["BatchGetItem", "BatchGetItem"]
    said = {"productId": product_id(product), "contentType": "image/png", "byteSize": 1}
    with recorded() as heard:
        await ask(UPLOAD, ADMIN, input=said)
    assert heard == ["TransactWriteItems"]
    with recorded() as heard:
        await ask(DELETE, ADMIN, id=image_id(row))
    assert heard == ["GetItem", "GetItem", "TransactWriteItems"]
