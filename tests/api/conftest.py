"""Two ways through door 1: over HTTP, and as Lambda is invoked. And the issuer of tokens, with its clock."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import time_machine
from httpx import ASGITransport, AsyncClient

from api import access_token, signing_keys
from api.main import app, handler
from api.signing_keys import SigningKeys
from core.config import settings
from tests.api.tokens import NOW, KeySet


@pytest.fixture
async def http() -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def invoke() -> Iterator[Callable[[Any], Any]]:
    with asyncio.Runner() as runner:
        runner.get_loop()
        yield lambda event: handler(event, None)


@pytest.fixture
def key_set(monkeypatch):
    served = KeySet()
    configured = dataclasses.replace(settings(), jwks_url=served.url)
    monkeypatch.setattr(signing_keys, "settings", lambda: configured)
    monkeypatch.setattr(access_token, "signing_keys", SigningKeys())
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
