"""A shop with all that can go wrong around it: clock, wire, gateway and queues, over the real services and handlers.

    def test_A03_applied_response_lost_once(world):
        tea = world.product(stock=5)
        world.wire.on("write PENDING", lose_answer)
        order_id = world.place({tea: 2})
        world.settle()
        assert world.status(order_id) == "CONFIRMED"

The fixture checks the invariants after every test (`world.check()`), `settle()` once more when all is done.
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from moto.dynamodb.responses import DynamoHandler

from core.clock import now
from core.config import settings
from core.viewer import Viewer
from jobs import process_orders, send_mail, sweep
from local import mailbox
from models import transaction
from models.order import Order
from models.user import User
from services.orders import actions, paying, reviewing
from services.orders.addresses import Address
from services.orders.lines import LineRequest
from services.orders.placing import OrderRequest, place_order
from tests.makers import make_product
from tests.orders_faults import invariants, memory
from tests.orders_faults.gateway import ScriptedGateway
from tests.orders_faults.queues import Queue
from tests.orders_faults.wire import Wire

START = datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)
CUSTOMER = Viewer("customer")
STRANGER = Viewer("stranger")
ADMIN = Viewer("admin", "ADMIN")
ADDRESS = Address(name="Ada", line1="Bahnhofstrasse 1", city="Zürich", country_code="CH")
TOKEN_WINDOW = timedelta(minutes=10)


class World:
    def __init__(self, clock: time_machine.Traveller) -> None:
        self.wire = Wire()
        self.gateway = ScriptedGateway(self.wire)
        self.orders = Queue(settings().orders_queue_url, process_orders.handler)
        self.mail = Queue(settings().mail_queue_url, send_mail.handler)
        self.waits: list[float] = []
        """How long the code slept: nobody waits for it here."""
        self._clock = clock
        self._keys = iter(range(1, 1_000_000))
        self.start_over()

    def start_over(self) -> None:
        """An empty shop, much faster than by another test."""
        for table in memory.tables().values():
            table.items.clear()
        self.orders.start_over()
        self.mail.start_over()
        self.gateway.start_over()
        self.supplied: dict[str, int] = {}
        self.acknowledged: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.expired_keys: list[tuple[str, str]] = []
        self.outlived: set[str] = set()
        """Orders whose idempotency record is gone, its time being over."""
        self.cancelled: dict[str, int] = {}
        """Orders whose cancel was accepted, and their version then."""
        self.refused_mails: set[str] = set()
        """Events whose mail SES would not send."""
        self.mail_crashes = 0
        """Answers of SES that nobody heard, or crashed over: each may cost one more copy."""
        for viewer in (CUSTOMER, STRANGER, ADMIN):
            email = f"{viewer.user_id}@example.com"
            User.new(viewer.user_id, email=email, name=viewer.user_id.title(), role=viewer.role).save()

    def remember(self) -> Callable[[], None]:
        """A way back to this very moment, as often as wanted."""
        items = {name: copy.deepcopy(table.items) for name, table in memory.tables().items()}
        gateway = copy.deepcopy((self.gateway.ledger, self.gateway._saved))
        moment, cancelled, acknowledged = now(), dict(self.cancelled), copy.deepcopy(self.acknowledged)
        queues = [queue.remember() for queue in (self.orders, self.mail)]
        assert not mailbox.newest_first(), "what was sent stays sent"

        def go_back() -> None:
            for name, table in memory.tables().items():
                table.items = copy.deepcopy(items[name])
            self.gateway.start_over()
            self.gateway.ledger, self.gateway._saved = copy.deepcopy(gateway)
            for put_back in queues:
                put_back()
            mailbox.empty()
            self.cancelled, self.acknowledged = dict(cancelled), copy.deepcopy(acknowledged)
            self._clock.move_to(moment)

        return go_back

    def stored(self, order_id: str) -> tuple[int, int]:
        """The order's version and the length of the gateway's books, read without a call."""
        return self.order(order_id)["version"], len(self.gateway._saved)

    def stored_stock(self) -> tuple[Any, int]:
        """What there is of everything and how many orders, read without a call."""
        products, orders = (memory.tables()[name] for name in (settings().products_table, settings().orders_table))
        stocks = tuple(int(item.attrs["stock"].value) for item in products.items.values())
        return (stocks, len(orders.items)), 0

    @property
    def is_faulted(self) -> bool:
        """A fault was met, or the clock left the windows of an order."""
        return self.wire.faults_met > 0 or self.gateway.is_faulted or now() - START > timedelta(hours=23)

    # What people do -------------------------------------------------------------------------

    def product(self, **values: Any) -> str:
        product = make_product(**values)
        self.supplied[product.product_id] = product.stock
        return product.product_id

    def place(
        self,
        lines: Mapping[str, int] | Sequence[tuple[str, int]],
        *,
        key: str | None = None,
        by: Viewer = CUSTOMER,
        token: str = "tok_ok",
    ) -> str:
        """The id of the order that the customer is told of."""
        key = key or f"key-{next(self._keys)}"
        pairs = lines.items() if isinstance(lines, Mapping) else lines
        wanted = [LineRequest(product_id=product_id, quantity=quantity) for product_id, quantity in pairs]
        request = OrderRequest(idempotency_key=key, lines=wanted, shipping_address=ADDRESS, payment_token=token)
        placed = place_order(by.user_id, request)
        self.acknowledged[by.user_id, key].append(placed.order.order_id)
        return placed.order.order_id

    def cancel(self, order_id: str, by: Viewer = CUSTOMER) -> Order:
        order = actions.cancel_order(order_id, by)
        self.cancelled.setdefault(order_id, order.version)
        return order

    # What time and machines do --------------------------------------------------------------

    def pass_time(self, *, to: datetime | None = None, **units: float) -> None:
        for queue in (self.orders, self.mail):
            queue.collect()  # before the embedded ones find what is in them too old
        self._clock.move_to(to or now() + timedelta(**units))

    @contextmanager
    def clock_wrong_by(self, skew: timedelta) -> Iterator[None]:
        """Who works meanwhile has a clock that is ahead, or behind; the gateway's is right."""
        self._clock.move_to(now() + skew)
        self.gateway.skew = skew
        yield
        self.gateway.skew = timedelta()
        self._clock.move_to(now() - skew)

    def work(self) -> None:
        """Deliver what waits for the worker."""
        self.orders.drain()

    def send_mails(self) -> None:
        self.mail.drain()

    def sweep(self) -> None:
        sweep.handler({}, None)
        self.orders.collect()

    def settle(self, *, waiting: Iterable[str] = ()) -> None:
        """Faults stop, the clock passes every due_at, two sweeps: then nothing may be due any more."""
        self.wire.heal()
        self.gateway.heal()
        for _ in range(2):
            self.orders.collect()
            due = [at for order in invariants.orders().values() if (at := invariants.due_at(order))]
            self.pass_time(to=max([now(), *due]) + timedelta(seconds=1))
            self.sweep()
            self.work()
        self.send_mails()
        invariants.check_settled(self, waiting=waiting)

    def check(self) -> None:
        invariants.check(self)

    # What is there ----------------------------------------------------------------------------

    def order(self, order_id: str) -> dict[str, Any]:
        return invariants.order(order_id)

    def order_lines(self, order_id: str) -> list[dict[str, Any]]:
        return invariants.orders()[order_id]["lines"]

    def status(self, order_id: str) -> str:
        return self.order(order_id)["status"]

    def history(self, order_id: str) -> list[str]:
        return invariants.history(order_id)

    def mails_queued(self, order_id: str) -> list[str]:
        return invariants.mail_events(self)[order_id]

    def stock(self, product_id: str) -> int:
        (stock,) = (
            row["stock"] for row in invariants.rows(settings().products_table) if row["product_id"] == product_id
        )
        return stock


@contextmanager
def open_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ExitStack() as stack:
        clock = stack.enter_context(time_machine.travel(START, tick=False))
        world = World(clock)
        stack.enter_context(world.wire.attached())
        for module in (paying, reviewing):
            monkeypatch.setattr(module, "gateway", lambda: world.gateway)
        monkeypatch.setattr(transaction.time, "sleep", world.waits.append)  # botocore's too: it is Python's own
        monkeypatch.setattr(DynamoHandler, "transact_write_items", _once_a_token(DynamoHandler.transact_write_items))
        yield world


def _once_a_token(transact: Any) -> Any:
    """As AWS does and moto does not: within 10 minutes the same token is answered again, without an effect."""
    answered: dict[str, tuple[datetime, Any]] = {}

    def transact_once(handler: DynamoHandler) -> Any:
        token = handler.body["ClientRequestToken"]
        if token in answered and answered[token][0] > now() - TOKEN_WINDOW:
            return answered[token][1]
        answer = transact(handler)
        answered[token] = (now(), answer)
        return answer

    return transact_once
