"""Stripe by its documented rules: what is sent, and what each answer, and each missing one, means."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core import aws
from core.config import settings
from core.money import Money
from local import environment
from local.template import Template
from services.payments import KeyReused, Outcome, gateway, stripe_gateway
from tests.services.payments.stripe_server import SECRET, Answer, Received, StripeServer

AMOUNT = Money(1250, "CHF")
SUCCEEDED, DECLINED = Outcome("succeeded", "pi_1"), Outcome("declined")
UNKNOWN, NOT_FOUND = Outcome("unknown"), Outcome("not_found")
REFUNDED = Outcome("succeeded", "re_1")
CREATE, CANCEL = ("POST", "/v1/payment_intents"), ("POST", "/v1/payment_intents/pi_1/cancel")
SEARCH, RETRIEVE = ("GET", "/v1/payment_intents/search"), ("GET", "/v1/payment_intents/pi_1")
REFUND, REFUNDS = ("POST", "/v1/refunds"), ("GET", "/v1/refunds")


@pytest.fixture
def stripe(monkeypatch):
    with StripeServer() as server:
        configure(monkeypatch, server.url)
        monkeypatch.setattr(stripe_gateway, "ANSWER_TIMEOUT", 0.5)
        yield server
    monkeypatch.undo()
    settings.cache_clear()
    stripe_gateway._make_client.cache_clear()


def configure(monkeypatch, base):
    monkeypatch.setenv("PAYMENTS", "stripe")
    monkeypatch.setenv("STRIPE_API_BASE", base)
    settings.cache_clear()
    stripe_gateway._make_client.cache_clear()
    put_secret(SECRET)


def put_secret(value):
    aws.ssm().put_parameter(Name="/kiosk/stripe-secret-key", Value=value, Type="SecureString", Overwrite=True)


def charge(token="pm_card_visa", key="A", amount=AMOUNT):
    return gateway().charge(order_id="A", key=key, amount=amount, token=token)


def find_charge():
    return gateway().find_charge(order_id="A", key="A")


def refund(key="A:refund", amount=AMOUNT):
    return gateway().refund(order_id="A", key=key, charge_id="pi_1", amount=amount)


def find_refund():
    return gateway().find_refund(order_id="A", key="A:refund", charge_id="pi_1")


# Charging ------------------------------------------------------------------------------------


def test_a_charge_is_one_request_with_the_order_s_id_as_its_key(stripe):
    assert charge() == SUCCEEDED
    assert stripe.received == [
        Received(
            "POST",
            "/v1/payment_intents",
            {
                "amount": "1250",
                "currency": "chf",
                "payment_method": "pm_card_visa",
                "allowed_payment_method_types[0]": "card",
                "capture_method": "automatic",
                "confirm": "true",
                "error_on_requires_action": "true",
                "metadata[order_id]": "A",
                "metadata[key]": "A",
            },
            key="A",
            authorization=f"Bearer {SECRET}",
        )
    ]


def test_a_currency_without_decimals_is_sent_as_it_is(stripe):
    charge(amount=Money(1250, "JPY"))
    assert [(intent["amount"], intent["currency"]) for intent in stripe.captured] == [(1250, "jpy")]


def test_the_same_key_captures_once(stripe):
    assert [charge(), charge(), charge()] == [SUCCEEDED] * 3
    assert len(stripe.captured) == 1


def test_sixteen_at_once_capture_once(stripe):
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: charge(), range(16)))
    assert set(outcomes) <= {SUCCEEDED, UNKNOWN}
    assert SUCCEEDED in outcomes
    assert len(stripe.captured) == 1
    assert charge() == SUCCEEDED


def test_a_key_that_is_in_use_is_unknown(stripe):
    stripe.hold = True
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(charge)
        assert stripe.arrived.wait(5)
        assert charge() == UNKNOWN
        stripe.released.set()
        assert first.result(5) == SUCCEEDED
    assert len(stripe.captured) == 1


@pytest.mark.parametrize("other", [{"amount": Money(1251, "CHF")}, {"token": "pm_other"}])
def test_the_same_key_with_other_parameters_is_a_mistake_in_the_program(stripe, other):
    charge()
    with pytest.raises(KeyReused):
        charge(**other)
    assert len(stripe.intents) == 1


@pytest.mark.parametrize("token", ["pm_card_visa_chargeDeclined", "pm_card_authenticationRequired"])
def test_declined_is_final(stripe, token):
    assert [charge(token), charge(token), find_charge()] == [DECLINED] * 3
    assert [intent["status"] for intent in stripe.intents.values()] == ["requires_payment_method"]
    assert stripe.asked == [CREATE, CREATE, SEARCH, RETRIEVE]


def test_a_token_that_stripe_does_not_know_is_declined(stripe):
    assert charge("pm_made_up") == DECLINED
    assert find_charge() == NOT_FOUND
    assert stripe.intents == {}


# Further action ------------------------------------------------------------------------------


def test_what_waits_for_the_customer_is_closed_before_it_counts_as_declined(stripe):
    assert charge("pm_insists_on_action") == DECLINED
    assert stripe.intents["pi_1"]["status"] == "canceled"
    assert stripe.asked == [CREATE, CANCEL]


def test_the_saved_answer_still_waits_for_the_customer_but_the_intent_does_not(stripe):
    charge("pm_insists_on_action")
    assert charge("pm_insists_on_action") == DECLINED
    assert stripe.asked == [CREATE, CANCEL, CREATE, CANCEL, RETRIEVE]


def test_what_could_not_be_closed_is_unknown_and_closed_later(stripe):
    stripe.faults.extend([None, "500 saved"])
    assert charge("pm_insists_on_action") == UNKNOWN
    assert stripe.intents["pi_1"]["status"] == "requires_action"
    assert find_charge() == DECLINED
    assert stripe.intents["pi_1"]["status"] == "canceled"


def test_what_succeeded_before_it_could_be_closed_succeeded(stripe):
    stripe.faults.append("answer lost")
    charge("pm_insists_on_action")
    stripe.intents["pi_1"]["status"] = "succeeded"
    assert charge("pm_insists_on_action") == SUCCEEDED


# Unknown -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["request lost", "request hangs"])
def test_a_lost_request_is_unknown_and_tried_again_with_the_same_key(stripe, fault):
    stripe.faults.append(fault)
    assert [charge(), find_charge(), charge()] == [UNKNOWN, NOT_FOUND, SUCCEEDED]
    assert [request.key for request in stripe.received if request.method == "POST"] == ["A", "A"]
    assert len(stripe.captured) == 1


@pytest.mark.parametrize("fault", ["answer lost", "answer hangs"])
def test_a_lost_answer_is_unknown_and_the_same_key_returns_it(stripe, fault):
    stripe.faults.append(fault)
    assert [charge(), charge(), find_charge()] == [UNKNOWN, SUCCEEDED, SUCCEEDED]
    assert len(stripe.captured) == 1


@pytest.mark.parametrize(
    ("fault", "looked_up", "captured"), [("500 saved, done", SUCCEEDED, 1), ("500 saved", NOT_FOUND, 0)]
)
def test_a_saved_500_is_replayed_and_only_the_look_up_tells(stripe, fault, looked_up, captured):
    stripe.faults.append(fault)
    assert [charge(), charge(), find_charge(), charge()] == [UNKNOWN, UNKNOWN, looked_up, UNKNOWN]
    assert len(stripe.captured) == captured


def error(status, kind="api_error", **headers):
    return Answer(
        status, {"error": {"type": kind, "message": "no"}}, {k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize(
    ("answer", "retry_after"),
    [
        (error(429, "invalid_request_error", Retry_After="7"), timedelta(seconds=7)),
        (error(429, "invalid_request_error"), None),
        (error(503, Retry_After="120"), timedelta(minutes=2)),
        (error(503, Retry_After="soon"), None),
        (error(500), None),
        (error(504), None),
        (error(401, "invalid_request_error"), None),
        (error(403, "invalid_request_error"), None),
        (Answer(502, "<html>Bad gateway</html>"), None),
        (Answer(200, "half of"), None),
        (Answer(307, "", {"Location": "/elsewhere"}), None),
    ],
)
@pytest.mark.parametrize("ask", [charge, refund])
def test_no_plain_answer_is_unknown_and_not_tried_again_here(stripe, answer, retry_after, ask):
    charge("pm_card_visa", key="Z")
    stripe.received.clear()
    stripe.faults.append(answer)
    assert ask() == Outcome("unknown", retry_after=retry_after)
    assert stripe.asked == [CREATE if ask is charge else REFUND]
    assert [len(stripe.captured), len(stripe.refunds)] == [1, 0]


@pytest.mark.parametrize("fault", ["request lost", "request hangs", error(500), error(429), error(400), error(404)])
@pytest.mark.parametrize("look_up", [find_charge, find_refund])
def test_a_look_up_that_failed_is_unknown(stripe, fault, look_up):
    charge()
    stripe.reading_faults.append(fault)
    assert look_up() == UNKNOWN


def test_nobody_listens(stripe, monkeypatch):
    configure(monkeypatch, "http://127.0.0.1:9")
    assert [charge(), find_charge(), refund(), find_refund()] == [UNKNOWN] * 4


def test_processing_is_unknown_until_it_is_not(stripe):
    assert [charge("pm_processing"), find_charge()] == [UNKNOWN, UNKNOWN]
    stripe.intents["pi_1"]["status"] = "succeeded"
    assert find_charge() == SUCCEEDED
    assert charge("pm_processing") == UNKNOWN  # the saved answer


def test_made_but_not_confirmed_is_unknown_for_its_confirmation_may_be_under_way(stripe):
    charge("pm_processing")
    stripe.intents["pi_1"]["status"] = "requires_payment_method"
    assert find_charge() == UNKNOWN


def test_two_hanging_calls_end_before_the_function_does():
    template = Template.read(environment.parameters({}), environment.REGION)
    calls = 2 * (stripe_gateway.CONNECT_TIMEOUT + stripe_gateway.ANSWER_TIMEOUT)
    assert calls < template.globals["Function"]["Timeout"]


def test_no_connection_is_kept_that_a_frozen_function_would_find_dead(stripe):
    charge()
    find_charge()
    assert stripe.asked == [CREATE, SEARCH, RETRIEVE]
    assert len(stripe.connections) == 3


# Looking up ----------------------------------------------------------------------------------


def test_a_look_up_reads_and_the_intent_itself_decides(stripe):
    assert find_charge() == NOT_FOUND
    charge()
    stripe.received.clear()
    assert find_charge() == SUCCEEDED
    assert stripe.asked == [SEARCH, RETRIEVE]
    assert stripe.received[0].params == {"query": 'metadata["key"]:"A"'}


def test_the_search_is_late(stripe):
    stripe.index_lag = timedelta(minutes=1)
    stripe.faults.append("500 saved, done")
    assert [charge(), find_charge()] == [UNKNOWN, NOT_FOUND]
    stripe.now += timedelta(minutes=1)
    assert find_charge() == SUCCEEDED


def test_once_the_key_is_forgotten_the_look_up_still_finds_it_and_charges_nothing(stripe):
    stripe.faults.append("answer lost")
    charge()
    stripe.now += timedelta(hours=24)
    assert find_charge() == SUCCEEDED
    assert len(stripe.captured) == 1
    assert charge() == Outcome("succeeded", "pi_2"), "which is why nobody may charge so late"


def test_of_two_under_one_key_the_one_that_succeeded_counts(stripe):
    charge("pm_card_visa_chargeDeclined")
    stripe.now += timedelta(hours=24)
    charge("pm_card_visa")
    assert find_charge() == Outcome("succeeded", "pi_2")


def test_the_charge_of_another_order_is_not_found(stripe):
    charge(key="B")
    assert find_charge() == NOT_FOUND


# Refunds -------------------------------------------------------------------------------------


def test_a_refund_has_its_own_key(stripe):
    charge()
    stripe.received.clear()
    assert refund() == REFUNDED
    assert stripe.received == [
        Received(
            "POST",
            "/v1/refunds",
            {
                "payment_intent": "pi_1",
                "amount": "1250",
                "metadata[order_id]": "A",
                "metadata[key]": "A:refund",
            },
            key="A:refund",
            authorization=f"Bearer {SECRET}",
        )
    ]


def test_the_same_refund_key_refunds_once(stripe):
    charge()
    assert [find_refund(), refund(), refund(), find_refund()] == [NOT_FOUND, REFUNDED, REFUNDED, REFUNDED]
    assert len(stripe.refunds) == 1


@pytest.mark.parametrize("fault", ["answer lost", "answer hangs", "500 saved, done"])
def test_a_refund_whose_answer_was_lost_is_found(stripe, fault):
    charge()
    stripe.faults.append(fault)
    assert [refund(), find_refund()] == [UNKNOWN, REFUNDED]
    assert len(stripe.refunds) == 1


def test_a_refund_is_found_after_its_key_was_forgotten(stripe):
    charge()
    stripe.faults.append("answer lost")
    refund()
    stripe.now += timedelta(days=2)
    assert find_refund() == REFUNDED
    assert len(stripe.refunds) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("pending", UNKNOWN), ("requires_action", UNKNOWN), ("failed", DECLINED), ("canceled", DECLINED)],
)
def test_a_refund_that_has_not_succeeded(stripe, status, outcome):
    charge()
    stripe.refund_status = status
    assert [refund(), find_refund()] == [outcome, outcome]
    stripe.refunds["re_1"]["status"] = "succeeded"
    assert find_refund() == REFUNDED


def test_a_refund_by_another_hand_is_not_ours(stripe):
    charge()
    refund(key="by hand")
    assert find_refund() == NOT_FOUND
    assert refund() == DECLINED
    assert len(stripe.refunds) == 1


def test_a_refund_of_nothing_is_refused(stripe):
    charge("pm_card_visa_chargeDeclined")
    assert refund() == DECLINED
    assert stripe.refunds == {}


# The secret, the machine, the log -----------------------------------------------------------------


def test_a_secret_that_was_changed_is_read_again_once_it_is_refused(stripe):
    charge()
    stripe.secret = "sk_test_new"
    put_secret("sk_test_new\n")
    assert find_charge() == UNKNOWN
    assert find_charge() == SUCCEEDED


def test_the_secret_is_kept_for_five_minutes(stripe, monkeypatch):
    moment = [0.0]
    monkeypatch.setattr(stripe_gateway.time, "monotonic", lambda: moment[0])
    charge()
    stripe.secret = "sk_test_new"
    put_secret("sk_test_new")
    moment[0] = 299.9
    stripe.secret = SECRET
    assert find_charge() == SUCCEEDED
    moment[0] = 300
    stripe.secret = "sk_test_new"
    assert find_charge() == SUCCEEDED


def test_a_secret_that_cannot_be_read_is_an_unknown_outcome(stripe):
    """Nothing was asked; what an earlier try did is as unknown as before."""
    aws.ssm().delete_parameter(Name="/kiosk/stripe-secret-key")
    assert (charge(), find_charge()) == (UNKNOWN, UNKNOWN)
    assert stripe.received == []
    put_secret(SECRET)
    assert charge() == SUCCEEDED


def test_nothing_leaves_a_laptop(stripe, monkeypatch):
    configure(monkeypatch, "https://api.stripe.com")
    with pytest.raises(aws.NoAccountConfigured, match=r"refused to call api\.stripe\.com"):
        charge()


def test_a_proxy_in_the_environment_does_not_come_between(stripe, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert charge() == SUCCEEDED


def test_neither_the_secret_nor_the_token_is_logged(stripe, caplog):
    with caplog.at_level(logging.INFO):
        assert charge("pm_made_up_canary") == DECLINED
        stripe.secret = "sk_other"
        assert charge("pm_made_up_canary") == UNKNOWN
    told = [vars(record) for record in caplog.records if record.name == "kiosk"]
    assert [(each["status"], each["code"]) for each in told] == [(400, "resource_missing"), (401, None)]
    assert "canary" not in str([vars(record) for record in caplog.records])
