"""The operations of a shop in any order that hypothesis can think of, the invariants after each; a failure is shrunk.

Its clock stays within the 23 hours in which the gateway is called, and no 500 without an effect is saved for good:
days that go beyond that are lived in test_chance.py.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.viewer import Viewer
from local import mailbox
from services.orders import actions
from tests.orders_faults import invariants
from tests.orders_faults.chance import ENDS, FAILED
from tests.orders_faults.wire import Fault, conflict, crash_after, crash_before, lose_answer, lose_request, server_error
from tests.orders_faults.world import ADMIN, CUSTOMER, START, World

STOCK = 6
few = st.integers(0, 6)


class Shop(RuleBasedStateMachine):
    world: World
    ends: Counter[str]
    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        mailbox.empty()
        self.world.start_over()
        self.world.pass_time(to=START)
        self.world.wire.heal()
        self.world.wire.faults_met = 0
        self.products = [self.world.product(stock=STOCK) for _ in range(2)]
        self.keys = 0

    def attempt(self, act: Callable[[], object]) -> None:
        """Whoever asked may be told that it failed, or nothing at all."""
        with suppress(*FAILED):
            act()

    def any_order(self, place: int) -> str | None:
        order_ids = [order_id for answers in self.world.acknowledged.values() for order_id in answers]
        return order_ids[place % len(order_ids)] if order_ids else None

    @initialize(target=requests)
    def place_one(self) -> Callable[[], str]:
        return self.place((1, 1))

    @rule(target=requests, quantities=st.tuples(st.integers(1, 3), st.integers(0, 3)))
    def place(self, quantities: tuple[int, int]) -> Callable[[], str]:
        self.keys += 1
        key = f"key {self.keys}"
        lines = {product: quantity for product, quantity in zip(self.products, quantities, strict=True) if quantity}

        def ask() -> str:
            return self.world.place(lines, key=key)

        self.attempt(ask)
        return ask

    @rule(request=requests)
    def retry(self, request: Callable[[], str]) -> None:
        self.attempt(request)

    @rule(order=few, by=st.sampled_from([CUSTOMER, ADMIN]))
    def cancel(self, order: int, by: Viewer) -> None:
        if order_id := self.any_order(order):
            self.attempt(lambda: self.world.cancel(order_id, by))

    @rule(order=few)
    def ship(self, order: int) -> None:
        self.by_an_admin(order, actions.fulfill_order)

    @rule(order=few)
    def ship_and_hand_over(self, order: int) -> None:
        self.by_an_admin(order, actions.fulfill_order, actions.mark_delivered)

    @rule(order=few)
    def refund(self, order: int) -> None:
        self.by_an_admin(order, lambda order_id, admin: actions.refund_order(order_id, admin, None))

    def by_an_admin(self, order: int, *acts: Callable[[str, Viewer], object]) -> None:
        """After the worker had its chance: hypothesis alone seldom confirms an order before it is shipped."""
        self.attempt(self.world.work)
        if order_id := self.any_order(order):
            for act in acts:
                self.attempt(partial(act, order_id, ADMIN))

    @rule()
    def deliver(self) -> None:
        self.attempt(self.world.orders.deliver)

    @rule()
    def send_mails(self) -> None:
        met = self.world.wire.faults_met
        self.attempt(self.world.mail.deliver)
        self.world.mail_crashes += self.world.wire.faults_met - met

    @rule()
    def sweep(self) -> None:
        self.attempt(self.world.sweep)

    @rule()
    def duplicate(self) -> None:
        self.world.orders.duplicate()

    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        self.world.orders.collect()
        self.world.orders.messages = data.draw(st.permutations(self.world.orders.messages))

    @rule()
    def lose_a_message(self) -> None:
        self.world.orders.collect()
        del self.world.orders.messages[:1]

    @rule()
    def redrive(self) -> None:
        self.world.orders.redrive()

    @rule(seconds=st.sampled_from([1, 31, 61, 360, 900]))
    def advance_clock(self, seconds: int) -> None:
        self.world.pass_time(seconds=seconds)

    @rule(after=st.integers(0, 8), fault=st.sampled_from([crash_before, crash_after]))
    def crash(self, after: int, fault: Fault) -> None:
        self.world.wire.on("", *[None] * after, fault)

    @rule(
        after=st.integers(0, 8),
        fault=st.sampled_from([lose_request, lose_answer, server_error]),
        times=st.sampled_from([1, 3]),
    )
    def drop(self, after: int, fault: Fault, times: int) -> None:
        self.world.wire.on("", *[None] * after, *[fault] * times)

    @rule(times=st.sampled_from([1, 5]))
    def meet_another(self, times: int) -> None:
        self.world.wire.on("write ", *[conflict] * times)

    @rule(mode=st.sampled_from(["decline", "in_use", "busy", "late", "fail_done"]))
    def charge_mode(self, mode: str) -> None:
        self.world.gateway.next("charge", mode)

    @rule(mode=st.sampled_from(["decline", "in_use", "busy", "late", "fail_done"]))
    def refund_mode(self, mode: str) -> None:
        self.world.gateway.next("refund", mode)

    @rule(action=st.sampled_from(["find_charge", "find_refund"]), mode=st.sampled_from(["unknown", "not_found"]))
    def look_up_mode(self, action: str, mode: str) -> None:
        self.world.gateway.next(action, mode)

    @rule()
    def arrive(self) -> None:
        self.world.gateway.arrive()

    @invariant()
    def holds(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        """Faults are over, and what was in the dead-letter queues is sent round again: not one is stuck."""
        self.world.wire.heal()
        self.world.orders.redrive()
        self.world.mail.redrive()
        self.world.pass_time(minutes=6)
        self.world.settle()
        self.ends.update(order["status"] for order in invariants.orders().values())


@pytest.mark.parametrize(("examples", "steps"), [(20, 25), pytest.param(400, 60, marks=pytest.mark.soak)])
def test_operations_in_any_order(world, examples, steps):
    class OfThisWorld(Shop):
        pass

    OfThisWorld.world, OfThisWorld.ends = world, Counter()
    run_state_machine_as_test(
        OfThisWorld,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert set(OfThisWorld.ends) - {"REVIEW"} == ENDS
