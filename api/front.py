"""GET /: who comes here by hand, from a mail say."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api import pages
from core.config import settings


async def front(_: Request) -> Response:
    """GraphiQL in development."""
    if is_development():
        return RedirectResponse(f"{settings().public_base_url}/graphql", 302)
    return pages.page(200)


def is_development() -> bool:
    return settings().environment == "dev"


routes = [Route("/", front, methods=["GET"])]
