"""Orders and clicks of days long gone, made by the services with their clock set."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from ulid import ULID

from core.clock import now, set_to
from models.order import Order
from models.order_event import OrderEvent
from models.product import Product
from models.transaction import commit, put
from services.clicks.click import Click
from services.clicks.counting import Delivery, count_clicks
from services.orders.moves import move

_numbers = count(1)


def at(text: str) -> datetime:
    """2026-11-20 09:00 is in UTC; what says its offset is not."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else datetime.fromisoformat(f"{text}+00:00")


def make_order(
    moment: datetime, bought: Mapping[Product, int], amount_minor: int = 1250, currency: str = "EUR"
) -> Order:
    """Placed at that moment, for an amount of its own choosing."""
    with set_to(moment):
        order = Order(
            str(ULID()),
            number=f"K-{next(_numbers)}",
            status="PENDING",
            version=1,
            user_id="customer",
            lines=[
                {
                    "product_id": product.product_id,
                    "sku": product.sku,
                    "name": product.name,
                    "quantity": quantity,
                    "unit_minor": 100,
                }
                for product, quantity in bought.items()
            ],
            amount_minor=amount_minor,
            currency=currency,
            shipping_address={},
            placed_at=now(),
            updated_at=now(),
            request_hash="",
            payment_key="",
            pay_deadline=now(),
        )
        order.place_in_indexes(now())
        commit([put(order), put(OrderEvent.of(order, "Placed", is_arrival=True))])
    return order


def move_on(order: Order, *steps: tuple[str, datetime]) -> Order:
    for status, moment in steps:
        with set_to(moment):
            order = move(order, status, status.title(), now())
    return order


def make_confirmed(moment: datetime, bought: Mapping[Product, int], **values: Any) -> Order:
    """Placed, paid and confirmed in one moment."""
    order = make_order(moment, bought, **values)
    return move_on(order, ("CHARGING", moment), ("PAID", moment), ("CONFIRMED", moment))


def click(code: str, moment: datetime, times: int = 1, *, is_bot: bool = False) -> None:
    body = Click(code, moment, "CH", "direct", "mobile", is_bot=is_bot).to_body()
    assert count_clicks([Delivery(f"{code}-{next(_numbers)}", body, is_repeated=False) for _ in range(times)]) == []
