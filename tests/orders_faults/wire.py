"""Every call that leaves the code, to AWS or to the gateway, and what befalls it: H and X of the fault matrix.

    wire.on("write PAID", lose_answer)             # the next one is done, but nobody hears of it
    wire.on("gateway charge", None, crash_after)   # the second one: the process dies with the answer in its hand
    wire.always("send OrdersQueue", server_error)  # until heal()

A call's name says what it does: "read OrdersTable", "write CHARGING: Payment asked for", "send MailQueue", "gateway
charge". A fault is planned for whatever contains a part of the name; each of botocore's tries is a call of its own.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core import models as moto

from core import aws
from core.config import settings
from models.base import shared_connection
from tests import faults

_SERVICES = ("dynamodb", "sqs", "sesv2")


class Crash(BaseException):
    """The process died here. In earnest nobody catches that, so nothing may catch it here."""


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    proceed: Callable[[], Any]
    """Does it in earnest."""
    lose: Callable[[], Any]
    """What the caller gets when no answer comes."""
    refuse: Callable[..., Any]
    """refuse(code, *reasons, status=400): the other side answers with an error, having done nothing."""


Fault = Callable[[Call], Any]
"""Answers in the other side's place, or raises. None lets the call go on as if nothing had been."""


def lose_request(call: Call) -> Any:
    return call.lose()


def lose_answer(call: Call) -> Any:
    call.proceed()
    return call.lose()


def crash_before(call: Call) -> Any:
    raise Crash(call.name)


def crash_after(call: Call) -> Any:
    call.proceed()
    raise Crash(call.name)


def conflict(call: Call) -> Any:
    return call.refuse("TransactionCanceledException", "None", "TransactionConflict")


def refuse_with(code: str) -> Fault:
    return lambda call: call.refuse(code)


throttle = refuse_with("ThrottlingException")


def server_error(call: Call) -> Any:
    return call.refuse("InternalServerError", status=500)


def meanwhile(happens: Callable[[], Any]) -> Fault:
    """Somebody else comes in between: the call goes on afterwards."""

    def fault(_: Call) -> None:
        happens()

    return fault


class Wire:
    def __init__(self) -> None:
        self.calls: list[str] = []
        self.gate: Callable[[str], None] = lambda _: None
        """Called before every call; interleaving.py holds threads back here."""
        self.faults_met = 0
        self.last_answer: Any = None
        """Of a call that was not to AWS."""
        self._planned: list[tuple[str, deque[Fault | None]]] = []
        self._lasting: list[tuple[str, Fault]] = []

    def on(self, part: str, *planned: Fault | None) -> None:
        """The next calls of that name meet these, None being none."""
        self._planned.append((part, deque(planned)))

    def always(self, part: str, fault: Fault) -> None:
        self._lasting.append((part, fault))

    def heal(self) -> None:
        self._planned.clear()
        self._lasting.clear()

    @contextmanager
    def attached(self) -> Iterator[None]:
        emitters = [client.meta.events for client in (shared_connection().client, aws.sqs(), aws.ses())]
        for emitter, service in zip(emitters, _SERVICES, strict=True):
            emitter.register_first(f"before-send.{service}", self._before_send)
        try:
            yield
        finally:
            for emitter, service in zip(emitters, _SERVICES, strict=True):
                emitter.unregister(f"before-send.{service}", self._before_send)

    def call(self, name: str, do: Callable[[], Any], *, lost: Any) -> Any:
        """A call that is not to AWS. `lost` is what its caller is told when no answer comes."""
        answer = self._meet(name, lambda: Call(name, do, lambda: lost, lambda *_, **__: lost))
        self.last_answer = do() if answer is None else answer
        return self.last_answer

    def _before_send(self, event_name: str, request: Any, **_: Any) -> AWSResponse | None:
        name = _name(event_name.rpartition(".")[2], request)

        def lose() -> Any:
            raise ReadTimeoutError(endpoint_url=request.url)

        def refuse(code: str, *reasons: str, status: int = 400) -> AWSResponse:
            return faults.error(code, *reasons, status=status)(request)

        return self._meet(name, lambda: Call(name, lambda: _send(request), lose, refuse))

    def _meet(self, name: str, make_call: Callable[[], Call]) -> Any:
        self.gate(name)
        self.calls.append(name)
        fault = next((queue.popleft() for part, queue in self._planned if queue and part in name), None)
        fault = fault or next((lasting for part, lasting in self._lasting if part in name), None)
        if fault is None:
            return None
        self.faults_met += 1
        answer = fault(make_call())
        self.faults_met -= answer is None  # it was none
        return answer


def _send(request: Any) -> AWSResponse:
    answer = moto.botocore_stubber("before-send", request)
    return answer or shared_connection().client._endpoint.http_session.send(request)


def _name(operation: str, request: Any) -> str:
    asked = json.loads(request.body) if operation != "SendEmail" else {}
    match operation:
        case "TransactWriteItems":
            puts = [write["Put"] for write in asked["TransactItems"] if "Put" in write]
            for put in puts:
                if put["TableName"] == settings().order_events_table:
                    return f"write {put['Item']['status']['S']}: {put['Item']['note']['S']}"
            return f"write {next(iter(asked['TransactItems'][0].values()))['TableName']}"
        case "GetItem":
            return f"read {asked['TableName']}"
        case "BatchGetItem":
            return f"read {', '.join(asked['RequestItems'])}"
        case "Query":
            return f"query {'.'.join(filter(None, (asked['TableName'], asked.get('IndexName'))))}"
        case "SendMessage" | "SendMessageBatch":
            return f"send {asked['QueueUrl'].rpartition('/')[2]}"
        case _:
            return operation
