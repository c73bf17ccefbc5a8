"""The laptop serves its own machine only."""

from typing import Any

import httpx
import pytest

from api.main import app
from local.guard import is_local_host, is_local_origin

QUERY = {"query": "{ __typename }"}


async def ask(method: str = "POST", peer: str = "127.0.0.1", host: str = "127.0.0.1:8000", **headers: str) -> Any:
    transport = httpx.ASGITransport(app, client=(peer, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        path = "/graphql" if method == "POST" else "/local/runs.json"
        return await client.request(method, path, headers=headers, json=QUERY if method == "POST" else None)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "127.0.0.1:9999"])
async def test_ones_own_machine(method: str, peer: str, host: str) -> None:
    assert (await ask(method, peer, host)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("peer", ["10.0.0.7", "192.168.1.2", "203.0.113.9", "2001:db8::1", "", "localhost"])
async def test_other_machines(method: str, peer: str) -> None:
    answer = await ask(method, peer)
    assert (answer.status_code, answer.text) == (403, "Kiosk on a laptop serves only its own machine.\n")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "10.0.0.7", "0.0.0.0"])
async def test_names_that_were_rebound_to_it(method: str, host: str) -> None:
    answer = await ask(method, host=host)
    assert (answer.status_code, answer.text) == (403, "Use localhost or 127.0.0.1 as the host.\n")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "file://localhost"]
)
async def test_forms_of_other_sites(origin: str) -> None:
    answer = await ask(origin=origin)
    assert (answer.status_code, answer.text) == (403, "Not from another site.\n")


async def test_forms_of_ones_own() -> None:
    assert (await ask(origin="http://127.0.0.1:8000")).status_code == 200


async def test_a_websocket_is_closed() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"localhost")], "client": ("10.0.0.7", 1)}
    await app.middleware_stack(scope, None, send) if app.middleware_stack else await app(scope, None, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("host", ["", ":80", "user@localhost", "localhost@evil.example", "[::1", "127.0.0.1.evil"])
def test_odd_hosts(host: str) -> None:
    assert not is_local_host(host)


@pytest.mark.parametrize("origin", ["", "localhost", "//localhost", "http://user@localhost"])
def test_odd_origins(origin: str) -> None:
    assert not is_local_origin(origin)
