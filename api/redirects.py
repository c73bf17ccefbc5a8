"""GET /{code}: where a short link leads. Nothing of the request comes back in an answer."""

import asyncio
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import accept, pages, problems
from core.clock import now
from core.errors import Refused
from models.short_link import ShortLink
from services.clicks.sending import send_click
from services.clicks.visits import is_prefetch, to_click
from services.short_links.following import LinkGone, LinkUnknown, OnlyClicks, follow

CACHED_SECONDS = 3600
"""Of a permanent redirect, unless the link expires before."""


async def redirect(request: Request) -> Response:
    """A HEAD or a prefetch is not a click; where clicks are limited it is refused."""
    is_head = request.method == "HEAD"
    try:
        link, at = await asyncio.to_thread(_visit, request, is_click=not is_head and not is_prefetch(request.headers))
    except LinkUnknown:
        return _nothing_here(request, 404)
    except LinkGone:
        return _nothing_here(request, 410)
    except OnlyClicks:
        return _problem(405, {"allow": "GET"}) if is_head else _problem(503)
    except Refused:  # too many others click on it just now
        return _problem(503, {"retry-after": "1"})
    is_permanent = link.redirect_type == "PERMANENT" and link.max_clicks is None
    return Response(
        status_code=301 if is_permanent else 302,
        headers={
            "location": link.destination_url,
            "cache-control": f"public, max-age={_lifetime(link, at)}" if is_permanent else "no-store",
        },
        media_type="text/plain",  # of nothing: Mangum would call it JSON
    )


routes = [Route("/{code}", redirect, methods=["GET"])]
"""The last of all: every path of one segment is a code."""


def _visit(request: Request, *, is_click: bool) -> tuple[ShortLink, datetime]:
    at = now()
    link = follow(request.path_params["code"], at, is_click=is_click)
    if is_click:
        send_click(to_click(link.code, at, request.headers))
    return link, at


def _lifetime(link: ShortLink, at: datetime) -> int:
    if link.valid_until is None:
        return CACHED_SECONDS
    return min(CACHED_SECONDS, int((link.valid_until - at).total_seconds()))


def _nothing_here(request: Request, status: int) -> Response:
    """A page for browsers; no sooner: what asks for anything gets problem+json."""
    wanted = ",".join(request.headers.getlist("accept")) or "*/*"
    is_page = accept.choose(wanted, (problems.MEDIA_TYPE, pages.MEDIA_TYPE)) == pages.MEDIA_TYPE
    answer = pages.page(status) if is_page else _problem(status)
    answer.headers["vary"] = "accept"
    return answer


def _problem(status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(problems.body(status), status, headers, problems.MEDIA_TYPE)
