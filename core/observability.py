"""Structured logs and metrics. One line per fact of the business, keys instead of prose, no payloads."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from core.aws import is_deployed

logger = Logger(service="kiosk", use_rfc3339=True, utc=True)


def count(metric: str, value: int = 1) -> None:
    """One CloudWatch metric, in the embedded format on standard output; on a laptop a log line instead."""
    if not is_deployed():
        logger.info("Metric", extra={"metric": metric, "value": value})
        return
    with single_metric(name=metric, unit=MetricUnit.Count, value=value, namespace="Kiosk"):
        pass
