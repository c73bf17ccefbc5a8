"""Around every request: an id, safe headers, one log line; and an answer when everything fails."""

import json

import pytest

from api import envelope, graphql
from tests.api.events import make_event, make_query

Q = "{service{version}}"


@pytest.fixture
def logged(monkeypatch):
    lines = []
    monkeypatch.setattr(envelope.logger, "info", lambda message, extra: lines.append((message, extra)))
    monkeypatch.setattr(envelope.logger, "exception", lambda message, extra: lines.append((message, extra)))
    return lines


@pytest.mark.parametrize("path", ["/graphql", "/nope"])
async def test_headers(http, path):
    answer = await http.post(path, json={"query": Q})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert len(answer.headers["x-request-id"]) == 26
    assert "server" not in answer.headers


async def test_request_id_is_never_the_clients(http):
    headers = {"x-request-id": "mine", "x-amzn-requestid": "mine"}
    assert (await http.post("/graphql", json={"query": Q}, headers=headers)).headers["x-request-id"] != "mine"


def test_request_id_is_the_gateways(invoke):
    assert invoke(make_event(body=make_query(Q)))["headers"]["x-request-id"] == "JKJaXmPLvHcESHA="


async def test_log(http, logged):
    query = "query Mine($id:ID!){node(id:$id){id}}"
    answer = await http.post("/graphql?secret=1", json={"query": query, "variables": {"id": "canary"}})
    ((message, extra),) = logged
    assert extra.pop("ms") > 0
    assert (message, extra) == (
        "Request",
        {
            "request_id": answer.headers["x-request-id"],
            "method": "POST",
            "path": "/graphql",
            "operation": "Mine",
            "status": 200,
        },
    )


async def test_log_of_the_refused(http, logged):
    await http.post("/graphql", json={"query": "query Canary{", "operationName": "canary\n"})
    ((_, extra),) = logged
    assert (extra["status"], extra["operation"]) == (400, None)


async def test_last_resort(http, logged, monkeypatch):
    """A bug in the route itself: the traceback is logged, and nothing of it is told."""

    def broken(_):
        raise RuntimeError("arn:aws:dynamodb:secret")

    monkeypatch.setattr(graphql, "authenticate", broken)
    answer = await http.post("/graphql", json={"query": Q})
    assert answer.status_code == 500
    request_id = answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "requestId": request_id,
    }
    assert logged[0] == ("Unexpected error", {"request_id": request_id})
    assert logged[1][1]["status"] == 500


def test_last_resort_on_lambda(invoke, monkeypatch):
    def broken(_):
        raise RuntimeError("secret")

    monkeypatch.setattr(graphql, "authenticate", broken)
    answer = invoke(make_event(body=make_query(Q)))
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["requestId"] == "JKJaXmPLvHcESHA="
