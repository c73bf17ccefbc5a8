"""Keyset pages: windows, cursors, both directions."""

import base64
import json

import pytest

from core.errors import BadRequest
from models.paging import Page, Window, parse_window, query_page
from models.product import Product
from tests.makers import make_product
from tests.recorder import recorded


def encoded(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("asked", "size", "is_backward"),
    [
        ({}, 20, False),
        ({"first": 1}, 1, False),
        ({"first": 100}, 100, False),
        ({"last": 7}, 7, True),
        ({"before": "CURSOR"}, 20, True),
        ({"after": "CURSOR"}, 20, False),
    ],
)
def test_windows(asked, size, is_backward):
    cursor = Window("list").cursor("key")
    given = {name: cursor if value == "CURSOR" else value for name, value in asked.items()}
    window = parse_window("list", **{"first": None, "after": None, "last": None, "before": None} | given)
    assert (window.size, window.is_backward) == (size, is_backward)
    assert window.bound == ("key" if "CURSOR" in asked.values() else None)


@pytest.mark.parametrize(
    "asked",
    [
        {"first": 0},
        {"first": -1},
        {"first": 101},
        {"first": 2**31 - 1},
        {"last": 0},
        {"last": 101},
        {"first": 1, "last": 1},
        {"first": 1, "before": "CURSOR"},
        {"last": 1, "after": "CURSOR"},
        {"after": "CURSOR", "before": "CURSOR"},
    ],
)
def test_windows_that_no_correct_client_asks_for(asked):
    cursor = Window("list").cursor("key")
    given = {name: cursor if value == "CURSOR" else value for name, value in asked.items()}
    with pytest.raises(BadRequest):
        parse_window("list", **{"first": None, "after": None, "last": None, "before": None} | given)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "é",
        "\ud800",
        "AAAA",
        encoded(1, "list"),
        encoded(1, "other", "key"),
        encoded(2, "list", "key"),
        encoded(1, "list", ""),
        encoded(1, "list", 7),
        encoded(1, "list", ["key"]),
        encoded(1, "list", "\ud800"),
        encoded(1, "list", "key", "more"),
        encoded(1, "list", "k" * 1025),
        encoded(1, "list", "key") + "=",
        base64.urlsafe_b64encode(b'{"2":"key"}').decode(),
        base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("="),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_cursors_that_are_not_of_the_list(cursor):
    assert parse_window("list", 1, encoded(1, "list", "key"), None, None).bound == "key"
    with pytest.raises(BadRequest, match="not one of this list"):
        parse_window("list", 1, cursor, None, None)


def walk(index, partition, size, *, descending, is_backward) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor = None
    while True:
        window = (
            parse_window("list", None, None, size, cursor)
            if is_backward
            else parse_window("list", size, cursor, None, None)
        )
        page: Page[Product] = query_page(index, [partition], window, descending=descending)
        came_from = page.has_next_page if is_backward else page.has_previous_page
        assert came_from == (cursor is not None)
        pages.append([row.name for row in page.rows])
        if not (page.has_previous_page if is_backward else page.has_next_page):
            return pages
        cursor = page.cursors[0] if is_backward else page.cursors[-1]


@pytest.mark.parametrize(
    ("descending", "is_backward", "pages"),
    [
        (False, False, ["ab", "cd", "e"]),
        (True, False, ["ed", "cb", "a"]),
        (False, True, ["de", "bc", "a"]),
        (True, True, ["ba", "dc", "e"]),
    ],
)
def test_every_row_once_whichever_way(descending, is_backward, pages):
    for letter in "cadbe":
        make_product(name=letter * 3)
    walked = walk(Product.all_name, "ALL", 2, descending=descending, is_backward=is_backward)
    assert ["".join(name[0] for name in page) for page in walked] == pages


def test_rows_that_come_and_go_between_pages_move_no_other():
    for letter in "abdef":
        make_product(name=letter * 3)
    first = query_page(Product.all_name, ["ALL"], parse_window("list", 2, None, None, None))
    make_product(name="aaaa")
    make_product(name="ccc")
    second = query_page(Product.all_name, ["ALL"], parse_window("list", 2, first.cursors[-1], None, None))
    assert [row.name for row in second.rows] == ["ccc", "ddd"]


def test_one_query_a_page():
    for _ in range(5):
        make_product()
    with recorded() as calls:
        page = query_page(Product.all_created, ["ALL"], parse_window("list", 2, None, None, None))
    assert len(page.rows) == 2
    assert calls == ["Query"]


def test_shards_are_merged_in_order():
    for category, letters in {"tea": "adg", "coffee": "be", "cups": "cf"}.items():
        for letter in letters:
            make_product(name=letter * 3, category=category)
    shards = ["tea", "coffee", "cups", "empty"]
    names = []
    cursor = None
    for _ in range(3):
        page = query_page(Product.category_name, shards, parse_window("list", 3, cursor, None, None))
        names.append("".join(row.name[0] for row in page.rows))
        cursor = page.cursors[-1]
    assert names == ["abc", "def", "g"]
    backward = query_page(Product.category_name, shards, parse_window("list", None, None, 3, cursor), descending=False)
    assert "".join(row.name[0] for row in backward.rows) == "def"
    downward = query_page(Product.category_name, shards, parse_window("list", 3, None, None, None), descending=True)
    assert "".join(row.name[0] for row in downward.rows) == "gfe"
