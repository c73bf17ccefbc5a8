"""An event nobody waits for is tried three times, then kept where the template says."""

import json
import time
from typing import Any

import pytest
import time_machine

from local import queues, runs
from local.laptop import Laptop
from local.resources import client
from local.template import TemplateError
from tests.local import handlers
from tests.local.conftest import make_laptop


def make(more: str = "") -> Laptop:
    return make_laptop(f"""
        Dead: {{Type: AWS::SQS::Queue}}
        Job: {{Type: AWS::Serverless::Function, Properties: {{Handler: tests.local.handlers.failing, {more}}}}}
    """)


letters: list[Any] = []


@pytest.fixture(autouse=True)
def _no_letters() -> None:
    letters.clear()


def attempts(laptop: Laptop, *moments: str) -> list[int]:
    """How often it was called by each moment."""
    called = []
    with time_machine.travel("2026-11-21T09:00:00Z", tick=False) as clock:
        laptop.sources.line.add(laptop.functions["Job"], {"a": 1}, "test")
        for moment in moments:
            clock.move_to(f"2026-11-21T{moment}Z")
            laptop.sources.drain()
            called.append(len(handlers.calls))
        kept = client("sqs").receive_message(QueueUrl=laptop.template.resources["Dead"].physical_id)
    assert [event for event, _ in handlers.calls] == [{"a": 1}] * len(handlers.calls)
    letters.extend(json.loads(message["Body"]) for message in kept.get("Messages", []))
    return called


def test_it_is_tried_again_after_one_and_two_minutes() -> None:
    moments = ("09:00:00", "09:00:59", "09:01:00", "09:02:59", "09:03:00", "10:00:00")
    assert attempts(make(), *moments) == [1, 1, 2, 2, 3, 3]
    assert letters == []
    assert [run.outcome for run in runs.newest_first()] == ["failed"] * 3


def test_as_often_as_the_template_says() -> None:
    assert attempts(make("EventInvokeConfig: {MaximumRetryAttempts: 0}"), "09:00:00", "10:00:00") == [1, 1]


DEAD_LETTER = "DeadLetterQueue: {Type: SQS, TargetArn: %s}"
ON_FAILURE = "EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS, Destination: %s}}}"


def test_then_it_is_kept() -> None:
    laptop = make(DEAD_LETTER % "!GetAtt Dead.Arn")
    assert attempts(laptop, "09:00:00", "09:01:00", "09:03:00", "10:00:00") == [1, 2, 3, 3]
    assert letters == [{"a": 1}]
    assert queues.counted(laptop) == [{"name": "Job", "waiting": 0, "in_flight": 0, "dead": 1}]
    assert queues.dead_letters(laptop) == [{"queue": "Job", "body": '{"a": 1}'}]


def test_or_told_to_a_destination() -> None:
    assert attempts(make(ON_FAILURE % "!GetAtt Dead.Arn"), "09:00:00", "09:01:00", "09:03:00") == [1, 2, 3]
    (letter,) = letters
    assert letter["requestContext"].pop("requestId")
    assert letter == {
        "version": "1.0",
        "timestamp": "2026-11-21T09:03:00.000Z",
        "requestContext": {
            "functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:Job:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"a": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "as asked", "errorType": "RuntimeError"},
    }


def test_one_that_cannot_be_kept_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    laptop = make(DEAD_LETTER % "!GetAtt Dead.Arn" + ", EventInvokeConfig: {MaximumRetryAttempts: 0}")
    client("sqs").delete_queue(QueueUrl=laptop.template.resources["Dead"].physical_id)
    for number in (1, 2):
        laptop.sources.line.add(laptop.functions["Job"], {"number": number}, "test")
    laptop.sources.start()
    waited_until = time.monotonic() + 10
    while len(handlers.calls) < 2 and time.monotonic() < waited_until:
        time.sleep(0.02)
    laptop.sources.stop()
    assert [event for event, _ in handlers.calls] == [{"number": 1}, {"number": 2}]
    assert caplog.messages.count("An event is lost") == 2


@pytest.mark.parametrize(
    ("more", "place"),
    [
        (DEAD_LETTER, "DeadLetterQueue.TargetArn"),
        (ON_FAILURE, "EventInvokeConfig.DestinationConfig.OnFailure.Destination"),
    ],
)
def test_an_unknown_queue_is_named(more: str, place: str) -> None:
    with pytest.raises(TemplateError) as error:
        make(more % "arn:x")
    assert str(error.value) == f"Job.{place}: 'arn:x' is no queue in the template"
