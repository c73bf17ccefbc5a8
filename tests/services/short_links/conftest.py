"""No test follows what another one remembered."""

import pytest

from services.short_links import following


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    following.forget()
