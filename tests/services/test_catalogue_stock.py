"""Adjusting stock: once a key, never below zero."""

from datetime import timedelta

import pytest
import time_machine

from core.clock import now
from core.errors import IdempotencyError, InsufficientStockError, Refused
from models.idempotency import KEPT
from models.product import Product
from services.catalogue import adjust_stock, delete_product
from services.catalogue.rules import MAX_STOCK
from tests import faults
from tests.makers import make_product
from tests.recorder import recorded
from tests.store import everything


def stock_of(product_id: str) -> int:
    return Product.get(product_id).stock


@pytest.mark.parametrize("status", ["ACTIVE", "DRAFT", "ARCHIVED"])
def test_stock_moves_and_nothing_else(status):
    product = make_product(stock=10, status=status)
    with recorded() as calls:
        adjustment = adjust_stock("admin", "key", product.product_id, -4)
    assert calls == ["TransactWriteItems", "GetItem"]
    assert adjustment.product is not None
    assert (adjustment.product.stock, adjustment.is_replayed) == (6, False)
    stored = Product.get(product.product_id)
    expected = {name: value for name, value in product.attribute_values.items() if value is not None}
    assert stored.attribute_values == expected | {"stock": 6}


def test_down_to_zero_and_up_again():
    product_id = make_product(stock=3).product_id
    adjust_stock("admin", "1", product_id, -3)
    assert stock_of(product_id) == 0
    adjust_stock("admin", "2", product_id, 5)
    assert stock_of(product_id) == 5


def test_below_zero_is_refused_with_what_is_there():
    product_id = make_product(stock=3).product_id
    before = everything()
    with recorded() as calls, pytest.raises(Refused) as raised:
        adjust_stock("admin", "key", product_id, -4)
    assert calls == ["TransactWriteItems"]
    (error,) = raised.value.errors
    assert isinstance(error, InsufficientStockError)
    assert (error.product_id, error.requested, error.available) == (product_id, 4, 3)
    assert everything() == before
    assert not adjust_stock("admin", "key", product_id, -3).is_replayed


def test_the_same_request_again_is_answered_and_not_done():
    product_id = make_product(stock=10).product_id
    adjust_stock("admin", "key", product_id, -4)
    adjust_stock("admin", "another", product_id, -1)
    before = everything()
    again = adjust_stock("admin", "key", product_id, -4)
    assert again.product is not None
    assert (again.is_replayed, again.product.stock) == (True, 5)
    assert everything() == before


def test_a_replay_is_one_even_if_stock_would_no_longer_allow_it():
    product_id = make_product(stock=4).product_id
    adjust_stock("admin", "key", product_id, -4)
    assert adjust_stock("admin", "key", product_id, -4).is_replayed


def test_a_replay_after_the_product_was_deleted():
    product_id = make_product(stock=4).product_id
    adjust_stock("admin", "key", product_id, -4)
    delete_product(product_id)
    again = adjust_stock("admin", "key", product_id, -4)
    assert (again.is_replayed, again.product) == (True, None)


def test_the_key_for_something_else_is_refused():
    product_id, other_id = make_product(stock=10).product_id, make_product(stock=10).product_id
    first = now()
    adjust_stock("admin", "key", product_id, -4)
    before = everything()
    for request in [(product_id, -5), (other_id, -4), (product_id, -99), ("01NEVER", 1)]:
        with pytest.raises(Refused) as raised:
            adjust_stock("admin", "key", *request)
        (error,) = raised.value.errors
        assert isinstance(error, IdempotencyError)
        assert (error.code, error.field) == ("IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))
        assert first <= error.first_used_at <= now()
    assert everything() == before


def test_keys_are_each_callers_own():
    product_id = make_product(stock=10).product_id
    assert not adjust_stock("one", "key", product_id, -1).is_replayed
    assert not adjust_stock("other", "key", product_id, -1).is_replayed
    assert stock_of(product_id) == 8


def test_a_key_is_kept_by_time_and_not_by_presence():
    product_id = make_product(stock=10).product_id
    with time_machine.travel(now(), tick=False) as clock:
        adjust_stock("admin", "key", product_id, -1)
        clock.shift(KEPT - timedelta(seconds=1))
        assert adjust_stock("admin", "key", product_id, -1).is_replayed
        clock.shift(timedelta(seconds=2))
        assert not adjust_stock("admin", "key", product_id, -1).is_replayed
    assert stock_of(product_id) == 8


def test_what_is_deleted_or_was_never_there_is_not_found():
    deleted = make_product().product_id
    delete_product(deleted)
    before = everything()
    for product_id in (deleted, "01NEVER"):
        with pytest.raises(Refused) as raised:
            adjust_stock("admin", "key", product_id, 1)
        assert [(error.code, error.field) for error in raised.value.errors] == [("NOT_FOUND", ("productId",))]
    assert everything() == before


@pytest.mark.parametrize(
    ("key", "delta", "fields"),
    [
        ("", 1, [("idempotencyKey",)]),
        ("k" * 201, 1, [("idempotencyKey",)]),
        ("a\nb", 1, [("idempotencyKey",)]),
        ("\ud800", 1, [("idempotencyKey",)]),
        ("key", 0, [("delta",)]),
        ("", 0, [("idempotencyKey",), ("delta",)]),
    ],
)
def test_bad_requests_are_refused_before_anything_is_sent(key, delta, fields):
    with recorded() as calls, pytest.raises(Refused) as raised:
        adjust_stock("admin", key, "01P", delta)
    assert [(error.code, error.field) for error in raised.value.errors] == [("INVALID", field) for field in fields]
    assert calls == []


def test_stock_ends_where_graphql_can_still_tell_it():
    product_id = make_product(stock=1).product_id
    adjust_stock("admin", "1", product_id, MAX_STOCK - 1)
    before = everything()
    for delta in (1, 2**31 - 1):
        with pytest.raises(Refused) as raised:
            adjust_stock("admin", "2", product_id, delta)
        assert [(error.code, error.field) for error in raised.value.errors] == [("INVALID", ("delta",))]
    assert everything() == before


def test_a_lost_response_counts_once():
    product_id = make_product(stock=10).product_id
    with faults.faults("TransactWriteItems", faults.response_lost) as sent:
        adjustment = adjust_stock("admin", "key", product_id, -1)
    assert len(sent) == 2
    assert adjustment.product is not None
    assert adjustment.product.stock == 9


def test_every_response_lost_and_the_client_asks_again():
    product_id = make_product(stock=10).product_id
    with faults.faults("TransactWriteItems", *[faults.response_lost] * 3), pytest.raises(Exception, match="Failed"):
        adjust_stock("admin", "key", product_id, -1)
    again = adjust_stock("admin", "key", product_id, -1)
    assert again.is_replayed
    assert stock_of(product_id) == 9
