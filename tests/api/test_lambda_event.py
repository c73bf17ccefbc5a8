"""The handler as API Gateway invokes it, and as everything else might."""

import json

import pytest

from local import mailbox
from tests.api.events import make_event, make_query

Q = "{service{version}}"
ANSWER = {"data": {"service": {"version": "1.0.0"}}}


def problem(detail: str) -> dict:
    return {
        "statusCode": 400,
        "headers": {"content-type": "application/problem+json", "cache-control": "no-store"},
        "body": json.dumps(
            {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail}, separators=(",", ":")
        ),
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("body", [make_query(Q), make_query(Q).encode()], ids=["text", "base64"])
def test_query(invoke, body):
    answer = invoke(make_event(body=body))
    assert answer == {
        "statusCode": 200,
        "headers": {
            "content-length": "40",
            "content-type": "application/graphql-response+json; charset=utf-8",
            "x-request-id": "JKJaXmPLvHcESHA=",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
        },
        "body": json.dumps(ANSWER, separators=(",", ":")),
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("path", "stage", "status"),
    [
        ("/graphql", "$default", 200),
        ("/prod/graphql", "prod", 200),
        ("/graphql", "prod", 200),  # behind a domain of one's own
        ("/prod/graphql", "$default", 404),
        ("/prod/prod/graphql", "prod", 404),
        ("/production/graphql", "prod", 404),
        ("/prod", "prod", 405),  # the front door takes no POST
        ("", "$default", 405),
    ],
)
def test_stage(invoke, path, stage, status):
    assert invoke(make_event(path=path, stage=stage, body=make_query(Q)))["statusCode"] == status


def test_cookies(invoke):
    event = make_event(body=make_query(Q), cookies=["session=1; theme=dark", "lang=de"])
    assert json.loads(invoke(event)["body"]) == ANSWER


def test_no_body(invoke):
    answer = invoke(make_event())
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["errors"][0]["message"] == "The body is not JSON."


def test_wrong_method(invoke):
    answer = invoke(make_event("PUT", body="{}"))
    assert (answer["statusCode"], answer["headers"]["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("body", ["%%%", "e30", "{}", "é"])
def test_bad_base64(invoke, body):
    """HT-48."""
    assert invoke(make_event(body=body, isBase64Encoded=True)) == problem("The body is not base64.")


@pytest.mark.parametrize("headers", [None, {}, {"accept": None, "content-type": None}])
def test_null_headers(invoke, headers):
    """HT-49: no content type, so 415; nothing falls over."""
    event = make_event(body=make_query(Q))
    assert invoke(event | {"headers": headers})["statusCode"] == 415


def test_one_null_header(invoke):
    assert invoke(make_event(body=make_query(Q), headers={"x-nothing": None}))["statusCode"] == 200


def test_surrogate_in_the_body(invoke):
    """HT-50."""
    answer = invoke(make_event(body='{"query":"{service{version}} #\ud800"}'))
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["errors"][0]["message"] == "The body is not JSON."


def test_too_large(invoke):
    """HT-51, in the one piece that Lambda gets."""
    assert invoke(make_event(body=make_query(Q).ljust(64 * 1024 + 1)))["statusCode"] == 413


NO_HTTP = "The event is not of an API Gateway HTTP API, payload version 2.0."
NO_TEXT = "The event holds something else than text where text belongs."
FOREIGN = {
    "none": None,
    "text": "x",
    "number": 1,
    "list": [],
    "empty": {},
    "SQS": {"Records": [{"messageId": "1", "body": "{}", "eventSource": "aws:sqs"}]},
    "S3": {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}}]},
    "schedule": {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
    "REST API": {
        "resource": "/graphql",
        "path": "/graphql",
        "httpMethod": "POST",
        "headers": {},
        "requestContext": {"stage": "prod", "identity": {"sourceIp": "203.0.113.7"}},
        "body": "{}",
    },
    "HTTP API, payload 1.0": {"version": "1.0", "path": "/graphql", "httpMethod": "POST", "requestContext": {}},
    "load balancer": {"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/", "headers": {}},
    "no context": {"version": "2.0", "rawPath": "/graphql"},
    "context null": {"version": "2.0", "rawPath": "/graphql", "requestContext": None},
    "path null": make_event() | {"rawPath": None},
    "method null": make_event() | {"requestContext": {"http": {"method": None, "sourceIp": "203.0.113.7"}}},
}


@pytest.mark.parametrize("event", FOREIGN.values(), ids=FOREIGN)
def test_foreign_event(invoke, event):
    """HT-55."""
    assert invoke(event) == problem(NO_HTTP)


DAMAGED = {
    "headers a list": ({"headers": []}, "The event holds something else than a dict where one belongs."),
    "header a list": ({"headers": {"accept": ["x"]}}, NO_TEXT),
    "header with a surrogate": ({"headers": {"accept": "\ud800"}}, NO_TEXT),
    "path with a surrogate": ({"rawPath": "/\udfff"}, NO_TEXT),
    "query a number": ({"rawQueryString": 1}, NO_TEXT),
    "cookies text": ({"cookies": "a=b"}, "The event holds something else than a list where one belongs."),
    "cookie a number": ({"cookies": [1]}, NO_TEXT),
    "body an object": ({"body": {"query": Q}}, "The body is not text."),
    "host": ({"headers": {"host": "a:b:c"}}, "The Host header is not a host."),
    "host with a path": ({"headers": {"host": "a/b"}}, "The Host header is not a host."),
}


@pytest.mark.parametrize(("members", "detail"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_event(invoke, members, detail):
    assert invoke(make_event() | members) == problem(detail)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:99999"},
        {"x-forwarded-host": "evil.example", "x-forwarded-port": "oops", "x-forwarded-proto": "gopher"},
        {"forwarded": "host=evil.example;proto=http"},
    ],
)
def test_host_injection(invoke, headers):
    """HT-54: nothing that is answered or mailed depends on it."""
    sign_up = 'mutation{signUp(input:{email:"ada@example.com",password:"Correct-horse-7",name:"Ada"}){accepted}}'
    for event in (make_event(body=make_query(Q)), make_event(path="/graphql/"), make_event("GET", "/nope")):
        poisoned = event | {"headers": event["headers"] | headers}
        assert invoke(poisoned) == invoke(event)
    assert invoke(make_event(body=make_query(sign_up), headers=headers))["statusCode"] == 200
    (mail,) = mailbox.newest_first()
    assert "evil.example" not in f"{mail.subject}{mail.text}{mail.html}"
