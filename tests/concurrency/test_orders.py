"""Orders under races that the embedded AWS cannot show: rows A12, A13 and D10 of the fault matrix.

`make test` runs a few rounds of each, `make soak` all of them.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from ulid import ULID

from core import aws
from core.clock import now
from core.errors import Refused
from models.order import Order
from models.order_event import OrderEvent
from models.product import Product
from models.shards import SHARDS, all_shards, shard_of
from models.unique import Unique
from services.orders import sweeping
from tests.orders_faults import invariants
from tests.orders_faults.wire import lose_answer
from tests.orders_faults.world import World, open_world
from tests.recorder import recorded

BUYERS, PIECES = 64, 20
CALLERS = 16


@pytest.fixture
def world(dynamodb_local: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(monkeypatch) as opened:
        yield opened
        opened.check()


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What came of it, `count` times side by side; of a refusal its codes."""
    start = Barrier(count)

    def run(number: int) -> Any:
        start.wait()
        try:
            return act(number)
        except Refused as refusal:
            return tuple(error.code for error in refusal.errors)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.parametrize("rounds", [2, pytest.param(200, marks=pytest.mark.soak)])
def test_A12_64_buyers_of_20_pieces(world, rounds):
    sold: set[str] = set()
    for number in range(1, rounds + 1):
        tea = world.product(stock=PIECES)
        ends = at_once(BUYERS, lambda _, tea=tea: world.place({tea: 1}))
        placed = {end for end in ends if isinstance(end, str)}
        assert Counter(end for end in ends if end not in placed) == {("INSUFFICIENT_STOCK",): BUYERS - PIECES}
        sold |= placed
        assert len(sold) == PIECES * number
        assert Product.get(tea, consistent_read=True).stock == 0
    assert set(invariants.orders()) == sold


@pytest.mark.parametrize("rounds", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_A13_16_requests_with_one_key(world, rounds):
    tea = world.product(stock=rounds)
    answered: list[str] = []
    for number in range(rounds):
        ends = at_once(CALLERS, lambda _, number=number: world.place({tea: 1}, key=f"key {number}"))
        assert ends == [ends[0]] * CALLERS
        answered.append(ends[0])
    assert set(invariants.orders()) == set(answered)
    assert len(set(answered)) == rounds
    assert world.stock(tea) == 0


def test_a_response_lost_in_earnest_takes_stock_once(world):
    """The token alone does it, here the store's own; the embedded AWS is taught tokens for these tests."""
    tea = world.product(stock=5)
    world.wire.on("write PENDING", lose_answer)
    order_id = world.place({tea: 2})
    assert set(invariants.orders()) == {order_id}
    assert world.stock(tea) == 3


@pytest.fixture
def sent(monkeypatch) -> Iterator[list[str]]:
    """The ids of the orders that got a message, by a queue that takes all: the embedded one counts at every call."""
    heard: list[str] = []

    def take(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        entries = json.loads(params["body"])["Entries"]
        heard.extend(json.loads(entry["MessageBody"])["order_id"] for entry in entries)
        return SimpleNamespace(status_code=200), {"Successful": [{"Id": entry["Id"]} for entry in entries]}

    event = "before-call.sqs.SendMessageBatch"
    aws.sqs().meta.events.register(event, take)
    yield heard
    aws.sqs().meta.events.unregister(event, take)


MANY = pytest.mark.parametrize(
    ("count", "pages"), [(250, 1), pytest.param(10_000, 2, marks=pytest.mark.soak, id="10000")]
)


@MANY
def test_D10_all_that_is_due_is_reached(world, sent, count, pages):
    order_ids = due_orders(world, count)
    sent.clear()
    world.pass_time(seconds=60)
    started = time.perf_counter()
    with recorded() as calls:
        assert sweeping.sweep_orders(now()) == count
    assert time.perf_counter() - started < sweeping.LONGEST_RUN
    assert sorted(sent) == sorted(order_ids)
    operations = Counter(calls)
    assert operations["Query"] >= SHARDS - 1 + pages, "one shard holds nearly all, in pages of 1 MB"
    assert operations["BatchGetItem"] <= count / 100 + SHARDS
    assert set(operations) == {"Query", "BatchGetItem"}


@MANY
def test_D10_nobody_paid(world, sent, count, pages):
    """All are told of at once; giving each up takes a transaction of its own, and more runs if there are so many."""
    order_ids = due_orders(world, count)
    (tea,) = world.supplied
    sent.clear()
    world.pass_time(minutes=15)
    runs = 0
    while {order["status"] for order in invariants.orders().values()} != {"CANCELLED"}:
        started = time.perf_counter()
        sweeping.sweep_orders(now())
        runs += 1
        assert time.perf_counter() - started < sweeping.LONGEST_RUN + 1
        assert set(sent) == set(order_ids), "the first run reaches all"
        assert runs <= 5
        world.pass_time(minutes=1)
    assert world.stock(tea) == world.supplied[tea]


def due_orders(world: World, count: int) -> list[str]:
    """So many just placed, nearly all in one shard: one in earnest, the others are its copies."""
    tea = world.product(stock=count)
    first = world.place({tea: 1})
    order = Order.get(first)
    (event,) = OrderEvent.history(first)
    shards = [order.shard] * (count - SHARDS) + all_shards()
    order_ids = [first, *(new_id(shard) for shard in shards[1:])]
    with Order.batch_write() as orders, OrderEvent.batch_write() as events, Unique.batch_write() as guards:
        for order_id in order_ids[1:]:
            copy = Order(**order.attribute_values | {"order_id": order_id, "payment_key": order_id})
            copy.number = order_id
            copy.place_in_indexes(order.due_at)
            orders.save(copy)
            events.save(OrderEvent(**event.attribute_values | {"order_id": order_id}))
            guards.save(Unique(key=f"ORDER#{order_id}", owner_id=order_id))
    Product(tea).update([Product.stock.set(0)])
    world.outlived |= set(order_ids[1:])
    return order_ids


def new_id(shard: str) -> str:
    return next(order_id for order_id in iter(lambda: str(ULID()), "") if shard_of(order_id) == shard)
