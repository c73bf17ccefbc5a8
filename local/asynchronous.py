"""Events nobody waits for (S3, schedules): run in turn, tried again after one and two minutes, then kept if asked."""

import heapq
import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import Event, Lock
from typing import Any

from core.clock import now, to_text
from local.functions import Function
from local.resources import client
from local.template import Template, TemplateError

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.1
_number = count()


@dataclass(order=True, slots=True)
class _Waiting:
    due_at: datetime
    number: int
    function: Function = field(compare=False)
    event: Any = field(compare=False)
    source: str = field(compare=False)
    tried: int = field(compare=False, default=0)


class Line:
    def __init__(self, template: Template) -> None:
        self._queue_urls = {queue.arn: queue.physical_id for queue in template.of_type("AWS::SQS::Queue")}
        self._waiting: list[_Waiting] = []
        self._lock = Lock()

    def check(self, function: Function) -> None:
        for place, arn in function.dead_letter_arns.items():
            if arn not in self._queue_urls:
                raise TemplateError(f"{function.name}.{place}: {arn!r} is no queue in the template")

    def add(self, function: Function, event: Any, source: str) -> None:
        self._push(_Waiting(now(), next(_number), function, event, source))

    def forget(self) -> None:
        with self._lock:
            self._waiting.clear()

    def work(self, stopping: Event) -> None:
        while not stopping.is_set():
            try:
                if not self.run_next():
                    stopping.wait(POLL_SECONDS)
            except Exception:
                logger.exception("An event is lost")

    def run_next(self) -> bool:
        """The one longest due, if any is."""
        with self._lock:
            if not self._waiting or self._waiting[0].due_at > now():
                return False
            waiting = heapq.heappop(self._waiting)
        try:
            waiting.function.run(waiting.event, waiting.source)
        except Exception as error:
            self._again(waiting, error)
        return True

    def _push(self, waiting: _Waiting) -> None:
        with self._lock:
            heapq.heappush(self._waiting, waiting)

    def _again(self, waiting: _Waiting, error: Exception) -> None:
        waiting.tried += 1
        if waiting.tried <= waiting.function.retries:
            waiting.due_at = now() + timedelta(minutes=waiting.tried)
            self._push(waiting)
            return
        for place, arn in waiting.function.dead_letter_arns.items():
            body = waiting.event if place.startswith("DeadLetterQueue") else _told(waiting, error)
            client("sqs").send_message(QueueUrl=self._queue_urls[arn], MessageBody=json.dumps(body))


def _told(waiting: _Waiting, error: Exception) -> dict[str, Any]:
    """What Lambda sends to a failure destination: the event and what became of it."""
    return {
        "version": "1.0",
        "timestamp": to_text(now()),
        "requestContext": {
            "requestId": str(waiting.number),
            "functionArn": f"{waiting.function.resource.arn}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": waiting.tried,
        },
        "requestPayload": waiting.event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": str(error), "errorType": type(error).__name__},
    }
