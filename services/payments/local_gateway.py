"""The pretended gateway: moves no money, forgets nothing, and fails on request by its test tokens.

tok_ok succeeds. tok_declined, and any token not named here, is declined. tok_timeout is never answered and nothing
is charged, until it is tried again. tok_lost is charged at once, but the first answer is lost. An answer that
never comes is `unknown` immediately: nobody waits for it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from core.clock import now
from core.money import Money
from models.test_payment import TestPayment
from services.payments.port import KeyReused, Outcome

_AT_FIRST = {"tok_ok": "succeeded", "tok_lost": "succeeded", "tok_timeout": "unanswered"}
_NOT_HEARD_AT_FIRST = {"tok_lost", "tok_timeout"}


class LocalGateway:
    def charge(self, *, order_id: str, key: str, amount: Money, token: str) -> Outcome:
        asked = _request("charge", order_id, key, amount, token)
        asked.status = _AT_FIRST.get(token, "declined")
        saved = _saved_before(asked)
        if saved is None:
            return Outcome("unknown") if token in _NOT_HEARD_AT_FIRST else _answer(asked)
        if saved.status == "unanswered":
            saved.succeed()
        return _answer(saved)

    def find_charge(self, *, order_id: str, key: str) -> Outcome:  # noqa: ARG002 - the key says it all
        return _look_up(key)

    def refund(self, *, order_id: str, key: str, charge_id: str, amount: Money) -> Outcome:
        """Declined for what was not charged, or for another amount."""
        charge = TestPayment.of(charge_id.removeprefix("test_charge_"))
        is_right = charge is not None and charge.status == "succeeded" and _amount(charge) == amount
        asked = _request("refund", order_id, key, amount, charge_id)
        asked.status = "succeeded" if is_right else "declined"
        return _answer(_saved_before(asked) or asked)

    def find_refund(self, *, order_id: str, key: str, charge_id: str) -> Outcome:  # noqa: ARG002
        return _look_up(key)


def _request(kind: str, order_id: str, key: str, amount: Money, source: str) -> TestPayment:
    return TestPayment(
        key=key,
        request=hashlib.sha256("\0".join((kind, order_id, str(amount), source)).encode()).hexdigest(),
        kind=kind,
        reference=f"test_{kind}_{key}",
        order_id=order_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        at=now(),
    )


def _saved_before(asked: TestPayment) -> TestPayment | None:
    saved = asked.save_first()
    if saved and saved.request != asked.request:
        raise KeyReused(f"key {asked.key} was first used with other parameters")
    return saved


def _look_up(key: str) -> Outcome:
    found = TestPayment.of(key)
    return _answer(found) if found and found.status != "unanswered" else Outcome("not_found")


def _answer(saved: TestPayment) -> Outcome:
    return Outcome("succeeded", saved.reference) if saved.status == "succeeded" else Outcome("declined")


def _amount(saved: TestPayment) -> Money:
    return Money(int(saved.amount_minor), saved.currency)


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that would have moved."""

    order_id: str
    kind: str
    """charge or refund."""
    amount: Money
    at: datetime


def ledger() -> list[Entry]:
    """Everything that was charged or refunded, newest first."""
    entries = [
        Entry(row.order_id, row.kind, _amount(row), row.at) for row in TestPayment.all() if row.status == "succeeded"
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)
