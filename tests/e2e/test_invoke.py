"""`python -m local invoke`, where a Kiosk serves."""

from pathlib import Path

import httpx

from tests.local.test_invoke import invoke


def test_it_runs_in_the_kiosk_that_serves(kiosk: str) -> None:
    ran = invoke("SweepFunction", port=kiosk.rpartition(":")[2])
    assert (ran.returncode, ran.stdout) == (0, "null\n")
    assert ran.stderr == f"SweepFunction runs in the Kiosk that serves on {kiosk}\n"
    by_hand = [run for run in httpx.get(f"{kiosk}/local/runs.json").json() if run["source"] == "invoke"]
    assert [(run["function"], run["outcome"]) for run in by_hand] == [("SweepFunction", "ok")]


def test_what_fails_there_fails_here(kiosk: str, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text("{}")
    ran = invoke("CountClicksFunction", str(event), port=kiosk.rpartition(":")[2])
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[-1] == "CountClicksFunction failed: KeyError: 'Records'"


def test_a_name_that_is_none_is_not_asked_for_there(kiosk: str) -> None:
    ran = invoke("Nope", port=kiosk.rpartition(":")[2])
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("There is no function 'Nope' in template.yaml; there are ApiFunction, ")
