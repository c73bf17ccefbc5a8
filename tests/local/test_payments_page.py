"""The pretended ledger for people and scripts."""

from datetime import UTC, datetime

import httpx
import pytest
import time_machine
from fastapi import FastAPI

import local
from core.money import Money
from schema.node import to_global_id
from services.payments import gateway

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def laptop():
    app = FastAPI()
    app.include_router(local.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/local/") as client:
        yield client


async def test_nothing_yet(laptop):
    assert (await laptop.get("payments.json")).json() == []
    assert "No money has pretended to move yet." in (await laptop.get("")).text


async def test_what_moved_newest_first(laptop):
    with time_machine.travel(NOON, tick=False):
        gateway().charge(order_id="A", key="A", amount=Money(1250, "CHF"), token="tok_lost")
        gateway().charge(order_id="B", key="B", amount=Money(1250, "JPY"), token="tok_declined")
        gateway().charge(order_id="C", key="C", amount=Money(1250, "JPY"), token="tok_timeout")
    with time_machine.travel(NOON.replace(hour=13), tick=False):
        gateway().refund(order_id="A", key="A:refund", charge_id="test_charge_A", amount=Money(1250, "CHF"))
    assert (await laptop.get("payments.json")).json() == [
        {
            "order_id": to_global_id("Order", "A"),
            "kind": "refund",
            "amount": "12.50",
            "currency": "CHF",
            "at": "2026-11-21T13:00:00.000Z",
        },
        {
            "order_id": to_global_id("Order", "A"),
            "kind": "charge",
            "amount": "12.50",
            "currency": "CHF",
            "at": "2026-11-21T12:00:00.000Z",
        },
    ]
    row = '<td>refund<td class="number">12.50 CHF<td class="whole">2026-11-21T13:00:00.000Z'
    assert row in (await laptop.get("")).text
