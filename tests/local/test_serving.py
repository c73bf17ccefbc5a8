"""What runs beside the server, and the lines it prints."""

import signal
import subprocess
import sys
import time

import pytest

import local
from core.aws import sqs
from core.config import settings
from local import mailbox, runs, serving
from local.serving import serve
from local.template import ROOT
from models.product import Product


def test_the_lines_that_say_where_things_are() -> None:
    assert serving.welcome().split("\n") == [
        "",
        "  GraphiQL   http://127.0.0.1:8000/graphql",
        "  Pictures   http://127.0.0.1:8000/local/pictures",
        "  Mailbox    http://127.0.0.1:8000/local/ (and queues, dead letters, job runs)",
        "  Accounts   admin@kiosk.example and customer@kiosk.example, password Kiosk-demo-1",
        "",
        "",
    ]


def test_the_first_question_finds_the_demo_shop() -> None:
    """Who comes before anything was made behind the start waits for what it needs."""
    with serve(local.running()):
        assert len(list(Product.all_created.query("ALL"))) == 24


def test_a_start_that_fails_behind_the_server_ends_it() -> None:
    """With the name of what is wrong: a server without its queues would look healthy."""
    script = """
import uvicorn
from local import template
from local.template import Template
text = (template.ROOT / "template.yaml").read_text().replace("VisibilityTimeout: 180", "VisibilityTimeout: ten", 1)
Template.read = lambda parameters, region: Template(text, parameters, region)
uvicorn.run("api.main:app", port=0)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == -signal.SIGTERM
    assert "Application shutdown complete." in ran.stderr
    assert "Kiosk cannot start: MailQueue: " in ran.stderr
    assert "Mailbox" not in ran.stdout


def test_two_workers_are_two_worlds(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    with serve(local.running()):
        pass
    assert caplog.messages == ["Each of the 2 workers has tables and queues of its own: serve with one"]


def test_mail_is_delivered_while_it_serves(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(local.running()):
        sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody="no JSON")
        waited_until = time.monotonic() + 20
        while not runs.newest_first() and time.monotonic() < waited_until:
            time.sleep(0.02)
    printed = capsys.readouterr().out
    (run,) = runs.newest_first()
    assert (run.function, run.source, run.records, run.outcome) == ("SendMailFunction", "MailQueue", 1, "partly failed")
    assert mailbox.newest_first() == []
    assert serving.welcome() in printed
