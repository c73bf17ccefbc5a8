"""The morning's run: one report and one mail a day, whatever fires twice, late, at once or not at all.

Ids are the fault matrix's.
"""

import copy
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import time_machine
from moto.backends import get_backend

import local
from core.aws import cognito, sqs
from core.config import settings
from jobs.report_day import handler
from local import mailbox
from local.environment import REGION
from local.template import ACCOUNT
from models.daily_report import DailyReport
from models.shards import SHARDS
from services.mail import sending
from services.mail.sending import EVENT_HEADER
from tests.makers import make_product, make_session
from tests.orders_faults.wire import (
    Crash,
    Fault,
    Wire,
    crash_after,
    crash_before,
    lose_answer,
    meanwhile,
    server_error,
)
from tests.services.reports.days import at, click, make_confirmed, make_order, move_on
from tests.store import rows

DAY = date(2026, 11, 20)
MORNING = at("2026-11-21 09:00")
EVENT = {"version": "0", "source": "aws.scheduler", "time": "2026-11-21T09:00:00Z", "detail": "{}"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def shop(clock: time_machine.Traveller) -> None:
    """A day with a little of everything; its admin is there since then."""
    clock.move_to(at("2026-11-20 08:00"))
    make_session("ada@kiosk.example", is_admin=True)
    make_session("carl@kiosk.example")
    mug = make_product(sku="MUG", name="Mug")
    make_confirmed(at("2026-11-20 10:00"), {mug: 2}, amount_minor=2500)
    make_confirmed(at("2026-11-20 11:00"), {mug: 1}, amount_minor=1200, currency="JPY")
    declined = make_order(at("2026-11-20 12:00"), {mug: 1})
    move_on(declined, ("CHARGING", at("2026-11-20 12:01")), ("CANCELLED", at("2026-11-20 12:02")))
    click("spring", at("2026-11-20 13:00"), times=4)
    local.drain()
    mailbox.empty()
    clock.move_to(MORNING)


def stored() -> list[dict[str, Any]]:
    return rows(settings().daily_reports_table)


def sent() -> list[mailbox.Mail]:
    local.drain()
    return mailbox.newest_first()


def subjects() -> list[str]:
    return [mail.subject for mail in reversed(sent())]


def test_the_report_and_its_mail():
    assert handler(EVENT, None) == ["2026-11-20"]
    report = DailyReport.of(DAY)
    assert (report.orders_placed, report.orders_confirmed, report.orders_cancelled) == (3, 2, 1)
    assert report.revenue == {"EUR": 2500, "JPY": 1200}
    assert (report.units_sold, report.new_users, report.link_clicks) == (3, 2, 4)
    assert (report.generated_at, report.is_mail_owed) == (MORNING, False)
    (mail,) = sent()
    assert (mail.to, mail.subject) == (("ada@kiosk.example",), "Kiosk on Friday, 20 November 2026")
    assert mail.headers[EVENT_HEADER] == "daily_report:2026-11-20"
    assert mail.text.split("\r\n-- ")[0].splitlines() == [
        "Friday, 20 November 2026",
        "",
        "Orders placed: 3",
        "Orders confirmed: 2",
        "Orders cancelled: 1",
        "Revenue: 25.00 EUR",
        "Revenue: 1200 JPY",
        "Units sold: 3",
        "New users: 2",
        "Clicks on links: 4",
        "",
        "Most sold",
        "3 x Mug (MUG)",
        "",
        "Most clicked",
        f"4 x {settings().public_base_url}/spring",
    ]
    assert "25.00 EUR" in mail.html


def test_the_chart_stands_in_the_mail(monkeypatch: pytest.MonkeyPatch):
    posted: list[bytes] = []
    monkeypatch.setattr(sending, "_ask_ses", lambda mime, recipient: posted.append(mime) or "id")
    handler(EVENT, None)
    local.drain()
    message = message_from_bytes(posted[0], policy=policy.default)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    *_, html, picture = message.walk()
    assert 'src="cid:chart"' in html.get_content()
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<chart>", "inline")
    assert picture.get_content().startswith(b"\x89PNG")
    assert len(posted[0]) < 200_000


def test_the_mailbox_shows_the_chart():
    handler(EVENT, None)
    (mail,) = sent()
    assert 'src="data:image/png;base64,iVBOR' in mail.html
    assert "cid:" not in mail.html


def test_every_admin_gets_one_whose_address_is_confirmed():
    make_session("bob@kiosk.example", is_admin=True)
    pool = settings().user_pool_id
    cognito().admin_create_user(
        UserPoolId=pool,
        Username="eve@kiosk.example",
        UserAttributes=[{"Name": "email", "Value": "eve@kiosk.example"}],
        MessageAction="SUPPRESS",
    )
    make_session("gone@kiosk.example", is_admin=True)
    cognito().admin_disable_user(UserPoolId=pool, Username="gone@kiosk.example")
    cognito().admin_add_user_to_group(UserPoolId=pool, Username="eve@kiosk.example", GroupName="admins")
    mailbox.empty()
    handler(EVENT, None)
    reports = [mail for mail in sent() if mail.subject.startswith("Kiosk on")]
    assert sorted(mail.to[0] for mail in reports) == ["ada@kiosk.example", "bob@kiosk.example"]


def test_F01_the_schedule_fires_twice():
    assert handler(EVENT, None) == ["2026-11-20"]
    before = stored()
    make_confirmed(at("2026-11-20 14:00"), {make_product(): 1})  # as if it had come late: the first made stays
    assert handler(EVENT, None) == []
    assert stored() == before
    assert subjects() == ["Kiosk on Friday, 20 November 2026"]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """Nobody waits between two tries."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    wire = Wire()
    with wire.attached():
        yield wire


TRIES = 3
FAULTS: dict[str, list[Fault]] = {
    "crash before": [crash_before],
    "crash after": [crash_after],
    "answers lost": [lose_answer] * TRIES,
}


@pytest.mark.parametrize("kind", FAULTS)
def test_F02_a_crash_anywhere_is_finished_by_the_next_run(kind: str, wire: Wire):
    """Each call of a whole run in turn meets the fault; the run that follows leaves the same bytes, and one mail."""
    go_back = remember()
    wire.calls.clear()
    handler(EVENT, None)
    calls = list(wire.calls)
    assert len(calls) > 2 * SHARDS
    whole, charts, letters = stored(), rows(settings().report_charts_table), [mail.text for mail in sent()]
    assert len(letters) == 1
    for number in range(len(calls)):
        go_back()
        wire.on("", *[None] * number, *FAULTS[kind])
        with suppress(Crash, Exception):
            handler(EVENT, None)
        assert wire.faults_met > 0, calls[number]
        wire.heal()
        handler(EVENT, None)
        assert stored() == whole, calls[number]
        assert rows(settings().report_charts_table) == charts, calls[number]
        assert [mail.text for mail in sent()] == letters, calls[number]


def remember() -> Callable[[], None]:
    """A way back to this moment, as often as wanted."""
    tables = get_backend("dynamodb")[ACCOUNT][REGION].tables
    items = {name: copy.deepcopy(table.items) for name, table in tables.items()}

    def go_back() -> None:
        local.drain()
        mailbox.empty()
        for name, table in tables.items():
            table.items = copy.deepcopy(items[name])

    return go_back


def test_F02_the_next_mornings_run_finishes_it_too(clock: time_machine.Traveller, wire: Wire):
    go_back = remember()
    handler(EVENT, None)
    (whole,) = stored()
    go_back()
    wire.on("send MailQueue", crash_before)
    with pytest.raises(Crash):
        handler(EVENT, None)
    (half,) = stored()
    assert half == whole | {"is_mail_owed": True}
    clock.move_to(MORNING + timedelta(days=1))
    assert handler({"time": "2026-11-22T09:00:00Z"}, None) == ["2026-11-20", "2026-11-21"]
    assert stored()[0] == whole
    assert subjects() == ["Kiosk on Friday, 20 November 2026", "Kiosk on Saturday, 21 November 2026"]


@pytest.mark.parametrize("runs_at", ["2026-11-21 09:00", "2026-11-22 00:00:01", "2026-11-22 08:59"])
@pytest.mark.parametrize("time", ["2026-11-21T09:00:00Z", "2026-11-22T01:59:59+02:00", "2026-11-21T00:00:00Z"])
def test_F03_fired_late_it_reports_the_day_of_its_event(runs_at: str, time: str, clock: time_machine.Traveller):
    clock.move_to(at(runs_at))
    assert handler({**EVENT, "time": time}, None) == ["2026-11-20"]
    assert [row["date"] for row in stored()] == ["2026-11-20"]


def test_a_day_that_is_not_over_is_not_reported(clock: time_machine.Traveller):
    clock.move_to(at("2026-11-20 23:59:59"))
    assert handler(EVENT, None) == ["2026-11-19"]
    assert DailyReport.of(DAY) is None


def test_F06_two_runs_overlap():
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(handler, EVENT, None) for _ in range(4)]
        assert {tuple(run.result()) for run in runs} <= {("2026-11-20",), ()}
    (report,) = stored()
    assert (report["orders_placed"], report["is_mail_owed"]) == (3, False)
    assert subjects() == ["Kiosk on Friday, 20 November 2026"]


def test_F06_the_run_that_stores_second_keeps_the_first(wire: Wire):
    """The other made it after this one had looked, and had counted more."""

    def other() -> None:
        make_confirmed(at("2026-11-20 14:00"), {make_product(): 1})
        handler({**EVENT, "time": "2026-11-21T08:00:00Z"}, None)

    wire.on(f"write {settings().daily_reports_table}", meanwhile(other))
    handler(EVENT, None)
    report = DailyReport.of(DAY)
    assert (report.orders_confirmed, report.generated_at) == (3, at("2026-11-21 08:00"))
    assert subjects() == ["Kiosk on Friday, 20 November 2026"]


def test_missed_days_are_caught_up_oldest_first(clock: time_machine.Traveller):
    handler(EVENT, None)
    assert len(subjects()) == 1
    clock.move_to(at("2026-11-25 09:00"))
    make_confirmed(at("2026-11-23 10:00"), {make_product(): 1}, amount_minor=777)
    assert handler({"time": "2026-11-25T09:00:00Z"}, None) == [f"2026-11-{day}" for day in (21, 22, 23, 24)]
    assert [row["date"] for row in stored()] == [f"2026-11-{day}" for day in range(20, 25)]
    assert DailyReport.of(date(2026, 11, 23)).revenue == {"EUR": 777}
    assert len(subjects()) == 5
    assert handler({"time": "2026-11-25T09:00:00Z"}, None) == []


def test_no_further_back_than_35_days(clock: time_machine.Traveller):
    later = MORNING + timedelta(days=60)
    clock.move_to(later)
    days = handler({"time": later.isoformat()}, None)
    assert (len(days), days[0], days[-1]) == (35, "2026-12-16", "2027-01-19")


def test_before_anybody_was_there_no_day_was_missed():
    assert handler({"time": "2026-11-15T09:00:00Z"}, None) == ["2026-11-14"]
    local.reset()
    assert handler(EVENT, None) == ["2026-11-20"]
    assert stored()[0]["orders_placed"] == 0


def test_a_failed_run_comes_again_and_then_to_its_dead_letter_queue(clock: time_machine.Traveller, wire: Wire):
    """As the template says: two more tries, then the queue with an alarm."""
    wire.always("query", server_error)
    (schedule,) = [each for each in local.running().sources.schedules if each.function.name == "ReportDayFunction"]
    line = local.running().sources.line
    line.add(schedule.function, schedule.event(MORNING), schedule.name)
    for minutes in (0, 1, 2):
        clock.shift(timedelta(minutes=minutes))
        assert line.run_next()
    assert not line.run_next()
    (letter,) = sqs().receive_message(QueueUrl=sqs().get_queue_url(QueueName="ReportDayDeadLetterQueue")["QueueUrl"])[
        "Messages"
    ]
    assert json.loads(letter["Body"])["time"] == "2026-11-21T09:00:00Z"
    assert stored() == []
