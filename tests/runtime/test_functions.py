"""Both doors as Lambda runs them: the real runtime client, in a process of its own, loads the template's handlers.

The child believes that it is deployed. Its account is this process's embedded AWS, over loopback.
"""

import json
import os
from datetime import timedelta

import pytest

from core.clock import now
from local import embedded, mailbox
from models.report_chart import ReportChart
from models.user import User
from tests.api.events import make_event, make_query
from tests.makers import make_product
from tests.runtime.runtime_api import FunctionFailed, running
from tests.services.images.originals import oriented
from tests.services.images.uploads import event as uploaded
from tests.services.images.uploads import key_of, make_upload, media, read


@pytest.fixture
def environ():
    return {**os.environ, "KIOSK_AWS": "account", "ENVIRONMENT": "prod", "AWS_ENDPOINT_URL": embedded.listen()}


def said(answer: dict) -> dict:
    return json.loads(answer["body"])


def test_api(environ, tmp_path):
    product = make_product(slug="moka-pot", name="Moka pot", stock=3)
    with running("api.main.handler", environ, tmp_path / "log") as api:
        query = 'query Moka{product(by:{slug:"moka-pot"}){name stock}}'
        answer = api.invoke(make_event(body=make_query(query).encode()))
        assert (answer["statusCode"], said(answer)) == (200, {"data": {"product": {"name": "Moka pot", "stock": 3}}})
        assert answer["headers"]["x-request-id"] == "JKJaXmPLvHcESHA="

        answer = api.invoke(make_event("GET", headers={"accept": "text/html"}))
        assert (answer["statusCode"], answer["headers"]["allow"]) == (405, "POST")
        for path in ("/graphql/assets/graphiql.js", "/local/", "/local/mail.json"):
            assert api.invoke(make_event("GET", path))["statusCode"] == 404

        for event in (None, [], {}, {"Records": []}, make_event(body="%", isBase64Encoded=True)):
            assert api.invoke(event)["statusCode"] == 400
        assert api.invoke(make_event(body='{"query":"\ud800"}'))["statusCode"] == 400

        answer = api.invoke(make_event(body=make_query(query), headers={"authorization": "Bearer a.b.c"}))
        assert answer["statusCode"] == 401
    log = (tmp_path / "log").read_text()
    assert '"operation":"Moka"' in log
    assert "ERROR" not in log
    product.refresh()
    assert product.version == 1


def test_api_without_an_account(environ, tmp_path):
    """Without KIOSK_AWS=account the function brings its own AWS, and sees nothing of anybody's."""
    make_product(slug="moka-pot")
    alone = {name: value for name, value in environ.items() if name not in {"KIOSK_AWS", "AWS_ENDPOINT_URL"}}
    with running("api.main.handler", alone, tmp_path / "log") as api:
        answer = api.invoke(make_event(body=make_query('{product(by:{slug:"moka-pot"}){name}}')))
        assert (answer["statusCode"], said(answer)) == (200, {"data": {"product": None}})


def test_handler_that_is_not_there(environ, tmp_path):
    with running("api.main.nothing", environ, tmp_path / "log") as api, pytest.raises(FunctionFailed) as failure:
        api.invoke(None)
    assert failure.value.args[0] == "/init/error"
    assert failure.value.args[1]["errorType"] == "Runtime.HandlerNotFound"


def make_sqs_event(*bodies: dict) -> dict:
    return {
        "Records": [
            {
                "messageId": f"00000000-0000-4000-8000-00000000000{number}",
                "receiptHandle": "AQEB",
                "body": json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1795251600000",
                    "SenderId": "AROA:kiosk",
                    "ApproximateFirstReceiveTimestamp": "1795251600010",
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:MailQueue",
                "awsRegion": "eu-central-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def test_send_mail(environ, tmp_path):
    User.new("user-1", email="ada@example.com", name="Ada", role="CUSTOMER").save()
    event = make_sqs_event(
        {"version": 1, "template": "welcome", "subject_id": "user-1"},
        {"version": 1, "template": "../welcome", "subject_id": "user-1"},
    )
    with running("jobs.send_mail.handler", environ, tmp_path / "log") as api:
        once = api.invoke(event)
        again = api.invoke(event)
    assert once == again == {"batchItemFailures": [{"itemIdentifier": "00000000-0000-4000-8000-000000000001"}]}
    (mail,) = mailbox.newest_first()
    assert mail.to == ("ada@example.com",)
    assert "ada@example.com" not in (tmp_path / "log").read_text()


def test_event_that_no_job_takes(environ, tmp_path):
    """A typed failure: Lambda keeps such an event for its dead-letter queue."""
    with running("jobs.send_mail.handler", environ, tmp_path / "log") as api, pytest.raises(FunctionFailed) as failure:
        api.invoke({"source": "aws.events"})
    assert failure.value.args[0] == "/invocation/request-1/error"


def test_report_day(environ, tmp_path):
    """Its plotting library finds a place to write to, where its home is none."""
    User.new("user-1", email="ada@example.com", name="Ada", role="CUSTOMER").save()
    yesterday = str(now().date() - timedelta(days=1))
    home = {**environ, "HOME": "/nonexistent"}
    with running("jobs.report_day.handler", home, tmp_path / "log") as function:
        assert function.invoke({"time": f"{now().date()}T00:00:00Z"}) == [yesterday]
        assert function.invoke({"time": f"{now().date()}T00:00:00Z"}) == []
    assert ReportChart.get(yesterday).png.startswith(b"\x89PNG")
    log = (tmp_path / "log").read_text()
    assert "WARNING" not in log
    assert '"message":"Days reported"' in log


def test_process_images(environ, tmp_path):
    """The decoder's child starts in the function's own environment, and gets none of it."""
    row = make_upload(oriented(6))
    with running("jobs.process_images.handler", environ, tmp_path / "log") as function:
        assert function.invoke(uploaded(key_of(row))) is None
        assert function.invoke(uploaded(key_of(row))) is None
    row = read(row)
    assert (row.status, row.width, row.height) == ("READY", 900, 600)
    assert sorted(media()) == [made["key"] for made in row.renditions]
    log = (tmp_path / "log").read_text()
    assert log.count('"message":"Picture finished"') == 1
    assert "WARNING" not in log
