"""Only the function that makes pictures carries Pillow, and even there only the decoder's child loads it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()


def packages(requirements: str) -> set[str]:
    pinned = (ROOT / "requirements" / f"{requirements}.txt").read_text()
    return set(re.findall(r"^([a-z0-9-]+)==", pinned, re.MULTILINE))


def test_who_packages_it():
    recipes = re.findall(r"^(build-[\w -]+): .*\n\t\$\(call package,(\w+),", MAKEFILE, re.MULTILINE)
    packaged = {function: packages(name) for functions, name in recipes for function in functions.split()}
    with_pillow = {function for function, names in packaged.items() if "pillow" in names}
    assert with_pillow == {"build-ProcessImagesFunction"}
    assert packaged["build-ProcessImagesFunction"] - packages("jobs") == {"pillow"}
    assert {"build-ApiFunction", "build-ReportDayFunction"} <= packaged.keys()


@pytest.mark.parametrize(
    "module",
    ["api.root", "jobs.process_images", "jobs.report_day", "jobs.process_orders", "jobs.send_mail", "jobs.sweep"],
)
def test_who_loads_it(module):
    """As deployed, where nothing of `local` is loaded."""
    code = f"import {module}, json, sys; print(json.dumps([name for name in sys.modules if name.startswith('PIL')]))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, check=True)
    assert json.loads(loaded.stdout) == []
