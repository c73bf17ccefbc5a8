"""`python -m local invoke`, where no Kiosk serves."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.template import ROOT

NOBODY = "9"
"""The discard service's port: no Kiosk is there."""


def invoke(*arguments: str, port: str = NOBODY) -> Any:
    command = [sys.executable, "-m", "local", "invoke", *arguments]
    environment = os.environ | {"PORT": port}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_it_runs_here_on_demo_data(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"Records": [{"messageId": "1", "body": "no event", "eventSource": "aws:sqs"}]}))
    ran = invoke("SendMailFunction", str(event))
    expected = "No Kiosk serves on http://127.0.0.1:9: SendMailFunction runs here, on demo data\n"
    assert ran.returncode == 0
    assert ran.stderr.startswith(expected)
    assert json.loads(ran.stdout) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_an_unknown_function() -> None:
    ran = invoke("Nope")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("There is no function 'Nope' in template.yaml; there are ApiFunction, ")
    assert ran.stderr.count("\n") == 1


def test_an_event_that_cannot_be_read(tmp_path: Path) -> None:
    missing, broken = tmp_path / "missing.json", tmp_path / "broken.json"
    broken.write_text("{")
    expected = {missing: "No such file or directory: ", broken: f"{broken} is not JSON: Expecting property name"}
    for file, message in expected.items():
        ran = invoke("SendMailFunction", str(file))
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
        assert message in ran.stderr


def test_no_port() -> None:
    ran = invoke("SweepFunction", port="abc")
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", "PORT: 'abc' is no port\n")
