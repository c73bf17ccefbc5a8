"""D of the fault matrix: cancels and refunds, in every state and against everything that may happen at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pynamodb.exceptions import TransactWriteError

from core.clock import now
from core.errors import NotFoundError, OrderStateError, Refused
from core.viewer import Viewer
from jobs import review
from models.order import Order
from services.catalogue import Price, delete_product
from services.orders import actions
from services.orders.working import LOST_RACES, advance
from tests.orders_faults import invariants
from tests.orders_faults.gateway import REMEMBERED
from tests.orders_faults.interleaving import Actor, Interleavings
from tests.orders_faults.steps import BOUGHT, CONFIRMED, STOCK, calls, die, send, wait_and_work
from tests.orders_faults.wire import Call, Crash, crash_after, crash_before, lose_answer, throttle
from tests.orders_faults.world import ADMIN, CUSTOMER, STRANGER
from tests.store import everything

WHO = {"owner": CUSTOMER, "admin": ADMIN}
ALLOWED = {
    "PENDING": {"owner": {"CANCEL"}, "admin": {"CANCEL"}},
    "CHARGING": {"owner": {"CANCEL"}, "admin": {"CANCEL"}},
    "PAID": {"owner": {"CANCEL"}, "admin": {"CANCEL"}},
    "CONFIRMED": {"owner": {"CANCEL"}, "admin": {"CANCEL", "FULFILL", "REFUND"}},
    "SHIPPED": {"owner": set(), "admin": {"MARK_DELIVERED", "REFUND"}},
    "DELIVERED": {"owner": set(), "admin": {"REFUND"}},
    "CANCELLED": {"owner": set(), "admin": set()},
    "REFUNDING": {"owner": set(), "admin": set()},
    "REFUNDED": {"owner": set(), "admin": set()},
    "REVIEW": {"owner": set(), "admin": set()},
}
DO = {
    "CANCEL": actions.cancel_order,
    "FULFILL": lambda order_id, viewer: actions.fulfill_order(order_id, viewer, "https://post.example/1"),
    "MARK_DELIVERED": actions.mark_delivered,
    "REFUND": lambda order_id, viewer: actions.refund_order(order_id, viewer, "broken"),
}
ASKED = {"CHARGING", "PAID"}
"""Where a cancel is noted, to be done later."""


def bring(world, order_id: str, state: str) -> None:
    """By what brings orders there in earnest."""
    before = {"SHIPPED": "CONFIRMED", "DELIVERED": "SHIPPED", "REFUNDING": "CONFIRMED", "REFUNDED": "REFUNDING"}
    before["REVIEW"] = "REFUNDING"
    if state in before:
        bring(world, order_id, before[state])
    match state:
        case "CHARGING":
            world.gateway.next("charge", "in_use")
        case "CANCELLED":
            world.gateway.next("charge", "decline")
        case "REVIEW":
            world.gateway.next("refund", "decline")
        case "SHIPPED":
            actions.fulfill_order(order_id, ADMIN)
        case "DELIVERED":
            actions.mark_delivered(order_id, ADMIN)
        case "REFUNDING":
            actions.refund_order(order_id, ADMIN, None)
    if state == "PAID":
        world.wire.on("write PAID", crash_after)
        die(world)
    elif state not in {"PENDING", "REFUNDING"}:
        world.work()
    world.orders.collect()
    assert world.status(order_id) == state


def refusal_of(order_id: str, action: str, viewer: Viewer):
    """What the action is refused with, having written nothing."""
    before = everything()
    with pytest.raises(Refused) as refused:
        DO[action](order_id, viewer)
    assert everything() == before
    (error,) = refused.value.errors
    return error


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", ALLOWED)
def test_D01_what_is_not_allowed(world, order_id, state, who):
    bring(world, order_id, state)
    allowed = ALLOWED[state][who]
    told = actions.available_actions(Order.get(order_id), WHO[who])
    assert (set(told), len(told)) == (allowed, len(allowed))
    for action in DO.keys() - allowed:
        error = refusal_of(order_id, action, WHO[who])
        assert isinstance(error, OrderStateError)
        assert (error.code, error.field) == ("INVALID_STATE", ("orderId",))
        assert (error.current_status, set(error.available_actions)) == (state, allowed)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", sorted(ASKED))
def test_D01_a_cancel_that_was_asked_for(world, order_id, state, who):
    """Nothing may be done any more until the worker has done it."""
    bring(world, order_id, state)
    world.cancel(order_id)
    assert actions.available_actions(Order.get(order_id), WHO[who]) == ()
    for action in ("FULFILL", "MARK_DELIVERED", "REFUND"):
        error = refusal_of(order_id, action, WHO[who])
        assert (error.current_status, error.available_actions) == (state, ())
    world.settle()
    assert world.status(order_id) == "REFUNDED"


ENDS = {
    "PENDING": ["CANCELLED", "CANCELLED"],
    "CHARGING": ["CHARGING", "PAID", "REFUNDING", "REFUNDED", "REFUNDED"],
    "PAID": ["PAID", "REFUNDING", "REFUNDED", "REFUNDED"],
    "CONFIRMED": ["REFUNDING", "REFUNDED", "REFUNDED"],
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", ENDS)
def test_D01_cancel(world, order_id, tea, state, who):
    bring(world, order_id, state)
    before = world.history(order_id)
    answered = world.cancel(order_id, WHO[who])
    reason = {"owner": "CUSTOMER", "admin": "ADMIN"}[who]
    assert (answered.status, answered.cancel_reason) == (ENDS[state][0], reason)
    assert answered.cancel_requested == (state in ASKED)
    world.settle()
    assert world.history(order_id) == before + ENDS[state]
    assert world.order(order_id)["cancel_reason"] == reason
    moved = [] if state == "PENDING" else ["charge", "refund"]
    assert [entry.kind for entry in world.gateway.ledger] == moved
    assert world.stock(tea) == STOCK


@pytest.mark.parametrize(("state", "back"), [("CONFIRMED", True), ("SHIPPED", False), ("DELIVERED", False)])
def test_D01_refund(world, order_id, tea, state, back):
    """What was shipped does not come back into stock."""
    bring(world, order_id, state)
    before = world.history(order_id)
    answered = actions.refund_order(order_id, ADMIN, "broken")
    assert (answered.status, answered.cancel_reason) == ("REFUNDING", None)
    assert "gateway refund" not in world.wire.calls, "the API never calls it"
    world.settle()
    ends = ["REFUNDING", "REFUNDED", "REFUNDED"]
    assert world.history(order_id) == before + ends
    assert [entry.kind for entry in world.gateway.ledger] == ["charge", "refund"]
    assert world.stock(tea) == (STOCK if back else STOCK - BOUGHT)


def test_D01_fulfill_and_deliver(world, order_id, tea):
    bring(world, order_id, "CONFIRMED")
    assert actions.fulfill_order(order_id, ADMIN, "https://post.example/1").status == "SHIPPED"
    before = everything()
    assert actions.fulfill_order(order_id, ADMIN, "https://post.example/1").status == "SHIPPED"
    for other in ("https://post.example/2", None):
        with pytest.raises(Refused) as refused:
            actions.fulfill_order(order_id, ADMIN, other)
        assert [error.code for error in refused.value.errors] == ["INVALID_STATE"]
    assert everything() == before, "asked again it writes nothing"
    assert actions.mark_delivered(order_id, ADMIN).status == "DELIVERED"
    world.settle()
    assert world.history(order_id) == [*CONFIRMED, "SHIPPED", "DELIVERED", "DELIVERED"]
    assert world.stock(tea) == STOCK - BOUGHT


def finish(world, order_id: str) -> None:
    """As `settle` does, but quicker: there are many ends to finish."""
    world.check()
    world.gateway.heal()
    world.pass_time(minutes=1)
    send(world, order_id)
    world.work()
    assert invariants.due_at(world.order(order_id)) is None
    world.check()


def cancel(world, order_id):
    return lambda: world.cancel(order_id)


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        ("PENDING", {"CANCELLED", "REFUNDED"}),  # T2
        ("CHARGING", {"REFUNDED"}),  # T4
        ("PAID", {"REFUNDED"}),  # T8
    ],
    ids=["T2", "T4", "T8"],
)
def test_D02_cancel_races_the_worker(world, order_id, tea, state, ends):
    if state == "CHARGING":
        world.wire.on("gateway charge", crash_before)
        die(world)
    else:
        bring(world, order_id, state)
    seen: set[str] = set()

    def judge(actors: list[Actor]) -> None:
        assert [actor.error for actor in actors] == [None, None], "whoever loses reads again"
        finish(world, order_id)
        seen.add(world.status(order_id))
        assert world.order(order_id)["cancel_reason"] == "CUSTOMER"
        assert world.stock(tea) == STOCK

    all_ways(world, order_id, [lambda: advance(order_id), cancel(world, order_id)], judge)
    assert seen == ends


def test_D02_cancel_races_T7(world, order_id, tea):
    """The worker gives up on the payment: the cancel is noted before that, or refused after it."""
    world.gateway.next("charge", "in_use")
    world.work()
    world.pass_time(hours=23, seconds=1)
    seen: set[tuple[str, bool]] = set()

    def judge(actors: list[Actor]) -> None:
        worker, canceller = actors
        assert worker.error is None
        finish(world, order_id)
        assert world.status(order_id) == "REVIEW"
        assert world.stock(tea) == STOCK - BOUGHT
        refused = codes(canceller) == ["INVALID_STATE"]
        assert world.order(order_id)["cancel_requested"] == (not refused)
        seen.add(("REVIEW", refused))

    all_ways(world, order_id, [lambda: advance(order_id), cancel(world, order_id)], judge)
    assert seen == {("REVIEW", True), ("REVIEW", False)}


def test_D02_cancel_races_T14(world, order_id, tea):
    bring(world, order_id, "CONFIRMED")
    seen: set[tuple[str, ...]] = set()

    def judge(actors: list[Actor]) -> None:
        finish(world, order_id)
        seen.add((world.status(order_id), *(",".join(codes(actor)) or "done" for actor in actors)))
        assert world.stock(tea) == (STOCK if world.status(order_id) == "REFUNDED" else STOCK - BOUGHT)

    all_ways(world, order_id, [cancel(world, order_id), lambda: actions.fulfill_order(order_id, ADMIN)], judge)
    assert seen == {("REFUNDED", "done", "INVALID_STATE"), ("SHIPPED", "INVALID_STATE", "done")}


def test_D02_refund_races_T15(world, order_id, tea):
    bring(world, order_id, "SHIPPED")
    seen: set[tuple[str, ...]] = set()

    def judge(actors: list[Actor]) -> None:
        finish(world, order_id)
        assert world.stock(tea) == STOCK - BOUGHT
        was_delivered = "delivered" if "DELIVERED" in world.history(order_id) else "not delivered"
        seen.add((world.status(order_id), was_delivered, *(",".join(codes(actor)) or "done" for actor in actors)))

    refund = lambda: actions.refund_order(order_id, ADMIN, None)  # noqa: E731
    all_ways(world, order_id, [refund, lambda: actions.mark_delivered(order_id, ADMIN)], judge)
    assert seen == {
        ("REFUNDED", "not delivered", "done", "INVALID_STATE"),
        ("REFUNDED", "delivered", "done", "done"),
    }


def all_ways(world, order_id: str, acts, judge) -> None:
    every = Interleavings(world.wire, world.remember(), acts, lambda: world.stored(order_id), judge)
    every.follow_all()
    assert every.ends >= 2


def codes(actor: Actor) -> list[str]:
    if actor.error is None:
        return []
    assert isinstance(actor.error, Refused)
    return [error.code for error in actor.error.errors]


@pytest.mark.parametrize("state", ENDS)
def test_D03_cancel_twice(world, order_id, state):
    bring(world, order_id, state)
    first = world.cancel(order_id, CUSTOMER)
    before = everything()
    for viewer in (CUSTOMER, ADMIN):
        assert what_is_set(actions.cancel_order(order_id, viewer)) == what_is_set(first)
    assert everything() == before
    world.settle()
    before = everything()
    assert actions.cancel_order(order_id, ADMIN).status == ENDS[state][-1]
    assert everything() == before
    assert world.order(order_id)["cancel_reason"] == "CUSTOMER", "the first asker's"


def what_is_set(order: Order) -> dict:
    return {name: value for name, value in order.attribute_values.items() if value is not None}


@pytest.mark.parametrize("state", ["PENDING", "CHARGING", "PAID", "CONFIRMED", "CANCELLED"])
def test_D04_cancel_another_users_order(world, order_id, state):
    bring(world, order_id, state)
    for asked_for in (order_id, "01M7YNBVXGFW1GRJ200H4GQDBQ"):
        error = refusal_of(asked_for, "CANCEL", STRANGER)
        assert error == NotFoundError(message="There is no such order.", field=("orderId",))
    assert actions.find_order(order_id, STRANGER) is None
    assert actions.find_order(order_id, CUSTOMER).order_id == order_id


OWED = {
    "T3": ("write CANCELLED: Cancelled by", ["order_cancelled"]),
    "T5": ("write CANCELLED: Payment declined", ["order_cancelled"]),
    "T11": ("write REFUNDED: Refunded", ["order_confirmed", "order_refunded"]),
    "T14": ("write SHIPPED: Shipped", ["order_confirmed", "order_shipped"]),
}


@pytest.mark.parametrize("transition", OWED)
@pytest.mark.parametrize("died", ["after the commit", "before the queue took it", "after the queue took it"])
def test_D11_crash_between_commit_and_owed_mail(world, order_id, transition, died):
    call, templates = OWED[transition]
    bring(world, order_id, {"T3": "PENDING", "T5": "PENDING", "T11": "REFUNDING", "T14": "CONFIRMED"}[transition])
    if transition == "T5":
        world.gateway.next("charge", "decline")
    world.orders.collect()
    if died == "after the commit":
        world.wire.on(call, crash_after)
    else:
        world.wire.on("send MailQueue", crash_before if died == "before the queue took it" else crash_after)

    def act() -> None:
        if transition == "T3":
            actions.cancel_order(order_id, CUSTOMER)
        if transition == "T14":
            actions.fulfill_order(order_id, ADMIN)
        world.work()

    with pytest.raises(Crash):
        act()
    assert world.order(order_id)["mail_owed"] == templates[-1:]
    world.orders.messages.clear()
    world.pass_time(seconds=60)
    world.sweep()
    world.work()
    assert "mail_owed" not in world.order(order_id)
    twice = died == "after the queue took it"
    assert sorted(world.mails_queued(order_id)) == sorted(templates + templates[-1:] * twice)
    world.settle()


@pytest.mark.parametrize("state", ["PENDING", "CONFIRMED"])
def test_D12_product_deleted_while_ordered(world, order_id, tea, state):
    bring(world, order_id, state)
    delete_product(tea)
    world.cancel(order_id)
    world.settle()
    assert world.status(order_id) == ENDS[state][-1]
    assert world.stock(tea) == STOCK, "on its tombstone"
    assert world.order(order_id)["cancel_reason"] == "CUSTOMER"


@pytest.mark.parametrize("state", ["CONFIRMED", "DELIVERED"])
@pytest.mark.parametrize("modes", [["succeed"], ["in_use", "busy", "succeed"]])
def test_D13_refund_days_after_the_charge(world, order_id, state, modes):
    """Its 23 hours begin when it is asked for."""
    bring(world, order_id, state)
    world.pass_time(days=30)
    before = world.history(order_id)
    world.gateway.next("refund", *modes)
    actions.refund_order(order_id, ADMIN, None)
    world.work()
    for _ in modes[1:]:
        wait_and_work(world, order_id)
    assert world.history(order_id) == [*before, *["REFUNDING"] * len(modes), "REFUNDED", "REFUNDED"]
    assert [entry.kind for entry in world.gateway.ledger] == ["charge", "refund"]
    world.settle()


@pytest.mark.parametrize("made", [True, False])
def test_D14_taken_up_again_after_the_gateway_forgot_the_key(world, order_id, tea, made, capsys):
    """A refund that was made is found, and only one that was not is made now."""
    bring(world, order_id, "REFUNDING")
    world.gateway.next("refund", "fail_done" if made else "fail")
    world.gateway.always("find_refund", "unknown")
    world.gateway.next("find_refund", "not_found")
    world.work()
    world.pass_time(hours=23, seconds=1)
    world.sweep()
    world.work()
    assert world.status(order_id) == "REVIEW"
    world.pass_time(to=now() + REMEMBERED + timedelta(days=6))
    world.gateway.heal()
    world.wire.calls.clear()
    assert review.main([order_id]) == 0
    assert capsys.readouterr().out == f"{world.order(order_id)['number']} is REFUNDING now.\n"
    world.work()
    asked = [name for name in world.wire.calls if name.startswith("gateway")]
    assert asked == ["gateway find_refund"] + ["gateway refund"] * (not made)
    assert len(world.gateway.moved("refund", order_id)) == 1
    assert world.status(order_id) == "REFUNDED"
    assert world.stock(tea) == STOCK
    world.settle()


def test_D11_throttled_after_an_answer_that_was_lost(world, order_id):
    """The refund is under way: nobody may say that nothing was changed. Asked again, it is answered."""
    bring(world, order_id, "CONFIRMED")
    world.wire.on("write REFUNDING", lose_answer, throttle, throttle)
    with pytest.raises(TransactWriteError):
        world.cancel(order_id)
    assert world.cancel(order_id).status == "REFUNDING"
    world.settle()
    assert world.history(order_id) == [*CONFIRMED, "REFUNDING", "REFUNDED", "REFUNDED"]


def test_D11_two_mails_owed_come_in_the_order_of_what_happened(world, order_id):
    bring(world, order_id, "CONFIRMED")
    actions.fulfill_order(order_id, ADMIN)
    actions.refund_order(order_id, ADMIN, None)
    world.work()
    assert world.mails_queued(order_id) == ["order_confirmed", "order_shipped", "order_refunded"]
    world.settle()


def test_an_order_of_nothing_calls_no_gateway(world):
    """A total of zero: I4 counts no money, either way."""
    free = world.product(stock=STOCK, price=Price(Decimal(0), "EUR"))
    order_id = world.place({free: 1})
    world.work()
    assert world.history(order_id) == CONFIRMED
    world.cancel(order_id)
    world.settle()
    assert world.history(order_id) == [*CONFIRMED, "REFUNDING", "REFUNDED", "REFUNDED"]
    assert calls(world, "gateway") == 0
    assert world.stock(free) == STOCK


def test_an_order_that_never_stops_changing(world, order_id):
    """Others are first every time: that is refused as what can be tried again, and nothing was changed."""
    bring(world, order_id, "CONFIRMED")
    world.wire.calls.clear()
    world.wire.always("write SHIPPED", others_were_first)
    assert refusal_of(order_id, "FULFILL", ADMIN).code == "RETRY"
    assert calls(world, "write SHIPPED") == LOST_RACES == 10
    world.settle()


def others_were_first(call: Call):
    return call.refuse("TransactionCanceledException", "None", "ConditionalCheckFailed")
