"""Races over stock and unique values, on a store that is atomic and honours request tokens."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from core.errors import Refused
from models.product import Product
from models.transaction import commit, update
from models.unique import Unique
from services.catalogue import adjust_stock, list_products, update_product
from tests import faults
from tests.makers import make_product


def at_once(count: int, act: Callable[[int], Any]) -> Counter[str]:
    """How it ended, `count` times side by side: "done", or the code of the refusal."""
    start = Barrier(count)

    def run(number: int) -> str:
        start.wait()
        try:
            act(number)
        except Refused as refusal:
            return "+".join(error.code for error in refusal.errors)
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


def test_64_take_one_of_20():
    product_id = make_product(stock=20).product_id
    ends = at_once(64, lambda number: adjust_stock("admin", f"key {number}", product_id, -1))
    assert ends == {"done": 20, "INSUFFICIENT_STOCK": 44}
    assert Product.get(product_id).stock == 0


def test_16_with_one_key_take_one():
    product_id = make_product(stock=20).product_id
    assert at_once(16, lambda _: adjust_stock("admin", "key", product_id, -1)) == {"done": 16}
    assert Product.get(product_id).stock == 19


def test_16_create_one_sku():
    assert at_once(16, lambda _: make_product(sku="TEA-1")) == {"done": 1, "TAKEN": 15}
    (product,) = list_products().rows
    assert Unique.get("SKU#TEA-1").owner_id == product.product_id
    assert Unique.get(f"SLUG#{product.slug}").owner_id == product.product_id


def test_16_of_one_name_get_slugs_of_their_own():
    assert at_once(16, lambda _: make_product(name="Green Tea")) == {"done": 16}
    slugs = {row.slug for row in list_products().rows}
    assert len(slugs) == 16
    assert {Unique.get(f"SLUG#{slug}").key for slug in slugs} == {f"SLUG#{slug}" for slug in slugs}


def test_8_update_one_version():
    product_id = make_product().product_id
    ends = at_once(8, lambda number: update_product(product_id, {"name": f"Name {number}"}, 1))
    assert ends == {"done": 1, "STALE_VERSION": 7}
    assert Product.get(product_id).version == 2


def test_a_lost_response_is_applied_once():
    """By its request token alone: this is a bare transaction, without an idempotency row."""
    product_id = make_product(stock=10).product_id
    with faults.faults("TransactWriteItems", faults.response_lost) as sent:
        commit([update(Product(product_id=product_id), [Product.stock.set(Product.stock - 1)], Product.stock >= 1)])
    assert len(sent) == 2
    assert Product.get(product_id).stock == 9
