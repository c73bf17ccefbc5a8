"""Where an order stands, and what may be done to it."""

from enum import Enum

import strawberry


@strawberry.enum(description="Where an order stands.")
class OrderStatus(Enum):
    PENDING = strawberry.enum_value("PENDING", description="Accepted: stock is reserved, payment not yet asked for.")
    CHARGING = strawberry.enum_value("CHARGING", description="Payment was asked for; its outcome may be unknown.")
    PAID = "PAID"
    CONFIRMED = strawberry.enum_value("CONFIRMED", description="Paid, and the customer was told.")
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = strawberry.enum_value("CANCELLED", description="Not paid, stock returned.")
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"
    REVIEW = strawberry.enum_value(
        "REVIEW", description="The payment's or refund's outcome could not be found out: a person must look."
    )


@strawberry.enum(description="What the caller may do to the order now.")
class OrderAction(Enum):
    CANCEL = "CANCEL"
    FULFILL = "FULFILL"
    MARK_DELIVERED = "MARK_DELIVERED"
    REFUND = "REFUND"


@strawberry.enum(description="Why an order was cancelled.")
class OrderCancelReason(Enum):
    CUSTOMER = "CUSTOMER"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    EXPIRED = "EXPIRED"
    ADMIN = "ADMIN"
