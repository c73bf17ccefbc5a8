"""Creating products: what is refused, all at once, and what is written."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.clock import now
from core.errors import InvalidInputError, Refused, TakenError
from models.product import Product
from models.unique import Unique
from services.catalogue import Price, create_product, delete_product
from services.catalogue.slugs import make_slug
from tests.makers import make_product, new_product
from tests.recorder import recorded
from tests.store import everything


def test_what_is_written_is_what_is_answered():
    with recorded() as calls:
        product = create_product(
            new_product(
                sku="TEA-1",
                name="  Grüner Tee  ",
                description=" Mild.\r\nFrom Uji.\n",
                category="tea",
                price=Price(Decimal("4.5"), "CHF"),
                stock=7,
                status="DRAFT",
            )
        )
    assert calls == ["TransactWriteItems"]
    stored = Product.get(product.product_id)
    assert stored.attribute_values == {
        name: value for name, value in product.attribute_values.items() if value is not None
    }
    assert (stored.sku, stored.slug, stored.name) == ("TEA-1", "gruener-tee", "Grüner Tee")
    assert (stored.description, stored.category) == ("Mild.\nFrom Uji.", "tea")
    assert (stored.price_minor, stored.currency) == (450, "CHF")
    assert (stored.status, stored.stock, stored.version, stored.image_ids) == ("DRAFT", 7, 1, [])
    assert stored.created_at == stored.updated_at
    assert now() - stored.created_at < timedelta(seconds=5)
    assert {guard.key: guard.owner_id for guard in Unique.find_many(["SKU#TEA-1", "SLUG#gruener-tee"]).values()} == {
        "SKU#TEA-1": product.product_id,
        "SLUG#gruener-tee": product.product_id,
    }


def test_all_failures_at_once_with_their_paths():
    before = everything()
    with pytest.raises(Refused) as raised:
        create_product(
            new_product(
                sku="A",
                slug="No Slug",
                name=" ab ",
                description="\x00",
                category="Tea",
                price=Price(Decimal("-0.001"), "EUR"),
                stock=-1,
            )
        )
    assert [(error.code, error.field) for error in raised.value.errors] == [
        ("INVALID", ("sku",)),
        ("INVALID", ("slug",)),
        ("INVALID", ("name",)),
        ("INVALID", ("description",)),
        ("INVALID", ("category",)),
        ("INVALID", ("price", "amount")),
        ("INVALID", ("stock",)),
    ]
    assert everything() == before


ACCEPTED = [
    {"sku": "Az"},
    {"sku": "a.B_c-9" * 9},
    {"name": "abc"},
    {"name": "ä" * 200},
    {"name": "\N{GRINNING FACE}" * 200},
    {"name": f"\t{'x' * 200}\n"},
    {"slug": "a"},
    {"slug": "a-1-" + "b" * 96},
    {"category": "c" * 64},
    {"description": "d" * 10_000},
    {"description": "line\n\tline"},
    {"price": Price(Decimal(0), "EUR")},
    {"price": Price(Decimal("-0.00"), "EUR")},
    {"price": Price(Decimal("19.990"), "EUR")},
    {"price": Price(Decimal(1999), "JPY")},
    {"price": Price(Decimal("9999999999.99"), "USD")},
    {"stock": 0},
    {"stock": 1_000_000_000},
]
REFUSED = [
    ({"sku": "A"}, ("sku",)),
    ({"sku": "A" * 65}, ("sku",)),
    ({"sku": "A B"}, ("sku",)),
    ({"sku": "Ä1"}, ("sku",)),
    ({"sku": "AB\n"}, ("sku",)),
    ({"sku": "A١"}, ("sku",)),
    ({"name": "ab"}, ("name",)),
    ({"name": " " * 5}, ("name",)),
    ({"name": "x" * 201}, ("name",)),
    ({"name": "a\x00bc"}, ("name",)),
    ({"name": "a\nbc"}, ("name",)),
    ({"name": "\u200b" * 3}, ("name",)),
    ({"name": "\u202e\u200d\ufe0f"}, ("name",)),
    ({"name": "a\x7fbc"}, ("name",)),
    ({"name": "a\u2028bc"}, ("name",)),
    ({"name": "a\ud800bc"}, ("name",)),
    ({"slug": ""}, ("slug",)),
    ({"slug": "a" * 101}, ("slug",)),
    ({"slug": "-a"}, ("slug",)),
    ({"slug": "a--b"}, ("slug",)),
    ({"slug": "a-"}, ("slug",)),
    ({"slug": "A"}, ("slug",)),
    ({"slug": "a\n"}, ("slug",)),
    ({"category": ""}, ("category",)),
    ({"category": "c" * 65}, ("category",)),
    ({"description": "d" * 10_001}, ("description",)),
    ({"description": "bell\x07"}, ("description",)),
    ({"description": "\udfff"}, ("description",)),
    ({"price": Price(Decimal("-0.01"), "EUR")}, ("price", "amount")),
    ({"price": Price(Decimal("0.001"), "EUR")}, ("price", "amount")),
    ({"price": Price(Decimal("0.5"), "JPY")}, ("price", "amount")),
    ({"price": Price(Decimal(10000000000), "EUR")}, ("price", "amount")),
    ({"price": Price(Decimal("9" * 30 + ".9999999999"), "EUR")}, ("price", "amount")),
    ({"stock": -1}, ("stock",)),
    ({"stock": 1_000_000_001}, ("stock",)),
]


@pytest.mark.parametrize("values", ACCEPTED)
def test_values_at_the_edge_are_accepted(values):
    assert make_product(**values).version == 1


@pytest.mark.parametrize(("values", "field"), REFUSED)
def test_values_beyond_the_edge_are_refused(values, field):
    with recorded() as calls, pytest.raises(Refused) as raised:
        make_product(**values)
    (error,) = raised.value.errors
    assert isinstance(error, InvalidInputError)
    assert (error.code, error.field) == ("INVALID", field)
    assert calls == []


def test_a_decomposed_name_is_stored_composed():
    assert make_product(name="Cafe\u0301").name == "Café"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Grüner Tee, 100 g", "gruener-tee-100-g"),
        ("ÄÖÜ Straße", "aeoeue-strasse"),
        ("A\u0308pfel", "aepfel"),
        ("Café crème", "cafe-creme"),
        ("Smørrebrød & Łódź", "smorrebrod-lodz"),
        ("Kid's Mug", "kids-mug"),
        ("½ Liter №5", "12-liter-no5"),
        ("  --Tea--  ", "tea"),
        ("緑茶", "product"),
        ("🍵🍵🍵", "product"),
        ("x" * 150, "x" * 100),
        ("x" * 99 + " yz", "x" * 99),
        ("İstanbul", "istanbul"),
    ],
)
def test_slugs_made_from_names(name, slug):
    assert make_slug(name) == slug


def test_a_made_slug_that_is_taken_gets_a_suffix():
    slugs = [make_product(name="Green Tea").slug for _ in range(4)]
    assert slugs == ["green-tea", "green-tea-2", "green-tea-3", "green-tea-4"]


def test_a_long_made_slug_leaves_room_for_its_suffix():
    assert [make_product(name="x" * 150).slug for _ in range(2)] == ["x" * 100, "x" * 98 + "-2"]


def test_a_made_slug_is_found_beyond_all_suffixes():
    make_product(name="Green Tea")
    for number in range(2, 100):
        Unique(key=f"SLUG#green-tea-{number}", owner_id="another").save()
    product = make_product(name="Green Tea")
    assert product.slug == f"green-tea-{product.product_id[-8:].lower()}"


def test_a_taken_slug_is_refused_with_a_free_one():
    make_product(slug="green-tea")
    make_product(slug="green-tea-2")
    before = everything()
    with pytest.raises(Refused) as raised:
        make_product(slug="green-tea")
    (error,) = raised.value.errors
    assert isinstance(error, TakenError)
    assert (error.field, error.suggestion) == (("slug",), "green-tea-3")
    assert everything() == before
    assert make_product(slug="green-tea-3").slug == "green-tea-3"


def test_taken_sku_and_slug_are_told_together():
    make_product(sku="TEA-1", slug="green-tea")
    before = everything()
    with pytest.raises(Refused) as raised:
        make_product(sku="TEA-1", slug="green-tea")
    assert [(error.code, error.field) for error in raised.value.errors] == [("TAKEN", ("sku",)), ("TAKEN", ("slug",))]
    assert everything() == before


def test_a_taken_sku_beside_a_made_slug_that_is_taken():
    make_product(sku="TEA-1", name="Green Tea")
    with pytest.raises(Refused) as raised:
        make_product(sku="TEA-1", name="Green Tea")
    assert [error.field for error in raised.value.errors] == [("sku",)]


def test_a_deleted_product_frees_its_sku_and_slug():
    delete_product(make_product(sku="TEA-1", slug="green-tea").product_id)
    product = make_product(sku="TEA-1", slug="green-tea")
    assert (product.sku, product.slug) == ("TEA-1", "green-tea")
