"""Placing an order: one transaction, and the same answer however often it is asked for."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from ulid import ULID

from core.clock import now as read_clock
from core.errors import DomainError, IdempotencyError, InvalidInputError, Refused, refuse_all
from models.idempotency import KEPT, Idempotency
from models.order import Order
from models.order_event import OrderEvent
from models.product import Product
from models.transaction import ConditionFailed, Write, commit, put, update
from models.unique import claim
from services.orders.addresses import Address, check_address
from services.orders.lines import LineRequest, PricedLine, check_lines, price_lines, too_few, why_not
from services.orders.messages import send_orders
from services.orders.windows import MESSAGE_HEAD_START, PAYMENT_DEADLINE

MUTATION = "createOrder"
NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing in it is mistaken for something else on the phone."""
NUMBER_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    idempotency_key: str
    lines: Sequence[LineRequest]
    shipping_address: Address
    payment_token: str


@dataclass(frozen=True, slots=True)
class Placed:
    order: Order
    is_replay: bool


def place_order(user_id: str, request: OrderRequest) -> Placed:
    """Two calls: a batch read and a transaction. The key alone decides whether this was asked before."""
    refuse_all([*_check_words(request), *check_lines(request.lines), *check_address(request.shipping_address)])
    key = Idempotency.make_key(user_id, MUTATION, request.idempotency_key)
    lines, errors = price_lines(request.lines)
    if errors:
        used = Idempotency.find(key, consistent=True)
        if used is not None and used.expires_at > read_clock():
            return _replay(used, _hash(request))
        raise Refused(*errors, *too_few(lines))
    for _ in range(NUMBER_TRIES):
        order = _new_order(user_id, request, lines, read_clock())
        try:
            _write(order, key, lines)
        except _NumberTaken:
            continue
        except _UsedBefore as before:
            return _replay(before.idempotency, _hash(request))
        send_orders([order.order_id])
        return Placed(order, is_replay=False)
    raise RuntimeError(f"no free order number in {NUMBER_TRIES} tries")


class _NumberTaken(Exception):
    pass


class _UsedBefore(Exception):
    def __init__(self, idempotency: Idempotency) -> None:
        self.idempotency = idempotency


def _check_words(request: OrderRequest) -> list[DomainError]:
    limits = {"idempotencyKey": (request.idempotency_key, 200), "paymentToken": (request.payment_token, 500)}
    return [
        InvalidInputError(message=f"1 to {longest} characters, all of them printable.", field=(name,))
        for name, (value, longest) in limits.items()
        if not (1 <= len(value) <= longest and value.isprintable())
    ]


def _new_order(user_id: str, request: OrderRequest, lines: Sequence[PricedLine], now: datetime) -> Order:
    order_id = str(ULID())
    order = Order(
        order_id,
        number=_draw_number(),
        status="PENDING",
        version=1,
        user_id=user_id,
        lines=[
            {
                "product_id": line.product.product_id,
                "sku": line.product.sku,
                "name": line.product.name,
                "quantity": line.quantity,
                "unit_minor": int(line.product.price_minor),
            }
            for line in lines
        ],
        amount_minor=sum(int(line.total_minor) for line in lines),
        currency=lines[0].product.currency,
        shipping_address=asdict(request.shipping_address),
        placed_at=now,
        updated_at=now,
        request_hash=_hash(request),
        payment_key=order_id,
        payment_token=request.payment_token,
        pay_deadline=now + PAYMENT_DEADLINE,
    )
    order.place_in_indexes(now + MESSAGE_HEAD_START)
    return order


def _draw_number() -> str:
    drawn = "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(8))
    return f"K-{drawn[:4]}-{drawn[4:]}"


def _hash(request: OrderRequest) -> str:
    """Of everything but the key; the client's lines as they were sent."""
    content = asdict(request, dict_factory=_without_nulls)
    del content["idempotency_key"]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _without_nulls(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """So that a field that a later version may bring, and an older client does not send, changes no hash."""
    return {name: value for name, value in pairs if value is not None}


def _write(order: Order, key: str, lines: Sequence[PricedLine]) -> None:
    now = order.placed_at
    idempotency = put(
        Idempotency(
            key,
            request_hash=order.request_hash,
            result_id=order.order_id,
            first_used_at=now,
            expires_at=now + KEPT,
        ),
        Idempotency.absent_or_expired(now),
    )
    number = claim("ORDER", order.number, order.order_id)
    stock = [_take_stock(line) for line in lines]
    try:
        commit(
            [
                idempotency,
                put(order, Order.order_id.does_not_exist()),
                number,
                put(OrderEvent.of(order, "Placed", is_arrival=True), OrderEvent.order_id.does_not_exist()),
                *stock,
            ]
        )
    except ConditionFailed as failed:
        if used := failed.of(idempotency):
            raise _UsedBefore(used.stored) from failed
        refuse_all(
            why_not(line, failure.stored)
            for line, write in zip(lines, stock, strict=True)
            if (failure := failed.of(write))
        )
        if failed.of(number):
            raise _NumberTaken from failed
        raise


def _take_stock(line: PricedLine) -> Write:
    return update(
        Product(line.product.product_id),
        [Product.stock.set(Product.stock - line.quantity)],
        (Product.status == "ACTIVE")
        & (Product.stock >= line.quantity)
        & (Product.price_minor == line.product.price_minor)
        & (Product.currency == line.product.currency),
    )


def _replay(used: Idempotency, request_hash: str) -> Placed:
    if used.request_hash != request_hash:
        raise Refused(
            IdempotencyError(
                message="This idempotency key was used for another order.",
                field=("idempotencyKey",),
                first_used_at=used.first_used_at,
            )
        )
    order = Order.find(used.result_id, consistent=True)
    if order is None:
        raise LookupError(f"the order {used.result_id} of an idempotency record is gone")
    return Placed(order, is_replay=True)
