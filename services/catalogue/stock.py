"""Adjusting stock by hand: once for each idempotency key, never below zero."""

import hashlib
from dataclasses import dataclass

from core.clock import now
from core.errors import (
    DomainError,
    IdempotencyError,
    InsufficientStockError,
    InvalidInputError,
    Refused,
    refuse_all,
)
from models.idempotency import KEPT, Idempotency
from models.product import DELETED, Product
from models.transaction import ConditionFailed, commit, put, update
from services.catalogue.rules import MAX_STOCK, Errors, no_such_product


@dataclass(frozen=True, slots=True)
class StockAdjustment:
    product: Product | None
    """With the stock as it is now; None when a replay finds the product deleted."""
    is_replayed: bool


def adjust_stock(caller_id: str, idempotency_key: str, product_id: str | None, delta: int) -> StockAdjustment:
    """Safe to repeat with the same key. Changes neither the product's version nor its time of change."""
    _check(idempotency_key, product_id, delta)
    assert product_id is not None  # noqa: S101 - refused otherwise
    moment = now()
    request = Idempotency(
        key=Idempotency.make_key(caller_id, "adjustStock", idempotency_key),
        request_hash=hashlib.sha256(f"{product_id} {delta}".encode()).hexdigest(),
        result_id=product_id,
        first_used_at=moment,
        expires_at=moment + KEPT,
    )
    first_use = put(request, Idempotency.absent_or_expired(moment))
    change = update(
        Product(product_id=product_id),
        [Product.stock.set(Product.stock + delta)],
        (Product.stock >= -delta) & (Product.stock <= MAX_STOCK - delta) & (Product.status != DELETED),
    )
    try:
        commit([first_use, change])
    except ConditionFailed as failed:
        if used := failed.of(first_use):
            if used.stored.request_hash != request.request_hash:
                raise Refused(_reused(used.stored)) from failed
            return StockAdjustment(_find(product_id), is_replayed=True)
        raise Refused(_why_not(failed.failures[0].stored, delta)) from failed
    return StockAdjustment(_find(product_id), is_replayed=False)


def _check(idempotency_key: str, product_id: str | None, delta: int) -> None:
    errors: Errors = []
    if not 1 <= len(idempotency_key) <= 200 or not idempotency_key.isprintable():
        message = "The idempotency key must be 1 to 200 printable characters."
        errors.append(InvalidInputError(message=message, field=("idempotencyKey",)))
    if delta == 0 or abs(delta) > MAX_STOCK:
        errors.append(
            InvalidInputError(message=f"The delta must not be 0, nor beyond {MAX_STOCK:,}.", field=("delta",))
        )
    if product_id is None:
        errors.append(no_such_product())
    refuse_all(errors)


def _reused(first: Idempotency) -> IdempotencyError:
    return IdempotencyError(
        message="This idempotency key was used before, for another change.",
        field=("idempotencyKey",),
        first_used_at=first.first_used_at,
    )


def _why_not(product: Product | None, delta: int) -> DomainError:
    """`product` as the condition found it."""
    if product is None or product.status == DELETED:
        return no_such_product()
    if product.stock + delta < 0:
        return InsufficientStockError(
            message=f"Only {product.stock} are left.",
            field=("delta",),
            product_id=product.product_id,
            requested=-delta,
            available=product.stock,
        )
    return InvalidInputError(message=f"The stock must not exceed {MAX_STOCK:,}.", field=("delta",))


def _find(product_id: str) -> Product | None:
    product = Product.find(product_id, consistent=True)
    return None if product is None or product.status == DELETED else product
