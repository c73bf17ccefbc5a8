"""Sends the mails that the mail queue asks for: one message, one event."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from core.observability import logger
from services.mail.events import MailEvent
from services.mail.sending import send_mail


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, _send, processor, context)


def _send(record: SQSRecord) -> None:
    try:
        send_mail(MailEvent.from_body(record.body))
    except Exception:
        logger.exception("Mail not sent", extra={"message_id": record.message_id})
        raise
