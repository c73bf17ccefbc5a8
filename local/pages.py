"""`/local/`: the mailbox, payments, the queues with their dead letters and the last job runs, as a page and as JSON."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

import local
from core.clock import to_text
from local import invoke, mailbox, pictures_page, queues, runs
from local.media import picture
from local.serving import serve
from schema.node import to_global_id
from services.payments.local_gateway import Entry, ledger

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; form-action 'self'"


@asynccontextmanager
async def _lifespan(_: object) -> AsyncIterator[None]:
    with serve(local.running()):
        yield


router = APIRouter(lifespan=_lifespan)


def page(_: Request) -> Response:
    laptop = local.running()
    html = _template().render(
        mails=_plain(mailbox.newest_first()),
        queues=queues.counted(laptop),
        dead_letters=queues.dead_letters(laptop),
        payments=_payments(ledger()[:200]),
        runs=_plain(runs.newest_first()),
        scheduled=sorted({schedule.function.name for schedule in laptop.sources.schedules}),
    )
    # With no-referrer, browsers call the origin of the page's own forms "null".
    return HTMLResponse(html, headers={"content-security-policy": _POLICY, "referrer-policy": "same-origin"})


def mail_json(_: Request) -> Response:
    return JSONResponse(_plain(mailbox.newest_first()))


def payments_json(_: Request) -> Response:
    return JSONResponse(_payments(ledger()))


def queues_json(_: Request) -> Response:
    return JSONResponse(queues.counted(local.running()))


def runs_json(_: Request) -> Response:
    return JSONResponse(_plain(runs.newest_first()))


async def run_now(request: Request) -> Response:
    """A function, with the JSON posted or else its usual event. The page's own buttons lead back to the page."""
    from_page = "form" in request.headers.get("content-type", "")
    body = b"" if from_page else await request.body()
    status, answer = await run_in_threadpool(_run_with_a_loop, request.path_params["name"], body)
    return RedirectResponse("/local/", 303) if from_page else JSONResponse(answer, status)


def _run_with_a_loop(name: str, body: bytes) -> invoke.Answer:
    """As the main thread has one, where Lambda calls handlers: Mangum asks for it."""
    with asyncio.Runner() as runner:
        runner.get_loop()
        return invoke.run(local.running(), name, body)


def _plain(items: list[Any]) -> list[dict[str, Any]]:
    return [
        {name: to_text(value) if isinstance(value, datetime) else value for name, value in asdict(item).items()}
        for item in items
    ]


def _payments(entries: list[Entry]) -> list[dict[str, str]]:
    return [
        {
            "order_id": to_global_id("Order", entry.order_id),  # the id that clients know
            "kind": entry.kind,
            "amount": f"{entry.amount.amount:f}",
            "currency": entry.amount.currency,
            "at": to_text(entry.at),
        }
        for entry in entries
    ]


@cache
def _template() -> Any:
    from jinja2 import Environment  # noqa: PLC0415 - for those who look

    return Environment(autoescape=True).from_string(Path(__file__).with_name("page.html").read_text())


router.add_route("/local", lambda _: RedirectResponse("/local/", 308))
router.add_route("/local/", page)
router.add_route("/local/mail.json", mail_json)
router.add_route("/local/payments.json", payments_json)
router.add_route("/local/queues.json", queues_json)
router.add_route("/local/runs.json", runs_json)
router.add_route("/local/pictures", pictures_page.page)
router.add_route("/local/pictures.js", pictures_page.script)
router.add_route("/local/media/{key:path}", picture)
router.add_route("/local/invoke/{name}", run_now, methods=["POST"])
