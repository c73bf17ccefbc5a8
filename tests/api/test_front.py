"""The front door."""

import pytest

from api import front
from core.config import settings


async def test_in_development_it_leads_to_graphiql(http):
    answer = await http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{settings().public_base_url}/graphql")


async def test_in_production_it_says_what_this_is(http, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(front, "is_development", lambda: False)
    answer = await http.get("/")
    assert answer.status_code == 200
    assert "<h1>Kiosk</h1>" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
