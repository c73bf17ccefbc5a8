"""The shared connection, and batch reads."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.base import shared_connection
from models.product import Product
from models.unique import Unique
from tests.recorder import recorded


@pytest.fixture
def eager_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_first_reads_side_by_side_make_one_client(monkeypatch):
    connection = shared_connection()
    Product.find("x")
    monkeypatch.setattr(connection, "_client", None)
    monkeypatch.delitem(connection._tables, Product.Meta.table_name)
    monkeypatch.setattr(Product, "_connection", None)
    made = []
    create_client = connection.session.create_client
    monkeypatch.setattr(
        connection.session, "create_client", lambda *args, **kwargs: made.append(1) or create_client(*args, **kwargs)
    )
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(Product.find, ["x"] * 16)) == [None] * 16
    assert len(made) == 1


def test_a_batch_read_of_many():
    for number in range(150):
        Unique(key=str(number), owner_id="me").save()
    with recorded() as calls:
        found = Unique.find_many(str(number) for number in [*range(250), *range(50)])
    assert calls == ["BatchGetItem"] * 3
    assert sorted(found, key=int) == [str(number) for number in range(150)]


def test_an_empty_batch_read_reads_nothing():
    with recorded() as calls:
        assert Unique.find_many([]) == {}
    assert calls == []
