"""Every mail is kept whole, newest first."""

from email.message import EmailMessage

import pytest

from core.aws import ses
from core.config import settings
from local import mailbox

TO = {"ToAddresses": ["ann@shop.example"], "CcAddresses": ["bob@shop.example"]}


def send_simple(subject: str) -> None:
    body = {"Text": {"Data": "plain"}, "Html": {"Data": "<b>rich</b>"}}
    headers = [{"Name": "X-Kiosk-Event", "Value": "welcome:1"}]
    simple = {"Subject": {"Data": subject}, "Body": body, "Headers": headers}
    ses().send_email(FromEmailAddress=settings().mail_from, Destination=TO, Content={"Simple": simple})


def test_both_parts_and_the_headers() -> None:
    send_simple("First")
    send_simple("Second")
    second, first = mailbox.newest_first()
    assert (first.subject, second.subject) == ("First", "Second")
    assert second.to == ("ann@shop.example", "bob@shop.example")
    assert (second.text, second.html) == ("plain", "<b>rich</b>")
    assert second.headers == {"X-Kiosk-Event": "welcome:1"}
    assert second.at >= first.at


@pytest.mark.parametrize("destination", [{}, {"ToAddresses": ["ann@shop.example"]}])
def test_a_whole_message(destination: dict[str, list[str]]) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings().mail_from, "ann@shop.example", "Grüezi"
    message["X-Kiosk-Event"] = "welcome:1"
    message.set_content("plain ä\n")
    message.add_alternative("<b>rich ä</b>\n", subtype="html")
    ses().send_email(
        FromEmailAddress=settings().mail_from,
        Destination=destination,
        Content={"Raw": {"Data": message.as_bytes()}},
    )
    (mail,) = mailbox.newest_first()
    assert (mail.to, mail.subject) == (("ann@shop.example",), "Grüezi")
    assert (mail.text, mail.html) == ("plain ä\n", "<b>rich ä</b>\n")
    assert mail.headers["X-Kiosk-Event"] == "welcome:1"


def test_a_sender_that_ses_does_not_know_sends_nothing() -> None:
    with pytest.raises(ses().exceptions.MessageRejected):
        ses().send_email(
            FromEmailAddress="other@kiosk.example",
            Destination=TO,
            Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
        )
    assert mailbox.newest_first() == []
