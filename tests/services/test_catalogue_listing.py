"""Lists of products: every order, category and direction by one index."""

from decimal import Decimal
from itertools import product as every_combination

import pytest

from core.errors import BadRequest
from services.catalogue import Price, list_products
from tests.makers import make_product
from tests.recorder import recorded

SHOP = [
    ("Mug, large", "12.00", "EUR", "cups"),
    ("Mug", "9.00", "EUR", "cups"),
    ("mug", "9.00", "EUR", "cups"),
    ("Ärmel", "100.00", "CHF", None),
    ("Sencha", "900", "JPY", "tea"),
    ("assam", "4.50", "EUR", "tea"),
    ("Zulu tea", "0.99", "GBP", "tea"),
]


@pytest.fixture
def shop():
    for name, amount, currency, category in SHOP:
        make_product(name=name, price=Price(Decimal(amount), currency), category=category)
    make_product(name="Not yet", status="DRAFT", category="tea")


KEYS = {
    "CREATED_AT": lambda row: row.created_sort,
    "NAME": lambda row: (row.name.casefold(), row.product_id),
    "PRICE": lambda row: (row.currency, row.price_minor, row.product_id),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("sort", "category", "is_descending", "is_backward"),
    list(every_combination(KEYS, [None, "tea"], [False, True], [False, True])),
)
def test_every_order_both_ways(sort, category, is_descending, is_backward):
    asked = {"sort": sort, "category": category, "is_descending": is_descending}
    everything = list_products(**asked).rows
    pages = []
    cursor = None
    while True:
        window = {"last": 2, "before": cursor} if is_backward else {"first": 2, "after": cursor}
        with recorded() as calls:
            page = list_products(**asked, **window)
        assert calls == ["Query"]
        pages = [page.rows, *pages] if is_backward else [*pages, page.rows]
        if not (page.has_previous_page if is_backward else page.has_next_page):
            break
        cursor = page.cursors[0] if is_backward else page.cursors[-1]
    walked = [row.product_id for rows in pages for row in rows]
    assert walked == [row.product_id for row in everything]
    assert len(walked) == len([1 for *_, of in SHOP if category in {None, of}])
    if sort != "CREATED_AT":
        assert everything == sorted(everything, key=KEYS[sort], reverse=is_descending)


@pytest.mark.usefixtures("shop")
def test_names_and_prices_in_order():
    names = [row.name for row in list_products(sort="NAME", is_descending=False).rows]
    assert names == ["assam", "Mug", "mug", "Mug, large", "Sencha", "Zulu tea", "Ärmel"]
    prices = [(row.currency, row.price_minor) for row in list_products(sort="PRICE", is_descending=False).rows]
    assert prices == [
        ("CHF", 10000), ("EUR", 450), ("EUR", 900), ("EUR", 900), ("EUR", 1200), ("GBP", 99), ("JPY", 900),
    ]  # fmt: skip


@pytest.mark.usefixtures("shop")
def test_what_is_not_active_stands_in_its_own_list():
    make_product(name="Gone", status="ARCHIVED")
    assert [row.name for row in list_products(status="DRAFT").rows] == ["Not yet"]
    assert [row.name for row in list_products(status="ARCHIVED").rows] == ["Gone"]


@pytest.mark.parametrize("asked", [{"category": "tea"}, {"sort": "NAME"}, {"sort": "PRICE"}])
def test_what_is_not_active_has_one_order_and_no_categories(asked):
    with recorded() as calls, pytest.raises(BadRequest):
        list_products(status="DRAFT", **asked)
    assert calls == []


@pytest.mark.usefixtures("shop")
def test_a_cursor_belongs_to_one_list():
    asked = {"category": "tea", "sort": "NAME", "is_descending": True}
    cursor = list_products(**asked, first=1).cursors[0]
    assert len(list_products(**asked, after=cursor).rows) == 2
    for other in [{"category": None}, {"category": "cups"}, {"sort": "PRICE"}, {"is_descending": False}]:
        with pytest.raises(BadRequest, match="not one of this list"):
            list_products(**asked | other, after=cursor)
    draft_cursor = list_products(status="DRAFT", first=1).cursors[0]
    with pytest.raises(BadRequest, match="not one of this list"):
        list_products(status="ARCHIVED", after=draft_cursor)


@pytest.mark.parametrize("category", ["", "Tea", "no such", "x" * 3000, "\ud800", "*"])
def test_a_category_that_no_product_can_have_is_empty(category):
    make_product(category="tea")
    with recorded() as calls:
        page = list_products(category=category)
    assert (page.rows, page.has_next_page, page.has_previous_page, calls) == ([], False, False, [])
