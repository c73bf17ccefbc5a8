"""A small Stripe on this machine that keeps the documented rules of idempotency, and fails as it is told.

The first answer to a key is saved once its execution began, a 500 too, and replayed for 24 hours; the same key is 409
while the first request is under way, and 400 with other parameters. What fails validation is not saved. The search
is late by `index_lag`, and shows a PaymentIntent as it was when it was made.
"""

import json
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, RLock, Thread
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

KEY_KEPT = timedelta(hours=24)
SECRET = "sk_test_canary"
Fault = Literal[
    "request lost",  # nothing happens, the connection breaks
    "answer lost",  # it happens, the connection breaks
    "request hangs",  # nothing happens, no answer
    "answer hangs",  # it happens, no answer
    "500 saved",  # nothing happens, and that is what the key will always say
    "500 saved, done",  # it happens, but the key will always say 500
]


@dataclass
class Received:
    method: str
    path: str
    params: dict[str, str]
    key: str | None
    authorization: str | None


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class _Http(ThreadingHTTPServer):
    request_queue_size = 64


class StripeServer:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.secret = SECRET
        self.index_lag = timedelta()
        self.received: list[Received] = []
        self.connections: set[Any] = set()
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.faults: deque[Fault | Answer] = deque()
        """What happens to the next requests that change something; and to all others in `reading_faults`."""
        self.reading_faults: deque[Fault | Answer] = deque()
        self.refund_status = "succeeded"
        self.arrived, self.hold, self.released = Event(), False, Event()
        self._saved: dict[str, tuple[datetime, Any, Answer]] = {}
        self._under_way: set[str] = set()
        self._indexed: list[tuple[datetime, dict[str, Any]]] = []
        self._lock = RLock()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> "StripeServer":
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def captured(self) -> list[dict[str, Any]]:
        return [intent for intent in self.intents.values() if intent["status"] == "succeeded"]

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.received]

    def answer(self, request: Received) -> Answer | None:
        """None: never."""
        self.received.append(request)
        if request.authorization != f"Bearer {self.secret}":
            return _error(401, "invalid_request_error", "Invalid API Key provided")
        return self._read(request) if request.method == "GET" else self._write(request)

    def _write(self, request: Received) -> Answer | None:
        with self._lock:
            if (known := self._known(request)) is not None:
                return known
            fault = self.faults.popleft() if self.faults else None
            self._under_way.add(request.key or "")
        if self.hold:
            self.arrived.set()
            self.released.wait(10)
        try:
            answer = fault if isinstance(fault, Answer) else self._execute(request, fault)
        finally:
            self._under_way.discard(request.key or "")
        return self._silence(fault) if isinstance(fault, str) and not fault.startswith("500") else answer

    def _known(self, request: Received) -> Answer | None:
        if request.key in self._under_way:
            return _error(409, "invalid_request_error", "Another request has this key", "idempotency_key_in_use")
        at, first, saved = self._saved.get(request.key or "", (datetime.min.replace(tzinfo=UTC), None, None))
        if saved is None or self.now >= at + KEY_KEPT:
            return None
        if first != (request.path, request.params):
            return _error(400, "idempotency_error", "Keys can only be used with the same parameters")
        return Answer(saved.status, saved.body, {"Idempotent-Replayed": "true"})

    def _execute(self, request: Received, fault: Fault | None) -> Answer | None:
        if fault in {"request lost", "request hangs"}:
            return None
        with self._lock:
            failed = _error(500, "api_error", "Something went wrong on our side")
            done = failed if fault == "500 saved" else self._change(request)
            if done.status in {400, 404}:
                return done  # it failed validation
            answer = failed if fault == "500 saved, done" else done
            self._saved[request.key or ""] = (self.now, (request.path, request.params), answer)
        return answer

    def _silence(self, fault: Fault) -> None:
        if fault.endswith("hangs"):
            self.released.wait(10)

    def _change(self, request: Received) -> Answer:
        match request.path.strip("/").split("/"):
            case ["v1", "payment_intents"]:
                return self._charge(request.params)
            case ["v1", "payment_intents", id_, "cancel"]:
                return self._cancel(self.intents[id_])
            case ["v1", "refunds"]:
                return self._refund(request.params)
        return _error(404, "invalid_request_error", "Unrecognized request URL")

    def _charge(self, params: dict[str, str]) -> Answer:
        token = params["payment_method"]
        kinds: dict[str, tuple[str, str | None]] = {
            "pm_card_visa": ("succeeded", None),
            "pm_card_visa_chargeDeclined": ("requires_payment_method", "card_declined"),
            "pm_card_authenticationRequired": ("requires_action", None),
            "pm_processing": ("processing", None),
            "pm_insists_on_action": ("requires_action", None),
        }
        if token not in kinds:
            return _error(400, "invalid_request_error", f"No such PaymentMethod: '{token}'", "resource_missing")
        status, code = kinds[token]
        if token == "pm_card_authenticationRequired" and params.get("error_on_requires_action") == "true":
            status, code = "requires_payment_method", "authentication_required"
        intent = {
            "id": f"pi_{len(self.intents) + 1}",
            "object": "payment_intent",
            "amount": int(params["amount"]),
            "currency": params["currency"],
            "status": status,
            "last_payment_error": {"type": "card_error", "code": code} if code else None,
            "metadata": _metadata(params),
        }
        self.intents[intent["id"]] = intent
        self._indexed.append((self.now + self.index_lag, intent | {"status": "requires_confirmation"}))
        if code:
            declined = _error(402, "card_error", "Your card was declined.", code)
            declined.body["error"]["payment_intent"] = dict(intent)
            return declined
        return Answer(200, dict(intent))

    def _cancel(self, intent: dict[str, Any]) -> Answer:
        if intent["status"] in {"succeeded", "canceled", "processing"}:
            message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
            return _error(400, "invalid_request_error", message, "payment_intent_unexpected_state")
        intent["status"] = "canceled"
        return Answer(200, dict(intent))

    def _refund(self, params: dict[str, str]) -> Answer:
        intent = self.intents.get(params["payment_intent"])
        if intent is None or intent["status"] != "succeeded":
            return _error(404, "invalid_request_error", "No such payment_intent", "resource_missing")
        refunds = [each for each in self.refunds.values() if each["payment_intent"] == intent["id"]]
        if sum(refund["amount"] for refund in refunds) + int(params["amount"]) > intent["amount"]:
            return _error(400, "invalid_request_error", "It was refunded already", "charge_already_refunded")
        refund = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "amount": int(params["amount"]),
            "payment_intent": intent["id"],
            "status": self.refund_status,
            "metadata": _metadata(params),
        }
        self.refunds[refund["id"]] = refund
        return Answer(200, dict(refund))

    def _read(self, request: Received) -> Answer | None:
        fault = self.reading_faults.popleft() if self.reading_faults else None
        if fault is not None:
            return fault if isinstance(fault, Answer) else self._silence(fault)
        match request.path.strip("/").split("/"):
            case ["v1", "payment_intents", "search"]:
                found = [
                    intent
                    for at, intent in self._indexed
                    if at <= self.now and request.params["query"] == f'metadata["key"]:"{intent["metadata"]["key"]}"'
                ]
                return Answer(200, _list("search_result", request.path, found))
            case ["v1", "payment_intents", id_]:
                return Answer(200, self.intents[id_])
            case ["v1", "refunds"]:
                of = request.params["payment_intent"]
                found = [refund for refund in self.refunds.values() if refund["payment_intent"] == of]
                return Answer(200, _list("list", request.path, found))
        return _error(404, "invalid_request_error", "Unrecognized request URL")


def _list(kind: str, url: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": kind, "url": url, "has_more": False, "data": found}


def _metadata(params: dict[str, str]) -> dict[str, str]:
    return {name[9:-1]: value for name, value in params.items() if name.startswith("metadata[")}


def _error(status: int, kind: str, message: str, code: str | None = None) -> Answer:
    return Answer(status, {"error": {"type": kind, "message": message, "code": code}})


def _handler(server: StripeServer) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._do(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())

        def do_GET(self) -> None:
            self._do(urlsplit(self.path).query)

        def _do(self, form: str) -> None:
            params = dict(parse_qsl(form))
            key, authorization = self.headers["Idempotency-Key"], self.headers["Authorization"]
            answer = server.answer(Received(self.command, urlsplit(self.path).path, params, key, authorization))
            server.connections.add(self.client_address)
            if answer is None:
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
                return
            body = answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            if self.close_connection:
                self.send_header("Connection", "close")
            for name, value in {"Content-Length": str(len(body)), "Request-Id": "req_1", **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
