"""Nothing scans: no code can, no policy grants it, and tests/recorder.py listens to the whole run."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DEPLOYED = ("api", "jobs", "resolvers", "schema", "services", "models", "core")


@pytest.mark.parametrize("package", DEPLOYED)
def test_no_code_scans(package):
    sources = list((ROOT / package).rglob("*.py"))
    assert sources
    assert [str(path) for path in sources if ".scan(" in path.read_text()] == []


def test_no_policy_grants_it():
    template = (ROOT / "template.yaml").read_text()
    assert "dynamodb:Query" in template
    assert "dynamodb:Scan" not in template
    assert "dynamodb:*" not in template
    assert "dynamodb:PartiQL" not in template
