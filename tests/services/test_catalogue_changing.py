"""Updating and deleting products."""

from decimal import Decimal

import pytest

from core.errors import Refused, StaleVersionError, TakenError
from models.product import DELETED, Product
from models.unique import Unique
from services.catalogue import Price, changing, delete_product, list_products, update_product
from tests.makers import make_product
from tests.recorder import recorded
from tests.store import everything


def test_what_is_absent_is_kept_and_null_clears():
    product = make_product(description="Mild.", category="tea", slug="green-tea")
    update_product(product.product_id, {"description": None, "category": None})
    stored = Product.get(product.product_id)
    assert (stored.description, stored.category) == (None, None)
    kept = ("sku", "slug", "name", "price_minor", "currency", "status", "stock", "image_ids", "created_at")
    assert [getattr(stored, name) for name in kept] == [getattr(product, name) for name in kept]
    assert stored.version == 2
    assert stored.updated_at >= product.updated_at


def test_everything_that_can_change():
    product_id = make_product().product_id
    answered = update_product(
        product_id,
        {
            "slug": "sencha",
            "name": " Sencha ",
            "description": "Mild.",
            "category": "tea",
            "price": Price(Decimal(900), "JPY"),
            "status": "ARCHIVED",
        },
        1,
    )
    stored = Product.get(product_id)
    assert (stored.slug, stored.name, stored.description, stored.category) == ("sencha", "Sencha", "Mild.", "tea")
    assert (stored.price_minor, stored.currency, stored.status, stored.version) == (900, "JPY", "ARCHIVED", 2)
    assert answered.attribute_values == {
        **dict.fromkeys(answered.attribute_values),
        **stored.attribute_values,
    }


@pytest.mark.parametrize(
    "changes",
    [{}, {"name": "Sencha"}, {"name": " Sencha ", "price": Price(Decimal("4.50"), "EUR"), "category": "tea"}],
)
def test_no_change_writes_nothing(changes):
    product = make_product(name="Sencha", price=Price(Decimal("4.5"), "EUR"), category="tea")
    before = everything()
    with recorded() as calls:
        answered = update_product(product.product_id, changes)
    assert calls == ["GetItem"]
    assert (answered.version, answered.updated_at) == (1, product.updated_at)
    assert everything() == before


def test_null_on_what_a_product_must_have():
    product_id = make_product().product_id
    before = everything()
    with pytest.raises(Refused) as raised:
        update_product(product_id, {"slug": None, "name": None, "price": None, "status": None, "category": "Tea"})
    assert [(error.code, error.field) for error in raised.value.errors] == [
        ("REQUIRED", ("slug",)),
        ("REQUIRED", ("name",)),
        ("REQUIRED", ("price",)),
        ("REQUIRED", ("status",)),
        ("INVALID", ("category",)),
    ]
    assert everything() == before


def test_a_stale_version_is_refused_with_the_current_one():
    product_id = make_product().product_id
    update_product(product_id, {"name": "Sencha"}, 1)
    before = everything()
    with pytest.raises(Refused) as raised:
        update_product(product_id, {"name": "Bancha"}, 1)
    (error,) = raised.value.errors
    assert isinstance(error, StaleVersionError)
    assert (error.code, error.current_version) == ("STALE_VERSION", 2)
    assert everything() == before


@pytest.fixture
def meanwhile(monkeypatch):
    """Somebody else's changes, each made between a read of ours and our write."""
    others = []
    fetch = changing._fetch

    def fetch_and_be_overtaken(product_id: str) -> Product:
        product = fetch(product_id)
        if others:
            change = others.pop(0)
            with monkeypatch.context() as undisturbed:
                undisturbed.setattr(changing, "_fetch", fetch)
                change()
        return product

    monkeypatch.setattr(changing, "_fetch", fetch_and_be_overtaken)
    return others


def test_a_lost_race_is_read_and_tried_again(meanwhile):
    product_id = make_product().product_id
    meanwhile += [lambda: update_product(product_id, {"category": "tea"})]
    product = update_product(product_id, {"name": "Sencha"})
    stored = Product.get(product_id)
    assert (product.version, product.category) == (3, "tea")
    assert (stored.name, stored.category, stored.version) == ("Sencha", "tea", 3)


def test_a_lost_race_against_an_expected_version_is_refused(meanwhile):
    product_id = make_product().product_id
    meanwhile += [lambda: update_product(product_id, {"category": "tea"})]
    with pytest.raises(Refused) as raised:
        update_product(product_id, {"name": "Sencha"}, 1)
    assert [error.code for error in raised.value.errors] == ["STALE_VERSION"]
    assert Product.get(product_id).name != "Sencha"


def test_a_race_lost_to_a_deletion(meanwhile):
    product_id = make_product().product_id
    meanwhile += [lambda: delete_product(product_id)]
    with pytest.raises(Refused) as raised:
        update_product(product_id, {"name": "Sencha"})
    assert [error.code for error in raised.value.errors] == ["NOT_FOUND"]


def test_races_lost_for_ever_are_refused(meanwhile):
    product_id = make_product().product_id
    meanwhile += [lambda n=n: update_product(product_id, {"category": f"c{n}"}) for n in range(changing.TRIES)]
    with pytest.raises(Refused) as raised:
        update_product(product_id, {"name": "Sencha"})
    assert [error.code for error in raised.value.errors] == ["RETRY"]
    assert Product.get(product_id).name != "Sencha"


def test_stock_sold_between_read_and_write_stays_sold(meanwhile):
    product_id = make_product(stock=10).product_id
    meanwhile += [lambda: Product(product_id=product_id).update([Product.stock.set(Product.stock - 4)])]
    update_product(product_id, {"name": "Sencha"}, 1)
    assert Product.get(product_id).stock == 6


def test_a_new_slug_moves_the_guard():
    product_id = make_product(slug="green-tea").product_id
    update_product(product_id, {"slug": "sencha"})
    assert {key: row.owner_id for key, row in Unique.find_many(["SLUG#green-tea", "SLUG#sencha"]).items()} == {
        "SLUG#sencha": product_id
    }


def test_a_taken_slug_is_refused():
    make_product(slug="sencha")
    product_id = make_product(slug="green-tea").product_id
    before = everything()
    with pytest.raises(Refused) as raised:
        update_product(product_id, {"slug": "sencha", "name": "Sencha"})
    (error,) = raised.value.errors
    assert isinstance(error, TakenError)
    assert (error.field, error.suggestion) == (("slug",), "sencha-2")
    assert everything() == before


def test_a_deleted_product_leaves_a_tombstone():
    product = make_product(sku="TEA-1", slug="green-tea", stock=3)
    delete_product(product.product_id)
    tombstone = Product.get(product.product_id)
    assert (tombstone.status, tombstone.stock, tombstone.version) == (DELETED, 3, 2)
    assert Unique.find_many(["SKU#TEA-1", "SLUG#green-tea"]) == {}
    assert [list_products(status=status).rows for status in ("ACTIVE", "DRAFT", "ARCHIVED")] == [[], [], []]


@pytest.mark.parametrize("act", [delete_product, lambda product_id: update_product(product_id, {"name": "Sencha"})])
def test_what_is_deleted_or_was_never_there_is_not_found(act):
    deleted = make_product().product_id
    delete_product(deleted)
    before = everything()
    for product_id in (deleted, "01NEVER"):
        with pytest.raises(Refused) as raised:
            act(product_id)
        assert [(error.code, error.field) for error in raised.value.errors] == [("NOT_FOUND", ("productId",))]
    assert everything() == before


def test_a_deletion_that_loses_a_race_is_tried_again(meanwhile):
    product_id = make_product(slug="green-tea").product_id
    meanwhile += [lambda: update_product(product_id, {"slug": "sencha"})]
    delete_product(product_id)
    assert (Product.get(product_id).status, Product.get(product_id).version) == (DELETED, 3)
    assert Unique.find_many(["SLUG#green-tea", "SLUG#sencha"]) == {}
