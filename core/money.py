"""Amounts as integers of minor units with their currency; never a float."""

from dataclasses import dataclass
from decimal import Decimal

DECIMALS = {"CHF": 2, "EUR": 2, "GBP": 2, "JPY": 0, "USD": 2}
"""ISO 4217 minor units of the currencies sold in."""
MAX_MINOR = 10**12 - 1


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-DECIMALS[self.currency])

    @classmethod
    def from_amount(cls, amount: Decimal, currency: str) -> "Money":
        """Raises ValueError, with a sentence for people, for what the currency cannot express."""
        decimals = DECIMALS[currency]
        minor = amount.scaleb(decimals)
        if minor != minor.to_integral_value():
            raise ValueError(f"{currency} has {decimals} decimals")
        if abs(minor) > MAX_MINOR:
            raise ValueError("that is too large")
        return cls(int(minor), currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"
