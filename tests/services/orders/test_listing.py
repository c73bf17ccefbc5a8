"""Orders in lists: newest first over all shards, by state, by customer and by number."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from models.order import Order
from models.shards import shard_of
from services.orders.addresses import Address
from services.orders.lines import LineRequest
from services.orders.listing import find_order_id, list_orders, list_orders_of
from services.orders.placing import OrderRequest, place_order
from services.orders.working import advance
from tests.makers import make_product
from tests.recorder import recorded

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def order_ids() -> list[str]:
    """Twelve, a minute apart, by two customers in turn; newest first."""
    tea = make_product(stock=12)
    placed = [place(tea.product_id, number) for number in range(12)]
    assert len({shard_of(order_id) for order_id in placed}) > 1
    return placed[::-1]


def place(product_id: str, number: int) -> str:
    address = Address(name="Ann", line1="Street 1", city="Bern", country_code="CH")
    with time_machine.travel(START + timedelta(minutes=number), tick=False):
        request = OrderRequest(
            idempotency_key=str(number),
            lines=[LineRequest(product_id=product_id, quantity=1)],
            shipping_address=address,
            payment_token="tok_ok",
        )
        return place_order("ann" if number % 2 else "bob", request).order.order_id


def walk(ask) -> list[str]:
    """All pages, five at a time."""
    found: list[Order] = []
    after = None
    while True:
        page = ask(first=5, after=after)
        found += page.rows
        if not page.has_next_page:
            return [order.order_id for order in found]
        after = page.cursors[-1]


def test_all_newest_first(order_ids):
    assert walk(list_orders) == order_ids
    backward = list_orders(last=3)
    assert [order.order_id for order in backward.rows] == order_ids[-3:]


def test_by_state(order_ids):
    done = order_ids[3]
    with time_machine.travel(START + timedelta(minutes=14), tick=False):
        advance(done)
    assert [order.order_id for order in list_orders("CONFIRMED").rows] == [done]
    assert walk(lambda **window: list_orders("PENDING", **window)) == [o for o in order_ids if o != done]
    assert list_orders("REVIEW").rows == []


def test_of_one_customer_by_one_query(order_ids):
    with recorded() as calls:
        page = list_orders_of("ann")
    assert calls == ["Query"]
    assert [order.order_id for order in page.rows] == order_ids[::2]
    assert walk(lambda **window: list_orders_of("bob", **window)) == order_ids[1::2]
    assert list_orders_of("carol").rows == []


def test_all_of_them_by_a_query_a_shard(order_ids):
    with recorded() as calls:
        list_orders(first=2)
    assert calls == ["Query"] * 8


@pytest.mark.parametrize(
    "number", ["", "K-0000-0000", "SKU#TEA", "K-7F3Q-9MX", "K-7F3Q-9MXDD", "K–7F3Q–9MXD", "K-٧F3Q-9MXD"]
)
def test_numbers_that_are_none(number):
    assert find_order_id(number) is None


def test_what_cannot_be_a_number_is_not_looked_for():
    with recorded() as calls:
        assert find_order_id("ORDER#K-7F3Q-9MXD") is None
    assert calls == []
