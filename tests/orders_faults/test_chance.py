"""Random faulted orders: charged once at most, nothing lost or made up, and not one stuck once all is delivered."""

import os
import random
import sys
from collections import Counter

import pytest

from local import mailbox
from tests.orders_faults import invariants
from tests.orders_faults.chance import ENDS, Day
from tests.orders_faults.world import START

TURNS = 160


@pytest.mark.parametrize("orders", [100, pytest.param(10_000, marks=pytest.mark.soak)])
def test_random_faulted_orders(world, monkeypatch, capsys, orders):
    """A failure tells its day's seed and turns; the same seed makes the same ids, and so the same day."""
    monkeypatch.setattr(os, "urandom", random.randbytes)
    ended: Counter[str] = Counter()
    days = faults = 0
    while ended.total() < orders:
        days += 1
        world.start_over()
        mailbox.empty()
        world.wire.heal()
        world.wire.faults_met = 0
        world.pass_time(to=START)
        day = Day(world, seed=days)
        try:
            day.live(TURNS)
            day.come_to_rest()
        except BaseException as error:
            error.add_note("\n".join([f"Day {days}:", *day.told]))
            raise
        ended.update(order["status"] for order in invariants.orders().values())
        faults += world.wire.faults_met
    assert set(ended) - {"REVIEW"} == ENDS
    assert faults > orders
    with capsys.disabled():
        sys.stdout.write(f"\n{ended.total()} random orders, {faults} faults on the wire, ends: {dict(ended)}\n")
