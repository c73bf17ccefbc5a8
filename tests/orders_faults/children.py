"""A function in a process of its own, which can die in earnest: no `finally` runs, and nothing of its memory is left.

It talks to this process's embedded AWS over loopback. Children are forked from a process that imported all they need.
"""

import importlib
import multiprocessing
import os
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

import time_machine

from core import aws
from core.clock import now
from local import embedded
from models.base import shared_connection
from tests.orders_faults.wire import Crash

KILLED = 9
PATIENCE = 60
_children = multiprocessing.get_context("forkserver")
_children.set_forkserver_preload(["__main__", __name__, "jobs.process_orders", "jobs.send_mail"])


def in_child(module: str, *, dies_before: int) -> Callable[[Any, Any], Any]:
    """That module's handler. It raises Crash when the child died, before the call of that number."""

    def handler(event: Any, _: Any) -> Any:
        ours, theirs = _children.Pipe(duplex=False)
        asked = {"module": module, "event": event, "moment": now(), "dies_before": dies_before}
        child = _children.Process(target=_run, args=(theirs, embedded.listen()), kwargs=asked, daemon=True)
        child.start()
        theirs.close()
        child.join(PATIENCE)
        if child.exitcode == KILLED:
            raise Crash(f"killed before call {dies_before}")
        assert child.exitcode == 0, "a child that was not killed ends well"
        return ours.recv()

    return handler


def _run(answer: Connection, address: str, *, module: str, event: Any, moment: datetime, dies_before: int) -> None:
    os.environ["AWS_ENDPOINT_URL"] = address
    calls = 0

    def count(**_: Any) -> None:
        nonlocal calls
        if calls == dies_before:
            os._exit(KILLED)
        calls += 1

    with time_machine.travel(moment, tick=False):
        for client in (shared_connection().client, aws.sqs(), aws.ses()):
            client.meta.events.register_first("before-send", count)
        answer.send(importlib.import_module(module).handler(event, None))
