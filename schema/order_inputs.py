"""What the mutations of orders take."""

import strawberry

from schema.address import AddressInput
from schema.money import MoneyInput
from schema.node import find_key
from schema.scalars import URL
from services.orders.lines import LineRequest
from services.orders.placing import OrderRequest


@strawberry.input(description="A product and how many of it.")
class OrderLineInput:
    product_id: strawberry.ID
    quantity: int = strawberry.field(description="1 to 999; lines of one product are added up.")
    expected_unit_price: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        description="What the customer was shown: refused with PRICE_CHANGED when it is no longer so."
    )

    def to_request(self) -> LineRequest:
        expected = self.expected_unit_price.value if self.expected_unit_price else None
        return LineRequest(
            product_id=find_key(self.product_id, "Product"),
            quantity=self.quantity,
            expected_amount=expected.amount if expected else None,
            expected_currency=expected.currency_code.value if expected else None,
        )


@strawberry.input(description="What might be ordered.")
class OrderPreviewInput:
    lines: list[OrderLineInput]


@strawberry.input(description="What is ordered.")
class CreateOrderInput:
    idempotency_key: str = strawberry.field(
        description="Chosen by the client, a UUID say: sending it again answers with the same order."
    )
    lines: list[OrderLineInput]
    shipping_address: AddressInput
    payment_token: str = strawberry.field(
        description="From the payment provider's client library; locally tok_ok, tok_declined, tok_timeout, tok_lost."
    )

    def to_request(self) -> OrderRequest:
        return OrderRequest(
            idempotency_key=self.idempotency_key,
            lines=[line.to_request() for line in self.lines],
            shipping_address=self.shipping_address.to_address(),
            payment_token=self.payment_token,
        )


@strawberry.input(description="The order to cancel.")
class CancelOrderInput:
    order_id: strawberry.ID


@strawberry.input(description="The order that was sent.")
class FulfillOrderInput:
    order_id: strawberry.ID
    tracking_url: strawberry.Maybe[URL | None] = strawberry.field(
        description="Becomes a short link, sent to the customer."
    )


@strawberry.input(description="The order that arrived.")
class MarkOrderDeliveredInput:
    order_id: strawberry.ID


@strawberry.input(description="The order whose money goes back.")
class RefundOrderInput:
    order_id: strawberry.ID
    note: strawberry.Maybe[str | None] = strawberry.field(
        description="At most 500 characters; the order's events show it."
    )
