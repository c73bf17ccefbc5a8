"""The template's functions, run in this process. Unlike on Lambda a run is never cut off at its timeout."""

import ast
import importlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.clock import now
from local import runs
from local.template import ROOT, Resource, Template, TemplateError, whole_number

logger = logging.getLogger(__name__)
_before: dict[str, Callable[[], None]] = {}


def before(name: str, make: Callable[[], None]) -> None:
    """`make` is called before every run of that function, whatever it is run for."""
    _before[name] = make


def forget() -> None:
    _before.clear()


@dataclass(slots=True)
class Context:
    """Lambda's second argument."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    timeout: int
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    started: float = field(default_factory=time.monotonic)

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(1000 * (self.started + self.timeout - time.monotonic())))


@dataclass(frozen=True, slots=True)
class Function:
    resource: Resource
    handler: str
    timeout: int
    memory: int
    retries: int
    """Of an event that nobody waits for."""

    @classmethod
    def from_resource(cls, resource: Resource, shared: dict[str, Any]) -> "Function":
        own = shared | resource.properties
        check_handler(resource.name, str(own.get("Handler", "")))
        return cls(
            resource,
            own["Handler"],
            whole_number(own, "Timeout", resource.name, 3),
            whole_number(own, "MemorySize", resource.name, 128),
            whole_number(
                own.get("EventInvokeConfig", {}), "MaximumRetryAttempts", f"{resource.name}.EventInvokeConfig", 2
            ),
        )

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def dead_letter_arns(self) -> dict[str, str]:
        """Where such an event goes when all tries failed, by its place in the template."""
        properties = self.resource.properties
        on_failure = properties.get("EventInvokeConfig", {}).get("DestinationConfig", {}).get("OnFailure", {})
        found = {
            "DeadLetterQueue.TargetArn": properties.get("DeadLetterQueue", {}).get("TargetArn"),
            "EventInvokeConfig.DestinationConfig.OnFailure.Destination": on_failure.get("Destination"),
        }
        return {place: arn for place, arn in found.items() if arn}

    def run(self, event: Any, source: str) -> Any:
        """What the handler answers. Raises what it raises; either way the run is noted."""
        module, _, attribute = self.handler.rpartition(".")
        context = Context(self.name, self.resource.arn, self.memory, self.timeout)
        at, answer, error = now(), None, None
        try:
            if make := _before.get(self.name):
                make()
            answer = getattr(importlib.import_module(module), attribute)(event, context)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
            logger.exception("%s failed", self.name)
            raise
        finally:
            records = len(event["Records"]) if isinstance(event, dict) and "Records" in event else 1
            seconds = round(time.monotonic() - context.started, 3)
            runs.note(runs.Run(self.name, source, at, seconds, records, *_outcome(answer, error)))
        return answer


def _outcome(answer: Any, error: str | None) -> tuple[str, str | None]:
    if error:
        return "failed", error
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    return ("partly failed", f"{len(failures)} to be tried again") if failures else ("ok", None)


def read(template: Template) -> dict[str, Function]:
    shared = template.globals.get("Function", {})
    functions = template.of_type("AWS::Serverless::Function")
    return {resource.name: Function.from_resource(resource, shared) for resource in functions}


def check_handler(name: str, handler: str) -> None:
    """That it is there, without the cost of importing it."""
    module, _, attribute = handler.rpartition(".")
    path = ROOT / Path(*module.split(".")).with_suffix(".py") if module else ROOT
    if not path.is_file():
        raise TemplateError(f"{name}.Handler: there is no module {module!r} for {handler!r}")
    if attribute not in _names(path):
        raise TemplateError(f"{name}.Handler: {path.relative_to(ROOT)} has no {attribute!r}")


@cache
def _names(path: Path) -> set[str]:
    names: set[str] = set()
    for statement in ast.parse(path.read_text()).body:
        match statement:
            case ast.FunctionDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.ImportFrom(names=imported):
                names |= {alias.asname or alias.name for alias in imported}
    return names
