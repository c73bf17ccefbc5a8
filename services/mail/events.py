"""The event that asks for a mail. It carries ids only: an address never stands in a queue."""

import json
import re
from dataclasses import dataclass
from typing import Self

from core.aws import sqs
from core.config import settings

VERSION = 1
_TEMPLATE = re.compile(r"[a-z_]{1,40}", re.ASCII)
_SUBJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class BadEvent(ValueError):
    """No event of ours: the message can never succeed and belongs into the dead-letter queue."""


@dataclass(frozen=True, slots=True)
class MailEvent:
    template: str
    subject_id: str
    """Whom or what the mail is about: a user's or an order's id."""

    @property
    def id(self) -> str:
        return f"{self.template}:{self.subject_id}"

    def to_body(self) -> str:
        return json.dumps({"version": VERSION, "template": self.template, "subject_id": self.subject_id})

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises BadEvent, without repeating what it was given."""
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            raise BadEvent("the body is not JSON") from None
        if not isinstance(values, dict):
            raise BadEvent("the body is not an object")
        version, template, subject_id = (values.get(name) for name in ("version", "template", "subject_id"))
        if type(version) is not int or version != VERSION:
            raise BadEvent("unknown version")
        if not (isinstance(template, str) and _TEMPLATE.fullmatch(template)):
            raise BadEvent("`template` is no name of one")
        if not (isinstance(subject_id, str) and _SUBJECT_ID.fullmatch(subject_id)):
            raise BadEvent("`subject_id` is no id")
        return cls(template, subject_id)


def queue_mail(event: MailEvent) -> None:
    """Safe to repeat: the same event is sent as one mail."""
    sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody=event.to_body())
