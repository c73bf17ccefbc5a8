"""HT-01 to HT-46: odd bodies are refused in so many words, over HTTP and from Lambda, and nothing fails."""

import json

import pytest

from tests.api.events import ACCEPT, make_event

Q = "{service{version}}"
NOT_JSON = "The body is not JSON."
NOT_OBJECT = "The body must be a JSON object."
BATCH = "Batches are not supported: send one request at a time."
NO_QUERY = "`query` must be a GraphQL document, as a string."
NAME = "`operationName` must be a string or null."
VARIABLES = "`variables` must be an object or null."
EXTENSIONS = "`extensions` must be an object or null."


def member(name: str, value: object) -> bytes:
    return json.dumps({"query": Q, name: value}).encode()


def nested(depth: int) -> dict:
    value: dict = {}
    for _ in range(depth):
        value = {"a": value}
    return value


ODD = [
    ("HT-01", b"", NOT_JSON),
    ("HT-02", b" \n ", NOT_JSON),
    ("HT-03", b"null", NOT_OBJECT),
    ("HT-04", b"true", NOT_OBJECT),
    ("HT-05", b"1", NOT_OBJECT),
    ("HT-06", b"-1.5e3", NOT_OBJECT),
    ("HT-07", b'"x"', NOT_OBJECT),
    ("HT-08", b"[]", BATCH),
    ("HT-09", b"[1]", BATCH),
    ("HT-10", f'[{{"query":"{Q}"}}]'.encode(), BATCH),
    ("HT-11", b"{}", NO_QUERY),
    ("HT-12", member("query", None), NO_QUERY),
    ("HT-13", member("query", True), NO_QUERY),
    ("HT-14", member("query", 1), NO_QUERY),
    ("HT-15", member("query", [Q]), NO_QUERY),
    ("HT-16", member("query", {}), NO_QUERY),
    ("HT-17", member("query", ""), NO_QUERY),
    ("HT-18", member("query", " "), NO_QUERY),
    ("HT-19", member("operationName", True), NAME),
    ("HT-20", member("operationName", 1), NAME),
    ("HT-21", member("operationName", []), NAME),
    ("HT-22", member("operationName", {}), NAME),
    ("HT-23", member("variables", False), VARIABLES),
    ("HT-24", member("variables", 0), VARIABLES),
    ("HT-25", member("variables", "{}"), VARIABLES),
    ("HT-26", member("variables", []), VARIABLES),
    ("HT-27", member("variables", [{}]), VARIABLES),
    ("HT-28", member("extensions", True), EXTENSIONS),
    ("HT-29", member("extensions", 1), EXTENSIONS),
    ("HT-30", member("extensions", "x"), EXTENSIONS),
    ("HT-31", member("extensions", []), EXTENSIONS),
    ("HT-32", b"\xff\xfe", NOT_JSON),
    ("HT-33", b'{"query":"{service{version}} #\xff"}', NOT_JSON),
    ("HT-34", b'{"query":"{service{version}} #\xed\xa0\x80"}', NOT_JSON),
    ("HT-35", json.dumps({"query": Q}).encode("utf-16"), NOT_JSON),
    ("HT-36", json.dumps({"query": Q}).encode("utf-8-sig"), NOT_JSON),
    ("HT-37", member("variables", {"n": float("nan")}), NOT_JSON),
    ("HT-38", b'{"query":"{service{version}}","variables":{"n":1e999}}', NOT_JSON),
    ("HT-39", b'{"query":"{service{version}}","variables":{"n":%s}}' % (b"9" * 5000), NOT_JSON),
    ("HT-40", b'{"query":"\\ud800"}', NOT_JSON),
    ("HT-41", b'{"query":"{service{version}}"', NOT_JSON),
    ("HT-42", member("query", Q) + b"}", NOT_JSON),
    ("HT-43", b"[" * 3000 + b"]" * 3000, NOT_JSON),
    ("HT-44", member("variables", nested(900)), "`variables` may be nested 20 deep."),
    ("HT-45", b"query={service{version}}", NOT_JSON),
    ("HT-46", b'{"query":"{service\x00{version}}"}', NOT_JSON),
]
odd = pytest.mark.parametrize(("body", "message"), [pytest.param(*case, id=name) for name, *case in ODD])


def refused(message: str) -> dict:
    return {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}


@odd
@pytest.mark.parametrize("accept", [ACCEPT, "application/json"])
async def test_over_http(http, body, message, accept):
    answer = await http.post("/graphql", content=body, headers={"content-type": "application/json", "accept": accept})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert answer.json() == refused(message)


@odd
def test_from_lambda(invoke, body, message):
    answer = invoke(make_event(body=body))
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"]) == refused(message)


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"{nope}","query":"{service{version}}"}',
        member("unknown", [1, {"a": None}]),
        member("operationName", None),
        member("variables", None),
        member("extensions", None),
        member("extensions", {"persistedQuery": {"version": 1}}),
        member("variables", {"unused": nested(18)}),
        member("variables", {"unused": 10**30}),
    ],
)
async def test_unusual_but_well_formed(http, body):
    answer = await http.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"service": {"version": "1.0.0"}}}


async def test_deep_document(http):
    """A well-formed request with a document that cannot be parsed: GQ-20."""
    query = "{a" * 3000 + "}" * 3000
    answer = await http.post("/graphql", json={"query": query}, headers={"accept": ACCEPT})
    assert answer.status_code == 400
    assert [error["message"] for error in answer.json()["errors"]] == [
        "Syntax Error: Document is nested too deeply. Parsing aborted."
    ]
    assert answer.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize("escape", [r"\ud800", r"\u{d800}", r"\udc00\ud800"])
async def test_surrogate_in_the_document(http, escape):
    query = f'{{node(id:"{escape}"){{id}}}}'
    answer = await http.post("/graphql", json={"query": query}, headers={"accept": ACCEPT})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
