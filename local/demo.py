"""Something to look at: two accounts and a small shop, made as the API makes them."""

import json
from decimal import Decimal
from pathlib import Path

from core.config import settings
from core.errors import Refused
from local.resources import client

ADMIN = "admin@kiosk.example"
CUSTOMER = "customer@kiosk.example"
PASSWORD = "Kiosk-demo-1"
_NAMES = {ADMIN: "Ada Admin", CUSTOMER: "Carla Customer"}


def make_accounts() -> None:
    cognito, pool = client("cognito-idp"), settings().user_pool_id
    for email, name in _NAMES.items():
        attributes = {"email": email, "email_verified": "true", "name": name}
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=email,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            MessageAction="SUPPRESS",
        )
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=ADMIN, GroupName="admins")


def make_products() -> None:
    """Those that are there already (DynamoDB Local keeps them) are left alone."""
    from services.catalogue import NewProduct, Price, create_product  # noqa: PLC0415 - reads its settings when loaded

    for entry in json.loads(Path(__file__).with_name("demo_products.json").read_text()):
        price = Price(Decimal(entry.pop("price")), entry.pop("currency"))
        try:
            create_product(NewProduct(**entry, price=price, status="ACTIVE"))
        except Refused:
            continue
