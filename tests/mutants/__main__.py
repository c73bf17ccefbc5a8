"""`python -m tests.mutants`: each in turn, in a copy of the tree; its test must pass without it and fail with it.

Writes docs/mutants.md.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.table import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".cache", "build", "__pycache__", ".*_cache")
PASSED, FAILED = 0, 1
HEAD = """# Mutants

The likeliest mistakes in orders, put into the code one at a time by `make mutants`. Each turns the test red that is
named beside it; without them these tests pass.

| the mistake | in | found by | |
|---|---|---|---|
"""


def run(tree: Path, tests: Sequence[str]) -> int:
    """Exit status of pytest, which is neither 0 nor 1 when the tests could not even run."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests]
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tree, env=environ, stdout=subprocess.DEVNULL, check=False).returncode


def is_killed(tree: Path, mutant: Mutant) -> bool:
    file = tree / mutant.file
    sound = file.read_text()
    file.write_text(sound.replace(mutant.old, mutant.new))
    try:
        return run(tree, [mutant.test]) == FAILED
    finally:
        file.write_text(sound)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
        if run(tree, sorted({mutant.test for mutant in MUTANTS})) != PASSED:
            sys.stdout.write("The tests do not pass as they are.\n")
            return 1
        lines = []
        survivors = 0
        for mutant in MUTANTS:
            killed = is_killed(tree, mutant)
            survivors += not killed
            sys.stdout.write(f"{'killed  ' if killed else 'SURVIVED'} {mutant.name}\n")
            sys.stdout.flush()
            test = mutant.test.partition("::")[2]
            lines.append(f"| {mutant.name} | {mutant.file} | {test} | {'killed' if killed else '**survived**'} |\n")
    (ROOT / "docs/mutants.md").write_text(HEAD + "".join(lines))
    sys.stdout.write(f"{len(MUTANTS) - survivors} of {len(MUTANTS)} killed\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
