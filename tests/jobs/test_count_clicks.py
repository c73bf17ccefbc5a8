"""Clicks on their way from the queue: large batches, each counted once, and poison out of the way."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

import local
from core.aws import sqs
from core.config import settings
from jobs.count_clicks import handler
from local import queues
from models.link_day import TOTAL, LinkDay
from services.clicks import sending
from services.clicks.click import Click
from services.clicks.sending import send_click
from tests import faults

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
VISIBILITY = timedelta(seconds=371)
MAX_RECEIVES = 5


def click(code: str = "tea") -> Click:
    return Click(code, AT, "CH", "direct", "mobile", is_bot=False)


def event(*bodies: str, receives: str = "1") -> dict:
    return {
        "Records": [
            {"messageId": f"message-{number}", "body": body, "attributes": {"ApproximateReceiveCount": receives}}
            for number, body in enumerate(bodies)
        ]
    }


def send(body: str) -> None:
    sqs().send_message(QueueUrl=settings().clicks_queue_url, MessageBody=body)


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """How long a visitor waits is tested where clicks are sent."""
    monkeypatch.setattr(sending, "PATIENCE", 10)
    monkeypatch.setattr(sending, "WARM_PATIENCE", 10)


@pytest.fixture
def clock():
    with time_machine.travel(AT) as traveller:
        yield traveller


def test_from_the_queue_to_the_rows():
    for _ in range(25):
        send_click(click())
    local.drain()
    assert LinkDay.get("tea", TOTAL).clicks == LinkDay.get("tea", "D#2026-11-21").clicks == 25
    assert queues.counted(local.running())[queue()] == {"name": "ClicksQueue", "waiting": 0, "in_flight": 0, "dead": 0}


def queue() -> int:
    return [each["name"] for each in queues.counted(local.running())].index("ClicksQueue")


def test_poison_ends_in_the_dead_letter_queue_and_the_rest_is_counted(clock):
    send("{")
    send(json.dumps({"version": 2}))
    send_click(click())
    for number in range(MAX_RECEIVES):
        if number == 1:
            send_click(click("mug"))
        local.drain()
        assert LinkDay.get("tea", TOTAL).clicks == 1
        assert queues.dead_letters(local.running()) == []
        clock.shift(VISIBILITY)
    local.drain()
    assert LinkDay.get("mug", TOTAL).clicks == 1
    assert {letter["body"] for letter in queues.dead_letters(local.running())} == {"{", '{"version": 2}'}


def test_a_crash_between_counting_and_telling_counts_once(clock):
    """Every message of the batch comes back."""
    for _ in range(3):
        send_click(click())

    class Crash(BaseException):
        pass

    def count_and_crash(request: object) -> None:
        with pytest.raises(faults.ReadTimeoutError):
            faults.response_lost(request)
        raise Crash

    with faults.faults("TransactWriteItems", count_and_crash), pytest.raises(Crash):
        local.drain()
    clock.shift(VISIBILITY)
    local.drain()
    assert LinkDay.get("tea", TOTAL).clicks == 3


@pytest.mark.parametrize(
    ("bodies", "failed"),
    [
        ([], []),
        ([click().to_body()], []),
        (["null"], ["message-0"]),
        ([click().to_body(), "[" * 100_000, click("mug").to_body(), "\ud800"], ["message-1", "message-3"]),
    ],
)
def test_the_answer_names_what_must_come_back(bodies, failed):
    assert handler(event(*bodies), None) == {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def test_the_job_loads_neither_the_url_parser_nor_a_web_library():
    """Its package does not have them."""
    program = (
        "import local; local.start(); import sys; before = set(sys.modules)\n"
        "import jobs.count_clicks, jobs.send_mail\n"
        "print(sorted({'ada_url', 'fastapi', 'starlette', 'strawberry', 'graphql'} & (set(sys.modules) - before)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
