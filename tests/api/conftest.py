"""Two ways through door 1: over HTTP, and as Lambda is invoked."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from api.main import app, handler


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
