"""All ways in which the calls of several actors can fall between each other.

Every actor runs in a thread of its own, held back before each of its calls; one at a time may go on. A state is what
is stored and what each actor heard so far: where a way comes to a state that another way came to, it ends, for all
that can follow was followed from there.
"""

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from tests.orders_faults.wire import Wire

PATIENCE = 30
"""Seconds after which an actor is taken to hang."""
UNSEEN = ("send ", "query ")
"""Calls that need no turn: nobody sees what is sent, and what an index says is read again before it counts."""


class _Abandoned(BaseException):
    pass


@dataclass(eq=False)
class Actor:
    act: Callable[[], Any]
    result: Any = None
    error: BaseException | None = None
    is_done: bool = False
    thread: threading.Thread | None = None
    heard: list[Hashable] = field(default_factory=list)
    """Its calls and what came of them."""
    _is_abandoned: bool = False
    _arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _may_go_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self._wait()

    def hold(self, call: str) -> None:
        self._arrived.release()
        self._may_go_on.acquire()
        if self._is_abandoned:
            raise _Abandoned
        self.heard.append(call)

    def step(self) -> None:
        self._may_go_on.release()
        self._wait()

    def abandon(self) -> None:
        self._is_abandoned = True
        while not self.is_done:
            self.step()

    def _run(self) -> None:
        try:
            self.result = self.act()
        except BaseException as error:
            self.error = error
        self.is_done = True
        self._arrived.release()

    def _wait(self) -> None:
        assert self._arrived.acquire(timeout=PATIENCE), "an actor hangs"


@dataclass
class Interleavings:
    wire: Wire
    start_over: Callable[[], None]
    """The same start every time."""
    acts: list[Callable[[], Any]]
    """Actors with the very same act are alike: which of them comes first makes no difference."""
    stored: Callable[[], tuple[Hashable, Hashable]]
    """What the actors' calls read and change: at DynamoDB, and at the gateway."""
    judge: Callable[[list[Actor]], None]
    """Looks at every end."""
    ways: int = 0
    ends: int = 0
    _states: set[Hashable] = field(default_factory=set)
    _waiting: list[list[int]] = field(default_factory=lambda: [[]])

    def follow_all(self) -> None:
        while self._waiting:
            self._follow(self._waiting.pop())
            self.ways += 1

    def _follow(self, prefix: list[int]) -> None:
        self.start_over()
        actors = [Actor(act) for act in self.acts]
        self.wire.gate = lambda call: _hold(actors, call)
        try:
            for actor in actors:
                actor.start()
            taken: list[int] = []
            while runnable := [number for number, actor in enumerate(actors) if not actor.is_done]:
                before = self.stored()
                if len(taken) < len(prefix):
                    chosen = prefix[len(taken)]
                else:
                    state = (before, frozenset(Counter((actor.act, tuple(actor.heard)) for actor in actors).items()))
                    if state in self._states:
                        return
                    self._states.add(state)
                    chosen, *others = runnable
                    self._waiting += [[*taken, other] for other in others]
                taken.append(chosen)
                actor = actors[chosen]
                actor.step()
                actor.heard.append(self._answer(str(actor.heard[-1]), before))
            self.ends += 1
            self.judge(actors)
        finally:
            for actor in actors:
                actor.abandon()
            self.wire.gate = lambda _: None

    def _answer(self, call: str, before: tuple[Hashable, Hashable]) -> Hashable:
        """What the actor was told, as far as it can tell the difference."""
        match call.partition(" ")[0]:
            case "read":
                return before[0]
            case "write":
                return "done" if before[0] != self.stored()[0] else before[0]
            case "gateway":
                return self.wire.last_answer
        raise AssertionError(f"nothing is known of {call}")


def _hold(actors: list[Actor], call: str) -> None:
    current = threading.current_thread()
    if not call.startswith(UNSEEN):
        for actor in actors:
            if actor.thread is current:
                actor.hold(call)
