"""A payment gateway by script, with the rules Stripe documents for keys: G of the fault matrix.

    gateway.next("charge", "decline")              # how the next charge is met; without a script it succeeds
    gateway.next("find_charge", "unknown", "not_found")

Lost requests, lost answers and crashes are planned on the wire: wire.on("gateway charge", lose_answer). Within 24
hours a key replays its saved answer, a saved 500 too; after that it acts again. What it did stands in `ledger`.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.clock import now
from core.money import Money
from services.payments import KeyReused, Outcome
from tests.orders_faults import invariants
from tests.orders_faults.wire import Wire

REMEMBERED = timedelta(hours=24)
_NO_FAULTS = defaultdict(set, {"charge": {"succeed", "decline"}, "refund": {"succeed"}})
"""A refund that is refused is none of what should happen."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that moved."""

    kind: str
    order_id: str
    key: str
    amount: Money
    at: datetime
    reference: str
    history: list[str]
    """The states that the order had been in."""


@dataclass(frozen=True, slots=True)
class _Saved:
    request: tuple[Any, ...]
    answer: Outcome
    at: datetime


class ScriptedGateway:
    """Modes of charge and refund: succeed, decline, fail_done (500 saved, but done), fail (500 saved, nothing done),
    in_use (409), busy (429), late (does it on `arrive()`). Of the look-ups: unknown, not_found, otherwise the truth.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.start_over()

    def start_over(self) -> None:
        self.ledger: list[Entry] = []
        self.retry_after: timedelta | None = None
        """What a busy answer asks for."""
        self.is_faulted = False
        self.skew = timedelta()
        """How far the worker's clock is ahead of the gateway's."""
        self._modes: dict[str, deque[str]] = defaultdict(deque)
        self._lasting: dict[str, str] = {}
        self._saved: dict[str, _Saved] = {}
        self._under_way: dict[str, Callable[[], Outcome]] = {}

    def next(self, action: str, *modes: str) -> None:
        self._modes[action].extend(modes)
        self.is_faulted |= not _NO_FAULTS[action].issuperset(modes)

    def always(self, action: str, mode: str) -> None:
        self._lasting[action] = mode
        self.is_faulted |= mode not in _NO_FAULTS[action]

    def heal(self) -> None:
        self._modes.clear()
        self._lasting.clear()
        self.arrive()

    def arrive(self) -> None:
        """What was late is done now, whatever became of the order meanwhile."""
        while self._under_way:
            _, act = self._under_way.popitem()
            act()

    def failed_for_good(self) -> set[str]:
        """Keys that will be answered 500 until they are forgotten, although nothing was done."""
        done = {entry.key for entry in self.ledger}
        return {key for key, saved in self._saved.items() if saved.answer.status == "unknown"} - done

    def moved(self, kind: str, order_id: str) -> list[Entry]:
        return [entry for entry in self.ledger if (entry.kind, entry.order_id) == (kind, order_id)]

    def charge(self, *, order_id: str, key: str, amount: Money, token: str) -> Outcome:
        return self._call("charge", lambda: self._act("charge", order_id, key, amount, token))

    def refund(self, *, order_id: str, key: str, charge_id: str, amount: Money) -> Outcome:
        return self._call("refund", lambda: self._act("refund", order_id, key, amount, charge_id))

    def find_charge(self, *, order_id: str, key: str) -> Outcome:
        return self._call("find_charge", lambda: self._find("charge", order_id, key))

    def find_refund(self, *, order_id: str, key: str, charge_id: str) -> Outcome:
        return self._call("find_refund", lambda: self._find("refund", order_id, key))

    def _call(self, action: str, do: Callable[[], Outcome]) -> Outcome:
        return self._wire.call(f"gateway {action}", do, lost=Outcome("unknown"))

    def _now(self) -> datetime:
        return now() - self.skew

    def _mode(self, action: str) -> str:
        return self._modes[action].popleft() if self._modes[action] else self._lasting.get(action, "")

    def _act(self, kind: str, order_id: str, key: str, amount: Money, source: str) -> Outcome:
        mode, request = self._mode(kind), (order_id, amount, source)
        if mode == "in_use" or key in self._under_way:
            return Outcome("unknown")
        if mode == "busy":
            return Outcome("unknown", retry_after=self.retry_after)
        saved = self._saved.get(key)
        if saved and saved.at > self._now() - REMEMBERED:
            if saved.request != request:
                raise KeyReused(key)
            return saved.answer

        def act() -> Outcome:
            return self._do(kind, key, request, mode)

        if mode == "late":
            self._under_way[key] = act
            return Outcome("unknown")
        return act()

    def _do(self, kind: str, key: str, request: tuple[Any, ...], mode: str) -> Outcome:
        order_id, amount, _ = request
        reference = f"{kind}-{len(self.ledger)}"
        if mode in {"", "succeed", "fail_done", "late"}:
            history = invariants.history(order_id)
            self.ledger.append(Entry(kind, order_id, key, amount, self._now(), reference, history))
        if mode in {"fail", "fail_done"}:
            answer = Outcome("unknown")
        else:
            answer = Outcome("declined") if mode == "decline" else Outcome("succeeded", reference)
        self._saved[key] = _Saved(request, answer, self._now())
        return answer

    def _find(self, kind: str, order_id: str, key: str) -> Outcome:
        mode = self._mode(f"find_{kind}")
        if mode in {"unknown", "not_found"}:
            return Outcome(mode)
        found = [entry for entry in self.moved(kind, order_id) if entry.key == key]
        if found:
            return Outcome("succeeded", found[0].reference)
        saved = self._saved.get(key)
        return saved.answer if saved and saved.answer.status == "declined" else Outcome("not_found")
