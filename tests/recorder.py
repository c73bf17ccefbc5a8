"""Every DynamoDB operation that the code sends, for the budgets, and to show that nothing scans in a whole run."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_of_the_run: Counter[str] = Counter()
_listening: list[list[str]] = []


def _note(model: Any, **_: Any) -> None:
    _of_the_run[model.name] += 1
    for heard in _listening:
        heard.append(model.name)


@contextmanager
def recorded() -> Iterator[list[str]]:
    """The operations sent meanwhile, by any thread, in order."""
    heard: list[str] = []
    _listening.append(heard)
    try:
        yield heard
    finally:
        _listening.remove(heard)


@pytest.fixture(scope="session", autouse=True)
def no_scan() -> Iterator[None]:
    """Listens from before the session's first client is made."""
    from core.aws import session

    session().register("before-call.dynamodb", _note)
    yield
    assert "Scan" not in _of_the_run


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker's counts go to who started it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["dynamodb"] = dict(_of_the_run)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _of_the_run.update(getattr(node, "workeroutput", {}).get("dynamodb", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    sent = ", ".join(f"{name} {count:,}" for name, count in sorted(_of_the_run.items())) or "none"
    terminalreporter.write_line(f"DynamoDB operations of this run: {sent}")
