"""The world of the fault matrix, and its invariants after every test of it."""

from collections.abc import Iterator

import pytest

from services.orders import moves
from tests.orders_faults.steps import BOUGHT, STOCK
from tests.orders_faults.world import World, open_world


@pytest.fixture
def world(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(monkeypatch) as opened:
        yield opened
        opened.check()


@pytest.fixture
def tea(world: World) -> str:
    return world.product(stock=STOCK)


@pytest.fixture
def order_id(world: World, tea: str) -> str:
    return world.place({tea: BOUGHT})


@pytest.fixture
def in_review(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The alarms that rang."""
    metrics: list[str] = []
    monkeypatch.setattr(moves, "count", metrics.append)
    return metrics
