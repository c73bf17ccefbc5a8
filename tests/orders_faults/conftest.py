"""The world of the fault matrix, and its invariants after every test of it."""

from collections.abc import Iterator

import pytest

from services.orders import moves, reviewing
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


@pytest.fixture
def still_in_review(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The alarms that rang again, and for how many orders."""
    metrics: list[tuple[str, int]] = []
    monkeypatch.setattr(reviewing, "count", lambda metric, value: metrics.append((metric, value)))
    return metrics
