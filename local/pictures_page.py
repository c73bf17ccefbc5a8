"""`/local/pictures`: uploads a picture to a product from the browser, and shows what became of it."""

from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from core.config import settings
from local.demo import ADMIN, PASSWORD

_HERE = Path(__file__).parent


def page(_: Request) -> Response:
    from jinja2 import Environment  # noqa: PLC0415 - for those who look

    template = Environment(autoescape=True).from_string((_HERE / "pictures.html").read_text())
    s3 = urlsplit(settings().uploads_url)
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; "
        f"connect-src 'self' {s3.scheme}://{s3.netloc}"
    )
    return HTMLResponse(template.render(email=ADMIN, password=PASSWORD), headers={"content-security-policy": policy})


def script(_: Request) -> Response:
    return FileResponse(_HERE / "pictures.js", media_type="text/javascript")
