"""Functions for the tests' own templates. What they were given stands in `calls`."""

from typing import Any

calls: list[tuple[Any, Any]] = []
answer: Any = None
"""What `answering` gives back."""


def answering(event: Any, context: Any) -> Any:
    calls.append((event, context))
    return answer


def poisoned(event: Any, context: Any) -> Any:
    """Names the messages whose body is `poison`."""
    calls.append((event, context))
    failed = [record["messageId"] for record in event["Records"] if record["body"] == "poison"]
    return {"batchItemFailures": [{"itemIdentifier": failure} for failure in failed]}


def failing(event: Any, context: Any) -> None:
    calls.append((event, context))
    raise RuntimeError("as asked")


not_a_function = 1
