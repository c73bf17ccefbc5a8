"""Orders at random, by a seed: customers, admins, machines, time and faults take turns in no order at all.

Two things never happen, for the protocol rests on it: no call lands an hour after it was made, and no look-up denies
what was charged a day before.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from core.clock import now
from core.config import settings
from core.errors import Refused
from services.catalogue import Price
from services.orders import actions
from services.orders.reviewing import review
from tests.orders_faults import invariants
from tests.orders_faults.wire import (
    Crash,
    conflict,
    crash_after,
    crash_before,
    lose_answer,
    lose_request,
    server_error,
    throttle,
)
from tests.orders_faults.world import ADMIN, CUSTOMER, World

FAILED = (Crash, Refused, BotoCoreError, ClientError, PynamoDBException, ExceptionGroup)
"""What whoever asked may be told, or not even that."""
ENDS = {"CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED"}
"""Where orders come to rest, besides REVIEW."""
FAULTS = [crash_before, crash_after, lose_request, lose_answer, throttle, server_error]
CHARGES = ["succeed", "succeed", "decline", "fail_done", "fail", "in_use", "busy", "late"]
REFUNDS = ["succeed", "decline", "fail_done", "fail", "in_use", "busy", "late"]
LONGEST_ON_ITS_WAY = timedelta(hours=1)
PAUSES = (1, 20, 31, 61, 180, 400, 1000)
"""Seconds."""
PRICES = [Price(Decimal(amount), "EUR") for amount in ("0", "7.30", "12.50")]
CHECKED_EVERY = 5
"""Turns."""


class Day:
    """Some orders, and what befell them. `told` lists it, to see how a failure came about."""

    def __init__(self, world: World, seed: int) -> None:
        random.seed(seed)  # the code's own chances too
        self.world = world
        self.told: list[str] = []
        self._random = random.Random(seed)
        self._asked: list[Callable[[], str]] = []
        self._landed_at = now()
        self._is_one_long_day = self._random.random() < 0.2
        self._products = [world.product(stock=self._random.randint(3, 40), price=price) for price in PRICES]
        self._turns: dict[Callable[[], Any], int] = {
            self.place: 5,
            self.ask_again: 3,
            self.cancel: 3,
            self.ship: 2,
            self.deliver: 2,
            self.refund: 1,
            self.work: 9,
            self.send_mails: 3,
            self.sweep: 2,
            self.duplicate: 1,
            self.reorder: 1,
            self.redrive: 1,
            self.pause: 5,
            self.plan_a_fault: 6,
            self.plan_an_answer: 4,
            self.land: 1,
        }

    def live(self, turns: int) -> None:
        for number in range(turns):
            if self._is_one_long_day and number == turns // 2:
                self.wait_a_day()
            (turn,) = self._random.choices([*self._turns], [*self._turns.values()])
            self.told.append(turn.__name__)
            before = self._versions()
            try:
                turn()
            except FAILED as failure:
                self.told.append(f"  {failure!r:.200}")
                if isinstance(failure, Refused) and any(error.code == "RETRY" for error in failure.errors):
                    assert self._versions() == before, "RETRY says that nothing was changed"
            if number % CHECKED_EVERY == 0:
                self.world.check()

    def _versions(self) -> dict[str, int]:
        return {order["order_id"]: order["version"] for order in invariants.rows(settings().orders_table)}

    # People -----------------------------------------------------------------------------------

    def place(self) -> None:
        chosen = self._random.sample(self._products, self._random.randint(1, 2))
        lines = {product_id: self._random.randint(1, 3) for product_id in chosen}
        key = f"key-{len(self.told)}"

        def ask() -> str:
            return self.world.place(lines, key=key)

        self._asked.append(ask)
        ask()

    def ask_again(self) -> None:
        """Whether there was an answer, a refusal or none."""
        if self._asked:
            self._random.choice(self._asked)()

    def cancel(self) -> None:
        if order_id := self._any():
            self.world.cancel(order_id, self._random.choice([CUSTOMER, ADMIN]))

    def ship(self) -> None:
        if order_id := self._any("CONFIRMED"):
            actions.fulfill_order(order_id, ADMIN)

    def deliver(self) -> None:
        if order_id := self._any("SHIPPED"):
            actions.mark_delivered(order_id, ADMIN)

    def refund(self) -> None:
        if order_id := self._any("CONFIRMED", "SHIPPED", "DELIVERED"):
            actions.refund_order(order_id, ADMIN, None)

    def _any(self, *statuses: str) -> str | None:
        orders = invariants.orders().values()
        found = [order["order_id"] for order in orders if not statuses or order["status"] in statuses]
        return self._random.choice(found) if found else None

    # Machines and time ------------------------------------------------------------------------

    def work(self) -> None:
        self.world.orders.deliver()

    def send_mails(self) -> None:
        met = self.world.wire.faults_met
        try:
            self.world.mail.deliver()
        finally:
            self.world.mail_crashes += self.world.wire.faults_met - met

    def sweep(self) -> None:
        self.world.sweep()

    def duplicate(self) -> None:
        self._random.choice([self.world.orders, self.world.mail]).duplicate()

    def reorder(self) -> None:
        self.world.orders.collect()
        self._random.shuffle(self.world.orders.messages)

    def redrive(self) -> None:
        self.world.orders.redrive()
        self.world.mail.redrive()

    def pause(self) -> None:
        pause = timedelta(seconds=self._random.choice(PAUSES))
        if now() + pause - self._landed_at > LONGEST_ON_ITS_WAY:
            self.land()
        self.world.pass_time(seconds=pause.total_seconds())

    def wait_a_day(self) -> None:
        self.land()
        self.world.gateway._modes.clear()
        self.world.pass_time(hours=self._random.choice([23, 24, 25]), seconds=self._random.choice(PAUSES))

    def land(self) -> None:
        """What was on its way to the gateway."""
        self.world.gateway.arrive()
        self._landed_at = now()

    # What goes wrong --------------------------------------------------------------------------

    def plan_a_fault(self) -> None:
        """Once, or as often as makes a call fail, in one of the next calls; or one write meets another."""
        if self._random.random() < 0.15:
            self.world.wire.on(
                "write ", *[None] * self._random.randint(0, 2), *[conflict] * self._random.choice([1, 9])
            )
        else:
            fault, times = self._random.choice(FAULTS), self._random.choice([1, 1, 3])
            self.world.wire.on("", *[None] * self._random.randint(0, 12), *[fault] * times)

    def plan_an_answer(self) -> None:
        gateway = self.world.gateway
        gateway.retry_after = timedelta(minutes=self._random.choice([1, 20, 300]))
        match self._random.random():
            case chance if chance < 0.5:
                gateway.next("charge", self._random.choice(CHARGES))
            case chance if chance < 0.75:
                gateway.next("refund", self._random.choice(REFUNDS))
            case _:
                lies = ["unknown"] if self._is_one_long_day else ["unknown", "not_found"]
                gateway.next(self._random.choice(["find_charge", "find_refund"]), self._random.choice(lies))

    # The end ----------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Faults are over. What a saved 500 holds up waits for its day to end; an operator looks at what was parked."""
        world = self.world
        world.wire.heal()
        world.gateway.heal()
        for queue in (world.orders, world.mail):
            queue.redrive()
        world.pass_time(minutes=6)
        self._sweep_twice()
        held_up = {key.partition(":")[0] for key in world.gateway.failed_for_good()}
        assert {order["order_id"] for order in invariants.orders().values() if invariants.due_at(order)} <= held_up
        world.pass_time(hours=25)
        world.settle()
        for order in invariants.orders().values():
            if order["status"] == "REVIEW":
                review(order["order_id"])
        world.settle()

    def _sweep_twice(self) -> None:
        for _ in range(2):
            due = [at for order in invariants.orders().values() if (at := invariants.due_at(order))]
            self.world.pass_time(to=max([now(), *due]) + timedelta(seconds=1))
            self.world.sweep()
            self.world.work()
            self.world.send_mails()
