"""Small pages for people, at the front door and where a link leads nowhere: no script, nothing from elsewhere."""

import base64
import hashlib
from string import Template

from starlette.responses import HTMLResponse

MEDIA_TYPE = "text/html"
_SAID = {
    200: ("Kiosk", "Programs speak GraphQL with this address, at /graphql. Short links begin here, too."),
    404: ("Nothing here", "There is no such link. Perhaps a character got lost on the way?"),
    410: ("No longer here", "This link led somewhere once, and does no more."),
}
_STYLE = (
    "body{margin:20vh auto;max-width:32rem;padding:0 1.5rem;font:1.125rem/1.5 system-ui,sans-serif;"
    "color:#1c1c1c;background:#fff}h1{font-size:1.75rem;line-height:1.2}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}}"
)
_PAGE = Template(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
    "<title>$title</title>\n<style>$style</style>\n</head>\n<body>\n<main>\n<h1>$title</h1>\n<p>$text</p>\n</main>\n"
    "</body>\n</html>\n"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(status: int) -> HTMLResponse:
    title, text = _SAID[status]
    content = _PAGE.substitute(title=title, text=text, style=_STYLE)
    return HTMLResponse(content, status, {"content-security-policy": CONTENT_SECURITY_POLICY})
