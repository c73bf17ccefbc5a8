"""An object put in a bucket reaches the function as S3 would tell it."""

import json
import re
from urllib.parse import unquote_plus
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from local import embedded
from local.laptop import Laptop
from local.resources import client
from local.template import TemplateError
from tests.local import handlers
from tests.local.conftest import make_laptop


def make(bucket: str = "!Ref Uploads", kinds: str = "s3:ObjectCreated:*") -> Laptop:
    return make_laptop(f"""
        Uploads: {{Type: AWS::S3::Bucket}}
        Other: {{Type: AWS::S3::Bucket}}
        Reader:
          Type: AWS::Serverless::Function
          Properties:
            Handler: tests.local.handlers.answering
            Events:
              Upload:
                Type: S3
                Properties:
                  Bucket: {bucket}
                  Events: {kinds}
                  Filter: {{S3Key: {{Rules: [{{Name: prefix, Value: in/}}, {{Name: suffix, Value: .jpg}}]}}}}
    """)


def keys() -> list[str]:
    return [unquote_plus(event["Records"][0]["s3"]["object"]["key"]) for event, _ in handlers.calls]


def test_the_record_has_s3s_shape() -> None:
    laptop = make()
    client("s3").put_object(Bucket="uploads", Key="in/a photo+ä.jpg", Body=b"12345")
    assert handlers.calls == []  # nobody waits for it
    laptop.sources.drain()
    ((event, _),) = handlers.calls
    (record,) = json.loads(json.dumps(event))["Records"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("eventTime"))
    assert set(record.pop("responseElements")) == {"x-amz-request-id", "x-amz-id-2"}
    assert record["s3"]["object"].pop("sequencer")
    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:LOCAL"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {"name": "uploads", "ownerIdentity": {"principalId": "LOCAL"}, "arn": "arn:aws:s3:::uploads"},
            "object": {
                "key": "in/a+photo%2B%C3%A4.jpg",
                "size": 5,
                "eTag": "827ccb0eea8a706c4c34a16891f84e7b",
            },
        },
    }
    assert keys() == ["in/a photo+ä.jpg"]


def test_only_what_the_filter_names() -> None:
    laptop = make()
    for bucket, key in [
        ("uploads", "in/1.jpg"),
        ("uploads", "in/2.png"),
        ("uploads", "out/3.jpg"),
        ("other", "in/4.jpg"),
    ]:
        client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
    client("s3").delete_object(Bucket="uploads", Key="in/1.jpg")
    laptop.sources.drain()
    assert keys() == ["in/1.jpg"]


def test_removals_when_asked_for() -> None:
    laptop = make(kinds="[s3:ObjectRemoved:*]")
    client("s3").put_object(Bucket="uploads", Key="in/1.jpg", Body=b"x")
    client("s3").delete_object(Bucket="uploads", Key="in/1.jpg")
    laptop.sources.drain()
    assert [event["Records"][0]["eventName"] for event, _ in handlers.calls] == ["ObjectRemoved:Delete"]


def test_a_form_posted_to_the_server_tells_too() -> None:
    laptop = make()
    parts = {"key": "in/posted.jpg", "Content-Type": "image/jpeg"}
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts.items()
    )
    body += '--b\r\nContent-Disposition: form-data; name="file"; filename="p.jpg"\r\n\r\nbytes\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Origin": "http://localhost:8000"}
    request = Request(f"{embedded.listen()}/uploads", body.encode(), headers)
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        assert answer.status == 204
    laptop.sources.drain()
    assert keys() == ["in/posted.jpg"]
    assert handlers.calls[0][0]["Records"][0]["eventName"] == "ObjectCreated:Post"
    assert client("s3").get_object(Bucket="uploads", Key="in/posted.jpg")["Body"].read() == b"bytes"


def test_an_unknown_bucket_is_named() -> None:
    with pytest.raises(TemplateError) as error:
        make(bucket="uplaods")
    assert str(error.value) == "Reader.Events.Upload.Bucket: 'uplaods' is no bucket in the template"
