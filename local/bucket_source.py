"""A bucket that tells a function of its objects, with the records S3 sends."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from secrets import token_hex
from typing import Any
from urllib.parse import quote_plus

from core.clock import now, to_text
from local.asynchronous import Line
from local.environment import REGION
from local.functions import Function
from local.template import Template, TemplateError


@dataclass(frozen=True, slots=True)
class BucketSource:
    function: Function
    bucket: str
    kinds: tuple[str, ...]
    """s3:ObjectCreated:* and the like."""
    prefix: str
    suffix: str

    @classmethod
    def from_event(cls, function: Function, at: str, properties: dict[str, Any], template: Template) -> "BucketSource":
        bucket = properties.get("Bucket")
        if bucket not in {bucket.physical_id for bucket in template.of_type("AWS::S3::Bucket")}:
            raise TemplateError(f"{at}.Bucket: {bucket!r} is no bucket in the template")
        kinds = properties["Events"]
        rules = properties.get("Filter", {}).get("S3Key", {}).get("Rules", [])
        by_name = {rule["Name"].lower(): rule["Value"] for rule in rules}
        return cls(
            function,
            str(bucket),
            (kinds,) if isinstance(kinds, str) else tuple(kinds),
            by_name.get("prefix", ""),
            by_name.get("suffix", ""),
        )

    def wants(self, kind: str, bucket: str, key: str) -> bool:
        return (
            bucket == self.bucket
            and key.startswith(self.prefix)
            and key.endswith(self.suffix)
            and any(fnmatchcase(kind, wanted) for wanted in self.kinds)
        )


def listen(sources: list[BucketSource], line: Line) -> None:
    """moto would look for a Lambda in Docker; its records lack half of what S3 sends."""
    from moto.s3 import notifications  # noqa: PLC0415 - loaded with S3's first use

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:  # noqa: ARG001
        for source in sources:
            if source.wants(event_name.value, bucket.name, key.name):
                line.add(source.function, {"Records": [_record(event_name.value, bucket.name, key)]}, bucket.name)

    notifications.send_event = send_event


def _record(kind: str, bucket: str, stored: Any) -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": to_text(now()),
        "eventName": kind.removeprefix("s3:"),
        "userIdentity": {"principalId": "AWS:LOCAL"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": token_hex(8).upper(), "x-amz-id-2": token_hex(32)},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {"name": bucket, "ownerIdentity": {"principalId": "LOCAL"}, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {
                "key": quote_plus(stored.name, safe="/"),
                "size": stored.size,
                "eTag": stored.etag.strip('"'),
                "sequencer": token_hex(9).upper(),
            },
        },
    }
