"""B22 of the fault matrix: what the gateway answers to a refund, or does not."""

from contextlib import suppress
from datetime import timedelta

import pytest

from core.clock import now
from tests.orders_faults.steps import (
    BOUGHT,
    CONFIRMED,
    STOCK,
    assert_held,
    calls,
    die,
    due_at,
    redeliver,
    send,
    wait_and_work,
)
from tests.orders_faults.wire import crash_after, crash_before, lose_answer, lose_request, server_error


def cancelled_after_confirming(world, order_id: str) -> None:
    world.work()
    assert world.status(order_id) == "CONFIRMED"
    world.cancel(order_id)
    assert world.status(order_id) == "REFUNDING"


def assert_refunded(world, order_id: str, tea: str, unknown: int = 0) -> None:
    assert world.history(order_id) == [*CONFIRMED, *["REFUNDING"] * (1 + unknown), "REFUNDED", "REFUNDED"]
    (refund,) = world.gateway.moved("refund", order_id)
    assert (refund.key, refund.amount.minor) == (f"{order_id}:refund", BOUGHT * 1250)
    assert len(world.gateway.moved("charge", order_id)) == 1
    assert world.order(order_id)["refund_id"] == refund.reference
    assert world.stock(tea) == STOCK


@pytest.mark.parametrize("look_up", ["the truth", "unknown"])
@pytest.mark.parametrize("fault", [lose_request, lose_answer])
def test_B22_call_for_a_refund_lost(world, order_id, tea, fault, look_up):
    cancelled_after_confirming(world, order_id)
    world.wire.on("gateway refund", fault)
    if look_up == "unknown":
        world.wire.on("gateway find_refund", None, lose_answer)
    world.work()
    is_known = fault is lose_answer and look_up == "the truth"
    if not is_known:
        assert_held(world, order_id, tea, "REFUNDING")
        assert timedelta(seconds=15) <= due_at(world, order_id) - now() <= timedelta(seconds=30)
        wait_and_work(world, order_id)
    assert calls(world, "gateway refund") == (1 if fault is lose_answer else 2)
    assert_refunded(world, order_id, tea, unknown=not is_known)
    world.settle()


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("gateway refund", crash_before),
        ("gateway refund", crash_after),
        ("write REFUNDED: Refunded", crash_before),
        ("write REFUNDED: Refunded", crash_after),
    ],
)
def test_B22_crash_around_the_refund(world, order_id, tea, call, fault):
    cancelled_after_confirming(world, order_id)
    world.wire.on(call, fault)
    die(world)
    redeliver(world)
    assert_refunded(world, order_id, tea)
    assert calls(world, "gateway refund") == (2 if (call, fault) == ("gateway refund", crash_before) else 1)
    world.settle()


@pytest.mark.parametrize("lost", [False, True])
def test_B22_refund_finally_refused(world, order_id, tea, in_review, lost):
    cancelled_after_confirming(world, order_id)
    world.gateway.is_faulted = True  # what succeeded can be refunded, normally
    world.gateway.next("refund", "decline")
    if lost:
        world.wire.on("gateway refund", lose_answer)
    world.work()
    assert world.history(order_id) == [*CONFIRMED, "REFUNDING", "REVIEW"]
    assert_held(world, order_id, tea, "REVIEW")
    assert world.gateway.moved("refund", order_id) == []
    assert in_review == ["OrderInReview"]
    assert due_at(world, order_id) is None
    world.settle()
    world.pass_time(to=now().replace(minute=0) + timedelta(hours=1))
    world.sweep()
    world.work()
    assert world.history(order_id) == [*CONFIRMED, "REFUNDING", "REVIEW"], "a person decides, and no sweep"


def test_B22_refund_not_asked_for_after_23_hours(world, order_id, tea, in_review):
    """It was not made, as the look-up says; but now the gateway may have forgotten the key."""
    cancelled_after_confirming(world, order_id)
    began = now()
    world.gateway.always("refund", "in_use")
    world.work()
    assert calls(world, "gateway refund") == 1
    for late in (timedelta(milliseconds=-1), timedelta()):
        world.pass_time(to=began + timedelta(hours=23) + late)
        send(world, order_id)
        world.work()
        assert_held(world, order_id, tea, "REFUNDING")
        assert calls(world, "gateway refund") == 2
    wait_and_work(world, order_id)
    world.pass_time(seconds=1)
    send(world, order_id)
    world.work()
    assert world.status(order_id) == "REVIEW"
    assert calls(world, "gateway refund") == 2
    assert in_review == ["OrderInReview"]


def test_B22_busy_is_left_alone_for_as_long_as_it_asks(world, order_id, tea):
    cancelled_after_confirming(world, order_id)
    world.gateway.retry_after = timedelta(minutes=40)
    world.gateway.next("refund", "busy")
    world.work()
    assert due_at(world, order_id) - now() == timedelta(minutes=40)
    before = calls(world, "gateway")
    world.pass_time(minutes=39)
    send(world, order_id)
    world.work()
    assert calls(world, "gateway") == before
    wait_and_work(world, order_id)
    assert_refunded(world, order_id, tea, unknown=1)
    world.settle()


def test_B22_a_mail_that_is_owed_does_not_shorten_its_rest(world, order_id):
    """The confirmation could not be queued before; it is now, and the refund waits on."""
    world.wire.always("send MailQueue", server_error)
    with suppress(Exception):
        world.work()
    assert world.order(order_id)["mail_owed"] == ["order_confirmed"]
    world.wire.heal()
    world.cancel(order_id)
    world.gateway.retry_after = timedelta(minutes=40)
    world.gateway.next("refund", "busy")
    send(world, order_id)
    world.work()
    assert world.mails_queued(order_id) == ["order_confirmed"]
    assert "mail_owed" not in world.order(order_id)
    assert due_at(world, order_id) - now() == timedelta(minutes=40)
    world.settle()


def test_B22_refund_not_known_for_23_hours(world, order_id, tea, in_review):
    """No call for a refund after that; the look-up still may say that it was made."""
    cancelled_after_confirming(world, order_id)
    began = now()
    world.wire.always("gateway refund", lose_answer)
    world.gateway.always("find_refund", "unknown")
    world.work()
    assert calls(world, "gateway refund") == 0
    world.pass_time(to=began + timedelta(hours=23))
    world.work()
    world.sweep()
    world.work()
    assert_held(world, order_id, tea, "REFUNDING")
    wait_and_work(world, order_id)
    assert world.history(order_id) == [*CONFIRMED, *["REFUNDING"] * 3, "REVIEW"]
    assert calls(world, "gateway refund") == 0
    assert in_review == ["OrderInReview"]
