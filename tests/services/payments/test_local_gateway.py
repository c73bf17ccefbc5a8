"""The pretended gateway: what each token does, once a key however often and by however many it is asked for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import time_machine

from core.money import Money
from services.payments import KeyReused, Outcome, gateway
from services.payments.local_gateway import Entry, LocalGateway, ledger

AMOUNT = Money(1250, "CHF")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOT_FOUND, UNKNOWN, DECLINED = Outcome("not_found"), Outcome("unknown"), Outcome("declined")
CHARGED, REFUNDED = Outcome("succeeded", "test_charge_A"), Outcome("succeeded", "test_refund_A:refund")


def charge(token="tok_ok", key="A", amount=AMOUNT):
    return gateway().charge(order_id="A", key=key, amount=amount, token=token)


def find_charge():
    return gateway().find_charge(order_id="A", key="A")


def refund(key="A:refund", charge_id="test_charge_A", amount=AMOUNT):
    return gateway().refund(order_id="A", key=key, charge_id=charge_id, amount=amount)


def find_refund():
    return gateway().find_refund(order_id="A", key="A:refund", charge_id="test_charge_A")


def test_the_configuration_of_a_laptop_chooses_it():
    assert isinstance(gateway(), LocalGateway)


@pytest.mark.parametrize(
    ("token", "first", "looked_up", "second", "charges"),
    [
        ("tok_ok", CHARGED, CHARGED, CHARGED, 1),
        ("tok_lost", UNKNOWN, CHARGED, CHARGED, 1),
        ("tok_timeout", UNKNOWN, NOT_FOUND, CHARGED, 1),
        ("tok_declined", DECLINED, DECLINED, DECLINED, 0),
        ("tok_unheard_of", DECLINED, DECLINED, DECLINED, 0),
    ],
)
def test_tokens(token, first, looked_up, second, charges):
    assert find_charge() == NOT_FOUND
    assert [charge(token), find_charge(), charge(token), find_charge()] == [first, looked_up, second, second]
    assert len(ledger()) == charges


def test_a_timeout_charged_nothing_until_it_is_tried_again():
    with time_machine.travel(NOON, tick=False):
        charge("tok_timeout")
        assert ledger() == []
    with time_machine.travel(NOON.replace(minute=1), tick=False):
        charge("tok_timeout")
    assert ledger() == [Entry("A", "charge", AMOUNT, NOON.replace(minute=1))]


def test_lost_was_charged_at_once():
    with time_machine.travel(NOON, tick=False):
        charge("tok_lost")
    assert ledger() == [Entry("A", "charge", AMOUNT, NOON)]


@pytest.mark.parametrize(
    ("token", "allowed"),
    [("tok_ok", {"succeeded"}), ("tok_lost", {"unknown", "succeeded"}), ("tok_timeout", {"unknown", "succeeded"})],
)
def test_sixteen_at_once_capture_once(token, allowed):
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: charge(token), range(16)))
    assert {outcome.status for outcome in outcomes} <= allowed
    assert sum(outcome == UNKNOWN for outcome in outcomes) == (token != "tok_ok")
    assert [(entry.kind, entry.amount) for entry in ledger()] == [("charge", AMOUNT)]


@pytest.mark.parametrize(
    "other", [{"amount": Money(1251, "CHF")}, {"amount": Money(1250, "EUR")}, {"token": "tok_lost"}]
)
def test_the_same_key_with_other_parameters_is_a_mistake_in_the_program(other):
    charge()
    before = ledger()
    with pytest.raises(KeyReused, match="key A was first used with other parameters"):
        charge(**other)
    assert ledger() == before


def test_a_refund_with_the_key_of_a_charge_is_a_mistake_too():
    charge()
    with pytest.raises(KeyReused):
        refund(key="A")
    assert [entry.kind for entry in ledger()] == ["charge"]


def test_refund_once_a_key():
    with time_machine.travel(NOON, tick=False):
        charge()
    assert find_refund() == NOT_FOUND
    with time_machine.travel(NOON.replace(hour=13), tick=False):
        assert refund() == REFUNDED
    assert refund() == REFUNDED
    assert find_refund() == REFUNDED
    assert ledger() == [
        Entry("A", "refund", AMOUNT, NOON.replace(hour=13)),
        Entry("A", "charge", AMOUNT, NOON),
    ]


@pytest.mark.parametrize("token", ["tok_declined", "tok_timeout"])
def test_what_was_not_charged_is_not_refunded(token):
    charge(token)
    assert refund() == DECLINED
    assert find_refund() == DECLINED
    assert ledger() == []


@pytest.mark.parametrize(
    "other", [{"charge_id": "test_charge_B"}, {"amount": Money(1249, "CHF")}, {"amount": Money(1250, "EUR")}]
)
def test_only_the_charge_itself_is_refunded(other):
    charge()
    assert refund(**other) == DECLINED
    assert [entry.kind for entry in ledger()] == ["charge"]
