"""The files GraphiQL is made of, with their hashes. `make graphiql` installs them; else they come from a CDN."""

from dataclasses import dataclass
from pathlib import Path

INSTALLED = Path(__file__).parents[1] / ".cache" / "graphiql"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of an npm package. The browser checks its hash too, wherever the file comes from."""

    package: str
    version: str
    path: str
    integrity: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


ASSETS = (
    Asset(
        "react",
        "18.2.0",
        "umd/react.production.min.js",
        "sha512-8Q6Y9XnTbOE+JNvjBQwJ2H8S+UV4uA6hiRykhdtIyDYZ2TprdNmWOUaKdGzOhyr4dCyk287OejbPvwl7lrfqrQ==",
    ),
    Asset(
        "react-dom",
        "18.2.0",
        "umd/react-dom.production.min.js",
        "sha512-MOCpqoRoisCTwJ8vQQiciZv0qcpROCidek3GTFS6KTk2+y7munJIlKCVkFCYY+p3ErYFXCjmFjnfTTRSC1OHWQ==",
    ),
    Asset(
        "graphiql",
        "3.8.3",
        "graphiql.min.js",
        "sha512-3ZcfBS0oJlWv+AMZNM6tpTHjeNRBK93phPETcJWL2MmFHQyjsRnouZWUm6C17fU8rXgI+aUEVw5wk5YyFQ7jqg==",
    ),
    Asset(
        "graphiql",
        "3.8.3",
        "graphiql.min.css",
        "sha512-QtAPrZpMjJp07BxaOEw3s8nRQ5Odrr8P5gpIEw4C42bMt95fVkTfX4vSV24NHg06UVX9sRwPkTBOPFXDQrJg/A==",
    ),
)
