"""How many messages wait in each queue, and what lies in the dead-letter queues."""

from dataclasses import dataclass
from typing import Any

from local import embedded
from local.environment import REGION
from local.laptop import Laptop
from local.resources import client
from local.template import ACCOUNT, Resource

_VISIBLE = "ApproximateNumberOfMessages"
_IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    queue: Resource | None
    dead_letters: Resource | None


def counted(laptop: Laptop) -> list[dict[str, Any]]:
    return [
        {
            "name": line.name,
            "waiting": _count(line.queue, _VISIBLE),
            "in_flight": _count(line.queue, _IN_FLIGHT),
            "dead": _count(line.dead_letters, _VISIBLE) + _count(line.dead_letters, _IN_FLIGHT),
        }
        for line in _lines(laptop)
    ]


def dead_letters(laptop: Laptop) -> list[dict[str, str]]:
    """Looked at, not received: receiving would hide them for a while and count as a try."""
    from moto.sqs.models import sqs_backends  # noqa: PLC0415 - for those who look

    with embedded.LOCK:
        embedded.make("sqs")
        kept = sqs_backends[ACCOUNT][REGION].queues
        return [
            {"queue": line.name, "body": message.body}
            for line in _lines(laptop)
            if line.dead_letters
            for message in kept[line.dead_letters.queue_name]._messages
        ]


def _lines(laptop: Laptop) -> list[_Line]:
    """Queues with their dead-letter queues, and the functions that have only the latter."""
    queues = {queue.arn: queue for queue in laptop.template.of_type("AWS::SQS::Queue")}
    redriven = {
        arn: queue.properties.get("RedrivePolicy", {}).get("deadLetterTargetArn") for arn, queue in queues.items()
    }
    kept = {arn: name for name, function in laptop.functions.items() for arn in function.dead_letter_arns.values()}
    dead = {*redriven.values(), *kept}
    return [
        *(
            _Line(queue.queue_name, queue, queues.get(redriven[arn]))
            for arn, queue in queues.items()
            if arn not in dead
        ),
        *(_Line(name, None, queues[arn]) for arn, name in kept.items()),
    ]


def _count(queue: Resource | None, attribute: str) -> int:
    if queue is None:
        return 0
    answer = client("sqs").get_queue_attributes(QueueUrl=queue.physical_id, AttributeNames=[attribute])
    return int(answer["Attributes"][attribute])
