"""POST /graphql by the GraphQL-over-HTTP specification: statuses, media types, methods, limits."""

import gzip
import json

import pytest
from strawberry.extensions import ValidationCache

from api.main import app
from local import mailbox
from tests.api.events import ACCEPT
from tests.makers import make_product

JSON = "application/json"
Q = "{service{version}}"
SIGN_UP = 'mutation{signUp(input:{email:"ada@example.com",password:"Correct-horse-7",name:"Ada"}){accepted}}'
ANSWER = {"data": {"service": {"version": "1.0.0"}}}


def codes(answer) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


STATUSES = [
    ("ok", {"query": Q}, 200, 200, None),
    ("does not parse", {"query": "{"}, 400, 200, "GRAPHQL_PARSE_FAILED"),
    ("does not validate", {"query": "{nope}"}, 422, 200, "GRAPHQL_VALIDATION_FAILED"),
    ("subscription", {"query": "subscription{nope}"}, 422, 200, "GRAPHQL_VALIDATION_FAILED"),
    ("two operations", {"query": f"query A{Q} query B{Q}"}, 400, 200, "BAD_REQUEST"),
    ("no such operation", {"query": f"query A{Q}", "operationName": "B"}, 400, 200, "BAD_REQUEST"),
    ("operation named nothing", {"query": f"query A{Q}", "operationName": ""}, 400, 200, "BAD_REQUEST"),
    ("no operation", {"query": "fragment F on Service{version}"}, 400, 200, "BAD_REQUEST"),
    ("variable absent", {"query": "query($id:ID!){node(id:$id){id}}"}, 400, 200, "BAD_REQUEST"),
    (
        "variable of another type",
        {"query": "query($n:Int){products(first:$n){nodes{id}}}", "variables": {"n": "x"}},
        400,
        200,
        "BAD_REQUEST",
    ),
    (
        "huge integer",
        {"query": "query($n:Int){products(first:$n){nodes{id}}}", "variables": {"n": 10**30}},
        400,
        200,
        "BAD_REQUEST",
    ),
    ("bad cursor", {"query": '{products(after:"!"){nodes{id}}}'}, 200, 200, "BAD_REQUEST"),
    ("not JSON", "{", 400, 400, "BAD_REQUEST"),
]


@pytest.mark.parametrize(
    ("body", "status", "json_status", "code"), [pytest.param(*row, id=name) for name, *row in STATUSES]
)
async def test_status(http, body, status, json_status, code):
    content = body if isinstance(body, str) else json.dumps(body)
    for media_type, expected in ((ACCEPT, status), (JSON, json_status)):
        answer = await http.post("/graphql", content=content, headers={"content-type": JSON, "accept": media_type})
        assert answer.status_code == expected
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
        if code is None:
            assert answer.json() == ANSWER
        else:
            assert codes(answer) == [code]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{product(by:{slug:null}){id}}", "Field 'slug' must not be null."),
        ("{shortLink(by:{code:null}){id}}", "Field 'code' must not be null."),
        ("fragment F on Query{viewer{id}}", "The document has no operation."),
        ("query A{viewer{id}} query B{viewer{id}}", "The document has 2 operations: say which by operationName."),
    ],
)
async def test_what_is_wrong_is_said_in_the_clients_words(http, query, message):
    errors = (await http.post("/graphql", json={"query": query})).json()["errors"]
    assert errors[0]["message"] == message
    assert "Maybe" not in str(errors)


async def test_no_data_where_nothing_was_executed(http):
    refused = await http.post("/graphql", json={"query": "{nope}"})
    assert refused.json().keys() == {"errors"}
    failed = await http.post("/graphql", json={"query": '{products(after:"!"){nodes{id}}}'})
    assert failed.json()["data"] is None


async def test_refused_operations_change_nothing(http):
    """Strawberry alone would have run the first."""
    query = "mutation A{signOut{signedOut}} mutation B{signOut{signedOut}}"
    answer = await http.post("/graphql", json={"query": query})
    assert answer.json() == {
        "errors": [
            {
                "message": "The document has 2 operations: say which by operationName.",
                "extensions": {"code": "BAD_REQUEST"},
            }
        ]
    }


async def test_named_operation_of_several(http):
    query = f"query A{{nothing:__typename}} query B{Q}"
    answer = await http.post("/graphql", json={"query": query, "operationName": "B"})
    assert answer.json() == ANSWER


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, ACCEPT),
        ("*/*", ACCEPT),
        ("application/*", ACCEPT),
        (ACCEPT, ACCEPT),
        (f"{ACCEPT}; charset=utf-8", ACCEPT),
        (JSON, JSON),
        ("APPLICATION/JSON; charset=UTF-8", JSON),
        (f"{JSON}, {ACCEPT}", ACCEPT),
        (f"{JSON}, {ACCEPT};q=0.9", JSON),
        (f"{ACCEPT};q=0, */*", JSON),
        ("text/html, application/json;q=0.5, */*;q=0.1", JSON),
        ("text/html, */*;q=0.1", ACCEPT),
        (f"text/html;q=oops, {JSON}", JSON),
    ],
)
async def test_accept(http, accept, media_type):
    del http.headers["accept"]
    headers = {"accept": accept} if accept else {}
    answer = await http.post("/graphql", json={"query": Q}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.json() == ANSWER


@pytest.mark.parametrize("accept", ["text/html", "*/*;q=0", f"{JSON};charset=utf-16", "multipart/mixed", ","])
async def test_accepts_nothing_of_ours(http, accept):
    answer = await http.post("/graphql", json={"query": Q}, headers={"accept": accept})
    assert answer.status_code == 406
    assert codes(answer) == ["BAD_REQUEST"]


@pytest.mark.parametrize("content_type", [JSON, f"{JSON};charset=utf-8", 'Application/JSON; Charset="UTF-8"'])
async def test_content_type(http, content_type):
    answer = await http.post("/graphql", content=json.dumps({"query": Q}), headers={"content-type": content_type})
    assert answer.json() == ANSWER


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        f"text/plain,{JSON}",
        f"{JSON},text/plain",
        f"{JSON};charset=utf-16",
        "application/json-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
    ],
)
async def test_other_content_types(http, content_type):
    headers = {} if content_type is None else {"content-type": content_type}
    answer = await http.post("/graphql", content=json.dumps({"query": Q}), headers=headers)
    assert answer.status_code == 415
    assert answer.headers["accept-post"] == JSON
    assert codes(answer) == ["BAD_REQUEST"]


async def test_gzip(http):
    """HT-47."""
    headers = {"content-type": JSON, "content-encoding": "gzip"}
    answer = await http.post("/graphql", content=gzip.compress(json.dumps({"query": Q}).encode()), headers=headers)
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    assert answer.json()["errors"][0]["message"] == "Send the body uncompressed."


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 200), (64 * 1024 + 1, 413)])
async def test_size(http, size, status):
    """HT-51."""
    body = json.dumps({"query": Q}).encode().ljust(size)
    answer = await http.post("/graphql", content=body, headers={"content-type": JSON})
    assert answer.status_code == status
    if status == 413:
        assert codes(answer) == ["BAD_REQUEST"]


async def test_endless_body():
    """HT-51: whatever Content-Length says, no more is read than the limit."""
    chunks = 0
    sent = []

    async def receive():
        nonlocal chunks
        chunks += 1
        return {"type": "http.request", "body": b" " * 1024, "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"2")],
        "client": ("127.0.0.1", 50000),
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 413
    assert chunks == 65


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "BREW"])
async def test_method(http, method):
    """HT-52."""
    answer = await http.request(method, "/graphql", headers={"accept": JSON})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    if method != "HEAD":
        assert answer.json() == {"type": "about:blank", "title": "Method Not Allowed", "status": 405}


async def test_query_by_get(http):
    """CS-13, CS-14: a link can run nothing."""
    product = make_product(stock=7)
    for query in (Q, f'mutation{{deleteProduct(input:{{productId:"{product.product_id}"}}){{deletedProductId}}}}'):
        answer = await http.get("/graphql", params={"query": query}, headers={"accept": JSON})
        assert answer.status_code == 405
        page = await http.get("/graphql", params={"query": query}, headers={"accept": "text/html"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert query not in page.text
    product.refresh()
    assert (product.status, product.stock) == ("ACTIVE", 7)


@pytest.mark.parametrize("path", ["/nope", "/graphql/", "/graphql/x", "/docs", "/openapi.json", "/GRAPHQL"])
async def test_unknown_path(http, path):
    """HT-53."""
    answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": "Not Found", "status": 404}


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic YTpi", "x", "Bearer \xff"]
)
@pytest.mark.parametrize("media_type", [ACCEPT, JSON])
async def test_bad_token(http, authorization, media_type):
    """Never anonymous in silence, and nothing is executed: anonymous, this one would be mailed a code."""
    headers = [(b"authorization", authorization.encode("latin-1")), (b"accept", media_type.encode())]
    answer = await http.post("/graphql", json={"query": SIGN_UP}, headers=headers)
    assert mailbox.newest_first() == []
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json() == {
        "errors": [{"message": "The token is not valid: sign in again.", "extensions": {"code": "UNAUTHENTICATED"}}]
    }


async def test_no_token(http):
    answer = await http.post("/graphql", json={"query": SIGN_UP})
    assert answer.json() == {"data": {"signUp": {"accepted": True}}}
    assert len(mailbox.newest_first()) == 1


async def test_two_authorization_headers(http):
    headers = [(b"authorization", b"Bearer a.b.c"), (b"authorization", b"Bearer a.b.c")]
    assert (await http.post("/graphql", json={"query": Q}, headers=headers)).status_code == 401


async def test_anonymous_on_a_field_for_others(http):
    answer = await http.post("/graphql", json={"query": "mutation{signOut{signedOut}}"})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"signOut": None}
    assert codes(answer) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("media_type", [ACCEPT, JSON])
async def test_failure_before_execution(http, monkeypatch, media_type):
    """What breaks in the machinery is masked too: Strawberry alone would tell the exception's text."""

    def broken(_):
        raise RuntimeError("arn:aws:dynamodb:secret")

    monkeypatch.setattr(ValidationCache, "on_validate", broken)
    answer = await http.post("/graphql", json={"query": Q}, headers={"accept": media_type})
    assert answer.status_code == 500
    assert answer.json() == {
        "errors": [
            {
                "message": "Something went wrong on our side. Please tell us the request id.",
                "extensions": {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]},
            }
        ]
    }
