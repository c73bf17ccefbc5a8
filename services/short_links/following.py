"""Following a short link: one eventually consistent read at most, or none for five seconds after one."""

from collections import OrderedDict
from datetime import datetime, timedelta

from models.short_link import ACTIVE, ShortLink
from models.transaction import ConditionFailed, commit, update
from services.short_links.codes import is_code

REMEMBERED_FOR = timedelta(seconds=5)
MOST_REMEMBERED = 1000
_remembered: OrderedDict[str, tuple[datetime, ShortLink]] = OrderedDict()


class LinkUnknown(Exception):
    """There is none, or it is disabled: which of the two is not told."""


class LinkGone(Exception):
    """Expired, or its clicks are used up."""


class OnlyClicks(Exception):
    """It leads on as often as it was allowed to, so it is not shown to who does not click."""


def status_of(link: ShortLink, at: datetime) -> str:
    """ACTIVE, EXPIRED, EXHAUSTED, or what its state says."""
    if link.state != ACTIVE:
        return link.state
    if link.valid_until and link.valid_until <= at:
        return "EXPIRED"
    if link.max_clicks is not None and link.clicks_used >= link.max_clicks:
        return "EXHAUSTED"
    return ACTIVE


def follow(code: str, at: datetime, *, is_click: bool) -> ShortLink:
    """The link that leads on now. A click on one with `max_clicks` uses one up, exactly."""
    link = _find(code, at)
    _check(link, at)
    if link.max_clicks is not None:
        if not is_click:
            raise OnlyClicks
        link = _use_one(link, at)
    return link


def forget() -> None:
    _remembered.clear()


def _find(code: str, at: datetime) -> ShortLink:
    if not is_code(code):
        raise LinkUnknown
    read_at, link = _remembered.get(code, (None, None))
    if link and read_at and timedelta(0) <= at - read_at < REMEMBERED_FOR:
        return link
    link = ShortLink.find(code)
    if link is None:
        raise LinkUnknown
    _remember(link, at)
    return link


def _remember(link: ShortLink, at: datetime) -> None:
    _remembered[link.code] = (at, link)
    _remembered.move_to_end(link.code)
    if len(_remembered) > MOST_REMEMBERED:
        _remembered.popitem(last=False)


def _check(link: ShortLink, at: datetime) -> None:
    match status_of(link, at):
        case "EXPIRED" | "EXHAUSTED":
            raise LinkGone
        case status if status != ACTIVE:
            raise LinkUnknown


def _use_one(link: ShortLink, at: datetime) -> ShortLink:
    """In a transaction, for that alone is safe to repeat. What its condition finds decides, not what was remembered."""
    is_free = (
        (ShortLink.clicks_used < ShortLink.max_clicks)
        & (ShortLink.state == ACTIVE)
        & (ShortLink.valid_until.does_not_exist() | (ShortLink.valid_until > at))
    )
    try:
        commit([update(ShortLink(link.code), [ShortLink.clicks_used.set(ShortLink.clicks_used + 1)], is_free)])
    except ConditionFailed as failed:
        stored: ShortLink | None = failed.failures[0].stored
        if stored is None:
            raise LinkUnknown from failed
        _remember(stored, at)
        _check(stored, at)
        return stored
    return link
