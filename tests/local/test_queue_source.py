"""A queue's messages reach the function as Lambda would bring them."""

import json
from typing import Any

import pytest
import time_machine

from local import queues, runs
from local.laptop import Laptop
from local.resources import client
from local.template import TemplateError
from tests.local import handlers
from tests.local.conftest import make_laptop

ARN = "arn:aws:sqs:eu-central-1:123456789012:Jobs"
URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/Jobs"


def make(handler: str = "answering", more: str = "") -> Laptop:
    return make_laptop(f"""
        Jobs:
          Type: AWS::SQS::Queue
          Properties:
            VisibilityTimeout: 60
            RedrivePolicy: {{deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}
        Dead: {{Type: AWS::SQS::Queue}}
        Worker:
          Type: AWS::Serverless::Function
          Properties:
            Handler: tests.local.handlers.{handler}
            Timeout: 10
            Events: {{Jobs: {{Type: SQS, Properties: {{Queue: !GetAtt Jobs.Arn, {more}}}}}}}
    """)


REPORTS = "FunctionResponseTypes: [ReportBatchItemFailures]"


def send(*bodies: str) -> None:
    for body in bodies:
        client("sqs").send_message(QueueUrl=URL, MessageBody=body)


def batches() -> list[list[str]]:
    return [[record["body"] for record in event["Records"]] for event, _ in handlers.calls]


def counts(laptop: Laptop) -> dict[str, Any]:
    (queue,) = queues.counted(laptop)
    return {name: queue[name] for name in ("waiting", "in_flight", "dead")}


def test_a_record_has_lambdas_shape() -> None:
    laptop = make()
    attributes = {"kind": {"DataType": "String", "StringValue": "x"}}
    sent = client("sqs").send_message(QueueUrl=URL, MessageBody='{"a": 1}', MessageAttributes=attributes)
    laptop.sources.drain()
    ((event, context),) = handlers.calls
    (record,) = event["Records"]
    assert record.pop("receiptHandle")
    system = record.pop("attributes")
    assert set(system) >= {"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}
    assert system["ApproximateReceiveCount"] == "1"
    assert record == {
        "messageId": sent["MessageId"],
        "body": '{"a": 1}',
        "messageAttributes": {
            "kind": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
        },
        "md5OfBody": sent["MD5OfMessageBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "eu-central-1",
    }
    json.dumps(event)
    assert context.function_name == "Worker"
    assert context.invoked_function_arn == "arn:aws:lambda:eu-central-1:123456789012:function:Worker"
    assert 9_000 < context.get_remaining_time_in_millis() <= 10_000
    assert counts(laptop) == {"waiting": 0, "in_flight": 0, "dead": 0}


@pytest.mark.parametrize(
    ("more", "sizes"),
    [
        ("", [10, 2]),
        ("BatchSize: 5", [5, 5, 2]),
        ("BatchSize: 1", [1] * 12),
        ("BatchSize: 100, MaximumBatchingWindowInSeconds: 1", [12]),
    ],
)
def test_batches_are_gathered_to_their_size(more: str, sizes: list[int]) -> None:
    laptop = make(more=more)
    send(*map(str, range(12)))
    laptop.sources.drain()
    assert [len(batch) for batch in batches()] == sizes
    assert sorted(int(body) for batch in batches() for body in batch) == list(range(12))


def test_more_than_ten_need_a_window() -> None:
    with pytest.raises(TemplateError, match=r"^Worker\.Events\.Jobs\.BatchSize: above 10 needs"):
        make(more="BatchSize: 11")


def test_a_batch_waits_its_window_to_fill() -> None:
    laptop = make(more="BatchSize: 3, MaximumBatchingWindowInSeconds: 30")
    (source,) = laptop.sources.queues
    send("a", "b", "c", "d")
    assert source.deliver(window=30) is True  # full at once
    assert [sorted(batch) for batch in batches()] == [["a", "b", "c"]]
    assert source.deliver(window=1) is True
    assert batches()[1] == ["d"]
    assert source.deliver(window=30) is False  # nothing waits: nothing is waited for


def test_only_failed_messages_come_back_and_only_after_their_timeout() -> None:
    laptop = make("poisoned", REPORTS)
    with time_machine.travel("2026-11-21T09:00:00Z", tick=False) as clock:
        send("good", "poison", "fine")
        laptop.sources.drain()
        assert [sorted(batch) for batch in batches()] == [["fine", "good", "poison"]]
        assert counts(laptop) == {"waiting": 0, "in_flight": 1, "dead": 0}
        clock.shift(59)
        laptop.sources.drain()
        assert len(batches()) == 1
        clock.shift(2)
        laptop.sources.drain()
        assert batches()[1:] == [["poison"]]


def test_poison_is_dead_after_exactly_its_receives() -> None:
    laptop = make("poisoned", REPORTS)
    with time_machine.travel("2026-11-21T09:00:00Z", tick=False) as clock:
        send("poison")
        for _ in range(6):
            send("good")
            laptop.sources.drain()
            clock.shift(61)
        received = [record for event, _ in handlers.calls for record in event["Records"]]
    assert [record["body"] for record in received].count("poison") == 3
    assert [record["body"] for record in received].count("good") == 6
    poison = [record["attributes"]["ApproximateReceiveCount"] for record in received if record["body"] == "poison"]
    assert poison == ["1", "2", "3"]
    assert counts(laptop) == {"waiting": 0, "in_flight": 0, "dead": 1}
    assert queues.dead_letters(laptop) == [{"queue": "Jobs", "body": "poison"}]


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}],
)
def test_answers_that_mean_all_is_well(answer: Any) -> None:
    laptop = make(more=REPORTS)
    handlers.answer = answer
    send("a", "b")
    laptop.sources.drain()
    assert counts(laptop) == {"waiting": 0, "in_flight": 0, "dead": 0}


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"id": "x"}]},
        {"batchItemFailures": "all"},
        {"batchItemFailure": []},
        "text",
    ],
)
def test_answers_that_cannot_be_read_fail_the_whole_batch(answer: Any) -> None:
    laptop = make(more=REPORTS)
    handlers.answer = answer
    send("a", "b")
    laptop.sources.drain()
    assert counts(laptop) == {"waiting": 0, "in_flight": 2, "dead": 0}


def test_without_reported_failures_the_answer_means_nothing() -> None:
    laptop = make("poisoned")
    send("poison")
    laptop.sources.drain()
    assert counts(laptop) == {"waiting": 0, "in_flight": 0, "dead": 0}


def test_a_function_that_fails_fails_its_batch() -> None:
    laptop = make("failing", REPORTS)
    send("a", "b")
    laptop.sources.drain()
    assert counts(laptop) == {"waiting": 0, "in_flight": 2, "dead": 0}
    (run,) = runs.newest_first()
    assert (run.function, run.source, run.records, run.outcome) == ("Worker", "Jobs", 2, "failed")
    assert run.error == "RuntimeError: as asked"


def test_served_queues_are_worked_off_in_the_background() -> None:
    from threading import Event

    laptop = make()
    arrived = Event()
    handlers.calls = Arrivals(arrived)
    try:
        laptop.sources.start()
        send("a")
        assert arrived.wait(10)
    finally:
        laptop.sources.stop()
        handlers.calls = []


class Arrivals(list[Any]):
    def __init__(self, arrived: Any) -> None:
        self.arrived = arrived

    def append(self, call: Any) -> None:
        super().append(call)
        self.arrived.set()
