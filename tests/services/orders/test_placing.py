"""Placing an order: what it writes, every reason it is refused for, and the same answer for the same key."""

from decimal import Decimal

import pytest

from core.config import settings
from core.errors import (
    IdempotencyError,
    InsufficientStockError,
    InvalidInputError,
    NotFoundError,
    PriceChangedError,
    Refused,
)
from core.money import Money
from models.order import Order
from models.order_event import OrderEvent
from models.product import Product
from models.unique import Unique
from services.catalogue import Price, delete_product, update_product
from services.orders import placing
from services.orders.addresses import Address
from services.orders.lines import LineRequest
from services.orders.listing import find_order_id
from services.orders.placing import OrderRequest, place_order
from services.orders.preview import preview
from tests.makers import make_product
from tests.recorder import recorded
from tests.store import everything, rows

ADDRESS = Address(name="Ann", line1="Street 1", city="Bern", country_code="CH")


def line(product: Product | str, quantity: int = 1, expected: str | None = None, currency: str = "EUR") -> LineRequest:
    return LineRequest(
        product_id=product if isinstance(product, str) else product.product_id,
        quantity=quantity,
        expected_amount=Decimal(expected) if expected else None,
        expected_currency=currency if expected else None,
    )


def request(*lines: LineRequest, **values) -> OrderRequest:
    usual = {"idempotency_key": "key", "lines": lines, "shipping_address": ADDRESS, "payment_token": "tok_ok"}
    return OrderRequest(**usual | values)


def refused(order: OrderRequest, user_id: str = "ann") -> tuple:
    """What it is refused with, having written nothing."""
    before = everything()
    with pytest.raises(Refused) as raised:
        place_order(user_id, order)
    assert everything() == before
    return raised.value.errors


def test_what_an_order_is():
    tea, cups = make_product(name="Tea", sku="TEA", stock=5), make_product(price=Price(Decimal("3.05"), "EUR"))
    placed = place_order("ann", request(line(tea, 2, "12.50"), line(cups, 3)))
    assert not placed.is_replay
    order = Order.get(placed.order.order_id)
    assert (order.status, order.version, order.user_id) == ("PENDING", 1, "ann")
    assert (order.amount_minor, order.currency) == (2 * 1250 + 3 * 305, "EUR")
    assert order.lines[0] == {
        "product_id": tea.product_id,
        "sku": "TEA",
        "name": "Tea",
        "quantity": 2,
        "unit_minor": 1250,
    }
    assert order.shipping_address["city"] == "Bern"
    assert order.payment_key == order.order_id
    assert [Product.get(row.product_id).stock for row in (tea, cups)] == [3, 7]
    (event,) = OrderEvent.history(order.order_id)
    assert (event.version, event.status, event.note) == (1, "PENDING", "Placed")
    assert find_order_id(order.number) == find_order_id(f" {order.number.lower()} ") == order.order_id


def test_two_calls():
    lines = [line(make_product()) for _ in range(3)]
    with recorded() as calls:
        place_order("ann", request(*lines))
    assert calls == ["BatchGetItem", "TransactWriteItems"]


def test_every_failing_line_in_one_answer():
    """As they were read: what is gone, what costs more, and what there is too little of."""
    short, dearer, deleted = make_product(stock=3, name="Short"), make_product(name="Dearer"), make_product()
    draft = make_product(status="DRAFT")
    delete_product(deleted.product_id)
    lines = [
        line(short, 4),
        line(dearer, 1, "12.49"),
        line(deleted),
        line(draft),
        line("01NEVER"),
        line(make_product()),
    ]
    errors = refused(request(*lines))
    assert set(errors) == {
        InsufficientStockError(
            message="Of Short, 3 are left.",
            field=("lines", "0", "quantity"),
            product_id=short.product_id,
            requested=4,
            available=3,
        ),
        PriceChangedError(
            message="The price of Dearer is now 12.50 EUR.",
            field=("lines", "1", "expectedUnitPrice"),
            product_id=dearer.product_id,
            expected=Money(1249, "EUR"),
            actual=Money(1250, "EUR"),
        ),
        *(
            NotFoundError(message="There is no such product to order.", field=("lines", place, "productId"))
            for place in "234"
        ),
    }
    assert len(errors) == 5


def test_every_short_line_by_the_transaction():
    """Two calls, and the numbers are those of the rows that failed."""
    lines = [line(make_product(stock=stock), 3) for stock in (0, 3, 2)]
    with recorded() as calls, pytest.raises(Refused) as raised:
        place_order("ann", request(*lines))
    assert calls == ["BatchGetItem", "TransactWriteItems"]
    assert [(error.code, error.field, error.requested, error.available) for error in raised.value.errors] == [
        ("INSUFFICIENT_STOCK", ("lines", "0", "quantity"), 3, 0),
        ("INSUFFICIENT_STOCK", ("lines", "2", "quantity"), 3, 2),
    ]
    assert rows(settings().orders_table) == []


def test_one_currency():
    lines = [line(make_product()), line(make_product(price=Price(Decimal(9), "CHF"))), line(make_product())]
    (error,) = refused(request(*lines))
    assert isinstance(error, InvalidInputError)
    assert (error.code, error.field) == ("CURRENCY_MISMATCH", ("lines", "1"))
    assert error.message == "An order is in one currency: this line is in CHF, not EUR."


@pytest.mark.parametrize(("expected", "currency"), [("12.50", "CHF"), ("0", "EUR"), ("12.51", "EUR"), ("-1", "EUR")])
def test_prices_that_are_not_what_was_shown(expected, currency):
    (error,) = refused(request(line(make_product(), 1, expected, currency)))
    assert (error.code, error.actual) == ("PRICE_CHANGED", Money(1250, "EUR"))
    assert (error.expected.amount, error.expected.currency) == (Decimal(expected), currency)


@pytest.mark.parametrize(
    ("expected", "currency", "message"),
    [
        ("12.505", "EUR", "The amount EUR has 2 decimals."),
        ("12.5", "JPY", "The amount JPY has 0 decimals."),
        ("99999999999", "EUR", "The amount that is too large."),
    ],
)
def test_prices_that_cannot_be(expected, currency, message):
    (error,) = refused(request(line(make_product(), 1, expected, currency)))
    assert (error.code, error.field) == ("INVALID", ("lines", "0", "expectedUnitPrice", "amount"))
    assert error.message == message


def test_one_product_in_too_many_lines():
    tea = make_product(stock=5000)
    (error,) = refused(request(line(tea, 500), line(tea, 500)))
    assert (error.code, error.field) == ("INVALID", ("lines", "1", "quantity"))
    assert error.message == "Of one product, at most 999 pieces."
    place_order("ann", request(line(tea, 500), line(tea, 499)))
    assert Product.get(tea.product_id).stock == 4001


def test_a_total_that_is_too_large():
    gold = make_product(price=Price(Decimal("9999999999.99"), "EUR"))
    (error,) = refused(request(line(gold, 2)))
    assert (error.code, error.field, error.message) == ("INVALID", ("lines",), "The total is too large.")
    place_order("ann", request(line(gold, 1)))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"idempotency_key": ""}, ("idempotencyKey",)),
        ({"idempotency_key": "k" * 201}, ("idempotencyKey",)),
        ({"idempotency_key": "k\n"}, ("idempotencyKey",)),
        ({"payment_token": ""}, ("paymentToken",)),
        ({"payment_token": "t" * 501}, ("paymentToken",)),
    ],
)
def test_words_that_are_refused(values, field):
    (error,) = refused(request(line(make_product()), **values))
    assert (error.code, error.field) == ("INVALID", field)


def test_all_that_is_wrong_before_reading_anything():
    address = Address(
        name=" ", line1="x" * 201, line2="\n", city="Bern\x00", country_code="ch", region="", postal_code="8"
    )
    bad = request(line("01", 0), line("01", 1000), idempotency_key="", shipping_address=address)
    with recorded() as calls:
        errors = refused_without_reading(bad)
    assert calls == []
    assert [(error.code, ".".join(error.field)) for error in errors] == [
        ("INVALID", "idempotencyKey"),
        ("INVALID", "lines.0.quantity"),
        ("INVALID", "lines.1.quantity"),
        ("REQUIRED", "shippingAddress.name"),
        ("INVALID", "shippingAddress.line1"),
        ("REQUIRED", "shippingAddress.line2"),
        ("INVALID", "shippingAddress.city"),
        ("INVALID", "shippingAddress.countryCode"),
    ]


def refused_without_reading(order: OrderRequest) -> tuple:
    with pytest.raises(Refused) as raised:
        place_order("ann", order)
    return raised.value.errors


def test_the_same_key_answers_the_same_order():
    tea = make_product(stock=2)
    first = place_order("ann", request(line(tea, 2)))
    before = everything()
    with recorded() as calls:
        again = place_order("ann", request(line(tea, 2)))
    assert calls == ["BatchGetItem", "TransactWriteItems", "GetItem"]
    assert (again.is_replay, again.order.order_id) == (True, first.order.order_id)
    assert everything() == before


@pytest.mark.parametrize("change", ["dearer", "archived", "deleted"])
def test_the_same_key_whatever_became_of_the_product(change):
    tea = make_product()
    asked = request(line(tea, 2, "12.50"))
    first = place_order("ann", asked)
    match change:
        case "dearer":
            update_product(tea.product_id, {"price": Price(Decimal(13), "EUR")})
        case "archived":
            update_product(tea.product_id, {"status": "ARCHIVED"})
        case "deleted":
            delete_product(tea.product_id)
    again = place_order("ann", asked)
    assert (again.is_replay, again.order.order_id) == (True, first.order.order_id)
    other = refused(request(line(tea, 1, "12.50")))
    assert [(type(error), error.field) for error in other] == [(IdempotencyError, ("idempotencyKey",))]


@pytest.mark.parametrize(
    "other",
    [
        {"payment_token": "tok_other"},
        {"shipping_address": Address(name="Ann", line1="Street 2", city="Bern", country_code="CH")},
        {"quantity": 3},
    ],
    ids=["another token", "another address", "another quantity"],
)
def test_another_order_with_the_same_key(other):
    tea = make_product()
    first = place_order("ann", request(line(tea, 2)))
    (error,) = refused(request(line(tea, other.pop("quantity", 2)), **other))
    assert error == IdempotencyError(
        message="This idempotency key was used for another order.",
        field=("idempotencyKey",),
        first_used_at=first.order.placed_at,
    )


def test_a_key_is_the_callers_own():
    tea = make_product(stock=2)
    orders = [place_order(user_id, request(line(tea))) for user_id in ("ann", "bob")]
    assert [placed.is_replay for placed in orders] == [False, False]
    assert orders[0].order.order_id != orders[1].order.order_id
    assert Product.get(tea.product_id).stock == 0


def test_a_number_that_is_taken_is_drawn_again(monkeypatch):
    tea = make_product()
    taken = place_order("bob", request(line(tea))).order.number
    draw = iter([taken, taken, "K-FREE-0001"])
    monkeypatch.setattr(placing, "_draw_number", lambda: next(draw))
    placed = place_order("ann", request(line(tea)))
    assert placed.order.number == "K-FREE-0001"
    assert Unique.get("ORDER#K-FREE-0001").owner_id == placed.order.order_id
    assert Product.get(tea.product_id).stock == 8


def test_numbers_are_readable():
    numbers = {placing._draw_number() for _ in range(500)}
    assert len(numbers) == 500
    assert {len(number) for number in numbers} == {len("K-7F3Q-9MXD")}
    assert not set("".join(numbers)[1:]) & set("ILOU")


def test_a_preview_tells_the_same_and_writes_nothing():
    short, tea = make_product(stock=3), make_product()
    lines = [line(short, 4), line(tea, 2, "12.49"), line(tea, 1), line("01NEVER")]
    before = everything()
    with recorded() as calls:
        told = preview(lines)
    assert calls == ["BatchGetItem"]
    assert everything() == before
    assert [(priced.product.product_id, priced.quantity, priced.total_minor) for priced in told.lines] == [
        (short.product_id, 4, 5000),
        (tea.product_id, 3, 3750),
    ]
    assert told.total == Money(8750, "EUR")
    assert set(told.errors) == set(refused(request(*lines)))


def test_a_preview_without_one_total():
    told = preview([line(make_product()), line(make_product(price=Price(Decimal(9), "CHF")))])
    assert (told.total, [error.code for error in told.errors]) == (None, ["CURRENCY_MISMATCH"])
    with recorded() as calls:
        told = preview([])
    assert (calls, told.lines, told.total, [error.code for error in told.errors]) == ([], [], None, ["INVALID"])
