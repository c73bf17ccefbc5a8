"""While a server runs: demo data, deliveries, and the lines that say where things are."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from core.config import settings
from local import demo, embedded, environment, functions
from local.demo_past import make_past
from local.demo_pictures import upload_pictures
from local.laptop import Laptop
from local.resources import check_models
from local.template import TemplateError

logger = logging.getLogger(__name__)
_FIRST_ANSWER_SECONDS = 0.5


@contextmanager
def serve(laptop: Laptop) -> Iterator[None]:
    check_models(laptop.template)
    if (workers := environment.workers(sys.argv, os.environ)) > 1:
        logger.warning("Each of the %s workers has tables and queues of its own: serve with one", workers)
    make_demo()
    stopping = Event()
    behind = Thread(target=_behind, args=(laptop, stopping), name="local", daemon=True)
    behind.start()
    try:
        yield
    finally:
        stopping.set()
        behind.join(timeout=5)
        laptop.sources.stop()


def make_demo() -> None:
    """Made when it is first asked for; but DynamoDB Local is asked behind the embedded AWS's back."""
    if "AWS_ENDPOINT_URL_DYNAMODB" in os.environ:
        demo.make_products()
    else:
        embedded.on_first_use("dynamodb", demo.make_products)
    embedded.on_first_use("cognito-idp", demo.make_accounts)
    functions.before("ReportDayFunction", make_past)  # there must have been a yesterday for it to report


def _behind(laptop: Laptop, stopping: Event) -> None:
    """What the first query does not need, after it had its chance; who needs it earlier makes it."""
    if stopping.wait(_FIRST_ANSWER_SECONDS):
        return
    try:
        embedded.make()
    except Exception as error:
        logger.critical("Kiosk cannot start: %s", error, exc_info=not isinstance(error, TemplateError))
        os.kill(os.getpid(), signal.SIGTERM)  # half a laptop would look healthy
        return
    laptop.sources.start()
    sys.stdout.write(welcome())
    sys.stdout.flush()
    try:
        upload_pictures(stopping)
    except Exception:
        logger.exception("The demo products go without pictures")


def welcome() -> str:
    here = settings().public_base_url
    return (
        f"\n  GraphiQL   {here}/graphql"
        f"\n  Pictures   {here}/local/pictures"
        f"\n  Mailbox    {here}/local/ (and queues, dead letters, job runs)"
        f"\n  Accounts   {demo.ADMIN} and {demo.CUSTOMER}, password {demo.PASSWORD}\n\n"
    )
