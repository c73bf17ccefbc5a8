"""GET /graphql in development: GraphiQL, our examples in its tabs, and a sign-in that keeps its token in memory."""

from html import escape
from pathlib import Path
from string import Template

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from api.graphiql_assets import ASSETS, INSTALLED
from api.graphql import GraphQL

STATIC = Path(__file__).parent / "static"
CDN = "https://unpkg.com"
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; script-src 'self' {CDN}; style-src 'self' 'unsafe-inline' {CDN}; "
    "connect-src 'self'; img-src 'self' data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


FILES = {asset.name: INSTALLED / asset.name for asset in ASSETS} | {
    name: STATIC / name for name in ("graphiql.js", "graphiql.css")
}
NOTICE = (
    '<p class="notice" role="note">GraphiQL comes from unpkg.com. '
    "To work without internet: <code>make graphiql</code>, then reload.</p>"
)


class Console(GraphQL):
    async def get(self, request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return await self.method_not_allowed(request)
        return HTMLResponse(page(), headers={"content-security-policy": CONTENT_SECURITY_POLICY})


async def asset(request: Request) -> Response:
    file = FILES.get(request.path_params["name"])
    if file is None or not file.is_file():
        raise HTTPException(404)
    return FileResponse(file, headers={"cache-control": "no-cache"})


routes = [Route("/graphql", Console), Route("/graphql/assets/{name}", asset)]


def page() -> str:
    is_installed = all(FILES[asset.name].is_file() for asset in ASSETS)
    tags = {".js": "", ".css": ""}
    for asset in ASSETS:
        address = (
            f"graphql/assets/{asset.name}" if is_installed else f"{CDN}/{asset.package}@{asset.version}/{asset.path}"
        )
        tags[Path(asset.name).suffix] += _tag(address, asset.integrity)
    return Template((STATIC / "graphiql.html").read_text()).substitute(
        scripts=tags[".js"], styles=tags[".css"], notice="" if is_installed else NOTICE, examples=_examples()
    )


def _tag(address: str, integrity: str) -> str:
    checked = f'integrity="{integrity}" crossorigin="anonymous"'
    if address.endswith(".css"):
        return f'<link rel="stylesheet" href="{escape(address)}" {checked}>\n'
    return f'<script defer src="{escape(address)}" {checked}></script>\n'


def _examples() -> str:
    """In the order of their file names; JSON that can stand in a script element."""
    texts = [file.read_text() for file in sorted((STATIC / "examples").glob("*.graphql"))]
    return orjson.dumps(texts).decode().replace("<", "\\u003c")
