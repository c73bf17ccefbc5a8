"""A queue that feeds a function, as Lambda's event source mapping does, by one worker where Lambda has several."""

import logging
import time
from dataclasses import dataclass
from threading import Event
from typing import Any

from local.environment import REGION
from local.functions import Function
from local.resources import client
from local.template import Template, TemplateError, whole_number

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.2
MOST_A_RECEIVE = 10


@dataclass(frozen=True, slots=True)
class QueueSource:
    function: Function
    queue_url: str
    queue_arn: str
    batch_size: int
    window: int
    """Seconds to wait for a batch to fill."""
    reports_failures: bool

    @classmethod
    def from_event(cls, function: Function, at: str, properties: dict[str, Any], template: Template) -> "QueueSource":
        queues = {queue.arn: queue for queue in template.of_type("AWS::SQS::Queue")}
        queue = queues.get(properties.get("Queue", ""))
        if queue is None:
            raise TemplateError(f"{at}.Queue: {properties.get('Queue')!r} is the Arn of no queue in the template")
        batch_size = whole_number(properties, "BatchSize", at, 10)
        window = whole_number(properties, "MaximumBatchingWindowInSeconds", at, 0)
        if batch_size > MOST_A_RECEIVE and not window:
            raise TemplateError(f"{at}.BatchSize: above 10 needs a MaximumBatchingWindowInSeconds")
        reports = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", [])
        return cls(function, queue.physical_id, queue.arn, batch_size, window, reports)

    def work(self, stopping: Event) -> None:
        while not stopping.is_set():
            try:
                if not self.deliver(self.window):
                    stopping.wait(POLL_SECONDS)
            except Exception:
                logger.exception("%s could not be read", self.queue_url)
                stopping.wait(1)

    def deliver(self, window: int = 0) -> bool:
        """One batch, if anything waits. What the function did not finish comes back after the visibility timeout."""
        messages = self._gather(window)
        if not messages:
            return False
        event = {"Records": [self._record(message) for message in messages]}
        try:
            answer = self.function.run(event, self.queue_arn.rpartition(":")[2])
        except Exception:
            return True
        failed = self._failed(answer, messages)
        for message in messages:
            if message["MessageId"] not in failed:
                client("sqs").delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return True

    def _gather(self, window: int) -> list[dict[str, Any]]:
        gathered: list[dict[str, Any]] = []
        until: float | None = None
        while len(gathered) < self.batch_size:
            received = client("sqs").receive_message(
                QueueUrl=self.queue_url,
                MaxNumberOfMessages=min(MOST_A_RECEIVE, self.batch_size - len(gathered)),
                WaitTimeSeconds=0,  # waiting inside moto's lock would stop everything else
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            gathered += received.get("Messages", [])
            if not gathered:
                break
            until = until or time.monotonic() + window
            if not received.get("Messages"):
                if time.monotonic() >= until:
                    break
                time.sleep(POLL_SECONDS)
        return gathered

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {
                name: {
                    "stringValue": attribute.get("StringValue"),
                    "stringListValues": [],
                    "binaryListValues": [],
                    "dataType": attribute["DataType"],
                }
                for name, attribute in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
            "awsRegion": REGION,
        }

    def _failed(self, answer: Any, messages: list[dict[str, Any]]) -> set[str]:
        """Lambda's reading of the answer: nothing named is a success, anything it cannot read fails the whole batch."""
        known = {message["MessageId"] for message in messages}
        if not self.reports_failures or not answer:
            return set()
        try:
            named = {item["itemIdentifier"] for item in answer["batchItemFailures"] or []}
        except (KeyError, TypeError):
            return known
        return known if named - known else named
