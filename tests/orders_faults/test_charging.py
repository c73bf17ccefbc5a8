"""B of the fault matrix: what the gateway answers to a charge, or does not."""

from datetime import timedelta

import pytest

from core.clock import now
from services.orders import paying
from tests.orders_faults.steps import (
    STOCK,
    assert_cancelled,
    assert_confirmed,
    assert_held,
    calls,
    die,
    due_at,
    redeliver,
    send,
    wait_and_work,
)
from tests.orders_faults.wire import crash_after, lose_answer, lose_request, meanwhile


def test_B05_request_to_charge_lost(world, order_id, tea):
    world.wire.on("gateway charge", lose_request)
    world.work()
    assert world.history(order_id) == ["PENDING", "CHARGING", "CHARGING"]
    assert world.order(order_id)["attempts"] == 1
    assert timedelta(seconds=15) <= due_at(world, order_id) - now() <= timedelta(seconds=30)
    assert [name for name in world.wire.calls if "gateway" in name] == ["gateway charge", "gateway find_charge"]
    wait_and_work(world, order_id)
    assert calls(world, "gateway charge") == 2
    assert_confirmed(world, order_id, tea, ["PENDING", "CHARGING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"])
    world.settle()


def test_B06_charged_and_answer_lost_the_look_up_says_so(world, order_id, tea):
    world.wire.on("gateway charge", lose_answer)
    world.work()
    assert (calls(world, "gateway charge"), calls(world, "gateway find_charge")) == (1, 1)
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize("heard", ["unknown", "not_found"])
def test_B06_charged_and_answer_lost_the_same_key_returns_it(world, order_id, tea, heard):
    world.wire.on("gateway charge", lose_answer)
    world.gateway.next("find_charge", heard)
    world.work()
    assert world.status(order_id) == "CHARGING"
    assert len(world.gateway.ledger) == 1
    wait_and_work(world, order_id)
    assert (calls(world, "gateway charge"), calls(world, "gateway find_charge")) == (2, 1)
    assert_confirmed(world, order_id, tea, ["PENDING", "CHARGING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"])
    world.settle()


def test_B07a_500_saved_and_charged(world, order_id, tea):
    """The same key says 500 for ever: the look-up alone knows better."""
    world.gateway.next("charge", "fail_done")
    world.gateway.next("find_charge", "unknown", "unknown")
    world.work()
    wait_and_work(world, order_id)
    assert world.history(order_id) == ["PENDING", "CHARGING", "CHARGING", "CHARGING"]
    wait_and_work(world, order_id)
    assert (calls(world, "gateway charge"), calls(world, "gateway find_charge")) == (3, 3)
    assert_confirmed(world, order_id, tea, ["PENDING", *["CHARGING"] * 3, "PAID", "CONFIRMED", "CONFIRMED"])
    world.settle()


def test_B08_key_in_use(world, order_id, tea):
    world.gateway.next("charge", "in_use", "in_use")
    world.work()
    assert world.gateway.ledger == []
    wait_and_work(world, order_id)
    assert world.order(order_id)["attempts"] == 2
    wait_and_work(world, order_id)
    assert_confirmed(world, order_id, tea, ["PENDING", *["CHARGING"] * 3, "PAID", "CONFIRMED", "CONFIRMED"])
    assert world.order(order_id)["attempts"] == 0
    world.settle()


def test_B09_declined(world, order_id, tea):
    world.gateway.next("charge", "decline")
    world.work()
    assert world.history(order_id) == ["PENDING", "CHARGING", "CANCELLED", "CANCELLED"]
    assert_cancelled(world, order_id, tea, "PAYMENT_DECLINED")
    assert (calls(world, "gateway charge"), calls(world, "gateway find_charge")) == (1, 0)
    redeliver(world)
    world.settle()
    assert world.order(order_id)["version"] == 4


def test_B09_declined_and_answer_lost(world, order_id, tea):
    world.gateway.next("charge", "decline")
    world.wire.on("gateway charge", lose_answer)
    world.work()
    assert_cancelled(world, order_id, tea, "PAYMENT_DECLINED")
    world.settle()


def test_B09_declined_after_a_cancel_was_asked_for(world, order_id, tea):
    world.gateway.next("charge", "decline")
    world.wire.on("gateway charge", meanwhile(lambda: world.cancel(order_id)))
    world.work()
    assert world.history(order_id) == ["PENDING", "CHARGING", "CHARGING", "CANCELLED", "CANCELLED"]
    assert_cancelled(world, order_id, tea, "PAYMENT_DECLINED")
    world.settle()


def test_B10_busy_is_left_alone_for_as_long_as_it_asks(world, order_id, tea):
    world.gateway.retry_after = timedelta(minutes=40)
    world.gateway.next("charge", "busy")
    world.work()
    assert due_at(world, order_id) - now() == timedelta(minutes=40)
    for minutes in (1, 37, 1):
        world.pass_time(minutes=minutes)
        world.sweep()
        send(world, order_id)
        world.work()
        assert calls(world, "gateway") == 2
    wait_and_work(world, order_id)
    assert_confirmed(world, order_id, tea, ["PENDING", "CHARGING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"])
    world.settle()


def test_B10_a_cancel_does_not_shorten_its_rest(world, order_id):
    world.gateway.retry_after = timedelta(minutes=40)
    world.gateway.next("charge", "busy")
    world.work()
    at = due_at(world, order_id)
    world.pass_time(minutes=1)
    world.cancel(order_id)
    assert due_at(world, order_id) == at
    world.work()
    assert calls(world, "gateway") == 2
    wait_and_work(world, order_id)
    assert world.status(order_id) == "REFUNDED"
    world.settle()


def test_B10_counts_from_the_answer_and_not_from_the_question(world, order_id):
    """A call takes its time."""
    world.wire.on("gateway charge", lose_request)
    world.wire.gate = lambda name: world.pass_time(seconds=20) if name == "gateway find_charge" else None
    world.work()
    assert timedelta(seconds=15) <= due_at(world, order_id) - now() <= timedelta(seconds=30)
    world.settle()


def test_B10_but_not_longer_than_the_key_is_good_for(world, order_id, tea):
    world.gateway.retry_after = timedelta(days=2)
    world.gateway.next("charge", "busy")
    world.work()
    assert due_at(world, order_id) - now() == timedelta(hours=23)
    wait_and_work(world, order_id)
    assert (calls(world, "gateway charge"), calls(world, "gateway find_charge")) == (1, 2)
    assert_held(world, order_id, tea, "CHARGING")


@pytest.mark.parametrize("arrives", ["before the redelivery", "after it"])
def test_B11_gateway_slower_than_the_function(world, order_id, tea, arrives):
    """The worker is killed while the call is still under way; the gateway does it all the same."""
    world.gateway.next("charge", "late")
    world.wire.on("gateway charge", crash_after)
    die(world)
    assert world.gateway.ledger == []
    if arrives == "before the redelivery":
        world.gateway.arrive()
        redeliver(world)
        assert_confirmed(world, order_id, tea)
    else:
        redeliver(world)
        assert world.history(order_id) == ["PENDING", "CHARGING", "CHARGING"]
        world.gateway.arrive()
        wait_and_work(world, order_id)
        assert_confirmed(world, order_id, tea, ["PENDING", "CHARGING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"])
    assert calls(world, "gateway charge") == (2 if arrives == "before the redelivery" else 3)
    world.settle()


def test_C15_the_same_key_with_other_parameters_is_looked_up(world, order_id, tea, monkeypatch):
    """A new version asks the gateway in other words than the one whose answer was lost."""
    metrics: list[str] = []
    monkeypatch.setattr(paying, "count", metrics.append)
    world.wire.on("gateway charge", lose_answer)
    world.gateway.next("find_charge", "not_found")
    world.work()
    asked_now = world.gateway.charge
    monkeypatch.setattr(world.gateway, "charge", lambda **asked: asked_now(**asked | {"token": "other words"}))
    wait_and_work(world, order_id)
    assert metrics == ["PaymentKeyReused"]
    assert_confirmed(world, order_id, tea, ["PENDING", "CHARGING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"])
    world.settle()


@pytest.mark.parametrize("call", ["gateway charge", "write PAID", "write CONFIRMED: Confirmed"])
def test_B14_a_cancel_comes_in_between(world, order_id, tea, call):
    world.wire.on(call, meanwhile(lambda: world.cancel(order_id)))
    world.work()
    before = ["PAID", "PAID"] if "CONFIRMED" in call else ["CHARGING", "PAID"]
    assert world.history(order_id) == ["PENDING", "CHARGING", *before, "REFUNDING", "REFUNDED", "REFUNDED"]
    order = world.order(order_id)
    assert order["cancel_reason"] == "CUSTOMER"
    (charge,), (refund,) = world.gateway.moved("charge", order_id), world.gateway.moved("refund", order_id)
    assert (refund.key, refund.amount) == (f"{order_id}:refund", charge.amount)
    assert order["refund_id"] == refund.reference
    assert world.stock(tea) == STOCK
    assert ["order_refunded" in body for body in world.mail.accepted] == [True]
    world.settle()
