"""A report made once and remade: the same numbers, and a new generatedAt."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from core.config import settings
from core.errors import InvalidInputError, Refused
from models.daily_report import DailyReport
from services.reports import making
from services.reports.making import make_report, remake_report
from tests.faults import error, faults
from tests.makers import make_product
from tests.orders_faults.wire import Wire, meanwhile
from tests.services.reports.days import at, click, make_confirmed, move_on
from tests.store import rows

DAY = date(2026, 11, 20)
NOON = at("2026-11-20 12:00")
MORNING = at("2026-11-21 09:00")
LATER = at("2026-12-24 18:00")


def stored() -> dict:
    (row,) = rows(settings().daily_reports_table)
    return row


def numbers() -> dict:
    return {name: value for name, value in stored().items() if name != "generated_at"}


def test_remade_it_has_the_same_numbers_and_says_when():
    order = make_confirmed(NOON, {make_product(): 2}, amount_minor=2500)
    click("spring", NOON, times=3)
    make_report(DAY, MORNING)
    before = numbers()
    move_on(order, ("REFUNDING", at("2026-11-22 10:00")), ("REFUNDED", at("2026-11-22 10:01")))
    click("spring", NOON, times=4)  # counted late
    click("other", NOON, times=9)
    report = remake_report(DAY, LATER)
    assert report.generated_at == DailyReport.of(DAY).generated_at == LATER
    assert numbers() == before
    assert (report.link_clicks, report.top_links) == (3, [{"code": "spring", "clicks": 3}])


def test_remade_it_owes_no_second_mail_and_keeps_the_one_it_owes():
    make_report(DAY, MORNING)
    assert remake_report(DAY, LATER).is_mail_owed
    DailyReport.of(DAY).update([DailyReport.is_mail_owed.set(False)])
    assert not remake_report(DAY, LATER).is_mail_owed


@pytest.mark.parametrize(("now", "is_mail_owed"), [("2026-12-25 09:00", True), ("2026-12-26 09:00", False)])
def test_a_day_too_long_ago_to_be_caught_up_owes_no_mail(now, is_mail_owed):
    assert remake_report(DAY, at(now)).is_mail_owed is is_mail_owed


def test_a_day_that_was_never_reported_is_made_and_still_owes_its_mail():
    make_confirmed(NOON, {make_product(): 1})
    report = remake_report(DAY, MORNING)
    assert (report.orders_confirmed, report.generated_at, report.is_mail_owed) == (1, MORNING, True)
    assert make_report(DAY, LATER).generated_at == MORNING


def test_what_was_lost_and_is_there_again_is_counted():
    """Orders are folded anew: it is no copy."""
    make_report(DAY, MORNING)
    make_confirmed(NOON, {make_product(): 1})
    assert remake_report(DAY, LATER).revenue == {"EUR": 1250}


@pytest.mark.parametrize("now", ["2026-11-20 00:00", "2026-11-20 23:59:59.999", "2026-11-19 12:00"])
def test_a_day_that_has_not_ended_is_refused(now: str):
    with pytest.raises(Refused) as refused:
        remake_report(DAY, at(now))
    assert refused.value.errors == (InvalidInputError(message="That day has not ended yet.", field=("date",)),)
    assert rows(settings().daily_reports_table) == []


def test_a_day_has_ended_at_midnight():
    assert remake_report(DAY, at("2026-11-21 00:00")).day == "2026-11-20"


def test_F05_of_two_that_remake_it_the_second_loses_and_looks_again():
    make_report(DAY, MORNING)
    wire, write = Wire(), f"write {settings().daily_reports_table}"

    def other() -> None:
        make_confirmed(NOON, {make_product(): 1})
        assert remake_report(DAY, at("2026-12-24 17:59")).orders_confirmed == 1

    with wire.attached():
        wire.on(write, meanwhile(other))
        report = remake_report(DAY, LATER)
    assert wire.calls.count(write) == 3
    assert (report.generated_at, DailyReport.of(DAY).generated_at) == (LATER, LATER)


def test_F06_eight_make_it_at_once():
    make_confirmed(NOON, {make_product(): 1})
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda second: make_report(DAY, at(f"2026-11-21 09:00:0{second}")), range(8)))
    assert len({report.generated_at for report in made}) == 1
    assert stored()["orders_confirmed"] == 1


def test_contention_without_end_is_said():
    make_report(DAY, MORNING)
    refusal = error("TransactionCanceledException", "ConditionalCheckFailed")
    with faults("TransactWriteItems", *[refusal] * making.TRIES) as sent, pytest.raises(Refused) as refused:
        remake_report(DAY, LATER)
    assert [each.code for each in refused.value.errors] == ["RETRY"]
    assert len(sent) == making.TRIES
    assert DailyReport.of(DAY).generated_at == MORNING
