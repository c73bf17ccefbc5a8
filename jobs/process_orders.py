"""SQS: an order wants work."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from services.orders.messages import parse_order_message
from services.orders.working import advance

_processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def _process(record: SQSRecord) -> None:
    advance(parse_order_message(record.body))


def handler(event: dict[str, Any], context: Any) -> Any:
    """Answers which messages are to be delivered again."""
    return process_partial_response(event, _process, _processor, context)
