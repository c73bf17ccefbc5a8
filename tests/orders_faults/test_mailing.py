"""B16 to B19 of the fault matrix: an order's mails, through the real handler. The order is none the worse."""

from datetime import timedelta

import pytest

from core.config import settings
from local import mailbox
from services.mail import sending
from tests.orders_faults import invariants
from tests.orders_faults.wire import Call, Crash, crash_after, crash_before, lose_answer, lose_request

AGAIN = timedelta(minutes=3)
"""When the mail queue gives a message again that was not done."""


@pytest.fixture
def confirmed(world) -> str:
    """An order whose mail is queued, not yet sent."""
    order_id = world.place({world.product(stock=5): 2})
    world.work()
    assert world.status(order_id) == "CONFIRMED"
    assert len(world.mail.accepted) == 1
    return order_id


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    metrics: list[str] = []
    monkeypatch.setattr(sending, "count", metrics.append)
    return metrics


def send_again(world, times: int = 1) -> None:
    for _ in range(times):
        world.pass_time(seconds=AGAIN.total_seconds())
        world.send_mails()


def copies() -> list[tuple[str, str, tuple[str, ...]]]:
    return [(mail.headers["X-Kiosk-Event"], mail.subject, mail.to) for mail in mailbox.newest_first()]


def copy_of(world, order_id: str) -> tuple[str, str, tuple[str, ...]]:
    number = world.order(order_id)["number"]
    return f"order_confirmed:{order_id}", f"Your order {number} is confirmed", ("customer@example.com",)


def log() -> list[tuple[str, str | None]]:
    return [(row["state"], row.get("reason")) for row in invariants.rows(settings().mail_log_table)]


def refuse_for_good(call: Call) -> object:
    return call.refuse("MessageRejected")


def assert_done(world, order_id: str, untouched: dict) -> None:
    assert (world.mail.messages, world.mail.dead) == ([], [])
    assert world.order(order_id) == untouched
    world.settle()
    assert world.order(order_id) == untouched


def test_B16_request_to_SES_lost(world, confirmed):
    untouched = world.order(confirmed)
    world.wire.on("SendEmail", lose_request)
    world.send_mails()
    assert (copies(), log()) == ([], [("SENDING", None)])
    send_again(world)
    assert copies() == [copy_of(world, confirmed)]
    assert log() == [("SENT", None)]
    assert world.wire.calls.count("SendEmail") == 2
    assert_done(world, confirmed, untouched)


def test_B17_accepted_by_SES_and_answer_lost(world, confirmed):
    untouched = world.order(confirmed)
    world.mail_crashes = 1
    world.wire.on("SendEmail", lose_answer)
    world.send_mails()
    assert copies() == [copy_of(world, confirmed)]
    send_again(world, times=2)
    assert copies() == [copy_of(world, confirmed)] * 2
    assert log() == [("SENT", None)]
    assert world.wire.calls.count("SendEmail") == 2
    assert_done(world, confirmed, untouched)


@pytest.mark.parametrize(
    ("call", "planned", "in_all"),
    [
        pytest.param("SendEmail", [crash_before], 1, id="before-SES"),
        pytest.param("SendEmail", [crash_after], 2, id="after-SES"),
        pytest.param("write MailLogTable", [None, crash_before], 2, id="before-its-log"),
        pytest.param("write MailLogTable", [None, crash_after], 1, id="after-its-log"),
    ],
)
def test_B18_crash_between_SES_and_its_log(world, confirmed, call, planned, in_all):
    untouched = world.order(confirmed)
    world.mail_crashes = in_all - 1
    world.wire.on(call, *planned)
    with pytest.raises(Crash):
        world.send_mails()
    send_again(world, times=2)
    assert copies() == [copy_of(world, confirmed)] * in_all
    assert log() == [("SENT", None)]
    assert_done(world, confirmed, untouched)


def test_B19_permanently_refused(world, confirmed, counted):
    untouched = world.order(confirmed)
    world.refused_mails = {f"order_confirmed:{confirmed}"}
    world.wire.on("SendEmail", refuse_for_good)
    world.send_mails()
    assert log() == [("FAILED", "MessageRejected")]
    assert counted == ["MailRefused"]
    world.mail.put(world.mail.accepted[0])
    send_again(world)
    assert world.wire.calls.count("SendEmail") == 1
    assert copies() == []
    assert counted == ["MailRefused"]
    assert_done(world, confirmed, untouched)


def test_queued_twice_sent_once(world, confirmed):
    """As after a crash between the queue and T17, at once or later."""
    world.mail.put(world.mail.accepted[0])
    world.mail.duplicate()
    world.send_mails()
    world.mail.put(world.mail.accepted[0])
    send_again(world)
    assert copies() == [copy_of(world, confirmed)]
    assert (world.mail.messages, world.mail.dead) == ([], [])
