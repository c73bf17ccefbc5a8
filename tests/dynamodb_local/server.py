"""DynamoDB Local in a child process, for what the embedded AWS cannot show: real races and request tokens."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
JARS = HERE.parent.parent / ".cache" / "dynamodb-local"


def lacks() -> str | None:
    """Why it cannot run here, in a line."""
    if not shutil.which("java"):
        return "needs Java 17 and `make dynamodb-local-install`"
    if not (JARS / ".ready").exists():
        return "needs `make dynamodb-local-install`, once"
    return None


@contextmanager
def running() -> Iterator[str]:
    """Its address. It ends with its standard input, even if this process is killed."""
    command = ["java", f"-Dsqlite4java.library.path={JARS}", "-cp", f"{JARS}/*", str(HERE / "LoopbackDynamoDB.java")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), "DynamoDB Local did not start: try `make dynamodb-local`"
        try:
            yield url
        finally:
            process.stdin.close()
