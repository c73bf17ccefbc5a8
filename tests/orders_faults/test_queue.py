"""C of the fault matrix: what a standard queue may do to the worker's messages."""

import json

import pytest

from core.clock import now
from core.config import settings
from jobs import process_orders, send_mail
from services.orders import actions, working
from services.orders.working import advance
from tests import store
from tests.orders_faults import invariants
from tests.orders_faults.interleaving import Actor, Interleavings
from tests.orders_faults.queues import BATCH, Message
from tests.orders_faults.steps import CONFIRMED, assert_confirmed, die, redeliver, send
from tests.orders_faults.wire import crash_after, crash_before, meanwhile, server_error
from tests.orders_faults.world import ADMIN

EXPIRED = ["PENDING", "CANCELLED", "CANCELLED"]
POISON = {
    "no JSON": "tok_ok",
    "empty": "",
    "no object": "[]",
    "a number": "7",
    "a text": '"order"',
    "null": "null",
    "without an id": '{"version": 1}',
    "id of another type": '{"version": 1, "order_id": 7}',
    "empty id": '{"version": 1, "order_id": ""}',
    "unknown version": '{"version": 2, "order_id": "01M7YNBVXGFW1GRJ200H4GQDBQ"}',
    "version of another type": '{"version": "1", "order_id": "01M7YNBVXGFW1GRJ200H4GQDBQ"}',
    "256 KB": json.dumps({"version": 1, "order_id": "x" * (262_144 - 32)}),
    "256 KB of brackets": "[" * 262_144,
    "surrogate": '{"version": 1, "order_id": "\\ud800"}',
    "no letters of ours": '{"version": 1, "order_id": "сто"}',
}


def assert_nothing_more(world, order_id: str) -> None:
    """Whatever is delivered changes neither rows nor money."""
    before, ledger = store.everything(), list(world.gateway.ledger)
    world.work()
    assert store.everything() == before
    assert world.gateway.ledger == ledger
    assert world.orders.messages == []
    assert order_id in invariants.orders()


def test_C01_duplicate_sequential(world, order_id, tea):
    world.orders.collect()
    world.orders.duplicate()
    assert len(world.orders.messages) == 2
    world.work()
    assert_confirmed(world, order_id, tea)
    send(world, order_id)
    assert_nothing_more(world, order_id)
    world.settle()


def test_C02_duplicate_concurrent_in_all_interleavings(world, order_id, tea):
    """By the service: two Lambdas share no memory, but two threads share the handler's batch processor."""

    def judge(workers: list[Actor]) -> None:
        assert [worker.error for worker in workers] == [None, None]
        assert world.history(order_id) == CONFIRMED
        assert len(world.gateway.moved("charge", order_id)) == 1
        world.check()

    both = [lambda: advance(order_id)] * 2
    every = Interleavings(world.wire, world.remember(), both, lambda: world.stored(order_id), judge)
    every.follow_all()
    assert every.ends > 50


def test_C03_reordered(world):
    order_ids = [world.place({world.product(): 1}) for _ in range(3)]
    world.orders.collect()
    world.orders.duplicate()
    world.orders.messages.reverse()
    world.work()
    assert [world.history(order_id) for order_id in order_ids] == [CONFIRMED] * 3
    world.settle()


def test_C03_thirteen_days_late(world, order_id, tea):
    """The message of the order, and one from each state it has been in."""
    late = [order_id]
    world.work()
    actions.fulfill_order(order_id, ADMIN)
    late.append(order_id)
    actions.refund_order(order_id, ADMIN, None)
    late.append(order_id)
    world.settle()
    assert world.status(order_id) == "REFUNDED"
    world.pass_time(days=13)
    for late_id in late:
        send(world, late_id)
    assert_nothing_more(world, order_id)


def test_C03_so_late_that_it_expired(world, order_id, tea):
    world.orders.collect()
    world.pass_time(days=13)
    world.work()
    assert world.history(order_id) == EXPIRED
    assert world.gateway.ledger == []
    world.settle()


def test_C04_one_poison_in_a_batch_of_ten(world):
    order_ids = [world.place({world.product(): 1}) for _ in range(BATCH - 1)]
    world.orders.collect()
    poison = Message("poison", world.orders.messages[0].sent_at, world.orders.messages[0].visible_at)
    world.orders.messages.insert(4, poison)
    assert world.orders.deliver() == [poison.id]
    assert [world.history(order_id) for order_id in order_ids] == [CONFIRMED] * 9
    assert world.orders.messages == [poison]
    for receives in range(2, world.orders.max_receives + 1):
        assert world.orders.deliver() is None, "invisible until its time is over"
        world.pass_time(seconds=world.orders.visibility.total_seconds())
        assert world.orders.deliver() == [poison.id]
        assert poison.receives == receives
    world.pass_time(seconds=world.orders.visibility.total_seconds())
    assert world.orders.deliver() is None
    assert (world.orders.dead, poison.receives) == ([poison], 5)
    assert [world.history(order_id) for order_id in order_ids] == [CONFIRMED] * 9
    world.settle()


@pytest.mark.parametrize("call", ["gateway charge", "write CONFIRMED: Confirmed", "write CONFIRMED: Mail queued"])
@pytest.mark.parametrize("fault", [crash_before, crash_after])
def test_C05_the_whole_batch_fails(world, call, fault):
    """It dies over the fourth of ten: the three before it are done, but nobody says so."""
    order_ids = [world.place({world.product(): 1}) for _ in range(BATCH)]
    world.orders.collect()
    world.wire.on(call, None, None, None, fault)
    die(world)
    assert len(world.orders.messages) == BATCH
    assert [world.history(order_id) for order_id in order_ids[:3]] == [CONFIRMED] * 3
    redeliver(world)
    assert world.orders.messages == []
    assert [world.history(order_id) for order_id in order_ids] == [CONFIRMED] * BATCH
    assert len(world.gateway.ledger) == BATCH
    world.settle()


@pytest.mark.parametrize("body", POISON.values(), ids=POISON)
def test_C06_body_of_no_order_message(world, order_id, tea, body):
    world.orders.collect()
    poison = world.orders.put(body)
    assert world.orders.deliver() == [poison.id], "and its batch mate is done"
    assert_confirmed(world, order_id, tea)
    for _ in range(world.orders.max_receives):
        redeliver(world)
    assert (world.orders.dead, world.orders.messages, poison.receives) == ([poison], [], 5)
    world.settle()


def test_C06_body_of_no_mail_event(world, order_id, tea):
    world.work()
    assert len(world.mail.accepted) == 1
    poison = [world.mail.put(body) for body in list(POISON.values())[: BATCH - 1]]
    assert world.mail.deliver() == [message.id for message in poison], "and their batch mate is sent"
    for _ in range(world.mail.max_receives):
        world.pass_time(seconds=world.mail.visibility.total_seconds())
        world.send_mails()
    assert (world.mail.dead, world.mail.messages) == (poison, [])
    assert {message.receives for message in poison} == {5}
    world.settle()


def test_C07_unknown_order(world, order_id, tea, monkeypatch):
    metrics: list[str] = []
    monkeypatch.setattr(working, "count", metrics.append)
    send(world, "01M7YNBVXGFW1GRJ200H4GQDBQ")
    assert world.orders.deliver() == []
    assert metrics == ["UnknownOrder"]
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize("end", ["CANCELLED", "DELIVERED", "REFUNDED"])
def test_C08_terminal_order(world, order_id, tea, end):
    if end == "CANCELLED":
        world.cancel(order_id)
    world.work()
    if end == "DELIVERED":
        actions.fulfill_order(order_id, ADMIN)
        actions.mark_delivered(order_id, ADMIN)
    if end == "REFUNDED":
        world.cancel(order_id)
    world.work()
    assert world.status(order_id) == end
    world.wire.calls.clear()
    send(world, order_id)
    assert_nothing_more(world, order_id)
    assert world.wire.calls == ["read OrdersTable"]
    world.settle()


def fail_five_times(world, call: str) -> None:
    world.orders.collect()
    world.wire.always(call, server_error)
    for _ in range(world.orders.max_receives):
        world.work()
        assert len(world.orders.messages) == 1
        world.pass_time(seconds=world.orders.visibility.total_seconds())
    world.work()
    assert (world.orders.messages, [message.receives for message in world.orders.dead]) == ([], [5])
    world.wire.heal()


def test_C09_fails_five_times(world, order_id, tea):
    fail_five_times(world, "write PAID")
    assert world.status(order_id) == "CHARGING"
    world.sweep()
    world.work()
    assert_confirmed(world, order_id, tea)
    world.settle()


def test_C09_fails_until_its_time_is_over(world, order_id, tea):
    fail_five_times(world, "read OrdersTable")
    assert world.status(order_id) == "PENDING"
    world.sweep()
    world.work()
    assert world.history(order_id) == EXPIRED
    assert world.stock(tea) == 5
    world.settle()


@pytest.mark.parametrize("days", [7, 13])
@pytest.mark.parametrize("swept", [True, False])
def test_C10_redrive(world, order_id, tea, days, swept):
    """Usually the sweeper finished the order meanwhile; without it the message itself does, by a look-up alone."""
    fail_five_times(world, "write PAID")
    if swept:
        world.sweep()
        world.work()
    world.pass_time(days=days)
    charges = world.wire.calls.count("gateway charge")
    world.orders.redrive()
    world.work()
    assert world.wire.calls.count("gateway charge") == charges
    assert_confirmed(world, order_id, tea)
    assert (world.orders.messages, world.orders.dead) == ([], [])
    world.settle()


@pytest.mark.parametrize("call", ["gateway charge", "write PAID", "write CONFIRMED: Confirmed", "send MailQueue"])
def test_C11_visibility_ends_during_slow_work(world, order_id, tea, call):
    """The second worker has its own memory, so it is called by the service: the handler's is the first one's."""

    def come_again() -> None:
        world.pass_time(seconds=world.orders.visibility.total_seconds())
        (message,) = world.orders.receive()
        assert message.receives == 2
        advance(order_id)
        world.orders.messages.remove(message)

    world.wire.on(call, meanwhile(come_again))
    world.work()
    assert_confirmed_once(world, order_id, tea)
    world.settle()


def assert_confirmed_once(world, order_id: str, tea: str) -> None:
    """Its mail may have been asked for twice."""
    assert world.history(order_id) == CONFIRMED
    assert len(world.gateway.moved("charge", order_id)) == 1
    assert (world.stock(tea), world.orders.messages) == (3, [])


def test_C12_throttled_consumer_burns_receives(world, order_id, tea):
    """Lambda takes messages that it then has no room for: four such receives still leave one to work with."""
    assert world.orders.max_receives >= 5
    world.wire.on("gateway charge", crash_before)
    die(world)
    for receives in range(2, 5):
        world.pass_time(seconds=world.orders.visibility.total_seconds())
        (message,) = world.orders.receive()
        assert message.receives == receives
    redeliver(world)
    assert world.orders.dead == []
    assert_confirmed(world, order_id, tea)
    world.settle()


@pytest.mark.parametrize(
    ("handler", "bad", "good"),
    [
        (process_orders.handler, "{}", json.dumps({"version": 1, "order_id": "unknown"})),
        (send_mail.handler, "{}", json.dumps({"version": 1, "template": "welcome", "subject_id": "unknown"})),
    ],
    ids=["process_orders", "send_mail"],
)
def test_C13_what_is_answered(world, handler, bad, good):
    def answer(*bodies: str) -> list[str]:
        messages = [Message(body, now(), now(), f"id-{place}") for place, body in enumerate(bodies)]
        answered = handler({"Records": [message.to_record("Queue") for message in messages]}, None)
        assert list(answered) == ["batchItemFailures"]
        assert all(list(failure) == ["itemIdentifier"] for failure in answered["batchItemFailures"])
        return [failure["itemIdentifier"] for failure in answered["batchItemFailures"]]

    assert answer(bad, bad) == ["id-0", "id-1"], "all of them, by their ids: an exception would do, but not tell"
    assert answer(good) == [], "nothing is left of the batch before"
    assert answer(good, bad, good) == ["id-1"]
    assert answer(*[good] * BATCH) == []
    assert answer(*[bad] * BATCH) == [f"id-{place}" for place in range(BATCH)]


def test_C14_delete_after_success_lost(world, order_id, tea):
    world.orders.collect()
    (message,) = world.orders.messages
    world.work()
    assert_confirmed(world, order_id, tea)
    world.orders.messages.append(message)
    world.pass_time(seconds=world.orders.visibility.total_seconds())
    assert_nothing_more(world, order_id)
    assert message.receives == 2
    world.settle()


def test_C15_a_newer_worker_wrote(world, order_id, tea):
    """What an older one does not know it reads over, and keeps."""
    world.orders.collect()
    world.orders.messages.clear()
    world.orders.put(json.dumps({"version": 1, "order_id": order_id, "trace": "new"}))
    change_stored(order_id, "SET gift_wrap = :new", {":new": {"S": "yes"}})
    world.work()
    assert_confirmed(world, order_id, tea)
    assert world.order(order_id)["gift_wrap"] == "yes"
    world.settle()


@pytest.mark.parametrize("modes", [["succeed"], ["in_use", "succeed"], ["decline"]])
def test_C15_an_older_worker_wrote(world, order_id, tea, modes):
    """What it did not know has its default."""
    change_stored(order_id, "REMOVE attempts, cancel_requested")
    world.gateway.next("charge", *modes)
    world.work()
    world.settle()
    assert world.status(order_id) == ("CANCELLED" if modes == ["decline"] else "CONFIRMED")


def test_C15_a_newer_message_waits_for_a_newer_worker(world, order_id, tea):
    """An older one must not guess at it: it comes again, and the sweeper's message does for both."""
    world.orders.collect()
    world.orders.messages.clear()
    newer = world.orders.put(json.dumps({"version": 2, "orders": [order_id]}))
    assert world.orders.deliver() == [newer.id]
    assert world.status(order_id) == "PENDING"
    world.pass_time(seconds=60)
    world.sweep()
    world.work()
    assert_confirmed(world, order_id, tea)
    world.settle()


def change_stored(order_id: str, expression: str, values: dict | None = None) -> None:
    store.client("dynamodb").update_item(
        TableName=settings().orders_table,
        Key={"order_id": {"S": order_id}},
        UpdateExpression=expression,
        **({"ExpressionAttributeValues": values} if values else {}),
    )
