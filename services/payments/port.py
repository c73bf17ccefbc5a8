"""What Kiosk asks of a payment gateway, and the little it wants to know back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from core.config import settings
from core.money import Money


@dataclass(frozen=True, slots=True)
class Outcome:
    status: Literal["succeeded", "declined", "not_found", "unknown"]
    """`declined` is final: nothing was moved and nothing will be. Whatever is not known for sure is `unknown`:
    a timeout, a lost connection, a gateway's own failure, a request that is still under way."""
    reference: str | None = None
    """What the gateway calls the charge or the refund, once it succeeded."""
    retry_after: timedelta | None = None
    """How long the gateway wants to be left alone."""


class KeyReused(ValueError):
    """An idempotency key came with other parameters than before: a mistake in the caller's program."""


class Gateway(Protocol):
    """The same key asks for the same thing, however often it is sent; the look-ups never move money."""

    def charge(self, *, order_id: str, key: str, amount: Money, token: str) -> Outcome: ...

    def find_charge(self, *, order_id: str, key: str) -> Outcome: ...

    def refund(self, *, order_id: str, key: str, charge_id: str, amount: Money) -> Outcome: ...

    def find_refund(self, *, order_id: str, key: str, charge_id: str) -> Outcome: ...


def gateway() -> Gateway:
    """The end that the configuration names; the other one is not even loaded."""
    match settings().payments:
        case "local":
            from services.payments.local_gateway import LocalGateway  # noqa: PLC0415

            return LocalGateway()
        case "stripe":
            from services.payments.stripe_gateway import StripeGateway  # noqa: PLC0415

            return StripeGateway()
        case other:
            raise ValueError(f"PAYMENTS is {other!r}, not local or stripe")
