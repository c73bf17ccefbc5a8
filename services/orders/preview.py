"""What placing an order would answer, without writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DomainError
from core.money import Money
from services.orders.lines import LineRequest, PricedLine, check_lines, price_lines, too_few


@dataclass(frozen=True, slots=True)
class Preview:
    lines: list[PricedLine]
    total: Money | None
    """None when there is no one total."""
    errors: list[DomainError]


def preview(lines: Sequence[LineRequest]) -> Preview:
    """One batch read."""
    if errors := check_lines(lines):
        return Preview([], None, errors)
    priced, errors = price_lines(lines)
    currencies = {line.product.currency for line in priced}
    total = Money(sum(int(line.total_minor) for line in priced), currencies.pop()) if len(currencies) == 1 else None
    return Preview(priced, total, [*errors, *too_few(priced)])
