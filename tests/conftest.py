"""Every test runs against the embedded AWS, empty when it begins."""

import os

import pytest

# DynamoDB Local would keep rows from test to test, and may hold somebody's: the tests that want it ask for it.
os.environ.pop("AWS_ENDPOINT_URL_DYNAMODB", None)

import local
from tests.no_skips import pytest_runtest_makereport
from tests.recorder import no_scan, pytest_sessionfinish, pytest_terminal_summary, pytest_testnodedown

__all__ = [
    "no_scan",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
]

local.start()


@pytest.fixture(autouse=True)
def aws() -> None:
    local.reset()
