"""B of the fault matrix: outcomes that stay unknown until a key is good no more."""

from datetime import datetime, timedelta

import pytest

from core.clock import now
from jobs import review
from services.orders import reviewing
from tests.orders_faults.steps import (
    BOUGHT,
    STOCK,
    assert_cancelled,
    assert_confirmed,
    assert_held,
    calls,
    die,
    due_at,
    send,
)
from tests.orders_faults.wire import crash_after, lose_answer, meanwhile


def test_B07b_500_saved_and_nothing_charged(world, order_id, tea, in_review):
    """Tried for 23 hours, at most 15 minutes apart, then given to a person; never taken for a decline."""
    asked_at: list[datetime] = []
    world.wire.gate = lambda name: asked_at.append(now()) if name == "gateway charge" else None
    world.gateway.next("charge", "fail")
    world.work()
    began = asked_at[0]
    world.settle(waiting=[order_id])
    waits: list[timedelta] = []
    while world.status(order_id) == "CHARGING":
        assert_held(world, order_id, tea, "CHARGING")
        waits.append(due_at(world, order_id) - now())
        world.pass_time(seconds=waits[-1].total_seconds())
        send(world, order_id)
        world.work()
    assert_held(world, order_id, tea, "REVIEW")
    assert began + timedelta(hours=23) < now() <= began + timedelta(hours=23, minutes=15)
    assert max(waits) <= timedelta(minutes=15)
    assert max(asked_at) < began + timedelta(hours=23)
    assert len(asked_at) >= 23 * 4
    assert set(world.history(order_id)) == {"PENDING", "CHARGING", "REVIEW"}
    assert world.gateway.ledger == []
    assert due_at(world, order_id) is None
    assert in_review == ["OrderInReview"]
    assert "payment_token" not in world.order(order_id)
    world.settle()


@pytest.mark.parametrize(
    ("late", "ends"),
    [
        (timedelta(milliseconds=-1), (2, "CHARGING")),
        (timedelta(), (1, "CHARGING")),
        (timedelta(milliseconds=1), (1, "REVIEW")),
        (timedelta(hours=30), (1, "REVIEW")),
    ],
)
def test_B23_key_window_passed_while_unknown(world, order_id, tea, late, ends):
    world.gateway.always("charge", "in_use")
    world.work()
    world.pass_time(to=now() + timedelta(hours=23) + late)
    world.sweep()
    world.work()
    assert (calls(world, "gateway charge"), world.status(order_id)) == ends
    assert calls(world, "gateway find_charge") == 2
    assert world.stock(tea) == STOCK - BOUGHT
    assert world.gateway.ledger == []


def test_B23_after_the_window_the_look_up_knows_of_a_charge(world, order_id, tea):
    world.wire.on("gateway charge", lose_answer)
    world.gateway.next("find_charge", "unknown")
    world.work()
    world.pass_time(hours=23, seconds=1)
    world.sweep()
    world.work()
    assert (calls(world, "gateway charge"), calls(world, "gateway find_charge")) == (1, 2)
    assert_confirmed(world, order_id, tea, ["PENDING", "CHARGING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"])
    world.settle()


def park(world, order_id: str) -> datetime:
    """The charge hangs somewhere for 23 hours: nobody finds it, and it may still arrive. Answers when it began."""
    began = now()
    world.gateway.next("charge", "late")
    world.work()
    world.pass_time(hours=23, seconds=1)
    world.sweep()
    world.work()
    assert world.status(order_id) == "REVIEW"
    return began


@pytest.mark.parametrize("asked_to_cancel", [False, True])
def test_B24_not_found_and_the_original_arrives_late(world, order_id, tea, capsys, asked_to_cancel):
    if asked_to_cancel:
        world.wire.on("gateway charge", meanwhile(lambda: world.cancel(order_id)))
    began = park(world, order_id)
    parked = world.history(order_id)
    for moment in (now(), began + timedelta(hours=24)):
        world.pass_time(to=moment)
        assert review.main([order_id]) == 1
        world.sweep()
        assert world.history(order_id) == parked
        assert_held(world, order_id, tea, "REVIEW")
    assert capsys.readouterr().err == 2 * "Nothing can be decided yet: it stays as it is.\n"
    world.gateway.arrive()
    assert review.main([order_id]) == 0
    assert capsys.readouterr().out == f"{world.order(order_id)['number']} is PAID now.\n"
    world.orders.collect()
    world.work()
    if asked_to_cancel:
        assert world.history(order_id) == [*parked, "PAID", "REFUNDING", "REFUNDED", "REFUNDED"]
        assert len(world.gateway.moved("refund", order_id)) == 1
        assert world.stock(tea) == STOCK
    else:
        assert_confirmed(world, order_id, tea, [*parked, "PAID", "CONFIRMED", "CONFIRMED"])
    assert len(world.gateway.moved("charge", order_id)) == 1
    world.settle()


def test_B24_the_alarm_rings_each_hour_whatever_crashed_when_it_was_parked(world, order_id, still_in_review):
    world.gateway.next("charge", "late")
    world.gateway.always("find_charge", "unknown")
    world.work()
    world.pass_time(hours=23, seconds=1)
    world.wire.on("write REVIEW", crash_after)
    send(world, order_id)
    die(world)
    assert world.status(order_id) == "REVIEW"
    for _ in range(2):
        world.pass_time(to=now().replace(minute=0) + timedelta(hours=1))
        world.sweep()
    assert still_in_review == [("OrderInReview", 1)] * 2
    world.gateway.heal()
    world.pass_time(hours=1)
    world.sweep()
    assert still_in_review == [("OrderInReview", 1)] * 2
    world.work()
    world.settle()


def test_B24_the_sweeper_has_no_time_for_all(world, order_id, monkeypatch, still_in_review):
    """What is left is left to the next hour, and still rings."""
    park(world, order_id)
    monkeypatch.setattr(reviewing, "LONGEST_RUN", -1)
    world.gateway.arrive()
    world.pass_time(to=now().replace(minute=0) + timedelta(hours=1))
    world.sweep()
    assert world.status(order_id) == "REVIEW"
    assert still_in_review == [("OrderInReview", 1)]


def test_the_operators_command_says_why_an_order_stays(world, order_id, capsys):
    assert review.main(["K-0000-0000"]) == 1
    assert review.main([order_id]) == 1
    number = world.order(order_id)["number"]
    assert capsys.readouterr().err == (
        f"There is no order K-0000-0000.\n{number} is PENDING, not in REVIEW: it stays as it is.\n"
    )


def test_the_operators_command_meets_another(world, order_id, capsys):
    park(world, order_id)
    world.gateway.arrive()
    world.wire.on("write PAID", meanwhile(lambda: reviewing.review(order_id)))
    assert review.main([order_id]) == 1
    assert capsys.readouterr().err == f"{world.order(order_id)['number']} changed just now: please look again.\n"
    assert world.status(order_id) == "PAID"
    world.settle()


def test_B24_the_sweeper_finds_it_within_the_hour(world, order_id, tea):
    park(world, order_id)
    parked = world.history(order_id)
    world.gateway.arrive()
    world.pass_time(to=now().replace(minute=59, second=59))
    world.sweep()
    assert world.status(order_id) == "REVIEW"
    world.pass_time(seconds=1)
    world.sweep()
    world.work()
    assert_confirmed(world, order_id, tea, [*parked, "PAID", "CONFIRMED", "CONFIRMED"])
    world.settle()


@pytest.mark.parametrize("asked_to_cancel", [False, True])
def test_B24_never_found_and_its_time_is_over(world, order_id, tea, asked_to_cancel):
    """Past 24 hours no call can land any more: the operator may cancel."""
    world.gateway.always("charge", "in_use")
    if asked_to_cancel:
        world.wire.on("gateway charge", meanwhile(lambda: world.cancel(order_id)))
    world.work()
    began = now()
    world.pass_time(hours=23, seconds=1)
    world.sweep()
    world.work()
    assert_held(world, order_id, tea, "REVIEW")
    world.pass_time(to=began + timedelta(hours=24))
    assert review.main([order_id]) == 1
    world.pass_time(to=began + timedelta(hours=24, milliseconds=1))
    assert review.main([world.order(order_id)["number"]]) == 0
    assert_cancelled(world, order_id, tea, "CUSTOMER" if asked_to_cancel else "EXPIRED")
    world.settle()
