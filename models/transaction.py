"""TransactWriteItems with its failures told per write.

PynamoDB sends checks, deletes, puts and updates in that order whatever the caller's was, and retries no
conflict; here every cancellation reason finds its write again and brings the row that failed it.
"""

import random
import time
import uuid
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError
from pynamodb.exceptions import CancellationReason, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from core import aws
from core.errors import Refused, RetryError
from models.base import Table, shared_connection

MAX_WRITES = 100
TRIES = 5
_SENT_ORDER = ("check", "delete", "put", "update")
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_THROTTLED = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
"""botocore tried these three times already: five times that would outlast the function."""
_may_be_written: ContextVar[bool] = ContextVar("may_be_written", default=False)


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    kind: Literal["check", "delete", "put", "update"]
    row: Table
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    write: Write
    stored: Any
    """The row as it stood when the condition failed; None when there was none."""


class ConditionFailed(Exception):
    """At least one condition did not hold: nothing was written."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(", ".join(f"{f.write.kind} {type(f.write.row).__name__}" for f in failures))
        self.failures = failures

    def of(self, write: Write) -> Failure | None:
        return next((failure for failure in self.failures if failure.write is write), None)


def put(row: Table, condition: Condition | None = None) -> Write:
    return Write("put", row, row.get_save_kwargs_from_instance(condition, return_values_on_condition_failure="ALL_OLD"))


def update(row: Table, actions: list[Action], condition: Condition | None = None) -> Write:
    """`row` may hold nothing but its key."""
    request = row.get_update_kwargs_from_instance(actions, condition, return_values_on_condition_failure="ALL_OLD")
    return Write("update", row, request)


def delete(row: Table, condition: Condition | None = None) -> Write:
    """`row` may hold nothing but its key."""
    return Write("delete", row, row.get_delete_kwargs_from_instance(condition, "ALL_OLD"))


def check(row: Table, condition: Condition) -> Write:
    """`row` may hold nothing but its key."""
    return Write("check", row, row.get_delete_kwargs_from_instance(condition, "ALL_OLD"))


def commit(writes: Sequence[Write]) -> None:
    """All or nothing. Safe against a lost response: every try carries the same token.

    Raises ConditionFailed, Refused with a RetryError when contention outlasted the tries and nothing was written,
    and TransactWriteError when that is not known.
    """
    _check_limits(writes)
    _may_be_written.set(False)
    token = str(uuid.uuid4())
    ordered = sorted(writes, key=lambda write: _SENT_ORDER.index(write.kind))
    for attempt in range(TRIES):
        if attempt:
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - full jitter
        try:
            _send(ordered, token)
        except TransactWriteError as error:
            if not _may_pass(error):
                raise _as_condition_failure(error, ordered) or error from error
            last = error
            if error.cause_response_code in _THROTTLED:
                break
        else:
            return
    if failed := _as_condition_failure(last, ordered):
        raise failed from last
    if _may_be_written.get():
        raise last
    raise Refused(
        RetryError(message="Too many changes to the same things just now. Nothing was changed: please try again.")
    ) from last


def _note_unheard(**tried: Any) -> None:
    """botocore tries again by itself, and tells of its last try only. What came of one without an answer, or with a
    failure of the server's, is not known, whatever the next one says."""
    if tried["response"] is None or tried["response"][0].status_code >= 500:
        _may_be_written.set(True)


aws.session().register("needs-retry.dynamodb.TransactWriteItems", _note_unheard)


def _check_limits(writes: Sequence[Write]) -> None:
    if not 1 <= len(writes) <= MAX_WRITES:
        raise ValueError(f"a transaction has 1 to {MAX_WRITES} writes, not {len(writes)}")
    items = {(write.request["TableName"], repr(_key(write.row))) for write in writes}
    if len(items) < len(writes):
        raise ValueError("a transaction may touch an item once")


def _key(row: Table) -> tuple[Any, Any]:
    return row._get_hash_range_key_serialized_values()  # noqa: SLF001


def _send(ordered: Sequence[Write], token: str) -> None:
    by_kind = {kind: [write.request for write in ordered if write.kind == kind] for kind in _SENT_ORDER}
    shared_connection().transact_write_items(
        condition_check_items=by_kind["check"],
        delete_items=by_kind["delete"],
        put_items=by_kind["put"],
        update_items=by_kind["update"],
        client_request_token=token,
    )


def _may_pass(error: TransactWriteError) -> bool:
    """Nothing was written, and the same request may succeed a moment later."""
    if not isinstance(error.cause, ClientError):  # no answer at all: what happened is unknown
        return False
    if error.cause_response_code in _THROTTLED:
        return True
    return any(reason and reason.code in _PASSING for reason in error.cancellation_reasons)


def _as_condition_failure(error: TransactWriteError, ordered: Sequence[Write]) -> ConditionFailed | None:
    failures = [
        Failure(write, _stored(write, reason))
        for write, reason in zip(ordered, error.cancellation_reasons, strict=False)
        if reason and reason.code == "ConditionalCheckFailed"
    ]
    return ConditionFailed(failures) if failures else None


def _stored(write: Write, reason: CancellationReason) -> Table | None:
    return type(write.row).from_raw_data(reason.raw_item) if reason.raw_item else None
