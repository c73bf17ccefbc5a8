"""The table of mutants still fits the code and the tests: cheap, where `make mutants` takes minutes."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import HEAD, ROOT
from tests.mutants.table import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_fits(mutant):
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.new != mutant.old
    file, _, function = mutant.test.partition("::")
    defined = {node.name for node in ast.parse(Path(ROOT, file).read_text()).body if isinstance(node, ast.FunctionDef)}
    assert function in defined


def test_the_written_table_is_of_these_mutants():
    lines = [f"| {m.name} | {m.file} | {m.test.partition('::')[2]} | killed |\n" for m in MUTANTS]
    assert (ROOT / "docs/mutants.md").read_text() == HEAD + "".join(lines)


def test_every_mistake_is_another():
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS) >= 20
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
