"""D of the fault matrix, its clock and sweeper: D05 to D09, and D10 in small (tests/concurrency has 10 000)."""

from datetime import timedelta

import pytest

from core.clock import now
from services.orders import sweeping
from services.orders.reviewing import review
from services.orders.working import advance
from tests.orders_faults import invariants
from tests.orders_faults.interleaving import Actor, Interleavings
from tests.orders_faults.steps import CONFIRMED, STOCK, assert_confirmed, calls, die, send
from tests.orders_faults.wire import Crash, crash_after, crash_before, meanwhile, server_error
from tests.orders_faults.world import START

EXPIRED = ["PENDING", "CANCELLED", "CANCELLED"]
"""The second one notes that its mail was queued."""


@pytest.fixture
def forgotten(world, order_id) -> str:
    """An order whose message the queue lost."""
    world.orders.collect()
    world.orders.messages.clear()
    return order_id


def assert_expired(world, order_id: str, tea: str) -> None:
    assert world.history(order_id) == EXPIRED
    assert world.order(order_id)["cancel_reason"] == "EXPIRED"
    assert world.stock(tea) == STOCK
    assert world.gateway.ledger == []


def test_D05_pending_past_its_deadline(world, forgotten, tea):
    world.pass_time(minutes=15)
    world.sweep()
    assert world.history(forgotten) == ["PENDING", "CANCELLED"]
    assert world.stock(tea) == STOCK
    world.work()
    assert_expired(world, forgotten, tea)
    world.settle()


def test_D05_its_message_comes_after_the_deadline(world, order_id, tea):
    world.orders.collect()
    world.pass_time(minutes=15)
    world.work()
    assert_expired(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize("by", ["message", "sweeper"])
def test_D05_the_last_moment_is_in_time(world, forgotten, tea, by):
    world.pass_time(minutes=15, milliseconds=-1)
    world.sweep() if by == "sweeper" else send(world, forgotten)
    assert world.status(forgotten) == "PENDING"
    world.work()
    assert_confirmed(world, forgotten, tea)
    world.settle()


@pytest.mark.parametrize("fault", [crash_before, crash_after])
def test_D06_sweeper_crashes_mid_page(world, fault):
    order_ids = [world.place({world.product(): 1}) for _ in range(12)]
    world.orders.collect()
    world.orders.messages.clear()
    world.pass_time(seconds=60)
    world.wire.on("send OrdersQueue", None, None, fault)
    with pytest.raises(Crash):
        world.sweep()
    world.orders.collect()
    assert 0 < len(world.orders.messages) < 12
    world.pass_time(seconds=60)
    world.sweep()
    world.work()
    assert [world.history(order_id) for order_id in order_ids] == [CONFIRMED] * 12
    assert len(world.gateway.ledger) == 12
    world.settle()


@pytest.mark.parametrize("fault", [crash_before, crash_after])
def test_D06_sweeper_crashes_while_it_gives_up(world, tea, fault):
    order_ids = [world.place({tea: 1}) for _ in range(5)]
    world.orders.collect()
    world.orders.messages.clear()
    world.pass_time(minutes=15)
    world.wire.on("write CANCELLED", None, None, fault)
    with pytest.raises(Crash):
        world.sweep()
    assert world.stock(tea) == (2 if fault is crash_before else 3)
    world.pass_time(seconds=60)
    world.sweep()
    world.work()
    assert [world.history(order_id) for order_id in order_ids] == [EXPIRED] * 5
    assert world.stock(tea) == STOCK
    world.settle()


def test_D06_one_that_fails_stops_no_other(world, tea):
    order_ids = [world.place({tea: 1}) for _ in range(5)]
    world.orders.collect()
    world.orders.messages.clear()
    world.pass_time(minutes=15)
    world.wire.on("write CANCELLED", None, *[server_error] * 3)
    world.sweep()
    assert sorted(world.status(order_id) for order_id in order_ids) == ["CANCELLED"] * 4 + ["PENDING"]
    assert len(world.orders.messages) == 5
    world.work()
    assert [world.history(order_id) for order_id in order_ids] == [EXPIRED] * 5
    world.settle()


def test_D06_one_review_that_fails_stops_no_other(world):
    order_ids = [world.place({world.product(): 1}) for _ in range(3)]
    world.gateway.always("charge", "in_use")
    world.work()
    world.pass_time(to=(START + timedelta(hours=25)).replace(minute=0))
    world.sweep()
    world.work()
    assert {world.status(order_id) for order_id in order_ids} == {"REVIEW"}
    world.wire.on("write CANCELLED", None, *[server_error] * 3)
    world.pass_time(hours=1)
    world.sweep()
    assert sorted(world.status(order_id) for order_id in order_ids) == ["CANCELLED", "CANCELLED", "REVIEW"]
    world.work()
    world.pass_time(hours=1)
    world.sweep()
    assert {world.status(order_id) for order_id in order_ids} == {"CANCELLED"}
    world.work()
    world.settle()


def test_D07_two_sweepers_at_once(world, forgotten, tea):
    world.pass_time(minutes=15)

    def judge(sweepers: list[Actor]) -> None:
        assert [sweeper.error for sweeper in sweepers] == [None, None]
        assert world.history(forgotten) == ["PENDING", "CANCELLED"]
        assert world.stock(tea) == STOCK
        world.orders.collect()
        assert 1 <= len(world.orders.messages) <= 2
        world.work()
        assert_expired(world, forgotten, tea)
        world.check()

    both = [lambda: sweeping.sweep_orders(now())] * 2
    every = Interleavings(world.wire, world.remember(), both, lambda: world.stored(forgotten), judge)
    every.follow_all()
    assert every.ends >= 3


def test_D07_two_sweepers_and_a_worker(world, forgotten, tea):
    """Both find it due, and send it: one charge."""
    world.pass_time(seconds=60)
    world.sweep()
    world.sweep()
    assert len(world.orders.messages) == 2
    world.work()
    assert_confirmed(world, forgotten, tea)
    world.settle()


def test_D08_the_index_is_behind(world, forgotten, tea):
    """It has the order as due, which is done meanwhile: the row decides, and there is nothing to send."""
    world.pass_time(seconds=60)
    world.wire.on("read OrdersTable", meanwhile(lambda: advance(forgotten)))
    world.sweep()
    assert world.orders.messages == []
    assert_confirmed(world, forgotten, tea)
    world.settle()


@pytest.mark.parametrize("call", ["send OrdersQueue", "write CANCELLED: Not paid in time"])
def test_D08_what_was_read_is_behind(world, forgotten, tea, call):
    """Given up by a worker after the sweeper read it."""
    world.pass_time(minutes=15)
    world.wire.on(call, meanwhile(lambda: advance(forgotten)))
    world.sweep()
    world.work()
    assert_expired(world, forgotten, tea)
    world.settle()


def test_D08_the_index_of_reviews_is_behind(world, order_id, tea):
    """An operator brought the order back meanwhile."""
    world.gateway.always("charge", "in_use")
    world.work()
    world.pass_time(hours=25)
    world.sweep()
    world.work()
    assert world.status(order_id) == "REVIEW"
    world.pass_time(to=(now() + timedelta(hours=1)).replace(minute=0))
    world.wire.on("read OrdersTable", meanwhile(lambda: review(order_id)))
    world.sweep()
    assert world.history(order_id) == ["PENDING", "CHARGING", "CHARGING", "REVIEW", "CANCELLED"]
    assert world.stock(tea) == STOCK
    world.work()
    world.settle()


FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(("first", "then"), [(FIVE, -FIVE), (-FIVE, FIVE), (FIVE, FIVE), (-FIVE, -FIVE)])
def test_D09_clocks_that_differ(world, order_id, tea, first, then):
    """One worker takes the order to CHARGING, another has it for the rest of the day; nobody answers for the charge.

    By the clock of the second there is no call after 23 hours and no REVIEW before, and by the gateway's no call
    comes near the 24 hours after which its key would charge again.
    """
    world.gateway.next("charge", "fail")
    world.gateway.always("find_charge", "unknown")
    with world.clock_wrong_by(first):
        world.work()
    assert world.history(order_id) == ["PENDING", "CHARGING", "CHARGING"]
    parked_after = timedelta(hours=23) + first - then
    before, after = parked_after - timedelta(seconds=1), parked_after + timedelta(seconds=1)
    called: dict[timedelta, int] = {}
    for moment in sorted({timedelta(hours=1), before, after, timedelta(hours=24, minutes=30)}):
        world.pass_time(to=START + moment)
        world.wire.calls.clear()
        with world.clock_wrong_by(then):
            send(world, order_id)
            world.work()
        called[moment] = calls(world, "gateway charge")
        assert (world.status(order_id) == "REVIEW") == (moment > parked_after)
    assert called == {timedelta(hours=1): 1, before: 1, after: 0, timedelta(hours=24, minutes=30): 0}
    assert parked_after <= timedelta(hours=23, minutes=10), "far from the key's 24 hours"
    assert world.gateway.ledger == []


def test_D09_a_worker_that_is_behind_waits(world, order_id, tea):
    """What the first did is not yet due by the clock of the second."""
    world.wire.on("gateway charge", crash_before)
    with world.clock_wrong_by(FIVE):
        die(world)
    send(world, order_id)
    with world.clock_wrong_by(-FIVE):
        world.work()
    assert world.history(order_id) == ["PENDING", "CHARGING"]
    assert calls(world, "gateway charge") == 1
    world.settle()
    assert_confirmed(world, order_id, tea)


def test_D10_a_run_that_is_long_enough_leaves_the_rest(world, monkeypatch):
    """A page a run, and of a shard that comes as it will: after some runs all were reached."""
    monkeypatch.setattr(sweeping, "LONGEST_RUN", -1)
    monkeypatch.setattr(sweeping, "BATCH_READ_LIMIT", 4)
    tea = world.product(stock=12)
    order_ids = [world.place({tea: 1}) for _ in range(12)]
    world.orders.collect()
    world.orders.messages.clear()
    world.pass_time(minutes=15)
    runs = 0
    while any(invariants.due_at(order) for order in invariants.orders().values()):
        world.sweep()
        assert len(world.orders.messages) <= 4
        world.work()
        runs += 1
    assert [world.history(order_id) for order_id in order_ids] == [EXPIRED] * 12
    assert 3 <= runs <= 12
    assert world.stock(tea) == 12
    world.settle()
