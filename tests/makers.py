"""One maker a thing, through the services that make it in earnest: `make_product(stock=3)`."""

import re
from decimal import Decimal
from itertools import count
from typing import Any

import boto3

from core.config import settings
from local import mailbox
from models.product import Product
from models.short_link import ShortLink
from services.accounts import Session, confirm_sign_up, sign_in, sign_up
from services.catalogue import NewProduct, Price, create_product
from services.short_links.making import NewShortLink, create_short_link

_numbers = count(1)


def make_short_link(owner_id: str = "owner", **values: Any) -> ShortLink:
    return create_short_link(owner_id, NewShortLink(**{"destination_url": "https://example.com/page"} | values))


def new_product(**values: Any) -> NewProduct:
    number = next(_numbers)
    usual = {
        "sku": f"SKU-{number}",
        "name": f"Product {number}",
        "price": Price(Decimal("12.50"), "EUR"),
        "stock": 10,
        "status": "ACTIVE",
    }
    return NewProduct(**usual | values)


def make_product(**values: Any) -> Product:
    return create_product(new_product(**values))


PASSWORD = "Passw0rd-123"


def make_session(email: str = "", *, name: str = "Ann", is_admin: bool = False) -> Session:
    """Somebody who signed up, confirmed it and signed in."""
    email = email or f"person-{next(_numbers)}@kiosk.example"
    sign_up(email, PASSWORD, name)
    confirm_sign_up(email, code_sent_to(email))
    if is_admin:
        pool = {"UserPoolId": settings().user_pool_id, "Username": email}
        boto3.client("cognito-idp").admin_add_user_to_group(**pool, GroupName="admins")
    return sign_in(email, PASSWORD)


def code_sent_to(email: str) -> str:
    """The newest."""
    mail = next(mail for mail in mailbox.newest_first() if mail.to == (email,) and "code" in mail.subject)
    return re.search(r"\d{6}", mail.text)[0]
