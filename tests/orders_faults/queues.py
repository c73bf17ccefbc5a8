"""SQS with a clock that tests move: Q of the fault matrix. It feeds the real handlers with records of SQS's shape.

Messages are taken from the embedded queue as soon as they are there; from then on receive counts, visibility, the
dead-letter queue, duplicates and order are simulated here. What the handler answers is judged as Lambda judges it.
"""

import copy
import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import local
from core.clock import now
from tests import store

BATCH = 10
_numbers = itertools.count(1)


@dataclass(slots=True, eq=False)
class Message:
    body: str
    sent_at: datetime
    visible_at: datetime
    id: str = field(default_factory=lambda: f"message-{next(_numbers)}")
    receives: int = 0

    def to_record(self, queue: str) -> dict[str, Any]:
        sent = str(int(self.sent_at.timestamp() * 1000))
        return {
            "messageId": self.id,
            "receiptHandle": f"receipt-{self.id}-{self.receives}",
            "body": self.body,
            "attributes": {
                "ApproximateReceiveCount": str(self.receives),
                "SentTimestamp": sent,
                "SenderId": "AIDAEXAMPLE",
                "ApproximateFirstReceiveTimestamp": sent,
            },
            "messageAttributes": {},
            "md5OfBody": hashlib.md5(self.body.encode(errors="replace"), usedforsecurity=False).hexdigest(),
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:eu-central-1:123456789012:{queue}",
            "awsRegion": "eu-central-1",
        }


class Queue:
    def __init__(self, url: str, handler: Callable[[Any, Any], Any]) -> None:
        """With the visibility and the receives that the template gives it."""
        (deployed,) = (q for q in local.running().template.of_type("AWS::SQS::Queue") if q.physical_id == url)
        self.name = url.rpartition("/")[2]
        self.visibility = timedelta(seconds=deployed.properties["VisibilityTimeout"])
        self.max_receives = deployed.properties["RedrivePolicy"]["maxReceiveCount"]
        self._url = url
        self._handler = handler
        self.start_over()

    def start_over(self) -> None:
        self.messages: list[Message] = []
        self.dead: list[Message] = []
        self._accepted: list[str] = []
        self.collect()
        self.messages.clear()
        self._accepted.clear()

    def remember(self) -> Callable[[], None]:
        """A way back to what is in it now."""
        self.collect()
        kept = copy.deepcopy((self.messages, self.dead, self._accepted))

        def go_back() -> None:
            self.collect()
            self.messages, self.dead, self._accepted = copy.deepcopy(kept)

        return go_back

    @property
    def accepted(self) -> list[str]:
        """The body of every message that was ever put in."""
        self.collect()
        return self._accepted

    def put(self, body: str) -> Message:
        message = Message(body, now(), now())
        self.messages.append(message)
        self._accepted.append(body)
        return message

    def collect(self) -> None:
        """Take over what was sent meanwhile."""
        sqs = store.client("sqs")
        while found := sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=BATCH).get("Messages"):
            entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(found)]
            sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
            for message in found:
                self.put(message["Body"])

    def duplicate(self) -> None:
        """A standard queue may deliver anything once more."""
        self.messages += [Message(m.body, m.sent_at, m.visible_at, m.id) for m in self.messages]

    def visible(self) -> list[Message]:
        return [message for message in self.messages if message.visible_at <= now()]

    def receive(self) -> list[Message]:
        """Up to a batch, each with one receive more; what had all its receives goes to the dead-letter queue."""
        self.collect()
        batch: list[Message] = []
        for message in self.visible():
            if message.receives >= self.max_receives:
                self.messages.remove(message)
                self.dead.append(message)
            elif len(batch) < BATCH:
                message.receives += 1
                message.visible_at = now() + self.visibility
                batch.append(message)
        return batch

    def deliver(self) -> list[str] | None:
        """One batch to the handler; the ids it wants again, None when there was nothing to deliver.

        Whatever the handler raises, a crash too, leaves the whole batch invisible until its time is over.
        """
        batch = self.receive()
        if not batch:
            return None
        answer = self._handler({"Records": [message.to_record(self.name) for message in batch]}, None)
        failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
        ids = {message.id for message in batch}
        if not set(failed) <= ids:
            raise AssertionError(f"the handler wants {failed} again, but was given {ids}")
        self.messages = [m for m in self.messages if m not in batch or m.id in failed]
        return failed

    def drain(self) -> None:
        """Deliver until nothing is visible."""
        while self.deliver() is not None:
            pass

    def redrive(self) -> None:
        """An operator sends what is in the dead-letter queue round again."""
        for message in self.dead:
            message.receives, message.visible_at = 0, now()
        self.messages += self.dead
        self.dead = []
