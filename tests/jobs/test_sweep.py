"""The minute's housekeeping: all of it, in one line of the log, with a heartbeat. Ids are the fault matrix's."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

import local
from core.clock import now
from core.config import settings
from core.errors import IdempotencyError, Refused
from core.observability import logger
from core.viewer import Viewer
from jobs import sweep
from jobs.sweep import handler
from models.idempotency import KEPT
from models.image import Image
from models.order import Order
from models.product import Product
from services.images import moves
from services.images.moves import UPLOAD_WINDOW
from services.images.uploading import create_upload
from services.orders.actions import cancel_order
from services.orders.addresses import Address
from services.orders.lines import LineRequest
from services.orders.placing import OrderRequest, Placed, place_order
from services.orders.windows import PAYMENT_DEADLINE
from services.short_links.following import LinkGone, follow
from services.short_links.making import NewShortLink, create_short_link
from tests.makers import make_product
from tests.orders_faults.wire import Wire, meanwhile, server_error
from tests.services.reports.days import at
from tests.store import rows

START = at("2026-11-21 09:30")
SECOND = timedelta(seconds=1)
ADDRESS = Address(name="Ada", line1="Bahnhofstrasse 1", city="Zürich", country_code="CH")
CUSTOMER = Viewer("customer")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def wire(clock: time_machine.Traveller) -> Iterator[Wire]:
    wire = Wire()
    with wire.attached():
        yield wire


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    return lines


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    metrics: list[str] = []
    monkeypatch.setattr(sweep, "count", metrics.append)
    return metrics


def place(product: Product, key: str = "once", quantity: int = 1) -> Placed:
    lines = [LineRequest(product_id=product.product_id, quantity=quantity)]
    request = OrderRequest(idempotency_key=key, lines=lines, shipping_address=ADDRESS, payment_token="tok_ok")
    return place_order(CUSTOMER.user_id, request)


def make_upload() -> str:
    return create_upload(make_product().product_id, "image/png", 1000)[0].image_id


def swept(log: io.StringIO) -> list[dict]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["message"] == "Swept"]


def test_all_of_it_in_one_line(clock, log, counted):
    for number in range(3):
        place(make_product(), key=f"key-{number}")
    for _ in range(2):
        make_upload()
    clock.shift(UPLOAD_WINDOW)
    handler({}, None)
    (line,) = swept(log)
    assert (line["orders"], line["images"], "reviewed" in line) == (3, 2, False)
    assert counted == ["SweeperHeartbeat"]


def test_nothing_to_do_is_a_heartbeat_too(clock, log, counted):
    clock.move_to(at("2026-11-21 10:00"))  # the minute in which parked orders are looked up
    handler({}, None)
    (line,) = swept(log)
    assert (line["orders"], line["images"], line["reviewed"]) == (0, 0, 0)
    assert counted == ["SweeperHeartbeat"]


@pytest.mark.parametrize(("table", "done"), [("ImagesTable", "orders"), ("OrdersTable", "images")])
def test_a_part_that_fails_stops_no_other_and_the_heart(table, done, clock, wire, log, counted):  # noqa: PLR0917
    place(make_product())
    make_upload()
    clock.shift(UPLOAD_WINDOW)
    wire.always(f"query {table}", server_error)
    with pytest.raises(ExceptionGroup) as failed:
        handler({}, None)
    assert len(failed.value.exceptions) == 1
    (line,) = swept(log)
    assert {name: line[name] for name in ("orders", "images") if name in line} == {done: 1}
    assert counted == []


AROUND = pytest.mark.parametrize(("seconds", "is_over"), [(-1, False), (0, True), (1, True)])


@AROUND
def test_F04_a_link_expires(seconds, is_over, clock):
    link = create_short_link(
        "customer", NewShortLink(destination_url="https://example.com/", expires_at=START + SECOND * 60)
    )
    moment = START + SECOND * (60 + seconds)
    if is_over:
        with pytest.raises(LinkGone):
            follow(link.code, moment, is_click=True)
    else:
        assert follow(link.code, moment, is_click=True).destination_url == "https://example.com/"


@AROUND
def test_F04_an_upload_that_never_came(seconds, is_over, clock):
    image_id = make_upload()
    clock.move_to(START + UPLOAD_WINDOW + SECOND * seconds)
    handler({}, None)
    image = Image.find(image_id, consistent=True)
    expected = ("REJECTED", "NEVER_UPLOADED") if is_over else ("AWAITING_UPLOAD", None)
    assert (image.status, image.rejection) == expected


@AROUND
def test_F04_an_order_that_nobody_paid(seconds, is_over, clock):
    mug = make_product(stock=5)
    order_id = place(mug, quantity=2).order.order_id
    clock.move_to(START + PAYMENT_DEADLINE + SECOND * seconds)
    handler({}, None)
    assert Order.get(order_id).status == ("CANCELLED" if is_over else "PENDING")
    assert Product.get(mug.product_id).stock == (5 if is_over else 3)


@AROUND
def test_F04_an_idempotency_key_that_dynamodb_has_not_deleted_yet(seconds, is_over, clock):
    mug = make_product(stock=5)
    place(mug)
    clock.move_to(START + KEPT + SECOND * seconds)
    assert len(rows(settings().idempotency_table)) == 1
    if is_over:
        assert not place(mug, quantity=2).is_replay
    else:
        with pytest.raises(Refused) as refused:
            place(mug, quantity=2)
        assert isinstance(refused.value.errors[0], IdempotencyError)
    assert Product.get(mug.product_id).stock == (2 if is_over else 4)


def test_F05_the_customer_cancels_while_the_sweeper_gives_up(clock, wire):
    mug = make_product(stock=5)
    order_id = place(mug, quantity=2).order.order_id
    clock.shift(PAYMENT_DEADLINE)
    wire.on("write CANCELLED: Not paid in time", meanwhile(lambda: cancel_order(order_id, CUSTOMER)))
    handler({}, None)
    order = Order.get(order_id)
    assert (order.status, order.cancel_reason, Product.get(mug.product_id).stock) == ("CANCELLED", "CUSTOMER", 5)


def test_F05_the_upload_comes_while_the_sweeper_gives_it_up(clock, wire):
    image_id = make_upload()
    clock.shift(UPLOAD_WINDOW)
    comes = meanwhile(lambda: moves.begin(Image.get(image_id), now()))
    wire.on("write ImagesTable", comes)
    handler({}, None)
    image = Image.get(image_id)
    assert (image.status, image.rejection) == ("PROCESSING", None)


def test_F06_four_sweeps_at_once(clock):
    mugs = [make_product(stock=5) for _ in range(3)]
    orders = [place(mug, key=mug.sku, quantity=2).order.order_id for mug in mugs]
    uploads = [make_upload() for _ in range(3)]
    clock.shift(UPLOAD_WINDOW)
    with ThreadPoolExecutor(4) as pool:
        for run in [pool.submit(handler, {}, None) for _ in range(4)]:
            run.result()
    local.drain()
    assert [Order.get(order_id).status for order_id in orders] == ["CANCELLED"] * 3
    assert [Product.get(mug.product_id).stock for mug in mugs] == [5, 5, 5]
    assert [Image.get(image_id).rejection for image_id in uploads] == ["NEVER_UPLOADED"] * 3
