"""What the rows about the worker have in common: its deaths and redeliveries, and the ends an order comes to."""

import json
from datetime import datetime, timedelta

import pytest

from tests.orders_faults import invariants
from tests.orders_faults.wire import Crash

STOCK = 5
BOUGHT = 2
"""What the fixtures `tea` and `order_id` have."""
AGAIN = timedelta(minutes=6)
"""When the queue gives a message again that nobody answered for."""
CONFIRMED = ["PENDING", "CHARGING", "PAID", "CONFIRMED", "CONFIRMED"]
"""The last one notes that the mail was queued."""


def die(world) -> None:
    """The worker dies over its message; nobody hears of it until the message comes again."""
    with pytest.raises(Crash):
        world.work()


def redeliver(world) -> None:
    world.pass_time(seconds=AGAIN.total_seconds())
    world.work()


def send(world, order_id: str) -> None:
    world.orders.put(json.dumps({"version": 1, "order_id": order_id}))


def due_at(world, order_id: str) -> datetime | None:
    return invariants.due_at(world.order(order_id))


def wait_and_work(world, order_id: str) -> None:
    """The clock reaches the order's time, and the sweeper finds it."""
    world.pass_time(to=due_at(world, order_id))
    world.sweep()
    world.work()


def calls(world, part: str) -> int:
    return sum(part in name for name in world.wire.calls)


def assert_confirmed(world, order_id: str, tea: str, history: list[str] | None = None) -> None:
    assert world.history(order_id) == (history or CONFIRMED)
    (charge,) = world.gateway.moved("charge", order_id)
    assert (charge.key, charge.amount.minor) == (order_id, BOUGHT * 1250)
    assert world.order(order_id)["charge_id"] == charge.reference
    assert world.gateway.moved("refund", order_id) == []
    assert world.stock(tea) == STOCK - BOUGHT
    assert [body for body in world.mail.accepted if "order_confirmed" in body and order_id in body] == [
        f'{{"version": 1, "template": "order_confirmed", "subject_id": "{order_id}"}}'
    ]


def assert_cancelled(world, order_id: str, tea: str, reason: str) -> None:
    order = world.order(order_id)
    assert (order["status"], order["cancel_reason"]) == ("CANCELLED", reason)
    assert world.gateway.ledger == []
    assert world.stock(tea) == STOCK


def assert_held(world, order_id: str, tea: str, status: str) -> None:
    assert world.status(order_id) == status
    assert world.stock(tea) == STOCK - BOUGHT
