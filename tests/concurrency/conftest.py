"""The same code against DynamoDB Local."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import local
from local import resources
from models.base import shared_connection
from tests.dynamodb_local import server

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if reason := server.lacks():
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    with server.running() as url:
        yield url


@pytest.fixture(autouse=True)
def dynamodb_local(aws: None, dynamodb_local_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tables as the template has them, and empty. That dozens of threads make a busy machine slow is no fault here."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local_url)
    monkeypatch.setattr(shared_connection(), "_client", None)
    for patience in ("_connect_timeout_seconds", "_read_timeout_seconds"):
        monkeypatch.setattr(shared_connection(), patience, 30)
    resources.client.cache_clear()
    client = resources.client("dynamodb")
    for table in client.list_tables()["TableNames"]:
        client.delete_table(TableName=table)
    resources.make_tables(local.running().template)
    yield
    resources.client.cache_clear()
