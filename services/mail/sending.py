"""Sending a letter once, however often its event is delivered.

The log's row is taken before SES is asked and closed after. A crash in between leaves it SENDING: the
next delivery takes it over once the attempt cannot be alive any more, and may send one more copy.
"""

import random
import time
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

from botocore.exceptions import BotoCoreError, ClientError

from core.aws import ses
from core.config import settings
from core.observability import count, logger
from models.mail_log import MailLog
from services.mail.events import MailEvent
from services.mail.letters import Letter, find_letter

EVENT_HEADER = "X-Kiosk-Event"
ATTEMPT = timedelta(seconds=60)
"""Longer than the function may run, shorter than a message stays invisible."""
_THROTTLED_TRIES = 3
_FINAL = {"MessageRejected", "BadRequestException"}
_SEVEN_BIT = SMTP.clone(cte_type="7bit")


class NotSentNow(Exception):
    """SES failed, and may not the next time. Says its code only: what SES says of it may name addresses."""


def send_mail(event: MailEvent) -> None:
    """Returns when the event is done with; raises when its message must come back."""
    letter = find_letter(event)
    if letter is None:
        logger.warning("Mail about nobody", extra={"event_id": event.id})
        count("MailSubjectUnknown")
        return
    for recipient in letter.recipients:
        _send_once(event, letter, recipient)


def _send_once(event: MailEvent, letter: Letter, recipient: str) -> None:
    attempt = MailLog.begin(event.id, event.template, recipient, lasting=ATTEMPT)
    if attempt is None:
        return
    try:
        message_id = _ask_ses(_to_mime(event, letter, recipient), recipient)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _FINAL:
            attempt.give_up()
            raise NotSentNow(code) from None
        attempt.failed(code)
        logger.error("Mail refused", extra={"event_id": event.id, "reason": code})
        count("MailRefused")
    except BotoCoreError:
        attempt.give_up()
        raise
    else:
        attempt.sent(message_id)
        logger.info("Mail sent", extra={"event_id": event.id, "message_id": message_id})


def _to_mime(event: MailEvent, letter: Letter, recipient: str) -> bytes:
    message = EmailMessage(_SEVEN_BIT)
    message["From"] = settings().mail_from
    message["To"] = recipient
    message["Subject"] = letter.subject
    message[EVENT_HEADER] = event.id
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    *_, html = message.iter_parts()
    for name, png in letter.pictures.items():
        html.add_related(png, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline")
    return message.as_bytes()


def _ask_ses(mime: bytes, recipient: str) -> str:
    """Only a throttled call is repeated here: after any other failure the mail may be on its way."""
    tries = 0
    while True:
        tries += 1
        try:
            answer = ses().send_email(Destination={"ToAddresses": [recipient]}, Content={"Raw": {"Data": mime}})
        except ses().exceptions.TooManyRequestsException:
            if tries == _THROTTLED_TRIES:
                raise
            time.sleep(random.uniform(0.1, 0.5) * tries)  # noqa: S311 - jitter
        else:
            return answer["MessageId"]
