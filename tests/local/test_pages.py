"""`/local/`, for people and for scripts."""

import json
import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from api.main import app
from core.aws import sqs
from core.clock import now, to_text
from core.config import settings
from local import mailbox, runs
from local.mailbox import Mail
from tests.api.events import make_event, make_query


@pytest.fixture
async def laptop():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/local/") as client:
        yield client


async def test_mails_newest_first(laptop: httpx.AsyncClient) -> None:
    assert (await laptop.get("mail.json")).json() == []
    for number in (1, 2):
        mailbox.deliver(Mail(("ann@shop.example",), f"Mail {number}", "text", "<b>html</b>"))
    first, second = (await laptop.get("mail.json")).json()
    assert (first["subject"], second["subject"]) == ("Mail 2", "Mail 1")
    assert first == {
        "to": ["ann@shop.example"],
        "subject": "Mail 2",
        "text": "text",
        "html": "<b>html</b>",
        "headers": {},
        "at": to_text(mailbox.newest_first()[0].at),
    }


async def test_the_address_without_its_slash(laptop: httpx.AsyncClient) -> None:
    answer = await laptop.get("http://127.0.0.1/local")
    assert (answer.status_code, answer.headers["location"]) == (308, "/local/")


def test_a_function_that_runs_often_pushes_out_no_other() -> None:
    def run(function: str, number: int) -> runs.Run:
        return runs.Run(function, "test", now() + timedelta(minutes=number), 0.1, 1, "ok")

    rare = run("ReportDayFunction", 0)
    often = [run("SweepFunction", number) for number in range(1, 30)]
    for each in (rare, *often):
        runs.note(each)
    assert runs.newest_first() == [*reversed(often[-20:]), rare]


async def test_queues(laptop: httpx.AsyncClient) -> None:
    sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody="a")
    sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody="b")
    sqs().receive_message(QueueUrl=settings().mail_queue_url)
    dead = settings().mail_queue_url.replace("MailQueue", "MailDeadLetterQueue")
    sqs().send_message(QueueUrl=dead, MessageBody="<poison>")
    queues = {queue["name"]: queue for queue in (await laptop.get("queues.json")).json()}
    assert queues["MailQueue"] == {"name": "MailQueue", "waiting": 1, "in_flight": 1, "dead": 1}
    assert queues["OrdersQueue"] == {"name": "OrdersQueue", "waiting": 0, "in_flight": 0, "dead": 0}
    assert "MailDeadLetterQueue" not in queues
    page = await laptop.get("")
    assert "MailQueue: &lt;poison&gt;" in page.text


async def test_a_mail_cannot_do_anything_to_the_page(laptop: httpx.AsyncClient) -> None:
    evil = """<script>alert(1)</script><p title='"'>"</p>"""
    mailbox.deliver(Mail((evil,), evil, evil, evil))
    page = await laptop.get("")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; ")
    (frame,) = re.findall(
        r'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="[^"]*" srcdoc="([^"]*)"></iframe>',
        page.text,
    )
    assert unescape(frame) == f"<base target=_blank>{evil}"
    assert "<script" not in page.text


async def test_a_function_run_by_hand(laptop: httpx.AsyncClient) -> None:
    record = {"messageId": "1", "body": "no event", "eventSource": "aws:sqs"}
    ran = await laptop.post("invoke/SendMailFunction", json={"Records": [record]})
    failures = {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert (ran.status_code, ran.json()) == (200, {"result": failures})
    (run,) = (await laptop.get("runs.json")).json()
    assert run.pop("seconds") >= 0
    assert run == {
        "function": "SendMailFunction",
        "source": "invoke",
        "at": to_text(runs.newest_first()[0].at),
        "records": 1,
        "outcome": "partly failed",
        "error": "1 to be tried again",
    }
    assert '<td class="whole">SendMailFunction<td>invoke<td class="whole">' in (await laptop.get("")).text


async def test_the_api_run_by_hand(laptop: httpx.AsyncClient) -> None:
    """In a thread of the server's, where Mangum looks for an event loop."""
    event = make_event(body=make_query("{ service { version } }"), headers={"content-type": "application/json"})
    ran = (await laptop.post("invoke/ApiFunction", json=event)).json()["result"]
    assert (ran["statusCode"], list(json.loads(ran["body"])["data"])) == (200, ["service"])


async def test_the_pages_button_leads_back(laptop: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://127.0.0.1"}
    pressed = await laptop.post("invoke/SweepFunction", headers=headers)
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/local/")
    (run,) = runs.newest_first()
    assert (run.function, run.outcome) == ("SweepFunction", "ok")


@pytest.mark.parametrize(
    ("name", "body", "status", "message"),
    [
        ("Nope", b"{}", 404, "There is no function 'Nope' in template.yaml; there are "),
        ("SendMailFunction", b"", 400, "SendMailFunction has no schedule: give it an event"),
        ("SweepFunction", b"{", 400, "The event is not JSON: "),
        ("SweepFunction", b"[" * 100_000, 400, "The event is not JSON: "),
        ("SendMailFunction", b"[]", 500, "SendMailFunction failed: "),
    ],
)
async def test_what_cannot_be_run(laptop, name: str, body: bytes, status: int, message: str) -> None:
    ran = await laptop.post(f"invoke/{name}", content=body)
    assert ran.status_code == status
    assert ran.json()["error"].startswith(message)
