"""Handing a click to the queue. The visitor waits a moment at most; a click that the queue did not take is lost."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from core import aws
from core.config import settings
from core.observability import count, logger
from services.clicks.click import Click

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

PATIENCE = 0.3
"""Seconds; as long as it takes to open a connection."""
WARM_PATIENCE = 0.05
WARM_FOR = 15
"""Seconds after an answer, in which the connection is taken to be still open."""
_senders = ThreadPoolExecutor(8, thread_name_prefix="clicks")  # botocore's own time-outs are per step, not in all
NEVER = float("-inf")
_answered_at = NEVER


def send_click(click: Click) -> None:
    """Never fails."""
    client = aws.quick_sqs()  # made, once, before the clock starts
    is_warm = time.monotonic() - _answered_at < WARM_FOR
    sending = _senders.submit(_send, client, click.to_body())
    try:
        sending.result(WARM_PATIENCE if is_warm else PATIENCE)
    except Exception as error:  # whatever it is, the visitor goes on
        sending.cancel()
        logger.warning("Click not queued", extra={"code": click.code, "reason": type(error).__name__})
        count("ClickLost")


def _send(client: "SQSClient", body: str) -> None:
    global _answered_at  # noqa: PLW0603 - one process has one connection
    try:
        client.send_message(QueueUrl=settings().clicks_queue_url, MessageBody=body)
    except Exception:
        _answered_at = NEVER
        raise
    _answered_at = time.monotonic()
