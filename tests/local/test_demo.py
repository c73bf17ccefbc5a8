"""The demo shop and accounts."""

from collections import Counter

import pytest

import local
from core.aws import cognito
from core.config import settings
from local import demo
from local.resources import client
from models.product import Product


def all_products() -> list[Product]:
    return list(Product.all_created.query("ALL"))


def test_24_products_of_a_small_shop() -> None:
    demo.make_products()
    products = all_products()
    assert len(products) == 24
    assert Counter(product.currency for product in products) == {"CHF": 6, "EUR": 6, "GBP": 5, "USD": 4, "JPY": 3}
    categories = {"bags": 2, "coffee": 4, "cups": 4, "kitchen": 6, "paper": 4, "tea": 4}
    assert Counter(product.category for product in products) == categories
    assert all(Product.get(product.product_id).description for product in products)


def test_making_them_again_changes_nothing() -> None:
    demo.make_products()
    before = {product.product_id: product.version for product in all_products()}
    demo.make_products()
    assert {product.product_id: product.version for product in all_products()} == before


@pytest.mark.parametrize(("email", "groups"), [(demo.ADMIN, ["admins"]), (demo.CUSTOMER, [])])
def test_demo_accounts(email: str, groups: list[str]) -> None:
    demo.make_accounts()
    signed_in = cognito().initiate_auth(
        ClientId=settings().user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": "Kiosk-demo-1"},
    )
    assert signed_in["AuthenticationResult"]["AccessToken"]
    found = client("cognito-idp").admin_list_groups_for_user(UserPoolId=settings().user_pool_id, Username=email)
    assert [group["GroupName"] for group in found["Groups"]] == groups


def test_they_are_the_same_people_after_a_new_start() -> None:
    """Rows that DynamoDB Local kept are still theirs."""
    demo.make_accounts()
    before = subs()
    local.reset()
    demo.make_accounts()
    assert subs() == before
    assert sorted(before) == [demo.ADMIN, demo.CUSTOMER]
    assert len(set(before.values())) == 2


def subs() -> dict[str, str]:
    """By e-mail address."""
    users = client("cognito-idp").list_users(UserPoolId=settings().user_pool_id)["Users"]
    attributes = [{item["Name"]: item["Value"] for item in user["Attributes"]} for user in users]
    assert [user["Username"] for user in users] == [each["sub"] for each in attributes]
    return {each["email"]: each["sub"] for each in attributes}
