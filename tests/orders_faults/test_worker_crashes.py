"""B of the fault matrix: the worker dies, or its writes' answers are lost."""

import pytest

from tests.orders_faults.steps import (
    CONFIRMED,
    assert_cancelled,
    assert_confirmed,
    assert_held,
    calls,
    die,
    due_at,
    redeliver,
)
from tests.orders_faults.wire import crash_after, crash_before, lose_answer


def test_B01_crash_before_the_read(world, order_id, tea):
    world.wire.on("read OrdersTable", crash_before)
    die(world)
    assert_held(world, order_id, tea, "PENDING")
    redeliver(world)
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize(("call", "fault"), [("read OrdersTable", crash_after), ("write CHARGING", crash_before)])
def test_B02_crash_after_the_read_before_T2(world, order_id, tea, call, fault):
    world.wire.on(call, fault)
    die(world)
    assert_held(world, order_id, tea, "PENDING")
    assert calls(world, "gateway") == 0
    redeliver(world)
    assert_confirmed(world, order_id, tea)
    world.settle()
    assert_confirmed(world, order_id, tea)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_B03_answer_to_T2_lost(world, order_id, tea, lost):
    """Twice by botocore's own tries, with one token; once more, and the message comes again."""
    world.wire.on("write CHARGING", *[lose_answer] * lost)
    world.work()
    assert calls(world, "write CHARGING") == min(lost + 1, 3)
    if lost == 3:
        assert world.history(order_id) == ["PENDING", "CHARGING"]
        assert world.gateway.ledger == []
        redeliver(world)
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize(("call", "fault"), [("write CHARGING", crash_after), ("gateway charge", crash_before)])
def test_B04_crash_after_T2_before_the_charge(world, order_id, tea, call, fault):
    world.wire.on(call, fault)
    die(world)
    assert world.history(order_id) == ["PENDING", "CHARGING"]
    assert world.gateway.ledger == []
    redeliver(world)
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize(("call", "fault"), [("gateway charge", crash_after), ("write PAID", crash_before)])
def test_B12_crash_between_charge_and_T4(world, order_id, tea, call, fault):
    world.wire.on(call, fault)
    die(world)
    assert world.history(order_id) == ["PENDING", "CHARGING"]
    assert len(world.gateway.moved("charge", order_id)) == 1
    redeliver(world)
    assert calls(world, "gateway charge") == 2
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize("lost", [1, 3])
def test_B13_answer_to_T4_lost(world, order_id, tea, lost):
    world.wire.on("write PAID", *[lose_answer] * lost)
    world.work()
    if lost == 3:
        assert world.history(order_id) == ["PENDING", "CHARGING", "PAID"]
        redeliver(world)
    assert calls(world, "gateway charge") == 1
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize(("call", "fault"), [("write CONFIRMED: Confirmed", crash_after), ("send Mail", crash_before)])
def test_B15_crash_after_T8_before_the_mail_is_queued(world, order_id, tea, call, fault):
    world.wire.on(call, fault)
    die(world)
    assert world.history(order_id) == CONFIRMED[:-1]
    assert world.mail.accepted == []
    world.pass_time(minutes=1)
    world.sweep()
    world.work()
    assert_confirmed(world, order_id, tea)
    assert due_at(world, order_id) is None
    redeliver(world)
    assert_confirmed(world, order_id, tea)
    world.settle()


def test_B15_crash_after_the_mail_is_queued(world, order_id, tea):
    """Queued twice, sent once."""
    world.wire.on("send Mail", crash_after)
    die(world)
    redeliver(world)
    assert world.history(order_id) == CONFIRMED
    assert len(world.mail.accepted) == 2
    world.settle()


@pytest.mark.parametrize("lost", [1, 3])
def test_B20_answer_to_T5_lost(world, order_id, tea, lost):
    world.gateway.next("charge", "decline")
    world.wire.on("write CANCELLED", *[lose_answer] * lost)
    world.work()
    assert_cancelled(world, order_id, tea, "PAYMENT_DECLINED")
    redeliver(world)
    assert world.history(order_id) == ["PENDING", "CHARGING", "CANCELLED", "CANCELLED"]
    assert_cancelled(world, order_id, tea, "PAYMENT_DECLINED")
    world.settle()


@pytest.mark.parametrize("fault", [crash_before, crash_after])
def test_B21_crash_right_before_and_after_T5(world, order_id, tea, fault):
    world.gateway.next("charge", "decline")
    world.wire.on("write CANCELLED", fault)
    die(world)
    if fault is crash_before:
        assert_held(world, order_id, tea, "CHARGING")
    else:
        assert_cancelled(world, order_id, tea, "PAYMENT_DECLINED")
    redeliver(world)
    assert world.history(order_id) == ["PENDING", "CHARGING", "CANCELLED", "CANCELLED"]
    assert_cancelled(world, order_id, tea, "PAYMENT_DECLINED")
    world.settle()
