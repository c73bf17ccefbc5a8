"""The lines of an order before it is one: checked, added up a product, and priced."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import (
    DomainError,
    InsufficientStockError,
    InvalidInputError,
    NotFoundError,
    Path,
    PriceChangedError,
)
from core.money import MAX_MINOR, Money
from models.product import Product

MAX_LINES = 50
MAX_QUANTITY = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    product_id: str | None
    """None when the client's id was none of a product."""
    quantity: int
    expected_amount: Decimal | None = None
    """What the customer was shown, with its currency."""
    expected_currency: str | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    path: Path
    product: Product
    quantity: int
    expected_price: Money

    @property
    def total_minor(self) -> int:
        return self.product.price_minor * self.quantity


def check_lines(lines: Sequence[LineRequest]) -> list[DomainError]:
    """What can be said without reading anything."""
    if not 1 <= len(lines) <= MAX_LINES:
        return [InvalidInputError(message=f"An order has 1 to {MAX_LINES} lines.", field=("lines",))]
    errors: list[DomainError] = []
    for position, line in enumerate(lines):
        if not 1 <= line.quantity <= MAX_QUANTITY:
            message = f"The quantity is between 1 and {MAX_QUANTITY}."
            errors.append(InvalidInputError(message=message, field=(*_path(position), "quantity")))
        try:
            _expected_price(line)
        except ValueError as error:
            field = (*_path(position), "expectedUnitPrice", "amount")
            errors.append(InvalidInputError(message=f"The amount {error}.", field=field))
    return errors


def _expected_price(line: LineRequest) -> Money | None:
    if line.expected_amount is None or line.expected_currency is None:
        return None
    return Money.from_amount(line.expected_amount, line.expected_currency)


def _path(position: int) -> Path:
    return ("lines", str(position))


def price_lines(lines: Sequence[LineRequest]) -> tuple[list[PricedLine], list[DomainError]]:
    """One batch read. Lines of one product are one; every failing line is told of."""
    rows = Product.find_many((line.product_id for line in lines if line.product_id), consistent=True)
    priced: dict[str, PricedLine] = {}
    errors: list[DomainError] = []
    for position, line in enumerate(lines):
        path = _path(position)
        product = rows.get(line.product_id or "")
        if product is None or product.status != "ACTIVE":
            errors.append(gone(path))
            continue
        price = price_of(product)
        expected = _expected_price(line)
        if expected is not None and expected != price:
            errors.append(price_changed(path, product, expected))
        before = priced.get(product.product_id)
        quantity = line.quantity + (before.quantity if before else 0)
        if quantity > MAX_QUANTITY:
            errors.append(
                InvalidInputError(message=f"Of one product, at most {MAX_QUANTITY} pieces.", field=(*path, "quantity"))
            )
        priced[product.product_id] = PricedLine(before.path if before else path, product, quantity, price)
    return list(priced.values()), [*errors, *_mixed_currencies(priced.values()), *_too_much(priced.values())]


def _mixed_currencies(lines: Iterable[PricedLine]) -> list[DomainError]:
    currencies = [line.product.currency for line in lines]
    return [
        InvalidInputError(
            code="CURRENCY_MISMATCH",
            message=f"An order is in one currency: this line is in {line.product.currency}, not {currencies[0]}.",
            field=line.path,
        )
        for line in lines
        if line.product.currency != currencies[0]
    ]


def _too_much(lines: Iterable[PricedLine]) -> list[DomainError]:
    if sum(line.total_minor for line in lines) <= MAX_MINOR:
        return []
    return [InvalidInputError(message="The total is too large.", field=("lines",))]


def too_few(lines: Iterable[PricedLine]) -> list[DomainError]:
    """What is short by what was read: the transaction decides, this only tells beforehand."""
    return [short_of(line, line.product) for line in lines if line.product.stock < line.quantity]


def gone(path: Path) -> NotFoundError:
    return NotFoundError(message="There is no such product to order.", field=(*path, "productId"))


def price_of(product: Product) -> Money:
    return Money(int(product.price_minor), product.currency)


def price_changed(path: Path, product: Product, expected: Money) -> PriceChangedError:
    actual = price_of(product)
    return PriceChangedError(
        message=f"The price of {product.name} is now {actual}.",
        field=(*path, "expectedUnitPrice"),
        product_id=product.product_id,
        expected=expected,
        actual=actual,
    )


def short_of(line: PricedLine, product: Product) -> InsufficientStockError:
    return InsufficientStockError(
        message=f"Of {product.name}, {product.stock} are left.",
        field=(*line.path, "quantity"),
        product_id=product.product_id,
        requested=line.quantity,
        available=int(product.stock),
    )


def why_not(line: PricedLine, stored: Product | None) -> DomainError:
    """Why a line's condition failed, from the row that failed it."""
    if stored is None or stored.status != "ACTIVE":
        return gone(line.path)
    if price_of(stored) != line.expected_price:
        return price_changed(line.path, stored, line.expected_price)
    return short_of(line, stored)
