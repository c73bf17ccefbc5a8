"""Table of contents: every query and mutation, its resolver, and who may call it."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import ValidationCache
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.permissions import IsAdmin, IsAdminUnlessActive, IsSignedIn
from core.errors import Refused
from resolvers import accounts, catalogue, images, nodes, orders, reports, short_links
from schema import errors, failures
from schema.account_payloads import (
    ConfirmSignUpPayload,
    RefreshSessionPayload,
    RequestPasswordResetPayload,
    ResetPasswordPayload,
    SignInPayload,
    SignOutPayload,
    SignUpPayload,
    UpdateProfilePayload,
)
from schema.connection import Connection
from schema.image_upload import CreateImageUploadPayload, DeleteImagePayload
from schema.node import Node
from schema.operation import OneOperation
from schema.order import Order
from schema.order_payloads import (
    CancelOrderPayload,
    CreateOrderPayload,
    FulfillOrderPayload,
    MarkOrderDeliveredPayload,
    OrderPreview,
    RefundOrderPayload,
)
from schema.product import Product
from schema.product_payloads import (
    AdjustStockPayload,
    CreateProductPayload,
    DeleteProductPayload,
    UpdateProductPayload,
)
from schema.report import DailyReport
from schema.report_regeneration import RegenerateDailyReportPayload
from schema.scalars import SCALARS
from schema.service import Service, ServiceLimits
from schema.short_link import ShortLink
from schema.short_link_payloads import CreateShortLinkPayload, DeleteShortLinkPayload, UpdateShortLinkPayload
from schema.user import User

VERSION = "1.0.0"


def query(resolver: Callable[..., Any], who: type[BasePermission] | None, description: str) -> Any:
    return strawberry.field(resolver=resolver, permission_classes=[who] if who else [], description=description)


def mutation(
    resolver: Callable[..., Awaitable[Any]], who: type[BasePermission] | None, description: str | None = None
) -> Any:
    """A refusal becomes the payload's `userErrors`: the only place where it does."""
    payload = inspect.get_annotations(resolver)["return"]

    @functools.wraps(resolver)
    async def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return await resolver(*args, **kwargs)
        except Refused as refusal:
            return payload(user_errors=[errors.from_error(error) for error in refusal.errors])

    answer.__annotations__ = {**inspect.get_annotations(resolver), "return": payload | None}
    return strawberry.mutation(resolver=answer, permission_classes=[who] if who else [], description=description)


def _service() -> Service:
    return Service(version=VERSION, limits=ServiceLimits())


@strawberry.type(description="Everything that can be read.")
class Query:
    node: Node | None = query(nodes.node, None, "Anyone. Null when the id is unknown or not the caller's to see.")
    nodes: list[Node | None] = query(nodes.nodes, None, "Anyone. At most 100, in the order asked for.")
    viewer: User | None = query(accounts.viewer, None, "Anyone. The caller; null when signed out.")
    service: Service = query(_service, None, "Anyone.")
    product: Product | None = query(catalogue.product, None, "Anyone; DRAFT and ARCHIVED for admins only.")
    products: Connection[Product] = query(
        catalogue.products,
        IsAdminUnlessActive,
        "Anyone. Another status than ACTIVE: admins, all categories, by CREATED_AT only.",
    )
    order: Order | None = query(orders.order, None, "Owner or admin.")
    order_preview: OrderPreview | None = query(orders.order_preview, IsSignedIn, "Signed in.")
    orders: Connection[Order] | None = query(
        orders.orders, IsAdmin, "Admins. Newest first; with a status, the orders in it now."
    )
    short_link: ShortLink | None = query(short_links.short_link, None, "Owner or admin.")
    user: User | None = query(accounts.user, None, "Admins, and each user for themselves.")
    users: Connection[User] | None = query(accounts.users, IsAdmin, "Admins. Newest first.")
    daily_report: DailyReport | None = query(reports.daily_report, IsAdmin, "Admins.")
    daily_reports: list[DailyReport] | None = query(
        reports.daily_reports, IsAdmin, "Admins. Newest first, at most 92 days; a day without a report is left out."
    )


@strawberry.type(description="Everything that can be changed.")
class Mutation:
    sign_up: SignUpPayload | None = mutation(accounts.sign_up, None)
    confirm_sign_up: ConfirmSignUpPayload | None = mutation(accounts.confirm_sign_up, None)
    sign_in: SignInPayload | None = mutation(accounts.sign_in, None)
    refresh_session: RefreshSessionPayload | None = mutation(accounts.refresh_session, None)
    sign_out: SignOutPayload | None = mutation(
        accounts.sign_out,
        IsSignedIn,
        "Signed in. Ends every session of the caller: refreshing at once, access within 15 minutes.",
    )
    request_password_reset: RequestPasswordResetPayload | None = mutation(accounts.request_password_reset, None)
    reset_password: ResetPasswordPayload | None = mutation(accounts.reset_password, None)
    update_profile: UpdateProfilePayload | None = mutation(accounts.update_profile, IsSignedIn, "Signed in.")

    create_product: CreateProductPayload | None = mutation(catalogue.create_product, IsAdmin, "Admins.")
    update_product: UpdateProductPayload | None = mutation(catalogue.update_product, IsAdmin, "Admins.")
    delete_product: DeleteProductPayload | None = mutation(
        catalogue.delete_product, IsAdmin, "Admins. Orders keep what they bought."
    )
    adjust_stock: AdjustStockPayload | None = mutation(catalogue.adjust_stock, IsAdmin, "Admins.")
    create_image_upload: CreateImageUploadPayload | None = mutation(images.create_image_upload, IsAdmin, "Admins.")
    delete_image: DeleteImagePayload | None = mutation(images.delete_image, IsAdmin, "Admins.")

    create_order: CreateOrderPayload | None = mutation(orders.create_order, IsSignedIn, "Signed in.")
    cancel_order: CancelOrderPayload | None = mutation(orders.cancel_order, IsSignedIn, "Owner or admin.")
    fulfill_order: FulfillOrderPayload | None = mutation(orders.fulfill_order, IsAdmin, "Admins.")
    mark_order_delivered: MarkOrderDeliveredPayload | None = mutation(orders.mark_order_delivered, IsAdmin, "Admins.")
    refund_order: RefundOrderPayload | None = mutation(
        orders.refund_order, IsAdmin, "Admins. Gives all the money back; the stock too, if not yet shipped."
    )

    create_short_link: CreateShortLinkPayload | None = mutation(short_links.create_short_link, IsSignedIn, "Signed in.")
    update_short_link: UpdateShortLinkPayload | None = mutation(
        short_links.update_short_link, IsSignedIn, "Owner or admin."
    )
    delete_short_link: DeleteShortLinkPayload | None = mutation(
        short_links.delete_short_link, IsSignedIn, "Owner or admin. The code is not given out again."
    )

    regenerate_daily_report: RegenerateDailyReportPayload | None = mutation(
        reports.regenerate_daily_report, IsAdmin, "Admins."
    )


class Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        context = execution_context.context if execution_context else None
        is_validation = execution_context is not None and execution_context.result is None
        for error in errors:
            failures.say(error, context, is_validation=is_validation)


schema = Schema(
    query=Query,
    mutation=Mutation,
    types=[
        errors.InvalidInputError,
        errors.NotFoundError,
        errors.TakenError,
        errors.StaleVersionError,
        errors.InsufficientStockError,
        errors.PriceChangedError,
        errors.OrderStateError,
        errors.IdempotencyError,
        errors.RetryError,
    ],
    extensions=[OneOperation, ValidationCache],
    config=StrawberryConfig(scalar_map=SCALARS),
)
