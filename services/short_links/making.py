"""Making a short link. The code is the key: of two who want one, the conditional put gives it to one."""

from dataclasses import dataclass
from datetime import datetime

from core.clock import now
from core.errors import Refused, RetryError, TakenError, refuse_all
from models.order import Order
from models.short_link import ACTIVE, ShortLink
from models.transaction import ConditionFailed, Write, commit, put
from services.short_links import rules
from services.short_links.codes import draw_code, find_fault, find_free_code
from services.short_links.rules import Errors

DRAWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShortLink:
    destination_url: str
    code: str | None = None
    """Drawn when None."""
    title: str | None = None
    redirect_type: str = "TEMPORARY"
    expires_at: datetime | None = None
    max_clicks: int | None = None


def create_short_link(owner_id: str, new: NewShortLink) -> ShortLink:
    link = _checked(owner_id, new)
    for _ in range(DRAWS):
        link.code = draw_code() if new.code is None else new.code
        link.place_in_index()
        try:
            commit([put_new(link)])
        except ConditionFailed as failed:
            if new.code is not None:
                raise Refused(_taken(new.code)) from failed
        else:
            return link
    raise Refused(RetryError(message="No free code was found: please try again, or choose one."))


def put_new(link: ShortLink) -> Write:
    """Fails when the code was ever given out."""
    return put(link, ShortLink.code.does_not_exist())


def tracking_link(order: Order, owner_id: str, destination_url: str, at: datetime) -> ShortLink:
    """To be put with the order's change; the destination was judged."""
    link = ShortLink(
        draw_code(),
        owner_id=owner_id,
        state=ACTIVE,
        destination_url=destination_url,
        title=f"Parcel of {order.number}",
        redirect_type="TEMPORARY",
        created_at=at,
        updated_at=at,
        version=1,
    )
    link.place_in_index()
    return link


def _checked(owner_id: str, new: NewShortLink) -> ShortLink:
    """All but its code."""
    errors: Errors = []
    moment = now()
    link = ShortLink(
        owner_id=owner_id,
        state=ACTIVE,
        destination_url=rules.destination(new.destination_url, errors),
        title=rules.title(new.title, errors),
        redirect_type=new.redirect_type,
        valid_until=rules.valid_until(new.expires_at, moment, errors),
        max_clicks=rules.max_clicks(new.max_clicks, errors),
        created_at=moment,
        updated_at=moment,
        version=1,
    )
    if new.code is not None and (fault := find_fault(new.code)):
        errors.append(fault)
    refuse_all(errors)
    return link


def _taken(code: str) -> TakenError:
    message = "This code was given out before."
    return TakenError(message=message, field=("code",), suggestion=find_free_code(code))
