"""Stripe: a PaymentIntent an order, made and confirmed in one request whose idempotency key is the order's id.

Within 24 hours the same key replays the saved answer, a saved 500 too. So what became of a charge is looked up
without the key: Stripe's search says where the PaymentIntent is, and the PaymentIntent itself what became of it.
The search learns of a new one within a minute, and in an outage of theirs within an hour (their documentation):
`not_found` proves nothing before. Refunds are listed by their PaymentIntent, which is never late.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import lru_cache, wraps
from typing import ParamSpec

import requests
import stripe
from botocore.exceptions import BotoCoreError, ClientError
from stripe import PaymentIntent, Refund, StripeClient

from core import aws
from core.config import settings
from core.money import Money
from core.observability import logger
from services.payments.port import KeyReused, Outcome

P = ParamSpec("P")

CONNECT_TIMEOUT, ANSWER_TIMEOUT = 2, 8
"""Seconds. A call that hangs and the look-up after it that hangs end together before a function does."""
SECRET_KEPT = 300
"""Seconds until a secret that was changed is used."""
_REFUSED = (stripe.CardError, stripe.InvalidRequestError)
logging.getLogger("stripe").setLevel(logging.WARNING)  # what it tells below that quotes payment tokens


def _unknown_unless_answered(ask: Callable[P, Outcome]) -> Callable[P, Outcome]:
    @wraps(ask)
    def asking(*args: P.args, **kwargs: P.kwargs) -> Outcome:
        try:
            return ask(*args, **kwargs)
        except stripe.IdempotencyError as error:
            raise KeyReused("Stripe knows the idempotency key with other parameters") from error
        except stripe.StripeError as error:
            _log(error)
            if isinstance(error, stripe.AuthenticationError):
                _make_client.cache_clear()
            return Outcome("unknown", retry_after=_retry_after(error))
        except (BotoCoreError, ClientError) as error:
            logger.warning("Stripe's secret not read", extra={"error": type(error).__name__})
            return Outcome("unknown")

    return asking


class StripeGateway:
    @_unknown_unless_answered
    def charge(self, *, order_id: str, key: str, amount: Money, token: str) -> Outcome:
        """Refused for what it asks, too, is declined: the key was not used up, and nothing was charged with it."""
        client = _client()
        try:
            intent = client.v1.payment_intents.create(
                {
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "payment_method": token,
                    "allowed_payment_method_types": ["card"],
                    "capture_method": "automatic",
                    "confirm": True,
                    "error_on_requires_action": True,
                    "metadata": _labels(order_id, key),
                },
                {"idempotency_key": key},
            )
        except _REFUSED as error:
            _log(error)
            return Outcome("declined")
        return _judge_charge(client, intent)

    @_unknown_unless_answered
    def find_charge(self, *, order_id: str, key: str) -> Outcome:  # noqa: ARG002 - the key says it all
        """Charges nothing, but closes what still waits for the customer: nobody would come back to it."""
        client = _client()
        found = client.v1.payment_intents.search({"query": f'metadata["key"]:"{key}"'})
        return _best(_judge_charge(client, client.v1.payment_intents.retrieve(intent.id)) for intent in found.data)

    @_unknown_unless_answered
    def refund(self, *, order_id: str, key: str, charge_id: str, amount: Money) -> Outcome:
        try:
            refund = _client().v1.refunds.create(
                {"payment_intent": charge_id, "amount": amount.minor, "metadata": _labels(order_id, key)},
                {"idempotency_key": key},
            )
        except _REFUSED as error:
            _log(error)
            return Outcome("declined")
        return _judge_refund(refund)

    @_unknown_unless_answered
    def find_refund(self, *, order_id: str, key: str, charge_id: str) -> Outcome:  # noqa: ARG002
        refunds = _client().v1.refunds.list({"payment_intent": charge_id, "limit": 100})
        return _best(
            _judge_refund(refund)
            for refund in refunds.auto_paging_iter()
            if getattr(refund.metadata, "key", None) == key
        )


def _labels(order_id: str, key: str) -> dict[str, str]:
    """What it is found again by: the order for people, the key for us."""
    return {"order_id": order_id, "key": key}


def _judge_charge(client: StripeClient, intent: PaymentIntent) -> Outcome:
    if intent.status == "requires_action":
        intent = _close(client, intent)
    match intent.status:
        case "succeeded":
            return Outcome("succeeded", intent.id)
        case "canceled":
            return Outcome("declined")
        case "requires_payment_method" if intent.last_payment_error:
            return Outcome("declined")  # it was confirmed with the only payment method it will ever get
        case _:
            return Outcome("unknown")


def _close(client: StripeClient, intent: PaymentIntent) -> PaymentIntent:
    try:
        return client.v1.payment_intents.cancel(intent.id)
    except stripe.InvalidRequestError:  # it went on meanwhile, or this is a saved answer of long ago
        return client.v1.payment_intents.retrieve(intent.id)


def _judge_refund(refund: Refund) -> Outcome:
    match refund.status:
        case "succeeded":
            return Outcome("succeeded", refund.id)
        case "failed" | "canceled":
            return Outcome("declined")
        case _:
            return Outcome("unknown")


def _best(outcomes: Iterable[Outcome]) -> Outcome:
    """A key has one, unless somebody outlived its 24 hours: then what succeeded counts, and what may yet."""
    rank = ("succeeded", "unknown", "declined")
    return min(outcomes, key=lambda outcome: rank.index(outcome.status), default=Outcome("not_found"))


def _client() -> StripeClient:
    return _make_client(int(time.monotonic() // SECRET_KEPT))


@lru_cache(maxsize=1)
def _make_client(_period: int) -> StripeClient:
    base = settings().stripe_api_base
    if refusal := aws.refusal_to_call(base):
        raise refusal
    found = aws.ssm().get_parameter(Name=settings().stripe_secret_parameter, WithDecryption=True)
    session = requests.Session()
    session.headers["Connection"] = "close"  # a kept one may be dead once a frozen function wakes
    session.max_redirects = 0
    session.trust_env = aws.is_deployed()  # on a laptop no proxy of its environment comes between
    return StripeClient(
        found["Parameter"]["Value"].strip(),
        base_addresses={"api": base},
        max_network_retries=0,  # the worker tries again: it knows for how long a key is good
        http_client=stripe.RequestsClient(timeout=(CONNECT_TIMEOUT, ANSWER_TIMEOUT), session=session),
    )


def _retry_after(error: stripe.StripeError) -> timedelta | None:
    asked_for = (error.headers or {}).get("Retry-After", "")
    return timedelta(seconds=int(asked_for)) if asked_for.isdecimal() else None


def _log(error: stripe.StripeError) -> None:
    """Without its message: that quotes what was sent."""
    extra = {"error": type(error).__name__, "status": error.http_status, "code": error.code}
    logger.warning("Stripe said no", extra=extra | {"stripe_request_id": error.request_id})
