"""Codes, drawn and chosen: SL-07, SL-08, SL-11."""

import math
import secrets
import string
from collections import Counter

import pytest

from api.main import app
from services.short_links import codes
from services.short_links.codes import ALPHABET, LENGTH, RESERVED, draw_code, find_fault, find_free_code, short_url
from tests.makers import make_short_link
from tests.recorder import recorded


def fault(code: str) -> str | None:
    found = find_fault(code)
    return found and found.code


@pytest.mark.parametrize("case", [pytest.param(None, id="SL-07")])
def test_what_codes_are_drawn_from(case, monkeypatch):
    assert set(ALPHABET) == set(string.ascii_letters + string.digits) - set("0Oo1lI")
    assert len(set(ALPHABET)) == len(ALPHABET) == 56
    assert LENGTH == 8
    assert LENGTH * math.log2(len(ALPHABET)) >= 46
    drawn: list[int] = []
    monkeypatch.setattr(secrets, "randbelow", lambda below: drawn.append(below) or below - 1)
    assert draw_code() == ALPHABET[-1] * 8
    assert drawn == [56**8]


@pytest.mark.parametrize("count", [pytest.param(1_000_000, id="SL-08")])
def test_a_million_codes(count):
    drawn = [draw_code() for _ in range(count)]
    assert len(set(drawn)) >= count - 1
    assert {len(code) for code in drawn} == {8}
    expected = count / len(ALPHABET)
    chi_square = 0.0
    letters = "".join(drawn)
    for place in range(LENGTH):
        seen = Counter(letters[place::LENGTH])
        assert seen.keys() == set(ALPHABET)
        chi_square += sum((times - expected) ** 2 / expected for times in seen.values())
    freedom = LENGTH * (len(ALPHABET) - 1)
    assert abs(chi_square - freedom) < 6 * math.sqrt(2 * freedom)  # one run in a hundred million fails by chance


@pytest.mark.parametrize("code", ["abc", "A-b_9", "x" * 64, "---", "coffee-2026", "class", "Tasse"])
def test_chosen(code):
    assert find_fault(code) is None


@pytest.mark.parametrize(
    "code",
    ["", "ab", "x" * 65, "a b", "a.b", "a/b", "äbc", "abc\n", "abc\x00", "a%20b", "..", "abç", "\ud800bc", "١٢٣"],
)
def test_not_a_code(code):
    assert fault(code) == "INVALID"


OUR_OWN = ["graphql", "GraphQL", "LOCAL", "api", "Admin", "login", "oauth", "robots"]
INSULTS = ["fuck", "xFuCkx", "sh1t", "f-u_c-k", "5LUT"]


@pytest.mark.parametrize("code", [pytest.param(code, id=f"SL-11-{code}") for code in OUR_OWN + INSULTS])
def test_reserved(code):
    assert fault(code) == "RESERVED"


@pytest.mark.parametrize("case", [pytest.param(None, id="SL-11")])
def test_every_path_of_ours_is_reserved(case):
    paths = {path.split("/")[1] for route in _flat(app.routes) if (path := getattr(route, "path", ""))} - {"{code}"}
    assert {"graphql", "local"} <= paths
    assert paths - {""} <= RESERVED


def _flat(routes):
    for route in routes:
        yield route
        yield from _flat(getattr(getattr(route, "original_router", None), "routes", ()))


@pytest.mark.parametrize("case", [pytest.param(None, id="SL-11")])
def test_insults_are_not_drawn(case, monkeypatch):
    def number_of(code: str) -> int:
        return sum(ALPHABET.index(letter) * 56**place for place, letter in enumerate(code))

    numbers = iter([number_of("xxFuCKxx"), number_of("sh5hitxx"), number_of("abcdefgh")])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(numbers))
    monkeypatch.setattr(codes, "_INSULTS", codes.re.compile("fuck|hit"))
    assert draw_code() == "abcdefgh"


def test_short_url():
    assert short_url("abc") == "http://127.0.0.1:8000/abc"


def test_a_free_code_beside_a_taken_one():
    make_short_link(code="tea")
    assert find_free_code("tea") == "tea-2"
    make_short_link(code="tea-2")
    make_short_link(code="tea-4")
    with recorded() as sent:
        assert find_free_code("tea") == "tea-3"
    assert sent == ["BatchGetItem"]
    assert find_free_code("x" * 64) == "x" * 61 + "-2"
    for number in range(2, 100):
        make_short_link(code=f"mug-{number}")
    assert find_free_code("mug") is None
