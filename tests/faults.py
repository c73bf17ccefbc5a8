"""What goes wrong between the code and DynamoDB, or another service, put in at botocore's own hook before sending."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from moto.core import models as moto
from moto.core.botocore_stubber import MockRawResponse

from models.base import shared_connection

Fault = Callable[[Any], AWSResponse]
"""Takes the request; answers in the service's place, or raises."""


@contextmanager
def faults(operation: str, *planned: Fault | None, client: Any = None) -> Iterator[list[dict[str, Any]]]:
    """The first sendings of the operation meet the planned faults, None being none. Gives the bodies of all.

    DynamoDB's operation, or that of the service whose client is given.
    """
    sent: list[dict[str, Any]] = []

    def meet(request: Any, **_: Any) -> AWSResponse | None:
        fault = planned[len(sent)] if len(sent) < len(planned) else None
        sent.append(json.loads(request.body))
        return fault(request) if fault else None

    meta = (client or shared_connection().client).meta
    name = f"before-send.{meta.service_model.service_id.hyphenize()}.{operation}"
    meta.events.register_first(name, meet)
    try:
        yield sent
    finally:
        meta.events.unregister(name, meet)


def response_lost(request: Any) -> AWSResponse:
    """It is done, and nobody hears."""
    moto.botocore_stubber("before-send", request) or shared_connection().client._endpoint.http_session.send(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def request_lost(request: Any) -> AWSResponse:
    raise ReadTimeoutError(endpoint_url=request.url)


def error(code: str, *reasons: str, status: int = 400, message: str | None = None) -> Fault:
    """DynamoDB answers with an error, having done nothing."""

    def answer(request: Any) -> AWSResponse:
        request.url = "http://127.0.0.1:9/"  # every hook is called: this way the embedded AWS takes no notice
        body: dict[str, Any] = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message or code}
        if reasons:
            body["CancellationReasons"] = [{"Code": reason} for reason in reasons]
        headers = HTTPHeaders()
        headers["Content-Type"] = "application/x-amz-json-1.0"
        headers["X-Amzn-ErrorType"] = code
        return AWSResponse(request.url, status, headers, MockRawResponse(json.dumps(body)))

    return answer


def canceled(reasons: Sequence[str]) -> Fault:
    return error("TransactionCanceledException", *reasons)
