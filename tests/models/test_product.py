"""Index keys, sparse indexes and partial rows of the products table."""

from datetime import UTC, datetime

import pytest

from models.product import Product
from services.catalogue import delete_product, update_product
from tests.makers import make_product

IN_NO_INDEX = {"stock", "description"}
LISTED = {"all_created", "all_name", "all_price"}
LISTED_IN_TEA = {"category_created", "category_name", "category_price"}


def indexes_of(product_id: str) -> set[str]:
    places = [(name, "ALL") for name in LISTED] + [(name, "tea") for name in LISTED_IN_TEA]
    places += [("not_active", "DRAFT"), ("not_active", "ARCHIVED"), ("not_active", "DELETED")]
    return {
        f"{name} {partition}" if name == "not_active" else name
        for name, partition in places
        if any(row.product_id == product_id for row in getattr(Product, name).query(partition))
    }


@pytest.mark.parametrize(
    ("status", "category", "expected"),
    [
        ("ACTIVE", None, LISTED),
        ("ACTIVE", "tea", LISTED | LISTED_IN_TEA),
        ("DRAFT", "tea", {"not_active DRAFT"}),
        ("ARCHIVED", None, {"not_active ARCHIVED"}),
    ],
)
def test_which_indexes_a_product_stands_in(status, category, expected):
    assert indexes_of(make_product(status=status, category=category).product_id) == expected


def test_status_and_category_move_it_between_indexes():
    product_id = make_product(status="DRAFT").product_id
    update_product(product_id, {"status": "ACTIVE"})
    assert indexes_of(product_id) == LISTED
    update_product(product_id, {"category": "tea"})
    assert indexes_of(product_id) == LISTED | LISTED_IN_TEA
    update_product(product_id, {"category": None})
    assert indexes_of(product_id) == LISTED
    update_product(product_id, {"status": "ARCHIVED"})
    assert indexes_of(product_id) == {"not_active ARCHIVED"}
    delete_product(product_id)
    assert indexes_of(product_id) == set()


def test_rows_of_an_index_are_partial():
    whole = make_product(description="A tea.", category="tea")
    for name in sorted(LISTED | LISTED_IN_TEA):
        (row,) = getattr(Product, name).query("ALL" if name in LISTED else "tea")
        assert row.is_partial
        for attribute in Product.get_attributes():
            value = row.attribute_values.get(attribute)
            if attribute in IN_NO_INDEX:
                assert value is None, (name, attribute)
            elif not attribute.startswith("listed") and not attribute.endswith("_sort"):
                assert value == whole.attribute_values.get(attribute), (name, attribute)
    assert not Product.get(whole.product_id).is_partial


def test_selling_rewrites_no_index():
    projected = {name for index in Product._indexes.values() for name in index.Meta.projection.non_key_attributes}
    keys = {key for index in Product._indexes.values() for key in index.Meta.attributes}
    assert (projected | keys) & IN_NO_INDEX == set()


def test_sort_keys():
    product = Product(
        product_id="01P",
        name="Grüner TEE",
        currency="EUR",
        price_minor=1250,
        status="ACTIVE",
        created_at=datetime(2026, 11, 21, 9, 0, 0, 7000, tzinfo=UTC),
    )
    product.place_in_indexes()
    assert product.created_sort == "2026-11-21T09:00:00.007Z#01P"
    assert product.name_sort == "grüner tee\x1f#01P"
    assert product.price_sort == "EUR#000000001250#01P"


@pytest.mark.parametrize(
    ("name", "sorted_by"),
    [
        ("x" * 600, "x" * 512),
        ("é" * 300, "é" * 256),
        ("a" + "é" * 300, "a" + "é" * 255),
        ("\N{GRINNING FACE}" * 200, "\N{GRINNING FACE}" * 128),
        ("ß" * 300, "s" * 512),
    ],
)
def test_long_names_are_cut_between_characters(name, sorted_by):
    product = Product(product_id="01P", name=name, currency="EUR", price_minor=0, created_at=datetime.now(UTC))
    product.place_in_indexes()
    assert product.name_sort == f"{sorted_by}\x1f#01P"


def test_change_tells_what_is_to_be_updated():
    product = make_product(category="tea", description="Green.")
    assert product.change(name=product.name, category="tea") == []
    changed = {str(action.values[0]) for action in product.change(name="Sencha", description=None)}
    assert changed == {"name", "description", "name_sort"}
    assert (product.name, product.description) == ("Sencha", None)
