"""Every minute: what a lost message, a crash or the passing of time left to do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from core.clock import now
from core.observability import count, logger
from services.images.housekeeping import sweep_images
from services.orders.reviewing import review_orders
from services.orders.sweeping import sweep_orders

REVIEW_MINUTE = 0
"""Of each hour: when parked orders are looked up again."""


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ARG001
    """One part that fails does not keep the others from their work; but only a whole run is a heartbeat."""
    at = now()
    parts: dict[str, Callable[[datetime], int]] = {"orders": sweep_orders, "images": sweep_images}
    if at.minute == REVIEW_MINUTE:
        parts["reviewed"] = review_orders
    done: dict[str, int] = {}
    failures: list[Exception] = []
    for name, part in parts.items():
        try:
            done[name] = part(at)
        except Exception as failure:
            failures.append(failure)
    logger.info("Swept", extra=done)
    if failures:
        raise ExceptionGroup("parts of the sweep failed", failures)
    count("SweeperHeartbeat")
