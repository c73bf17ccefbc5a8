"""GraphiQL's page: ours, with examples that the schema takes; the files it needs; none of it in production."""

import json
import re

import pytest
from graphql import OperationDefinitionNode, parse, validate

from api import graphiql
from api.graphiql_assets import ASSETS
from api.root import schema

HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EXAMPLES = sorted((graphiql.STATIC / "examples").glob("*.graphql"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_example(file):
    assert validate(schema._schema, parse(file.read_text())) == []


async def test_page(http):
    answer = await http.get("/graphql", headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    (examples,) = re.findall(r'<script type="application/json" id="examples">(.*?)</script>', answer.text)
    assert json.loads(examples) == [file.read_text() for file in EXAMPLES]
    names = [
        node.name.value
        for text in json.loads(examples)
        for node in parse(text).definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    assert names[:4] == ["Service", "Products", "Product", "Viewer"]
    assert len(names) == len(set(names))


@pytest.fixture
def files(monkeypatch, tmp_path):
    """The cache folder, empty, whatever this machine has installed."""
    made = {asset.name: tmp_path / asset.name for asset in ASSETS}
    monkeypatch.setattr(graphiql, "FILES", graphiql.FILES | made)
    return made


async def test_offline(http, files):
    for file in files.values():
        file.write_bytes(b"/* installed */")
    page = (await http.get("/graphql", headers=HTML)).text
    assert graphiql.CDN not in page
    assert "make graphiql" not in page
    addresses = re.findall(r'(?:src|href)="(graphql/assets/[^"]+)"', page)
    assert len(addresses) == len(ASSETS) + 2
    for address in addresses:
        assert (await http.get(f"/{address}")).status_code == 200
    for asset in ASSETS:
        assert f'{asset.name}" integrity="{asset.integrity}"' in page


async def test_not_installed(http, files):
    page = (await http.get("/graphql", headers=HTML)).text
    assert "<code>make graphiql</code>" in page
    for asset in ASSETS:
        address = f"https://unpkg.com/{asset.package}@{asset.version}/{asset.path}"
        assert f'="{address}" integrity="{asset.integrity}"' in page
        assert (await http.get(f"/graphql/assets/{asset.name}")).status_code == 404


@pytest.mark.parametrize("name", ["x", "..%2Fmain.py", "%2e%2e/main.py", "graphiql.html", "examples"])
async def test_other_files(http, name):
    assert (await http.get(f"/graphql/assets/{name}")).status_code == 404
