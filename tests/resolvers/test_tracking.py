"""A parcel's short link: made with the order's own change, shown on the order, sent in the mail."""

from typing import Any

import pytest

import local
from api.root import schema
from core.config import settings
from core.viewer import Viewer
from local import mailbox
from models.link_day import TOTAL, LinkDay
from models.order import Order
from models.short_link import ShortLink
from schema.context import Context
from schema.node import to_global_id
from services.short_links import changing, making
from tests import faults
from tests.makers import make_product, make_session, make_short_link
from tests.recorder import recorded
from tests.store import rows

ADMIN = Viewer("admin", "ADMIN")
PARCEL = "https://parcels.example/track?id=47 11"
CREATE = """mutation($product: ID!) { createOrder(input: {
    idempotencyKey: "key", lines: [{productId: $product, quantity: 1}], paymentToken: "tok_ok",
    shippingAddress: {name: "Ann", line1: "Street 1", city: "Bern", countryCode: "CH"}
}) { order { id } userErrors { message } } }"""
FULFILL = """mutation($id: ID!, $url: URL) { fulfillOrder(input: {orderId: $id, trackingUrl: $url}) {
    order { status version trackingLink { code shortUrl destinationUrl title clicks } }
    userErrors { code field }
} }"""
TRACKING = "query($id: ID!) { order(by: {id: $id}) { trackingLink { id destinationUrl clicks status } } }"


async def ask(text: str, viewer: Viewer, **variables: Any) -> Any:
    result = await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))
    assert result.errors is None
    (answer,) = result.data.values()
    return answer


@pytest.fixture
def customer() -> Viewer:
    return make_session("ann@kiosk.example").viewer


@pytest.fixture
async def order_id(customer) -> str:
    """Of a CONFIRMED one."""
    product = to_global_id("Product", make_product().product_id)
    order_id = (await ask(CREATE, customer, product=product))["order"]["id"]
    local.drain()
    return order_id


def links() -> list[dict[str, Any]]:
    return rows(settings().short_links_table)


async def test_from_shipping_to_the_mail(customer, order_id):
    with recorded() as sent:
        shipped = await ask(FULFILL, ADMIN, id=order_id, url=PARCEL)
    assert sent == ["GetItem", "TransactWriteItems", "BatchGetItem", "BatchGetItem"]
    link = shipped["order"]["trackingLink"]
    order = Order.get(rows(settings().orders_table)[0]["order_id"])
    assert shipped["userErrors"] == []
    assert link == {
        "code": order.tracking_code,
        "shortUrl": f"{settings().public_base_url}/{order.tracking_code}",
        "destinationUrl": "https://parcels.example/track?id=47%2011",
        "title": f"Parcel of {order.number}",
        "clicks": 0,
    }
    assert (len(order.tracking_code), order.status) == (8, "SHIPPED")
    assert ShortLink.get(order.tracking_code).owner_id == "admin"
    local.drain()
    mail = next(mail for mail in mailbox.newest_first() if "on its way" in mail.subject)
    assert mail.to == ("ann@kiosk.example",)
    assert f"Follow the parcel: {link['shortUrl']}\r\n" in mail.text
    assert f'href="{link["shortUrl"]}"' in mail.html
    assert "parcels.example" not in mail.text + mail.html
    LinkDay(order.tracking_code, TOTAL, clicks=3).save()
    seen = await ask(TRACKING, customer, id=order_id)
    assert seen["trackingLink"] == {
        "id": to_global_id("ShortLink", order.tracking_code),
        "destinationUrl": link["destinationUrl"],
        "clicks": 3,
        "status": "ACTIVE",
    }


async def test_again_with_the_same_address_writes_nothing(order_id):
    first = await ask(FULFILL, ADMIN, id=order_id, url=PARCEL)
    local.drain()
    before = (links(), rows(settings().orders_table))
    for url in (PARCEL, "HTTPS://Parcels.example:443/track?id=47%2011"):
        again = await ask(FULFILL, ADMIN, id=order_id, url=url)
        assert again["order"]["trackingLink"] == first["order"]["trackingLink"]
    other = await ask(FULFILL, ADMIN, id=order_id, url="https://parcels.example/other")
    assert (other["order"], other["userErrors"]) == (None, [{"code": "INVALID_STATE", "field": ["orderId"]}])
    assert (links(), rows(settings().orders_table)) == before


@pytest.mark.parametrize("absent", [{}, {"url": None}])
async def test_without_an_address(order_id, absent):
    shipped = await ask(FULFILL, ADMIN, id=order_id, **absent)
    assert (shipped["order"]["status"], shipped["order"]["trackingLink"]) == ("SHIPPED", None)
    assert links() == []
    local.drain()
    assert "Follow the parcel" not in mailbox.newest_first()[0].text


@pytest.mark.parametrize(
    ("url", "code"), [("javascript:alert(1)", "UNSAFE_URL"), ("http://10.0.0.1/", "UNSAFE_URL"), ("", "INVALID")]
)
async def test_an_address_that_must_not_be_linked_to(order_id, url, code):
    before = rows(settings().orders_table)
    refused = await ask(FULFILL, ADMIN, id=order_id, url=url)
    assert refused == {"order": None, "userErrors": [{"code": code, "field": ["trackingUrl"]}]}
    assert (links(), rows(settings().orders_table)) == ([], before)


async def test_a_code_that_is_taken_is_drawn_again(order_id, monkeypatch):
    make_short_link(code="sameCode")
    drawn = iter(["sameCode", "freeCode"])
    monkeypatch.setattr(making, "draw_code", lambda: next(drawn))
    with faults.faults("TransactWriteItems") as sent:
        shipped = await ask(FULFILL, ADMIN, id=order_id, url=PARCEL)
    assert shipped["order"]["trackingLink"]["code"] == "freeCode"
    assert [len(body["TransactItems"]) for body in sent] == [3, 3]
    assert ShortLink.get("sameCode").owner_id == "owner"


async def test_a_link_that_was_deleted(customer, order_id):
    shipped = await ask(FULFILL, ADMIN, id=order_id, url=PARCEL)
    changing.delete_short_link(ADMIN, shipped["order"]["trackingLink"]["code"])
    assert await ask(TRACKING, customer, id=order_id) == {"trackingLink": None}


async def test_it_is_not_the_customers_to_change(customer, order_id):
    shipped = await ask(FULFILL, ADMIN, id=order_id, url=PARCEL)
    link_id = to_global_id("ShortLink", shipped["order"]["trackingLink"]["code"])
    text = 'mutation($id: ID!) { updateShortLink(input: {shortLinkId: $id, title: "Mine"}) { userErrors { code } } }'
    assert await ask(text, customer, id=link_id) == {"userErrors": [{"code": "NOT_FOUND"}]}
