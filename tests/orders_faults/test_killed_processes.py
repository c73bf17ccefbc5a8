"""Functions killed in earnest before each of their calls, over a gateway whose books are in DynamoDB.

What a process that dies after a call leaves behind is what one leaves that dies before its next call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import process_orders, send_mail
from local import mailbox
from models.test_payment import TestPayment
from services.payments.local_gateway import LocalGateway
from tests.orders_faults import invariants
from tests.orders_faults.children import in_child
from tests.orders_faults.queues import Queue
from tests.orders_faults.steps import BOUGHT, CONFIRMED, STOCK
from tests.orders_faults.wire import Crash
from tests.orders_faults.world import World

REFUNDED = [*CONFIRMED, "REFUNDING", "REFUNDED", "REFUNDED"]


class Books(LocalGateway):
    """The pretended gateway, with what the invariants ask of one."""

    is_faulted = True

    def start_over(self) -> None:
        """Its books went with the tables."""

    heal = start_over

    def moved(self, kind: str, order_id: str) -> list[Any]:
        rows = [
            row for row in TestPayment.all() if (row.kind, row.order_id, row.status) == (kind, order_id, "succeeded")
        ]
        history = invariants.history(order_id)
        return [SimpleNamespace(amount=_amount(row), history=history) for row in rows]


def _amount(row: TestPayment) -> Any:
    return SimpleNamespace(minor=int(row.amount_minor), currency=row.currency)


def place(world: World) -> str:
    return world.place({world.product(stock=STOCK): BOUGHT})


def place_and_work(world: World) -> str:
    order_id = place(world)
    world.work()
    return order_id


def place_and_cancel(world: World) -> str:
    order_id = place_and_work(world)
    world.send_mails()
    world.cancel(order_id)
    return order_id


@dataclass(frozen=True, slots=True)
class Scene:
    """What goes before, and who is killed."""

    prepare: Callable[[World], str]
    module: Any
    end: list[str]
    sold: int

    def queue(self, world: World) -> Queue:
        return world.mail if self.module is send_mail else world.orders


SCENES = {
    "charging": Scene(place, process_orders, CONFIRMED, BOUGHT),
    "mailing": Scene(place_and_work, send_mail, CONFIRMED, BOUGHT),
    "refunding": Scene(place_and_cancel, process_orders, REFUNDED, 0),
}


def begin(world: World, scene: Scene) -> str:
    world.start_over()
    mailbox.empty()
    return scene.prepare(world)


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_killed_before_every_call(world, scene):
    world.gateway = Books()
    begin(world, scene)
    before = len(world.wire.calls)
    scene.queue(world).drain()
    calls = world.wire.calls[before:]
    for number, name in enumerate(calls):
        order_id = begin(world, scene)
        queue = scene.queue(world)
        queue._handler = in_child(scene.module.__name__, dies_before=number)
        with pytest.raises(Crash):
            queue.deliver()
        try:
            world.check()
            queue._handler = scene.module.handler
            world.pass_time(minutes=6)
            world.work()
            world.send_mails()
            world.mail_crashes = is_last = int(scene.module is send_mail and number == len(calls) - 1)
            world.settle()
            assert world.history(order_id) == scene.end
            (product,) = world.supplied
            assert world.stock(product) == STOCK - scene.sold
            assert len(world.gateway.moved("charge", order_id)) == 1
            assert len(world.gateway.moved("refund", order_id)) == (scene.end is REFUNDED)
            assert len(mailbox.newest_first()) == (1 if scene.end is CONFIRMED else 2) + is_last
        except BaseException as error:
            error.add_note(f"killed before call {number} of {len(calls)}, {name!r}")
            raise


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_not_killed(world, scene):
    """A child that may live does what is done in this process."""
    world.gateway = Books()
    order_id = begin(world, scene)
    queue = scene.queue(world)
    queue._handler = in_child(scene.module.__name__, dies_before=1000)
    assert queue.deliver() == []
    queue._handler = scene.module.handler
    world.send_mails()
    assert world.history(order_id) == scene.end
    world.settle()
