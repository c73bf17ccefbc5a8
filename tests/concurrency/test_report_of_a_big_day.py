"""100,000 orders in a day, reported under the real runtime client: how long, how much memory, how many reads."""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

import local
from local import embedded, mailbox
from models.daily_report import DailyReport
from models.order_event import OrderEvent
from models.shards import shard_of
from services.reports.folding import fold
from tests.makers import make_session
from tests.recorder import recorded
from tests.runtime.runtime_api import running
from tests.services.reports.days import at

SMALL, BIG = 1_000, 100_000
DAY = date(2025, 11, 20)
WRITERS = 4
PRODUCTS = 500
MEGABYTE = 1024
"""In the kilobytes that the kernel counts in."""


def write_day(day: date, orders: int) -> None:
    """Every tenth is cancelled, the others are confirmed: what a report reads of them, straight into the table."""
    step = timedelta(days=1) / orders

    def write(first: int) -> None:
        with OrderEvent.batch_write() as batch:
            for number in range(first, orders, WRITERS):
                moment = at(f"{day} 00:00") + number * step
                for version, status in ((1, "PENDING"), (5, "CANCELLED" if number % 10 == 0 else "CONFIRMED")):
                    batch.save(make_event(number, version, status, moment))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))


def make_event(number: int, version: int, status: str, moment: datetime) -> OrderEvent:
    """Of two lines, as an order of the shop looks."""
    order_id = f"01JD{moment:%d}{number:020}"
    event = OrderEvent(order_id, version, status=status, at=moment, note=status.title())
    event.day_shard = f"{moment.date()}#{shard_of(order_id)}"
    event.at_sort = f"{moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}#{order_id}"
    lines = [
        {
            "product_id": f"01JDPRODUCT{number * part % PRODUCTS:015}",
            "sku": f"SKU-{number * part % PRODUCTS}",
            "name": f"Product number {number * part % PRODUCTS}, whole bean, 250 g",
            "quantity": part,
            "unit_minor": 1250,
        }
        for part in (1, 2)
    ]
    event.sold = {"amount_minor": 3750 + number % 100, "currency": ("EUR", "JPY")[number % 2], "lines": lines}
    return event


def peak_memory(process_id: int) -> int:
    """Megabytes."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // MEGABYTE


@pytest.mark.soak
def test_100_000_orders_in_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    make_session("ada@kiosk.example", is_admin=True)
    mailbox.empty()
    write_day(DAY, SMALL)
    write_day(DAY + timedelta(days=1), BIG)
    environ = {**os.environ, "KIOSK_AWS": "account", "ENVIRONMENT": "prod", "AWS_ENDPOINT_URL": embedded.listen()}
    seconds, memory = {}, {}
    with running("jobs.report_day.handler", environ, tmp_path / "log") as function:
        for orders, morning in ((SMALL, DAY + timedelta(days=1)), (BIG, DAY + timedelta(days=2))):
            began = time.monotonic()
            assert str(morning - timedelta(days=1)) in function.invoke({"time": f"{morning}T09:00:00Z"}, timeout=900)
            seconds[orders] = time.monotonic() - began
            memory[orders] = peak_memory(function.child_id)
    with recorded() as sent:
        figures = fold(DAY + timedelta(days=1))
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{BIG:,} orders in a day: reported in {seconds[BIG]:.1f} s with {len(sent)} reads,"
            f" {memory[BIG]} MB at most ({SMALL:,} orders: {seconds[SMALL]:.1f} s, {memory[SMALL]} MB)"
        )
    confirmed = [number for number in range(BIG) if number % 10]
    report = DailyReport.of(DAY + timedelta(days=1))
    assert (report.orders_placed, report.orders_confirmed, report.orders_cancelled) == (BIG, 90_000, 10_000)
    assert (
        report.revenue
        == figures.revenue
        == {
            "EUR": sum(3750 + number % 100 for number in confirmed if number % 2 == 0),
            "JPY": sum(3750 + number % 100 for number in confirmed if number % 2 == 1),
        }
    )
    assert report.units_sold == 3 * len(confirmed)
    local.drain()
    assert "Kiosk on Friday, 21 November 2025" in [mail.subject for mail in mailbox.newest_first()]
    assert seconds[BIG] < 300
    assert memory[BIG] < 400
    assert memory[BIG] - memory[SMALL] < 50
