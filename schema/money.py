"""Money as clients see and send it."""

from decimal import Decimal
from enum import Enum
from typing import Self

import strawberry

from core.money import Money as Amount


@strawberry.enum(description="ISO 4217 codes of the currencies sold in.")
class CurrencyCode(Enum):
    CHF = "CHF"
    EUR = "EUR"
    GBP = "GBP"
    JPY = "JPY"
    USD = "USD"


@strawberry.type(description="An amount with as many decimals as its currency has.")
class Money:
    amount: Decimal
    currency_code: CurrencyCode

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Self:
        return cls(amount=Amount(minor, currency).amount, currency_code=CurrencyCode(currency))


@strawberry.input(description="An amount and its currency.")
class MoneyInput:
    amount: Decimal
    currency_code: CurrencyCode
