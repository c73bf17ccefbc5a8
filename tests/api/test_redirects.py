"""GET /{code}: statuses, headers and pages, exactly; and that nothing of a visitor stays anywhere."""

import io
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
import time_machine

import local
from core import aws
from core.aws import sqs
from core.config import settings
from core.observability import logger
from core.viewer import Viewer
from models.link_day import TOTAL, LinkDay
from models.short_link import ShortLink
from services.clicks import sending
from services.short_links import following
from services.short_links.changing import delete_short_link, update_short_link
from tests import faults
from tests.api.events import make_event
from tests.makers import make_short_link
from tests.recorder import recorded
from tests.store import rows

OWNER = Viewer("owner")
START = datetime(2026, 11, 21, 9, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BROWSER = {"user-agent": FIREFOX, "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
NOT_FOUND = {"type": "about:blank", "title": "Not Found", "status": 404}
GONE = {"type": "about:blank", "title": "Gone", "status": 410}


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch) -> None:
    """And patience with this machine: how long a visitor waits is tested where clicks are sent."""
    following.forget()
    monkeypatch.setattr(sending, "PATIENCE", 10)
    monkeypatch.setattr(sending, "WARM_PATIENCE", 10)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def logged(monkeypatch) -> io.StringIO:
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    return lines


def said(answer) -> tuple[int, dict[str, str], str]:
    """All of it but the request's id, which is another one every time."""
    headers = dict(answer.headers)
    assert len(headers.pop("x-request-id")) == 26
    return answer.status_code, headers, answer.text


def queued() -> int:
    attributes = ["ApproximateNumberOfMessages"]
    answer = sqs().get_queue_attributes(QueueUrl=settings().clicks_queue_url, AttributeNames=attributes)
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@pytest.mark.parametrize("method", [pytest.param(name, id=f"SL-06-{name}") for name in ("GET", "HEAD")])
async def test_temporary(http, method):
    make_short_link(code="tea", destination_url="https://example.com/a;b?c=|{}&d=ü#e")
    assert said(await http.request(method, "/tea", headers=BROWSER)) == (
        302,
        {
            "location": "https://example.com/a;b?c=|{}&d=%C3%BC#e",
            "cache-control": "no-store",
            "content-length": "0",
            "content-type": "text/plain; charset=utf-8",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        },
        "",
    )


@pytest.mark.parametrize(
    ("expires_in", "max_age"),
    [
        pytest.param(seconds, age, id=f"SL-06-{seconds}")
        for seconds, age in [(None, 3600), (86400, 3600), (3600, 3600), (3599.5, 3599), (90, 90), (0.4, 0)]
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_permanent(http, clock, method, expires_in, max_age):
    """As long as it leads on, an hour at most."""
    expires_at = START + timedelta(seconds=expires_in) if expires_in else None
    make_short_link(code="tea", redirect_type="PERMANENT", expires_at=expires_at)
    assert said(await http.request(method, "/tea")) == (
        301,
        {
            "location": "https://example.com/page",
            "cache-control": f"public, max-age={max_age}",
            "content-length": "0",
            "content-type": "text/plain; charset=utf-8",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        },
        "",
    )


@pytest.mark.parametrize("destination", ["https://example.com/\r\nSet-Cookie: a=b", "https://example.com/%0d%0aX: y"])
@pytest.mark.parametrize("case", [pytest.param(None, id="SL-06")])
async def test_a_destination_cannot_end_its_header(http, case, destination):
    link = make_short_link(code="tea", destination_url=destination)
    answer = await http.get("/tea")
    assert answer.headers["location"] == link.destination_url
    assert "set-cookie" not in answer.headers
    assert "x" not in answer.headers


async def test_a_limited_link_is_temporary_whatever_it_says(http):
    make_short_link(code="tea", redirect_type="PERMANENT", max_clicks=2)
    for _ in range(2):
        answer = await http.get("/tea")
        assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
    answer = await http.get("/tea")
    assert (answer.status_code, answer.json()) == (410, GONE)
    assert "location" not in answer.headers
    assert queued() == 2


@pytest.mark.parametrize(
    ("method", "headers", "status", "allow"),
    [
        ("HEAD", {}, 405, "GET"),
        ("GET", {"sec-purpose": "prefetch"}, 503, None),
        ("GET", {"purpose": "prefetch"}, 503, None),
    ],
)
async def test_a_limited_link_is_for_clicks_only(http, method, headers, status, allow):
    make_short_link(code="tea", max_clicks=2)
    answer = await http.request(method, "/tea", headers=headers)
    assert (answer.status_code, answer.headers.get("allow"), answer.headers["cache-control"]) == (
        status,
        allow,
        "no-store",
    )
    assert answer.headers["content-type"] == "application/problem+json"
    assert "location" not in answer.headers
    assert ShortLink.get("tea").clicks_used == queued() == 0


async def nothing(http, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    return said(await http.get(path, headers=headers))


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json", "application/problem+json", ""])
@pytest.mark.parametrize("case", [pytest.param(None, id="SL-10")])
async def test_unknown_disabled_and_deleted_look_alike(http, case, accept):
    for code in ("disabled", "deleted", "limited"):
        make_short_link(code=code, max_clicks=5 if code == "limited" else None)
    update_short_link(OWNER, "disabled", {"disabled": True})
    update_short_link(OWNER, "limited", {"disabled": True})
    delete_short_link(OWNER, "deleted")
    answers = [await nothing(http, f"/{code}", accept=accept) for code in ("unknown", "disabled", "deleted", "limited")]
    assert answers[0][0] == 404
    assert answers[1:] == answers[:1] * 3
    heads = [
        said(await http.head(f"/{code}", headers={"accept": accept})) for code in ("unknown", "disabled", "limited")
    ]
    assert heads[1:] == heads[:1] * 2
    with recorded() as sent:
        await nothing(http, "/unknown")
        await nothing(http, "/disabled")
    assert sent == ["GetItem"]
    assert queued() == 0


@pytest.mark.parametrize("case", [pytest.param(None, id="SL-10")])
async def test_expired_and_exhausted(http, clock, case):
    make_short_link(code="expired", expires_at=START + timedelta(seconds=1))
    make_short_link(code="exhausted", max_clicks=1)
    assert (await http.get("/exhausted")).status_code == 302
    clock.shift(1)
    answers = [await nothing(http, f"/{code}") for code in ("expired", "exhausted")]
    assert answers[0] == answers[1]
    status, headers, body = answers[0]
    assert (status, json.loads(body)) == (410, GONE)
    assert headers == {
        "content-type": "application/problem+json",
        "content-length": str(len(body)),
        "vary": "accept",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }
    assert queued() == 1


@pytest.mark.parametrize(("status", "title"), [(404, "Nothing here"), (410, "No longer here")])
async def test_a_page_for_browsers(http, clock, status, title):
    make_short_link(code="tea", expires_at=START + timedelta(seconds=1))
    clock.shift(1)
    answer = await http.get("/tea" if status == 410 else "/unknown", headers=BROWSER)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert f"<h1>{title}</h1>" in answer.text
    assert len(answer.text) < 800
    for unwanted in ("<script", "javascript", "http", "src=", "href=", "onclick", "tea", "unknown"):
        assert unwanted not in answer.text


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("text/html", True),
        ("text/html, application/problem+json;q=0.9", True),
        ("text/*", True),
        ("*/*", False),
        ("application/json, text/html;q=0.5", True),
        ("application/problem+json, text/html;q=0.5", False),
        ("text/html;q=0", False),
        ("image/png", False),
        ("nonsense", False),
        ("", False),
    ],
)
async def test_who_gets_a_page(http, accept, is_page):
    answer = await http.get("/unknown", headers={"accept": accept})
    assert answer.headers["content-type"] == ("text/html; charset=utf-8" if is_page else "application/problem+json")
    assert answer.status_code == 404
    assert is_page or answer.json() == NOT_FOUND


CANARY = "c4n4ry"


@pytest.mark.parametrize(
    "path",
    [
        f"/{CANARY}",
        f"/{CANARY}?{CANARY}=<script>{CANARY}</script>",
        f"/<script>{CANARY}</script>",
        f"/%3Cscript%3E{CANARY}",
        f"/{CANARY}%0d%0aSet-Cookie:{CANARY}",
        f"/{CANARY}%00",
        f"/{CANARY}%2f..%2fgraphql",
        f"/{CANARY}.php",
        f"/{'x' * 3000}{CANARY}",
        f"/%ff{CANARY}",
    ],
)
@pytest.mark.parametrize("case", [pytest.param(None, id="SL-06")])
async def test_nothing_is_reflected(http, case, path):
    for accept in ("text/html", "*/*"):
        headers = {"accept": accept, "referer": f"https://{CANARY}.example", "x-request-id": CANARY, "cookie": CANARY}
        answer = await http.get(path, headers=headers | {"x-forwarded-host": f"{CANARY}.example"})
        assert answer.status_code == 404
        assert CANARY not in answer.text
        assert CANARY not in str(answer.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods(http, method):
    make_short_link(code="tea")
    answer = await http.request(method, "/tea")
    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert queued() == 0


async def test_our_own_paths_stay_ours(http):
    assert (await http.get("/graphql", headers={"accept": "text/html"})).headers["content-type"].startswith("text/html")
    assert (await http.get("/local/")).status_code == 200
    assert (await http.get("/")).status_code == 302
    assert (await http.get("/tea/")).json() == NOT_FOUND


@pytest.mark.parametrize(
    ("method", "headers", "clicks", "bots"),
    [
        ("GET", BROWSER, 1, 0),
        ("GET", {"user-agent": "curl/8.5.0"}, 0, 1),
        ("GET", {"user-agent": "Slackbot-LinkExpanding 1.0"}, 0, 1),
        ("HEAD", BROWSER, None, None),
        ("GET", BROWSER | {"sec-purpose": "prefetch;prerender"}, None, None),
        ("GET", BROWSER | {"purpose": "preview"}, None, None),
    ],
)
async def test_what_counts(http, method, headers, clicks, bots):
    make_short_link(code="tea")
    assert (await http.request(method, "/tea", headers=headers)).status_code == 302
    local.drain()
    row = LinkDay.find("tea", TOTAL)
    assert (row and row.clicks, row and row.bot_clicks) == (clicks, bots)


def never(_: object) -> None:
    raise ConnectionError


@pytest.mark.parametrize("fault", [faults.request_lost, faults.error("ServiceUnavailable"), never])
async def test_the_queue_is_down(http, fault, monkeypatch):
    metrics: list[str] = []
    monkeypatch.setattr(sending, "count", metrics.append)
    make_short_link(code="tea")
    with faults.faults("SendMessage", *[fault] * 3, client=aws.quick_sqs()):
        for _ in range(3):
            answer = await http.get("/tea")
            assert (answer.status_code, answer.headers["location"]) == (302, "https://example.com/page")
    assert metrics == ["ClickLost"] * 3
    assert (await http.get("/tea")).status_code == 302
    assert metrics == ["ClickLost"] * 3
    assert queued() == 1


async def test_too_many_at_once(http, monkeypatch):
    make_short_link(code="tea", max_clicks=5)
    monkeypatch.setattr("models.transaction.time.sleep", lambda _: None)
    with faults.faults("TransactWriteItems", *[faults.canceled(["TransactionConflict"])] * 5):
        answer = await http.get("/tea")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert ShortLink.get("tea").clicks_used == queued() == 0


def test_as_lambda(invoke):
    make_short_link(code="tea")
    answer = invoke(make_event("GET", "/tea", headers=BROWSER | {"cloudfront-viewer-country": "CH"}))
    assert answer == {
        "statusCode": 302,
        "headers": {
            "location": "https://example.com/page",
            "cache-control": "no-store",
            "content-length": "0",
            "content-type": "text/plain; charset=utf-8",
            "x-request-id": "JKJaXmPLvHcESHA=",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        },
        "body": "",
        "isBase64Encoded": False,
    }
    page = invoke(make_event("GET", "/unknown", headers=BROWSER))
    assert (page["statusCode"], page["isBase64Encoded"], page["body"][:15]) == (404, False, "<!doctype html>")
    local.drain()
    (day,) = LinkDay.by_day.query(LinkDay.get("tea", TOTAL).last_clicked_at.date().isoformat())
    assert LinkDay.get("tea", day.period).countries == {"CH": 1}


ADDRESS = "203.0.113.77"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) QuiteRare/47.11"


@pytest.mark.parametrize("is_queue_down", [False, True])
def test_nothing_of_a_visitor_stays(invoke, logged, is_queue_down):
    """Neither address nor agent is in any table, queue, dead-letter queue or line of the log."""
    make_short_link(code="tea")
    make_short_link(code="one", max_clicks=1)
    headers = {
        "user-agent": AGENT,
        "x-forwarded-for": ADDRESS,
        "cloudfront-viewer-address": f"{ADDRESS}:50000",
        "referer": f"http://{ADDRESS}/?from={ADDRESS}",
        "cookie": "visitor=4711",
    }
    planned = [faults.request_lost] * 9 if is_queue_down else []
    with faults.faults("SendMessage", *planned, client=aws.quick_sqs()) as sent:
        for path in ("/tea", "/one", "/one", "/unknown"):
            event = make_event("GET", path, headers=headers)
            event["requestContext"]["http"] |= {"sourceIp": ADDRESS, "userAgent": AGENT}
            invoke(event)
    assert len(sent) == 2
    bodies = [json.loads(body["MessageBody"]) for body in sent]
    assert {body["referrer"] for body in bodies} == {"other"}
    local.drain()
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    assert settings().link_days_table in tables
    kept = {"log": logged.getvalue(), "queue": str(bodies), **{table: str(rows(table)) for table in tables}}
    assert kept["log"].count('"Request"') == 4
    assert is_queue_down or '"clicks"' in kept[settings().link_days_table].replace("'", '"')
    for where, text in kept.items():
        for trace in (ADDRESS, "QuiteRare", "47.11", "4711", "X11"):
            assert trace not in text, where


def test_the_gateways_log_has_no_address_either():
    from local.translate import translate

    (log,) = [
        stage["Properties"]["AccessLogSettings"]["Format"]
        for stage in translate()["Resources"].values()
        if stage["Type"] == "AWS::ApiGatewayV2::Stage"
    ]
    assert "$context.requestId" in log
    for unwanted in ("sourceIp", "userAgent", "authorizer", "caller"):
        assert unwanted not in log
