"""A report tells what the orders say: random days against a naive count over every order's own history."""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import local
from core.money import DECIMALS, MAX_MINOR, Money
from models.order import Order
from models.order_event import OrderEvent
from services.reports.folding import fold
from services.reports.making import make_report
from tests.makers import make_product
from tests.services.reports.days import make_order, move_on

MIDNIGHT = datetime(2026, 3, 29, tzinfo=UTC)
"""In much of Europe an hour is missing that night."""
DAYS = [MIDNIGHT.date() + timedelta(days=number) for number in range(-2, 3)]
CURRENCIES = {"JPY": 0, "EUR": 2, "CHF": 2, "KWD": 3}
FATES = [
    (),
    ("CANCELLED",),
    ("CHARGING",),
    ("CHARGING", "CHARGING", "CANCELLED"),
    ("CHARGING", "REVIEW"),
    ("CHARGING", "REVIEW", "PAID", "CONFIRMED"),
    ("CHARGING", "PAID", "PAID", "REFUNDING", "REFUNDED"),
    ("CHARGING", "PAID", "CONFIRMED"),
    ("CHARGING", "PAID", "CONFIRMED", "CONFIRMED", "SHIPPED", "SHIPPED", "DELIVERED"),
    ("CHARGING", "PAID", "CONFIRMED", "REFUNDING", "REFUNDING", "REFUNDED", "REFUNDED"),
    ("CHARGING", "PAID", "CONFIRMED", "SHIPPED", "REFUNDING", "REFUNDED"),
]
"""Every way an order may go; the same state twice is a retry, or a mail that was queued."""

zones = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
near_midnight = st.sampled_from([timedelta(milliseconds=number) for number in (-1, 0, 1)])
offsets = near_midnight | st.timedeltas(-timedelta(hours=20), timedelta(hours=20))
moments = st.builds(lambda offset, zone: (MIDNIGHT + offset).astimezone(zone), offsets, zones)
orders = st.fixed_dictionaries(
    {
        "moments": st.lists(moments, min_size=8, max_size=8).map(sorted),
        "fate": st.sampled_from(FATES),
        "amount_minor": st.integers(0, MAX_MINOR),
        "currency": st.sampled_from(sorted(CURRENCIES)),
        "bought": st.dictionaries(st.integers(0, 2), st.integers(1, 999), min_size=1),
    }
)


@pytest.fixture(autouse=True)
def a_currency_of_three_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DECIMALS, "KWD", 3)


@pytest.fixture
def home() -> Iterator[None]:
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(planned=st.lists(orders, max_size=6), machine=st.sampled_from(["UTC", "Pacific/Kiritimati", "America/New_York"]))
def test_a_day_is_what_its_orders_say(home: None, planned: list[dict[str, Any]], machine: str):
    local.reset()
    os.environ["TZ"] = machine
    time.tzset()
    products = [make_product(sku=f"SKU-{number}", stock=0) for number in range(3)]
    made = []
    for plan in planned:
        placed, *later = plan["moments"]
        bought = {products[number]: quantity for number, quantity in plan["bought"].items()}
        order = make_order(placed, bought, plan["amount_minor"], plan["currency"])
        made.append(move_on(order, *zip(plan["fate"], later, strict=False)).order_id)
    total: Counter[str] = Counter()
    for day in DAYS:
        expected = count_by_hand(made, day)
        figures = fold(day)
        assert {name: getattr(figures, name) for name in expected} == expected
        report = make_report(day, MIDNIGHT)
        money = [Money(minor, currency) for currency, minor in report.revenue.items()]
        assert {each.currency: each.amount for each in money} == add_by_hand(made, day)
        total += Counter(report.revenue)
    assert total == sum_of_confirmed(planned)


def arrivals(order_id: str) -> Iterator[tuple[str, date]]:
    """Each state the order came to, and the day, from its history alone."""
    was = None
    for event in OrderEvent.history(order_id):
        if event.status != was:
            yield event.status, event.at.astimezone(UTC).date()
        was = event.status


def count_by_hand(order_ids: list[str], day: date) -> dict[str, Any]:
    came = [(Order.get(order_id), status) for order_id in order_ids for status, on in arrivals(order_id) if on == day]
    confirmed = [order for order, status in came if status == "CONFIRMED"]
    units: Counter[str] = Counter()
    revenue: dict[str, int] = defaultdict(int)
    for order in confirmed:
        revenue[order.currency] += order.amount_minor
        for line in order.lines:
            units[line["sku"]] += line["quantity"]
    ranked = sorted(units, key=lambda sku: (-units[sku], sku))
    return {
        "orders_placed": sum(status == "PENDING" for _, status in came),
        "orders_confirmed": len(confirmed),
        "orders_cancelled": sum(status == "CANCELLED" for _, status in came),
        "revenue": dict(revenue),
        "units_sold": sum(units.values()),
        "top_products": [
            {"product_id": line["product_id"], "sku": sku, "name": line["name"], "units": units[sku]}
            for sku in ranked
            for line in [next(line for order in confirmed for line in order.lines if line["sku"] == sku)]
        ],
    }


def add_by_hand(order_ids: list[str], day: date) -> dict[str, Decimal]:
    """In decimals, as people write amounts."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for order_id in order_ids:
        if ("CONFIRMED", day) in arrivals(order_id):
            order = Order.get(order_id)
            sums[order.currency] += Decimal(f"{order.amount_minor}e-{CURRENCIES[order.currency]}")
    return dict(sums)


def sum_of_confirmed(planned: list[dict[str, Any]]) -> Counter[str]:
    """Whatever became of them later."""
    total: Counter[str] = Counter()
    for plan in planned:
        if "CONFIRMED" in plan["fate"]:
            total[plan["currency"]] += plan["amount_minor"]
    return total
