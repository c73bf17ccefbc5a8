"""The committed schema is the one that is served."""

from local.schema import FILE, print_schema


def test_schema_graphql_is_fresh():
    """`make schema` writes it."""
    assert FILE.read_text() == print_schema()
