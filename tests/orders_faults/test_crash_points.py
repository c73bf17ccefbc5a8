"""Every call of an order's life meets every kind of fault once; whatever it was, the life comes to the same end.

A life is led once without a fault, which lists its calls: to DynamoDB, to the queues, to SES and to the gateway. Then
it is led once more for each of them, with the fault there. The ends are judged to the last piece, copy and cent.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import pytest

from local import mailbox
from tests.orders_faults import invariants
from tests.orders_faults.steps import BOUGHT, CONFIRMED
from tests.orders_faults.wire import (
    Crash,
    Fault,
    crash_after,
    crash_before,
    lose_answer,
    lose_request,
    server_error,
)
from tests.orders_faults.world import World

TRIES = 3
"""What the clients of DynamoDB and SQS make of one call: after that many faults it failed."""
FAULTS: dict[str, list[Fault | None]] = {
    "crash before": [crash_before],
    "crash after": [crash_after],
    "request lost": [lose_request],
    "requests lost": [lose_request] * TRIES,
    "answer lost": [lose_answer],
    "answers lost": [lose_answer] * TRIES,
    "error 500": [server_error],
    "errors 500": [server_error] * TRIES,
}
DONE_AND_UNHEARD = {"crash after", "answer lost", "answers lost"}
NOT_DONE_AT_ALL = {"crash before", "requests lost", "errors 500"}
SWEEPS = 2
"""After which nothing may be due any more (I5)."""
SUPPLIED = 500

Life = Callable[[World, str], str]
"""Leads the order of a product to its end; answers its id."""


@dataclass(frozen=True, slots=True)
class End:
    way: list[str]
    charged: int
    refunded: int
    sold: int


def insist(step: Callable[[], Any]) -> Any:
    """A customer asks again with the same key, a message comes again: after one fault the second try is answered."""
    try:
        return step()
    except AssertionError:
        raise
    except (Crash, Exception):
        return step()


def work(world: World) -> None:
    """What the worker failed at comes again, by its message or by the sweeper."""
    insist(world.work)
    for _ in range(SWEEPS):
        if any(invariants.due_at(order) for order in invariants.orders().values()):
            world.pass_time(minutes=6)
            insist(world.sweep)
            insist(world.work)


def send_mails(world: World) -> None:
    for _ in range(2):
        insist(world.send_mails)
        world.pass_time(minutes=3)


def place(world: World, tea: str) -> str:
    key = f"key-{len(world.acknowledged)}"
    return insist(lambda: world.place({tea: BOUGHT}, key=key))


def is_confirmed(world: World, tea: str) -> str:
    order_id = place(world, tea)
    work(world)
    send_mails(world)
    return order_id


def is_declined(world: World, tea: str) -> str:
    world.gateway.next("charge", "decline")
    return is_confirmed(world, tea)


def is_cancelled_and_refunded(world: World, tea: str) -> str:
    order_id = is_confirmed(world, tea)
    insist(lambda: world.cancel(order_id))
    work(world)
    send_mails(world)
    return order_id


def is_cancelled_at_once(world: World, tea: str) -> str:
    order_id = place(world, tea)
    insist(lambda: world.cancel(order_id))
    work(world)
    send_mails(world)
    return order_id


ENDS: dict[Life, End] = {
    is_confirmed: End(CONFIRMED, charged=1, refunded=0, sold=BOUGHT),
    is_declined: End(["PENDING", "CHARGING", "CANCELLED", "CANCELLED"], charged=0, refunded=0, sold=0),
    is_cancelled_at_once: End(["PENDING", "CANCELLED", "CANCELLED"], charged=0, refunded=0, sold=0),
    is_cancelled_and_refunded: End([*CONFIRMED, "REFUNDING", "REFUNDED", "REFUNDED"], charged=1, refunded=1, sold=0),
}


def calls_of(world: World, life: Life) -> list[str]:
    """Without a fault."""
    tea = world.product(stock=SUPPLIED)
    before = len(world.wire.calls)
    order_id = life(world, tea)
    found = world.wire.calls[before:]
    assert world.history(order_id) == ENDS[life].way
    world.settle()
    return found


def alike(some: list[str], others: list[str]) -> int:
    """With how many calls both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False)))


def deliver_the_rest(world: World) -> None:
    world.pass_time(minutes=6)
    world.work()
    world.send_mails()
    assert (world.orders.messages, world.orders.dead) == ([], [])
    assert (world.mail.messages, world.mail.dead) == ([], [])


def mails_about(order_id: str) -> int:
    return sum(mail.headers["X-Kiosk-Event"].endswith(order_id) for mail in mailbox.newest_first())


def assert_end(world: World, order_id: str, end: End) -> None:
    history = world.history(order_id)
    assert [*dict.fromkeys(history)] == [*dict.fromkeys(end.way)]
    again = Counter(history) - Counter(end.way)
    assert set(again) <= {"CHARGING", "REFUNDING"}, "nothing but what a gateway left open is tried again"
    assert len(world.gateway.moved("charge", order_id)) == end.charged
    assert len(world.gateway.moved("refund", order_id)) == end.refunded
    invariants.check_settled(world)


@pytest.mark.parametrize("life", ENDS, ids=lambda life: life.__name__)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_at_every_call(world, life, kind):
    """How every life begins is tried with the first of them only."""
    confirming = calls_of(world, is_confirmed)
    calls = calls_of(world, life)
    first = 0 if life is is_confirmed else alike(calls, confirming) - 1
    mails = calls.count("SendEmail")
    world.start_over()
    mailbox.empty()
    tea = world.product(stock=SUPPLIED)
    for number, name in [*enumerate(calls)][first:]:
        closes_the_log = calls[number - 1] == "SendEmail"
        copies = (name == "SendEmail" and kind in DONE_AND_UNHEARD) or (closes_the_log and kind in NOT_DONE_AT_ALL)
        world.mail_crashes |= copies
        world.wire.faults_met = 0
        world.wire.on("", *[None] * number, *FAULTS[kind])
        try:
            order_id = life(world, tea)
            assert world.wire.faults_met == len(FAULTS[kind])
            deliver_the_rest(world)
            assert_end(world, order_id, ENDS[life])
            assert mails_about(order_id) == mails + copies
        except BaseException as error:
            error.add_note(f"{kind}: call {number} of {len(calls)}, {name!r}")
            raise
    assert len(invariants.orders()) == len(calls) - first
    assert world.stock(tea) == SUPPLIED - ENDS[life].sold * (len(calls) - first)
