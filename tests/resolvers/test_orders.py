"""Orders through the schema: their whole life, who may see and do what, refusals as data, and what each query costs."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

import local
from api.root import schema
from core.clock import now
from core.config import settings
from core.viewer import Viewer
from jobs import sweep
from local import mailbox
from models.order import Order
from models.product import Product
from schema.context import Context
from schema.node import to_global_id
from services.payments.local_gateway import ledger
from tests.makers import make_product, make_session
from tests.recorder import recorded
from tests.store import everything, rows

ADMIN = Viewer("admin", "ADMIN")
STRANGER = Viewer("stranger")
ADDRESS = {"name": "Ann", "line1": "Street 1", "city": "Bern", "countryCode": "CH"}
ERRORS = """userErrors { __typename code field message
    ... on InsufficientStockError { requested available product { id } }
    ... on PriceChangedError { expected { amount currencyCode } actual { amount currencyCode } product { id } }
    ... on OrderStateError { currentStatus availableActions }
    ... on IdempotencyError { firstUsedAt }
}"""
CREATE = f"mutation($input: CreateOrderInput!) {{ createOrder(input: $input) {{ order {{ id }} replayed {ERRORS} }} }}"
CANCEL = f"mutation($id: ID!) {{ cancelOrder(input: {{orderId: $id}}) {{ order {{ status cancelReason }} {ERRORS} }} }}"
FULFILL = f"mutation($id: ID!) {{ fulfillOrder(input: {{orderId: $id}}) {{ order {{ status }} {ERRORS} }} }}"
DELIVER = f"mutation($id: ID!) {{ markOrderDelivered(input: {{orderId: $id}}) {{ order {{ status }} {ERRORS} }} }}"
REFUND = f"""mutation($id: ID!, $note: String) {{
    refundOrder(input: {{orderId: $id, note: $note}}) {{ order {{ status cancelReason }} {ERRORS} }}
}}"""
ORDER = """query($id: ID!) { order(by: {id: $id}) {
    number status cancelReason availableActions version total { amount currencyCode }
    customer { email } shippingAddress { name line1 line2 city postalCode region countryCode }
    lines { sku name quantity unitPrice { amount } total { amount } product { id stock } }
    events { status note }
} }"""


async def execute(text: str, viewer: Viewer | None, **variables: Any) -> Any:
    return await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))


async def ask(text: str, viewer: Viewer | None, **variables: Any) -> Any:
    result = await execute(text, viewer, **variables)
    assert result.errors is None
    (answer,) = result.data.values()
    return answer


def id_of(product: Product) -> str:
    return to_global_id("Product", product.product_id)


def new_order(*lines: tuple[Product, int], token: str = "tok_ok", key: str = "key", **line: Any) -> dict[str, Any]:
    wanted = [{"productId": id_of(product), "quantity": quantity} | line for product, quantity in lines]
    return {"idempotencyKey": key, "lines": wanted, "shippingAddress": ADDRESS, "paymentToken": token}


@pytest.fixture
def ann() -> Viewer:
    return make_session("ann@kiosk.example").viewer


@pytest.fixture
def tea() -> Product:
    return make_product(sku="TEA", name="Tea", stock=5)


async def place(viewer: Viewer, *lines: tuple[Product, int], **values: Any) -> str:
    placed = await ask(CREATE, viewer, input=new_order(*lines, **values))
    assert placed["userErrors"] == []
    return placed["order"]["id"]


def subjects() -> list[str]:
    """Oldest first; without those of the account."""
    return [mail.subject for mail in reversed(mailbox.newest_first()) if "order" in mail.subject.lower()]


async def test_the_whole_life_of_an_order(ann, tea):
    order_id = await place(ann, (tea, 2))
    local.drain()
    seen = await ask(ORDER, ann, id=order_id)
    assert seen["number"] == Order.get(rows(settings().orders_table)[0]["order_id"]).number
    del seen["number"]
    assert seen == {
        "status": "CONFIRMED",
        "cancelReason": None,
        "availableActions": ["CANCEL"],
        "version": 5,
        "total": {"amount": "25.00", "currencyCode": "EUR"},
        "customer": {"email": "ann@kiosk.example"},
        "shippingAddress": ADDRESS | {"line2": None, "postalCode": None, "region": None},
        "lines": [
            {
                "sku": "TEA",
                "name": "Tea",
                "quantity": 2,
                "unitPrice": {"amount": "12.50"},
                "total": {"amount": "25.00"},
                "product": {"id": id_of(tea), "stock": 3},
            }
        ],
        "events": [
            {"status": "PENDING", "note": "Placed"},
            {"status": "CHARGING", "note": "Payment asked for"},
            {"status": "PAID", "note": "Paid"},
            {"status": "CONFIRMED", "note": "Confirmed"},
            {"status": "CONFIRMED", "note": "Mail queued"},
        ],
    }
    assert (await ask(FULFILL, ADMIN, id=order_id))["order"] == {"status": "SHIPPED"}
    assert (await ask(DELIVER, ADMIN, id=order_id))["order"] == {"status": "DELIVERED"}
    refunded = await ask(REFUND, ADMIN, id=order_id, note="Broken cup")
    assert refunded["order"] == {"status": "REFUNDING", "cancelReason": None}
    local.drain()
    seen = await ask(ORDER, ADMIN, id=order_id)
    assert (seen["status"], seen["availableActions"]) == ("REFUNDED", [])
    assert {"status": "REFUNDING", "note": "Refund asked for by an admin: Broken cup"} in seen["events"]
    assert Product.get(tea.product_id).stock == 3, "what was shipped does not come back"
    assert [(entry.kind, str(entry.amount)) for entry in reversed(ledger())] == [
        ("charge", "25.00 EUR"),
        ("refund", "25.00 EUR"),
    ]
    assert len(subjects()) == len(set(subjects())) == 3, "confirmed, shipped, refunded"


@pytest.mark.parametrize("viewer", ["ann", "admin"])
async def test_cancelling(ann, tea, viewer):
    order_id = await place(ann, (tea, 2))
    local.drain()
    who = ann if viewer == "ann" else ADMIN
    reason = "CUSTOMER" if viewer == "ann" else "ADMIN"
    for _ in range(2):
        cancelled = await ask(CANCEL, who, id=order_id)
        assert cancelled == {"order": {"status": "REFUNDING", "cancelReason": reason}, "userErrors": []}
    local.drain()
    assert Product.get(tea.product_id).stock == 5
    assert [entry.kind for entry in reversed(ledger())] == ["charge", "refund"]


async def test_tok_declined_gives_the_stock_back(ann, tea):
    order_id = await place(ann, (tea, 5), token="tok_declined")
    assert Product.get(tea.product_id).stock == 0
    local.drain()
    seen = await ask(ORDER, ann, id=order_id)
    assert (seen["status"], seen["cancelReason"]) == ("CANCELLED", "PAYMENT_DECLINED")
    assert Product.get(tea.product_id).stock == 5
    assert ledger() == []
    assert len(subjects()) == 1
    again = await ask(CREATE, ann, input=new_order((tea, 5), token="tok_declined"))
    assert (again["order"], again["replayed"]) == ({"id": order_id}, True)


@pytest.mark.parametrize("token", ["tok_lost", "tok_timeout"])
async def test_one_charge_within_two_sweeps(ann, tea, token):
    order_id = await place(ann, (tea, 2), token=token)
    local.drain()
    for minute in (1, 2):
        with time_machine.travel(now() + timedelta(minutes=minute)):
            sweep.handler({}, None)
            local.drain()
    assert (await ask(ORDER, ann, id=order_id))["status"] == "CONFIRMED"
    assert [(entry.kind, str(entry.amount)) for entry in ledger()] == [("charge", "25.00 EUR")]
    assert Product.get(tea.product_id).stock == 3


async def test_every_refusal_of_createOrder_as_data(ann, tea):  # noqa: N802
    cups = make_product(name="Cups", stock=1)
    before = everything()
    placed = await ask(
        CREATE,
        ann,
        input=new_order((tea, 6), (cups, 2)) | {"lines": [
            {"productId": id_of(tea), "quantity": 6},
            {"productId": id_of(cups), "quantity": 1, "expectedUnitPrice": {"amount": "12.40", "currencyCode": "EUR"}},
            {"productId": to_global_id("User", "ann"), "quantity": 1},
        ]},
    )  # fmt: skip
    assert everything() == before
    assert (placed["order"], placed["replayed"]) == (None, False)
    assert sorted(placed["userErrors"], key=lambda error: error["field"]) == [
        {
            "__typename": "InsufficientStockError",
            "code": "INSUFFICIENT_STOCK",
            "field": ["lines", "0", "quantity"],
            "message": "Of Tea, 5 are left.",
            "requested": 6,
            "available": 5,
            "product": {"id": id_of(tea)},
        },
        {
            "__typename": "PriceChangedError",
            "code": "PRICE_CHANGED",
            "field": ["lines", "1", "expectedUnitPrice"],
            "message": "The price of Cups is now 12.50 EUR.",
            "expected": {"amount": "12.40", "currencyCode": "EUR"},
            "actual": {"amount": "12.50", "currencyCode": "EUR"},
            "product": {"id": id_of(cups)},
        },
        {
            "__typename": "NotFoundError",
            "code": "NOT_FOUND",
            "field": ["lines", "2", "productId"],
            "message": "There is no such product to order.",
        },
    ]


async def test_a_key_used_again(ann, tea):
    first = await ask(CREATE, ann, input=new_order((tea, 2)))
    placed_at = await ask("query($id: ID!) { order(by: {id: $id}) { placedAt } }", ann, id=first["order"]["id"])
    before = everything()
    again = await ask(CREATE, ann, input=new_order((tea, 2)))
    assert again == first | {"replayed": True}
    (error,) = (await ask(CREATE, ann, input=new_order((tea, 1))))["userErrors"]
    assert (error["__typename"], error["code"]) == ("IdempotencyError", "IDEMPOTENCY_KEY_REUSED")
    assert error["firstUsedAt"] == placed_at["placedAt"]
    assert everything() == before


async def test_a_preview(ann, tea):
    preview = f"""query($lines: [OrderLineInput!]!) {{ orderPreview(input: {{lines: $lines}}) {{
        lines {{ name quantity total {{ amount }} }} total {{ amount currencyCode }} {ERRORS}
    }} }}"""
    lines = [{"productId": id_of(tea), "quantity": 4}, {"productId": id_of(tea), "quantity": 2}]
    told = await ask(preview, ann, lines=lines)
    assert told["lines"] == [{"name": "Tea", "quantity": 6, "total": {"amount": "75.00"}}]
    assert told["total"] == {"amount": "75.00", "currencyCode": "EUR"}
    assert [(error["code"], error["available"]) for error in told["userErrors"]] == [("INSUFFICIENT_STOCK", 5)]


async def test_who_sees_an_order(ann, tea):
    order_id = await place(ann, (tea, 1))
    number = (await ask(ORDER, ann, id=order_id))["number"]
    by_number = "query($number: String!) { order(by: {number: $number}) { id } }"
    node = "query($id: ID!) { node(id: $id) { id } }"
    for viewer, seen in ((ann, {"id": order_id}), (ADMIN, {"id": order_id}), (STRANGER, None), (None, None)):
        assert await ask("query($id: ID!) { order(by: {id: $id}) { id } }", viewer, id=order_id) == seen
        assert await ask(by_number, viewer, number=number) == seen
        assert await ask(node, viewer, id=order_id) == seen
    assert await ask(by_number, ADMIN, number="K-0000-0000") is None
    assert await ask(ORDER, ADMIN, id=to_global_id("Product", tea.product_id)) is None


@pytest.mark.parametrize("mutation", [CANCEL, FULFILL, DELIVER, REFUND], ids=["cancel", "fulfill", "deliver", "refund"])
async def test_who_may_do_what(ann, tea, mutation):
    order_id = await place(ann, (tea, 1))
    before = everything()
    codes = {}
    for name, viewer in (("nobody", None), ("stranger", STRANGER), ("owner", ann), ("admin", ADMIN)):
        if mutation is CANCEL and name in {"owner", "admin"}:
            continue  # allowed
        result = await execute(mutation, viewer, id=order_id)
        (answer,) = result.data.values()
        told = answer["userErrors"] if answer else [error.extensions for error in result.errors]
        codes[name] = [error["code"] for error in told]
    if mutation is CANCEL:
        assert codes == {"nobody": ["UNAUTHENTICATED"], "stranger": ["NOT_FOUND"]}
    else:
        forbidden = {"nobody": ["UNAUTHENTICATED"], "stranger": ["FORBIDDEN"], "owner": ["FORBIDDEN"]}
        assert codes == forbidden | {"admin": ["INVALID_STATE"]}
    assert everything() == before


async def test_what_cannot_be_done_now(ann, tea):
    order_id = await place(ann, (tea, 1))
    local.drain()
    (error,) = (await ask(DELIVER, ADMIN, id=order_id))["userErrors"]
    assert error == {
        "__typename": "OrderStateError",
        "code": "INVALID_STATE",
        "field": ["orderId"],
        "message": "That cannot be done to an order that is CONFIRMED.",
        "currentStatus": "CONFIRMED",
        "availableActions": ["CANCEL", "FULFILL", "REFUND"],
    }


@pytest.mark.parametrize("note", ["n" * 501, "a\ud800", "a\x00b"])
async def test_a_note_that_cannot_be_kept(ann, tea, note):
    order_id = await place(ann, (tea, 1))
    local.drain()
    before = everything()
    (error,) = (await ask(REFUND, ADMIN, id=order_id, note=note))["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["note"])
    assert everything() == before
    assert (await ask(REFUND, ADMIN, id=order_id, note="n" * 500))["order"]["status"] == "REFUNDING"


async def test_orders_of_all(ann, tea):
    order_ids = [await place(ann, (tea, 1), key=key) for key in ("1", "2", "3")]
    await ask(CANCEL, ann, id=order_ids[1])
    listed = """query($status: OrderStatus) { orders(status: $status, first: 2) {
        edges { node { id } } pageInfo { hasNextPage }
    } }"""
    everybodys = await ask(listed, ADMIN)
    assert {edge["node"]["id"] for edge in everybodys["edges"]} < set(order_ids)
    assert (len(everybodys["edges"]), everybodys["pageInfo"]) == (2, {"hasNextPage": True})
    cancelled = await ask(listed, ADMIN, status="CANCELLED")
    assert [edge["node"]["id"] for edge in cancelled["edges"]] == [order_ids[1]]
    for viewer, code in ((None, "UNAUTHENTICATED"), (ann, "FORBIDDEN")):
        result = await execute(listed, viewer)
        assert [error.extensions["code"] for error in result.errors] == [code]


async def test_createOrder_of_three_lines_costs_two_calls(ann):  # noqa: N802
    lines = [(make_product(), 1) for _ in range(3)]
    with recorded() as calls:
        await place(ann, *lines)
    assert calls == ["BatchGetItem", "TransactWriteItems"]


async def test_twenty_orders_with_customer_and_products_cost_three_calls(ann):
    products = [make_product() for _ in range(6)]
    for number in range(20):
        await place(ann, (products[number % 6], 1), (products[(number + 1) % 6], 1), key=str(number))
    mine = """{ viewer { email orders(first: 20) { edges { node {
        number status availableActions customer { name } lines { quantity product { name stock } }
    } } } } }"""
    with recorded() as calls:
        me = await ask(mine, ann)
    assert len(me["orders"]["edges"]) == 20
    assert me["orders"]["edges"][0]["node"]["customer"] == {"name": "Ann"}
    assert {len(edge["node"]["lines"]) for edge in me["orders"]["edges"]} == {2}
    assert sorted(calls) == ["BatchGetItem", "BatchGetItem", "Query"]
