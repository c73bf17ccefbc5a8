"""Door 1, assembled: `app` for any ASGI server, `handler` for Lambda."""

import gc

gc.disable()  # importing makes long-lived objects only: collecting among them is a tenth of a cold start

from core.aws import is_deployed

if is_deployed():
    from api import access_token  # noqa: F401 - or it would be loaded when the first token comes
else:
    import local

    local.start()  # before anything reads its settings

from typing import Any

from fastapi import FastAPI
from mangum import Mangum
from starlette.exceptions import HTTPException

from api import front, graphiql, graphql, lambda_event, problems, redirects
from api.envelope import Envelope
from core.config import settings

app = FastAPI(
    openapi_url=None,
    docs_url=None,
    redoc_url=None,
    redirect_slashes=False,  # they would be built from the Host header
    exception_handlers={HTTPException: problems.from_http_exception},
)
app.router.routes.extend(graphiql.routes if settings().environment == "dev" else graphql.routes)
if not is_deployed():
    app.include_router(local.router)
    app.add_middleware(local.OnlyThisMachine)
app.router.routes.extend([*front.routes, *redirects.routes])
app.add_middleware(Envelope)

_asgi = Mangum(app, lifespan="off", text_mime_types=["text/", graphql.JSON, graphql.GRAPHQL_JSON, problems.MEDIA_TYPE])


def handler(event: Any, context: Any) -> dict[str, Any]:
    try:
        request = lambda_event.read(event)
    except lambda_event.NotAnHttpEvent as refused:
        return refused.answer
    return _asgi(request, context)


gc.freeze()
gc.enable()
