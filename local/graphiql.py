"""`make graphiql`: GraphiQL's files, by npm, into a folder that git ignores, so that the page works offline."""

import base64
import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from api.graphiql_assets import ASSETS, INSTALLED, Asset


def install() -> None:
    """Raises where npm cannot be asked, or gives something else than was recorded: nothing is installed then."""
    with TemporaryDirectory() as scratch:
        packages = {f"{asset.package}@{asset.version}" for asset in ASSETS}
        npm = ["npm", "pack", "--silent", "--fetch-retries=1", "--pack-destination", scratch, *sorted(packages)]
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL, timeout=30)  # noqa: S603 - nothing in it comes from outside
        contents = {asset.name: _checked(asset, Path(scratch)) for asset in ASSETS}
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (INSTALLED / name).write_bytes(content)


def _checked(asset: Asset, packed: Path) -> bytes:
    with tarfile.open(packed / f"{asset.package}-{asset.version}.tgz") as archive:
        member = archive.extractfile(f"package/{asset.path}")
        content = member.read() if member else b""
    if asset.integrity != f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}":
        raise ValueError(f"{asset.package}@{asset.version} {asset.path} is not the file that was recorded")
    return content


if __name__ == "__main__":
    try:
        install()
    except (OSError, subprocess.SubprocessError, ValueError) as failure:
        sys.exit(str(failure))
