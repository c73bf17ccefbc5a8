"""Counts the clicks of a batch of messages. What is no click comes back until it is in the dead-letter queue."""

from typing import Any

from services.clicks.counting import Delivery, count_clicks


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:  # noqa: ARG001
    """A batch is summed as a whole, so it is not worked off record by record."""
    failed = count_clicks(
        Delivery(
            record["messageId"],
            record["body"],
            is_repeated=record["attributes"]["ApproximateReceiveCount"] != "1",
        )
        for record in event["Records"]
    )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
