"""The form that S3 is to judge an upload by, and what is refused before there is one."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import time_machine

from core.config import settings
from core.errors import Refused
from models.image import Image
from models.product import Product
from services.catalogue import delete_product
from services.images.uploading import create_upload
from tests.makers import make_product
from tests.services.images.originals import oriented
from tests.services.images.uploads import make_upload, post, state
from tests.store import rows


def refusal(*arguments):
    with pytest.raises(Refused) as refused:
        create_upload(*arguments)
    return [(error.code, error.field) for error in refused.value.errors]


@time_machine.travel("2026-11-21T09:00:00Z", tick=False)
def test_UP07_UP08_the_policy_is_for_one_object_of_one_type_for_five_minutes():
    row, form = create_upload(make_product().product_id, "image/png", 5_000_000, "A pot")
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert policy["expiration"] == "2026-11-21T09:05:00Z"
    assert form.expires_at == datetime.fromisoformat("2026-11-21T09:05:00Z")
    assert policy["conditions"] == [
        {"Content-Type": "image/png"},
        ["content-length-range", 1, 10_000_000],
        {"bucket": settings().uploads_bucket},
        {"key": f"uploads/{row.image_id}"},
        {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
        {"x-amz-credential": form.fields["x-amz-credential"]},
        {"x-amz-date": "20261121T090000Z"},
    ]
    assert set(form.fields) == {
        "Content-Type",
        "key",
        "policy",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-signature",
    }
    assert (form.fields["key"], form.fields["Content-Type"]) == (f"uploads/{row.image_id}", "image/png")
    assert form.url == settings().uploads_url
    assert form.fields["x-amz-credential"].endswith("/eu-central-1/s3/aws4_request")


def test_it_stands_in_its_products_list_at_once():
    product = make_product()
    first, second = make_upload(product=product, alt_text=" Sencha\u0301 "), make_upload(product=product, alt_text="  ")
    product.refresh()
    assert product.image_ids == [first.image_id, second.image_id]
    assert product.version == 3
    assert (first.alt_text, second.alt_text) == ("Senchá", None)
    assert state(Image.get(first.image_id)) == ("AWAITING_UPLOAD", None)


def test_the_form_is_taken_from_any_machine_that_has_it():
    _, form = create_upload(make_product().product_id, "image/jpeg", 1000)
    assert post(form.url, form.fields, oriented(1)).status_code == 204


@pytest.mark.parametrize(
    ("content_type", "byte_size", "alt_text", "expected"),
    [
        ("image/svg+xml", 1, None, [("INVALID", ("contentType",))]),
        ("image/jpeg; x=1", 1, None, [("INVALID", ("contentType",))]),
        ("IMAGE/JPEG", 1, None, [("INVALID", ("contentType",))]),
        ("image/jpeg", 0, None, [("INVALID", ("byteSize",))]),
        ("image/jpeg", 10_000_001, None, [("INVALID", ("byteSize",))]),
        ("image/jpeg", 1, "x" * 501, [("INVALID", ("altText",))]),
        ("image/jpeg", 1, "a\nb", [("INVALID", ("altText",))]),
        ("image/jpeg", 1, "\ud800", [("INVALID", ("altText",))]),
        ("", -1, "\0", [("INVALID", ("contentType",)), ("INVALID", ("byteSize",)), ("INVALID", ("altText",))]),
    ],
)
def test_refused_and_nothing_written(content_type, byte_size, alt_text, expected):
    product = make_product()
    before = rows(settings().products_table)
    assert refusal(product.product_id, content_type, byte_size, alt_text) == expected
    assert rows(settings().products_table) == before
    assert rows(settings().images_table) == []


def test_no_product():
    product = make_product()
    delete_product(product.product_id)
    assert refusal(product.product_id, "image/jpeg", 1) == [("NOT_FOUND", ("productId",))]
    assert refusal("01ABSENT", "image/jpeg", 1) == [("NOT_FOUND", ("productId",))]
    assert rows(settings().images_table) == []
    assert Product.find("01ABSENT") is None


def test_twelve_and_no_more_however_many_ask_at_once():
    product = make_product()

    def ask(_: int) -> str:
        try:
            return create_upload(product.product_id, "image/jpeg", 1)[0].image_id
        except Refused as refused:
            return refused.errors[0].code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(20)))
    product.refresh()
    assert answers.count("INVALID_STATE") == 8
    assert sorted(product.image_ids) == sorted(answer for answer in answers if answer != "INVALID_STATE")
    assert len(rows(settings().images_table)) == 12
