"""Every mail the laptop would have sent: Kiosk's own by SES, and Cognito's codes."""

import json
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from core.clock import now


@dataclass(frozen=True, slots=True)
class Mail:
    to: tuple[str, ...]
    subject: str
    text: str
    html: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    at: datetime = field(default_factory=now)


_mails: deque[Mail] = deque(maxlen=500)


def deliver(mail: Mail) -> None:
    _mails.appendleft(mail)


def newest_first() -> list[Mail]:
    return list(_mails)


def empty() -> None:
    _mails.clear()


def listen_to_ses() -> None:
    """moto checks the sender and keeps the mail, but only half of it: the text part and the headers are dropped."""
    from moto.sesv2.responses import SESV2Response  # noqa: PLC0415

    if SESV2Response.send_email.__name__ != "send_and_deliver":
        setattr(SESV2Response, "send_email", _delivering(SESV2Response.send_email))  # noqa: B010 - a method, to mypy


def _delivering(send: Callable[[Any], str]) -> Callable[[Any], str]:
    def send_and_deliver(response: Any) -> str:
        answer = send(response)
        deliver(_from_request(json.loads(response.body)))
        return answer

    return send_and_deliver


def _from_request(request: dict[str, Any]) -> Mail:
    destination = request.get("Destination", {})
    to = tuple(address for kind in ("To", "Cc", "Bcc") for address in destination.get(f"{kind}Addresses", []))
    if raw := request["Content"].get("Raw"):
        message = message_from_bytes(b64decode(raw["Data"]), policy=policy.default)
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        return Mail(
            to=to or tuple(address.strip() for address in str(message["To"]).split(",")),
            subject=str(message["Subject"]),
            text=text.get_content() if text else "",
            html=_with_pictures(message, html.get_content()) if html else None,
            headers={name: str(value) for name, value in message.items()},
        )
    simple = request["Content"]["Simple"]
    body = simple["Body"]
    return Mail(
        to=to,
        subject=simple["Subject"]["Data"],
        text=body.get("Text", {}).get("Data", ""),
        html=body.get("Html", {}).get("Data"),
        headers={header["Name"]: header["Value"] for header in simple.get("Headers", [])},
    )


def _with_pictures(message: EmailMessage, html: str) -> str:
    """A browser knows no `cid:` addresses: the pictures stand in the page itself."""
    for part in message.walk():
        if name := part.get("Content-ID"):
            content = b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{name.strip('<>')}", f"data:{part.get_content_type()};base64,{content}")
    return html
