"""`python -m local invoke NAME [event.json]`: one function, now.

What moto holds lives in the process that serves, so a Kiosk that serves on this machine is asked to run it;
when none does, it runs here, on demo data, and what it leaves is gone with this process.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from core.clock import now
from local import environment
from local.functions import Function
from local.laptop import Laptop
from local.template import Template, TemplateError

_DIRECTLY = build_opener(ProxyHandler({}))
Answer = tuple[int, dict[str, Any]]
"""An HTTP status, and `result` or `error`."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("invoke", help="run one of the template's functions now")
    command.add_argument("name", help="as in template.yaml, for example SendMailFunction")
    command.add_argument("event", nargs="?", type=Path, help="a file of JSON; else what its schedule would bring")
    asked = parser.parse_args(arguments)
    try:
        body = _read(asked.event) if asked.event else b""
        _check(asked.name)
    except (OSError, ValueError, TemplateError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    status, answer = _run_there(asked.name, body) or _run_here(asked.name, body)
    sys.stdout.write(json.dumps(answer.get("result"), indent=2, default=str) + "\n" if status == 200 else "")
    if status != 200:
        sys.stderr.write(f"{answer['error']}\n")
    return 0 if status == 200 else 1


def _read(file: Path) -> bytes:
    body = file.read_bytes()
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is not JSON: {error}") from error
    return body


def _check(name: str) -> None:
    """Before anything is started for it."""
    template = Template.read(environment.parameters(os.environ), environment.REGION)
    known = [function.name for function in template.of_type("AWS::Serverless::Function")]
    if name not in known:
        raise ValueError(_unknown(name, known))


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"There is no function {name!r} in template.yaml; there are {', '.join(sorted(known))}."


def _run_there(name: str, body: bytes) -> Answer | None:
    address = environment.base_url([""], os.environ)
    try:
        with _DIRECTLY.open(f"{address}/local/runs.json", timeout=5) as answer:
            json.load(answer)
    except (URLError, OSError, ValueError):
        return None
    sys.stderr.write(f"{name} runs in the Kiosk that serves on {address}\n")
    request = Request(f"{address}/local/invoke/{name}", body, {"content-type": "application/json"}, method="POST")  # noqa: S310
    try:
        with _DIRECTLY.open(request) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def _run_here(name: str, body: bytes) -> Answer:
    import local  # noqa: PLC0415
    from local.serving import make_demo  # noqa: PLC0415

    sys.stderr.write(f"No Kiosk serves on {environment.base_url([''], os.environ)}: {name} runs here, on demo data\n")
    with redirect_stdout(sys.stderr):  # the answer alone is for standard output
        local.start()
        make_demo()
        return run(local.running(), name, body)


def run(laptop: Laptop, name: str, body: bytes) -> Answer:
    if name not in laptop.functions:
        return 404, {"error": _unknown(name, laptop.functions)}
    function = laptop.functions[name]
    try:
        event = json.loads(body) if body else scheduled_event(laptop, function)
    except (ValueError, RecursionError) as error:
        return 400, {"error": f"The event is not JSON: {error}"}
    if event is None:
        return 400, {"error": f"{name} has no schedule: give it an event"}
    try:
        return 200, {"result": function.run(event, "invoke")}
    except Exception as error:
        return 500, {"error": f"{name} failed: {type(error).__name__}: {error}"}


def scheduled_event(laptop: Laptop, function: Function) -> Any:
    """As if its schedule fired now. None when it has none: there is no event without what it is about."""
    for schedule in laptop.sources.schedules:
        if schedule.function is function:
            return schedule.event(now())
    return None
