"""Handing clicks to the queue: it takes a moment at most, whatever the queue does."""

import json
import time
from datetime import UTC, datetime

import boto3
import pytest

from core import aws
from core.config import settings
from services.clicks import sending
from services.clicks.click import Click
from services.clicks.sending import send_click
from tests import faults

CLICK = Click("tea", datetime(2026, 11, 21, 9, tzinfo=UTC), "CH", "news.example", "mobile", False)


@pytest.fixture(autouse=True)
def cold(monkeypatch):
    """No connection yet, to a queue that is there: the embedded one is made on first use, which takes a while."""
    aws.sqs().get_queue_attributes(QueueUrl=settings().clicks_queue_url)
    monkeypatch.setattr(sending, "_answered_at", sending.NEVER)


@pytest.fixture
def metrics(monkeypatch) -> list[str]:
    counted: list[str] = []
    monkeypatch.setattr(sending, "count", counted.append)
    return counted


def queued() -> list[str]:
    sqs = boto3.client("sqs")
    return [
        message["Body"] for message in sqs.receive_message(QueueUrl=settings().clicks_queue_url).get("Messages", [])
    ]


def test_a_click_is_queued(metrics):
    send_click(CLICK)
    (body,) = queued()
    assert json.loads(body) == {
        "version": 1,
        "code": "tea",
        "at": "2026-11-21T09:00:00.000Z",
        "country": "CH",
        "referrer": "news.example",
        "device": "mobile",
        "is_bot": False,
    }
    assert Click.from_body(body) == CLICK
    assert metrics == []


def test_its_connection_has_little_patience():
    config = aws.quick_sqs().meta.config
    assert (config.connect_timeout, config.read_timeout) == (0.3, 0.3)
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}


@pytest.mark.parametrize("fault", [faults.request_lost, faults.response_lost, faults.error("ServiceUnavailable")])
def test_a_queue_that_fails_is_asked_once(fault, metrics):
    with faults.faults("SendMessage", fault, client=aws.quick_sqs()) as sent:
        send_click(CLICK)
    assert len(sent) == 1
    assert metrics == ["ClickLost"]


def hang(_: object) -> None:
    time.sleep(0.8)
    raise TimeoutError


@pytest.mark.parametrize(("is_warm", "patience"), [(False, 0.3), (True, 0.05)])
def test_a_queue_that_hangs(is_warm, patience, metrics):
    if is_warm:
        send_click(CLICK)
    with faults.faults("SendMessage", hang, client=aws.quick_sqs()):
        started = time.perf_counter()
        send_click(CLICK)
        took = time.perf_counter() - started
    assert patience <= took < patience + 0.25  # the rest is this machine's own
    assert metrics == ["ClickLost"]


def test_after_a_pause_the_connection_is_cold(monkeypatch, metrics):
    send_click(CLICK)
    monkeypatch.setattr(sending, "_answered_at", time.monotonic() - sending.WARM_FOR)
    with faults.faults("SendMessage", hang, client=aws.quick_sqs()):
        started = time.perf_counter()
        send_click(CLICK)
        assert time.perf_counter() - started >= 0.3
    assert metrics == ["ClickLost"]


def test_after_a_failure_the_connection_is_cold(metrics):
    send_click(CLICK)
    assert sending._answered_at > sending.NEVER
    with faults.faults("SendMessage", faults.request_lost, client=aws.quick_sqs()):
        send_click(CLICK)
    assert sending._answered_at == sending.NEVER
    assert metrics == ["ClickLost"]
