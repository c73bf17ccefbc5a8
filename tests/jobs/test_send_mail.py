"""Mails on their way from the queue: once each, whatever is lost, repeated or broken. Ids are the fault matrix's."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

import local
from core.aws import ses, sqs
from core.clock import now
from core.config import settings
from core.observability import logger
from jobs.send_mail import handler
from local import mailbox
from local.mailbox import Mail
from models.mail_log import MailLog
from models.user import User
from services.mail import sending
from services.mail.events import MailEvent, queue_mail
from services.mail.sending import EVENT_HEADER
from tests import faults
from tests.faults import faults as meeting
from tests.store import rows

VISIBILITY = timedelta(seconds=181)
MAX_RECEIVES = 5


class Crash(BaseException):
    """The process ends: nothing catches it."""


def crash(_: Any) -> None:
    raise Crash


@pytest.fixture
def clock():
    with time_machine.travel(datetime.fromisoformat("2026-11-21T09:00:00Z")) as traveller:
        yield traveller


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    metrics: list[str] = []
    monkeypatch.setattr(sending, "count", metrics.append)
    return metrics


@pytest.fixture
def logged(monkeypatch) -> io.StringIO:
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    return lines


def make_user(user_id: str = "ann") -> MailEvent:
    User.new(user_id, email=f"{user_id}@kiosk.example", name=user_id.title(), role="CUSTOMER").save()
    return MailEvent("welcome", user_id)


def sent() -> list[Mail]:
    return mailbox.newest_first()


def event_ids() -> list[str]:
    return [mail.headers[EVENT_HEADER] for mail in sent()]


def log_state() -> list[tuple[str, str | None]]:
    return [(row["state"], row.get("reason")) for row in rows(settings().mail_log_table)]


def waiting(url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(map(int, sqs().get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))


def dead_url() -> str:
    return sqs().get_queue_url(QueueName="MailDeadLetterQueue")["QueueUrl"]


def record(number: int, body: str) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:MailQueue",
        "awsRegion": "eu-central-1",
    }


def failures(*bodies: str) -> list[str]:
    answer = handler({"Records": [record(number, body) for number, body in enumerate(bodies)]}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_from_the_queue_to_the_mailbox():
    queue_mail(make_user())
    local.drain()
    (mail,) = sent()
    assert (mail.to, mail.subject) == (("ann@kiosk.example",), "Welcome to Kiosk")
    assert mail.headers[EVENT_HEADER] == "welcome:ann"
    assert mail.text.startswith("Hello Ann,\r\n")
    assert "<h1" in mail.html
    assert log_state() == [("SENT", None)]
    assert (waiting(settings().mail_queue_url), waiting(dead_url())) == (0, 0)


def test_a_whole_batch():
    bodies = [make_user(f"person-{number}").to_body() for number in range(10)]
    assert failures(*bodies) == []
    assert sorted(mail.to[0] for mail in sent()) == [f"person-{number}@kiosk.example" for number in range(10)]


def test_delivered_again_it_is_not_sent_again(clock):
    body = make_user().to_body()
    assert failures(body, body) == []
    assert failures(body) == []
    for days in (7, 13, 28, 80):
        with time_machine.travel(now() + timedelta(days=days)):
            assert failures(body) == []
    assert event_ids() == ["welcome:ann"]


def test_two_at_the_same_moment(clock):
    """The second comes while SES is asked for the first: it waits for its next delivery and finds the mail sent."""
    body = make_user().to_body()
    second: list[list[str]] = []
    with meeting("SendEmail", lambda _: second.append(failures(body)), client=ses()):
        assert failures(body) == []
    assert second == [["message-0"]]
    clock.shift(VISIBILITY)
    assert failures(body) == []
    assert event_ids() == ["welcome:ann"]


def test_request_to_ses_lost(clock):
    """B16"""
    queue_mail(make_user())
    with meeting("SendEmail", faults.request_lost, client=ses()) as asked:
        local.drain()
        assert (len(asked), sent()) == (1, [])
        clock.shift(VISIBILITY)
        local.drain()
    assert event_ids() == ["welcome:ann"]
    assert log_state() == [("SENT", None)]
    assert waiting(settings().mail_queue_url) == 0


def test_answer_of_ses_lost(clock):
    """B17"""
    queue_mail(make_user())
    with meeting("SendEmail", faults.response_lost, client=ses()) as asked:
        local.drain()
        clock.shift(VISIBILITY)
        local.drain()
        clock.shift(VISIBILITY)
        local.drain()
    assert len(asked) == 2
    assert event_ids() == ["welcome:ann"] * 2
    assert log_state() == [("SENT", None)]


@pytest.mark.parametrize(("before", "copies"), [("SES", 1), ("the log is closed", 2)])
def test_crash(clock, before, copies):
    """B18: the log's first write takes the row, its second closes it."""
    queue_mail(make_user())
    operation, client = ("SendEmail", ses()) if before == "SES" else ("TransactWriteItems", None)
    planned = [crash] if before == "SES" else [None, crash]
    with meeting(operation, *planned, client=client), pytest.raises(Crash):
        local.drain()
    assert [state for state, _ in log_state()] == ["SENDING"]
    clock.shift(VISIBILITY)
    local.drain()
    assert event_ids() == ["welcome:ann"] * copies
    assert log_state() == [("SENT", None)]
    assert failures(MailEvent("welcome", "ann").to_body()) == []
    assert len(sent()) == copies


def test_while_an_attempt_may_be_alive_nobody_takes_over(clock):
    body = make_user().to_body()
    with meeting("SendEmail", crash, client=ses()), pytest.raises(Crash):
        failures(body)
    clock.shift(sending.ATTEMPT - timedelta(seconds=1))
    assert failures(body) == ["message-0"]
    clock.shift(timedelta(seconds=2))
    assert failures(body) == []
    assert event_ids() == ["welcome:ann"]


def test_a_slow_attempt_that_fails_does_not_open_what_another_closed(clock):
    body = make_user().to_body()

    def slow(request: Any) -> Any:
        clock.shift(VISIBILITY)
        assert failures(body) == []
        return faults.error("InternalServiceErrorException")(request)

    with meeting("SendEmail", slow, client=ses()):
        assert failures(body) == ["message-0"]
    assert log_state() == [("SENT", None)]
    assert failures(body) == []
    assert event_ids() == ["welcome:ann"]


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
def test_permanently_refused(clock, counted, code):
    """B19"""
    queue_mail(make_user())
    user = rows(settings().users_table)
    with meeting("SendEmail", faults.error(code), client=ses()) as asked:
        local.drain()
        clock.shift(VISIBILITY)
        local.drain()
        assert failures(MailEvent("welcome", "ann").to_body()) == []
    assert len(asked) == 1
    assert log_state() == [("FAILED", code)]
    assert counted == ["MailRefused"]
    assert (waiting(settings().mail_queue_url), waiting(dead_url())) == (0, 0)
    assert rows(settings().users_table) == user
    assert sent() == []


@pytest.mark.parametrize(
    "code", ["SendingPausedException", "AccountSuspendedException", "InternalServiceErrorException"]
)
def test_what_may_pass_comes_back(clock, counted, code):
    queue_mail(make_user())
    with meeting("SendEmail", faults.error(code), client=ses()) as asked:
        local.drain()
        assert (len(asked), sent()) == (1, [])
        clock.shift(VISIBILITY)
        local.drain()
    assert event_ids() == ["welcome:ann"]
    assert log_state() == [("SENT", None)]
    assert counted == []


def test_a_throttled_call_is_repeated_at_once(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(sending.time, "sleep", waits.append)
    with meeting("SendEmail", *[faults.error("TooManyRequestsException")] * 2, client=ses()):
        assert failures(make_user().to_body()) == []
    assert event_ids() == ["welcome:ann"]
    assert len(waits) == 2
    with meeting("SendEmail", *[faults.error("TooManyRequestsException")] * 3, client=ses()):
        assert failures(make_user("bob").to_body()) == ["message-0"]
    assert failures(MailEvent("welcome", "bob").to_body()) == []
    assert event_ids() == ["welcome:bob", "welcome:ann"]


def test_a_log_that_is_down_sends_nothing():
    body = make_user().to_body()
    with meeting("TransactWriteItems", *[faults.error("InternalServerError")] * 20):
        assert failures(body) == ["message-0"]
    assert (sent(), log_state()) == ([], [])
    assert failures(body) == []
    assert event_ids() == ["welcome:ann"]


@pytest.mark.parametrize("event", [MailEvent("welcome", "nobody"), MailEvent("order_confirmed", "nothing")])
def test_about_nobody(counted, event):
    assert failures(event.to_body()) == []
    assert counted == ["MailSubjectUnknown"]
    assert (sent(), log_state()) == ([], [])


POISON = {
    "empty": " ",
    "not-json": "{",
    "html": "<html>",
    "deep": "[" * 100_000,
    "list": "[]",
    "null": "null",
    "number": "1e999",
    "nothing": "{}",
    "no-version": json.dumps({"template": "welcome", "subject_id": "ann"}),
    "version-2": json.dumps({"version": 2, "template": "welcome", "subject_id": "ann"}),
    "version-true": json.dumps({"version": True, "template": "welcome", "subject_id": "ann"}),
    "version-text": json.dumps({"version": "1", "template": "welcome", "subject_id": "ann"}),
    "template-unknown": json.dumps({"version": 1, "template": "layout", "subject_id": "ann"}),
    "template-path": json.dumps({"version": 1, "template": "../welcome", "subject_id": "ann"}),
    "template-list": json.dumps({"version": 1, "template": ["welcome"], "subject_id": "ann"}),
    "subject-number": json.dumps({"version": 1, "template": "welcome", "subject_id": 1}),
    "subject-empty": json.dumps({"version": 1, "template": "welcome", "subject_id": ""}),
    "subject-surrogate": json.dumps({"version": 1, "template": "welcome", "subject_id": "\ud800"}),
    "subject-line-break": json.dumps({"version": 1, "template": "welcome", "subject_id": "ann\n"}),
    "256-KB": json.dumps({"version": 1, "template": "welcome", "subject_id": "x" * 262_080}),
}


@pytest.mark.parametrize("body", POISON.values(), ids=POISON.keys())
def test_poison_ends_in_the_dead_letter_queue(clock, body):
    """I10, C04, C06"""
    mates = [make_user(f"person-{number}") for number in range(9)]
    for mate in mates[:4]:
        queue_mail(mate)
    sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody=body)
    for mate in mates[4:]:
        queue_mail(mate)
    for receives in range(1, MAX_RECEIVES + 1):
        assert (waiting(settings().mail_queue_url), waiting(dead_url())) == (10 if receives == 1 else 1, 0)
        local.drain()
        assert sorted(event_ids()) == [mate.id for mate in mates]
        clock.shift(VISIBILITY)
    local.drain()
    assert (waiting(settings().mail_queue_url), waiting(dead_url())) == (0, 1)
    (dead,) = sqs().receive_message(QueueUrl=dead_url())["Messages"]
    assert dead["Body"] == body
    assert sorted(event_ids()) == [mate.id for mate in mates]


def test_a_lone_surrogate_in_the_body():
    assert failures('{"version": 1, "template": "welcome", "subject_id": "\ud800"}', make_user().to_body()) == [
        "message-0"
    ]
    assert event_ids() == ["welcome:ann"]


def test_the_answer_names_exactly_what_failed():
    """C13"""
    good = [make_user(f"person-{number}").to_body() for number in range(2)]
    assert failures("x", good[0], "y", good[1], "z") == ["message-0", "message-2", "message-4"]
    assert failures("x", "y") == ["message-0", "message-1"]
    assert handler({"Records": [record(0, good[0])]}, None) == {"batchItemFailures": []}


def test_no_address_stands_in_queue_or_log(clock, logged):
    event = make_user()
    assert "@" not in event.to_body()
    queue_mail(event)
    says = "not authorized to send to ann@kiosk.example"
    passing, final = faults.error("AccessDeniedException", message=says), faults.error("MessageRejected", message=says)
    with meeting("SendEmail", passing, final, client=ses()):
        local.drain()
        clock.shift(VISIBILITY)
        local.drain()
    failures('{"to": "ann@kiosk.example"}', "ann@kiosk.example", make_user("bob").to_body())
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [line["message"] for line in lines if line["message"].startswith("Mail ")] == [
        "Mail not sent",
        "Mail refused",
        "Mail not sent",
        "Mail not sent",
        "Mail sent",
    ]
    assert "@" not in logged.getvalue()


def test_the_log_forgets_after_90_days(clock):
    queue_mail(make_user())
    local.drain()
    (row,) = rows(settings().mail_log_table)
    assert row["expires_at"] == (now() + timedelta(days=90)).timestamp() // 1
    assert "ann" not in json.dumps(row, default=str)
    assert MailLog.find(row["key"]).message_id
