"""`python -m local.schema` writes what clients see to schema/schema.graphql."""

import local
from local.template import ROOT

FILE = ROOT / "schema" / "schema.graphql"


def print_schema() -> str:
    local.start()
    from api.root import schema  # noqa: PLC0415 - reads settings, which `start` gives

    return schema.as_str() + "\n"


if __name__ == "__main__":
    FILE.write_text(print_schema())
