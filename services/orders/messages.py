"""A message that an order wants work: it only shortens the wait, the sweeper would find it too."""

import json
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from core import aws
from core.config import settings
from core.observability import count, logger

SENT_AT_ONCE = 10


def send_orders(order_ids: Sequence[str]) -> None:
    """Never fails: what was committed stays so."""
    for start in range(0, len(order_ids), SENT_AT_ONCE):
        _send(order_ids[start : start + SENT_AT_ONCE])


def _send(order_ids: Sequence[str]) -> None:
    try:
        answer = aws.sqs().send_message_batch(
            QueueUrl=settings().orders_queue_url,
            Entries=[
                {"Id": str(place), "MessageBody": json.dumps({"version": 1, "order_id": order_id})}
                for place, order_id in enumerate(order_ids)
            ],
        )
        not_sent = len(answer.get("Failed", ()))
    except (BotoCoreError, ClientError):
        not_sent = len(order_ids)
        logger.warning("Order messages not sent", extra={"order_ids": order_ids}, exc_info=True)
    if not_sent:
        count("OrderMessageNotSent", not_sent)


def parse_order_message(body: str) -> str:
    """The order's id. Raises ValueError for what is no order message."""
    message = json.loads(body)
    match message:
        case {"version": 1, "order_id": str(order_id)} if 1 <= len(order_id) <= 64 and order_id.isascii():
            return order_id
    raise ValueError("not an order message")
