"""A of the fault matrix: placing an order."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from pynamodb.exceptions import TransactWriteError

from core.clock import now
from core.errors import IdempotencyError, InsufficientStockError, NotFoundError, PriceChangedError, Refused, RetryError
from core.money import Money
from services.catalogue import adjust_stock, update_product
from services.catalogue.rules import Price
from tests.orders_faults import invariants
from tests.orders_faults.interleaving import Actor, Interleavings
from tests.orders_faults.wire import (
    Crash,
    conflict,
    crash_after,
    crash_before,
    lose_answer,
    lose_request,
    meanwhile,
    refuse_with,
    server_error,
    throttle,
)
from tests.orders_faults.world import STRANGER
from tests.recorder import recorded
from tests.store import everything

PLACED = "write PENDING: Placed"


@pytest.fixture
def tea(world) -> str:
    return world.product(stock=5)


def refusal_of(world, lines, **how) -> tuple:
    """What placing is refused with, having written nothing."""
    before = everything()
    with pytest.raises(Refused) as refused:
        world.place(lines, **how)
    assert everything() == before
    return refused.value.errors


def assert_one_order(world, order_id: str, tea: str, *, left: int) -> None:
    assert set(invariants.orders()) == {order_id}
    assert world.stock(tea) == left
    world.settle()
    assert world.history(order_id) == ["PENDING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"]
    assert len(world.gateway.moved("charge", order_id)) == 1
    assert world.stock(tea) == left


def test_A01_crash_before_the_transaction(world, tea):
    before = everything()
    world.wire.on(PLACED, crash_before)
    with pytest.raises(Crash):
        world.place({tea: 2}, key="mine")
    assert everything() == before
    assert_one_order(world, world.place({tea: 2}, key="mine"), tea, left=3)


def test_A02_request_lost(world, tea):
    world.wire.on(PLACED, lose_request)
    order_id = world.place({tea: 2})
    assert world.wire.calls.count(PLACED) == 2
    assert_one_order(world, order_id, tea, left=3)


def test_A03_applied_response_lost_once(world, tea):
    world.wire.on(PLACED, lose_answer)
    order_id = world.place({tea: 2})
    assert world.wire.calls.count(PLACED) == 2
    assert_one_order(world, order_id, tea, left=3)


def test_A04_applied_every_response_lost(world, tea):
    """Of the last pieces: the retry finds none left, and is answered the order all the same."""
    world.wire.always(PLACED, lose_answer)
    with pytest.raises(TransactWriteError):
        world.place({tea: 5}, key="mine")
    assert world.wire.calls.count(PLACED) == 3
    (order_id,) = invariants.orders()
    world.wire.heal()
    assert world.place({tea: 5}, key="mine") == order_id
    assert_one_order(world, order_id, tea, left=0)


@pytest.mark.parametrize(("call", "fault"), [(PLACED, crash_after), ("send OrdersQueue", crash_before)])
def test_A05_crash_between_commit_and_enqueue(world, tea, call, fault):
    world.wire.on(call, fault)
    with pytest.raises(Crash):
        world.place({tea: 2})
    (order_id,) = invariants.orders()
    world.orders.collect()
    assert world.orders.messages == []
    world.pass_time(seconds=60)
    world.sweep()
    assert len(world.orders.messages) == 1
    world.work()
    assert world.status(order_id) == "CONFIRMED"
    assert_one_order(world, order_id, tea, left=3)


def test_A06_message_sent_and_response_lost(world, tea):
    world.wire.on("send OrdersQueue", lose_answer)
    order_id = world.place({tea: 2})
    world.orders.collect()
    assert len(world.orders.messages) == 2
    world.work()
    assert_one_order(world, order_id, tea, left=3)


@pytest.mark.parametrize("fault", [server_error, throttle, lose_request])
def test_A07_queue_down(world, tea, fault):
    world.wire.always("send OrdersQueue", fault)
    order_id = world.place({tea: 2})
    assert world.wire.calls.count("send OrdersQueue") == 3
    world.orders.collect()
    assert world.orders.messages == []
    assert_one_order(world, order_id, tea, left=3)


def test_A08_crash_before_the_answer(world, tea):
    world.wire.on("send OrdersQueue", crash_after)
    with pytest.raises(Crash):
        world.place({tea: 5}, key="mine")
    (order_id,) = invariants.orders()
    assert world.place({tea: 5}, key="mine") == order_id
    assert_one_order(world, order_id, tea, left=0)


@pytest.mark.parametrize("conflicts", [1, 2, 3, 4])
def test_A09_conflict_passes(world, tea, conflicts, monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda _, longest: longest)
    world.wire.on(PLACED, *[conflict] * conflicts)
    order_id = world.place({tea: 2})
    assert world.wire.calls.count(PLACED) == conflicts + 1
    assert sum(world.waits) <= 2
    assert_one_order(world, order_id, tea, left=3)


def test_A10_conflict_for_ever(world, tea):
    world.wire.always(PLACED, conflict)
    (error,) = refusal_of(world, {tea: 2})
    assert isinstance(error, RetryError)
    assert (error.code, error.retry_after_seconds) == ("RETRY", 1)
    assert world.wire.calls.count(PLACED) == 5
    assert "send OrdersQueue" not in world.wire.calls


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_A11_throttled(world, tea, code, monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda _, longest: longest)
    monkeypatch.setattr(random, "random", lambda: 1.0)
    world.wire.always(PLACED, refuse_with(code))
    (error,) = refusal_of(world, {tea: 2}, key="mine")
    assert error.code == "RETRY"
    assert 2 <= world.wire.calls.count(PLACED) <= 5
    assert sum(world.waits) <= 5, "well before the function's own end"
    world.wire.heal()
    world.wire.on(PLACED, refuse_with(code))
    assert_one_order(world, world.place({tea: 2}, key="mine"), tea, left=3)


def test_A11_throttled_after_an_answer_that_was_lost(world, tea):
    """Nobody may say that nothing was changed: the next try with the same key answers the order."""
    world.wire.on(PLACED, lose_answer, throttle, throttle)
    with pytest.raises(TransactWriteError):
        world.place({tea: 2}, key="mine")
    (order_id,) = invariants.orders()
    assert world.place({tea: 2}, key="mine") == order_id
    assert_one_order(world, order_id, tea, left=3)


def test_A12_more_buyers_than_pieces(world):
    """Every interleaving of three buyers; tests/concurrency has 64 of them, against DynamoDB Local."""
    tea = world.product(stock=2)

    def judge(buyers: list[Actor]) -> None:
        assert [buyer.error.errors[0].code for buyer in buyers if buyer.error] == ["INSUFFICIENT_STOCK"]
        (error,) = (buyer.error.errors[0] for buyer in buyers if buyer.error)
        assert isinstance(error, InsufficientStockError)
        assert (error.requested, error.available) == (1, 0)
        assert {buyer.result for buyer in buyers if buyer.result} == set(invariants.orders())
        assert world.stock(tea) == 0
        world.check()

    buyers = [lambda number=number: world.place({tea: 1}, key=f"{number}") for number in range(3)]
    every = Interleavings(world.wire, world.remember(), buyers, world.stored_stock, judge)
    every.follow_all()
    assert every.ends >= 6


def test_A13_one_key_at_once(world, tea):
    """Every interleaving of two; tests/concurrency has 16 of them, against DynamoDB Local."""

    def judge(callers: list[Actor]) -> None:
        assert [caller.error for caller in callers] == [None, None]
        (order_id,) = invariants.orders()
        assert [caller.result for caller in callers] == [order_id] * 2
        assert world.stock(tea) == 0
        world.check()

    callers = [lambda: world.place({tea: 5}, key="mine")] * 2
    every = Interleavings(world.wire, world.remember(), callers, world.stored_stock, judge)
    every.follow_all()
    assert every.ends >= 2


def test_A14_same_key_other_payload(world, tea):
    first_used_at = now()
    order_id = world.place({tea: 2}, key="mine")
    world.pass_time(minutes=1)
    for other in ({"lines": {tea: 1}}, {"lines": {tea: 2}, "token": "tok_other"}, {"lines": {tea: 2, "gone": 1}}):
        (error,) = refusal_of(world, **other, key="mine")
        assert isinstance(error, IdempotencyError)
        assert (error.code, error.field) == ("IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))
        assert error.first_used_at == first_used_at
    strangers = world.place({tea: 1}, key="mine", by=STRANGER)
    assert set(invariants.orders()) == {order_id, strangers}
    assert world.stock(tea) == 2
    world.settle()


def test_A15_same_key_after_the_tokens_time(world, tea):
    world.wire.always(PLACED, lose_answer)
    with pytest.raises(TransactWriteError):
        world.place({tea: 5}, key="mine")
    world.wire.heal()
    world.pass_time(minutes=11)
    (order_id,) = invariants.orders()
    assert world.place({tea: 5}, key="mine") == order_id
    assert_one_order(world, order_id, tea, left=0)


def test_A16_a_key_is_good_for_35_days_by_the_clock(world, tea):
    first = world.place({tea: 2}, key="mine")
    world.settle()
    placed_at = invariants.order(first)["placed_at"]
    expires_at = now().fromisoformat(placed_at) + timedelta(days=35)
    world.pass_time(to=expires_at - timedelta(seconds=1))
    assert world.place({tea: 2}, key="mine") == first
    world.pass_time(to=expires_at + timedelta(seconds=1))
    (record,) = everything()["IdempotencyTable"]
    assert record["result_id"] == first, "DynamoDB has not deleted it yet"
    second = world.place({tea: 2}, key="mine")
    world.expired_keys.append(("customer", "mine"))
    world.outlived.add(first)
    assert set(invariants.orders()) == {first, second}
    assert world.stock(tea) == 1
    world.settle()
    assert world.status(second) == "CONFIRMED"


@pytest.mark.parametrize(("late", "replayed"), [(-1, True), (1, False)])
def test_A16_by_the_clock_where_the_lines_fail_too(world, tea, late, replayed):
    """A product that nobody can order any more: while the key is good, the order it stands for is the answer."""
    first = world.place({tea: 2}, key="mine")
    expires_at = now() + timedelta(days=35)
    world.settle()
    update_product(tea, {"status": "ARCHIVED"})
    world.pass_time(to=expires_at + timedelta(seconds=late))
    if replayed:
        assert world.place({tea: 2}, key="mine") == first
    else:
        (error,) = refusal_of(world, {tea: 2}, key="mine")
        assert error.code == "NOT_FOUND"
    assert set(invariants.orders()) == {first}


@pytest.mark.parametrize("count", [1, 50])
def test_A17_as_many_lines_as_allowed(world, count):
    products = [world.product(stock=3) for _ in range(count)]
    order_id = world.place(dict.fromkeys(products, 2))
    assert {line["product_id"] for line in world.order_lines(order_id)} == set(products)
    assert [world.stock(product_id) for product_id in products] == [1] * count
    world.settle()
    assert world.status(order_id) == "CONFIRMED"


@pytest.mark.parametrize("count", [0, 51, 101])
def test_A17_too_few_or_too_many_lines(world, tea, count):
    with recorded() as calls:
        (error,) = refusal_of(world, [(f"{tea[:-3]}{number:03}", 1) for number in range(count)])
    assert (error.code, error.field) == ("INVALID", ("lines",))
    assert calls == []


@pytest.mark.parametrize("quantity", [0, -1, 1000, 2**31])
def test_A17_impossible_quantities(world, tea, quantity):
    with recorded() as calls:
        (error,) = refusal_of(world, [(tea, 1), (tea, quantity)])
    assert (error.code, error.field) == ("INVALID", ("lines", "1", "quantity"))
    assert calls == []


def test_A18_one_product_twice(world, tea):
    order_id = world.place([(tea, 2), (tea, 3)])
    assert [(line["product_id"], line["quantity"]) for line in world.order_lines(order_id)] == [(tea, 5)]
    assert_one_order(world, order_id, tea, left=0)
    (error,) = refusal_of(world, [(coffee := world.product(stock=5), 3), (coffee, 3)])
    assert isinstance(error, InsufficientStockError)
    assert (error.requested, error.available, error.field) == (6, 5, ("lines", "0", "quantity"))


def test_A19_price_changes_between_read_and_commit(world, tea):
    world.wire.on(PLACED, meanwhile(lambda: update_product(tea, {"price": Price(Decimal("13.00"), "EUR")})))
    assert changed_meanwhile(world, tea) == PriceChangedError(
        message=f"The price of {name_of(tea)} is now 13.00 EUR.",
        field=("lines", "0", "expectedUnitPrice"),
        product_id=tea,
        expected=Money(1250, "EUR"),
        actual=Money(1300, "EUR"),
    )


def test_A19_currency_changes_between_read_and_commit(world, tea):
    world.wire.on(PLACED, meanwhile(lambda: update_product(tea, {"price": Price(Decimal("12.50"), "CHF")})))
    error = changed_meanwhile(world, tea)
    assert isinstance(error, PriceChangedError)
    assert (error.expected, error.actual) == (Money(1250, "EUR"), Money(1250, "CHF"))


@pytest.mark.parametrize("status", ["ARCHIVED", "DRAFT"])
def test_A19_no_longer_active_between_read_and_commit(world, tea, status):
    world.wire.on(PLACED, meanwhile(lambda: update_product(tea, {"status": status})))
    error = changed_meanwhile(world, tea)
    assert isinstance(error, NotFoundError)
    assert error.field == ("lines", "0", "productId")


def test_A19_stock_taken_between_read_and_commit(world, tea):
    def take() -> None:
        adjust_stock("admin", "taken", tea, -4)
        world.supplied[tea] -= 4

    world.wire.on(PLACED, meanwhile(take))
    error = changed_meanwhile(world, tea)
    assert isinstance(error, InsufficientStockError)
    assert (error.requested, error.available) == (2, 1)


def changed_meanwhile(world, tea: str):
    with pytest.raises(Refused) as refused:
        world.place({tea: 2})
    assert invariants.orders() == {}
    assert invariants.histories() == {}
    assert "send OrdersQueue" not in world.wire.calls
    (error,) = refused.value.errors
    return error


def name_of(product_id: str) -> str:
    return next(row["name"] for row in invariants.rows("ProductsTable") if row["product_id"] == product_id)
