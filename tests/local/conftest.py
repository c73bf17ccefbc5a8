"""Laptops of the tests' own templates."""

from textwrap import dedent

import pytest

from local import environment
from local.laptop import Laptop
from local.template import Template
from tests.local import handlers


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    handlers.calls.clear()
    handlers.answer = None


def make_template(resources: str, before: str = "", parameters: dict[str, str] | None = None) -> Template:
    """From its resources, indented or not, and what may stand before them."""
    indented = "\n".join(f"  {line}" for line in dedent(resources).splitlines())
    return Template(f"{dedent(before)}\nResources:\n{indented}\n", parameters or {}, environment.REGION)


def make_laptop(resources: str) -> Laptop:
    """Its resources are there, instead of Kiosk's."""
    laptop = Laptop.from_template(make_template(resources))
    laptop.reset()
    return laptop
