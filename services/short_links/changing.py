"""Changing and deleting a short link: a change that loses a race reads the link again and decides anew."""

from datetime import datetime
from typing import Any, TypedDict

from core.clock import now
from core.errors import InvalidInputError, NotFoundError, Refused, RetryError, StaleVersionError, refuse_all
from core.viewer import Viewer
from models.short_link import ACTIVE, DELETED, DISABLED, ShortLink
from models.transaction import ConditionFailed, commit, update
from services.short_links import rules
from services.short_links.rules import Errors

TRIES = 5


class ShortLinkChanges(TypedDict, total=False):
    """A key that is absent is kept; None clears, and is refused where a value is required."""

    destination_url: str | None
    title: str | None
    redirect_type: str | None
    expires_at: datetime | None
    max_clicks: int | None
    disabled: bool | None


def update_short_link(
    viewer: Viewer, code: str | None, changes: ShortLinkChanges, expected_version: int | None = None
) -> ShortLink:
    """Without `expected_version` it changes whatever the link is by then. What changes nothing writes nothing.

    A limit counts the clicks from when there is one.
    """
    values = _checked(code, changes)
    assert code is not None  # noqa: S101 - refused otherwise
    for _ in range(TRIES):
        link = _fetch(viewer, code)
        version = link.version
        if expected_version not in {None, version}:
            raise Refused(_stale(version))
        is_new_limit = link.max_clicks is None and values.get("max_clicks") is not None
        actions = link.change(**values, **({"clicks_used": 0} if is_new_limit else {}))
        if not actions:
            return link
        actions += link.change(version=version + 1, updated_at=now())
        try:
            commit([update(link, actions, ShortLink.version == version)])
        except ConditionFailed:
            continue
        return link
    raise Refused(_too_many_changes())


def delete_short_link(viewer: Viewer, code: str) -> None:
    """Leaves a tombstone, which leads nowhere."""
    for _ in range(TRIES):
        link = _fetch(viewer, code)
        version = link.version
        actions = link.change(state=DELETED, destination_url=None, title=None, version=version + 1, updated_at=now())
        try:
            commit([update(link, actions, ShortLink.version == version)])
        except ConditionFailed:
            continue
        return
    raise Refused(_too_many_changes())


def _checked(code: str | None, changes: ShortLinkChanges) -> dict[str, Any]:
    """As stored."""
    errors: Errors = [] if code else [_no_such_link()]
    values: dict[str, Any] = {}
    for name, field in (("destination_url", "destinationUrl"), ("redirect_type", "redirectType"), ("disabled",) * 2):
        if name in changes and changes[name] is None:  # type: ignore[literal-required]
            message = f"A short link must have a value for `{field}`."
            errors.append(InvalidInputError(code="REQUIRED", message=message, field=(field,)))
    if (destination_url := changes.get("destination_url")) is not None:
        values["destination_url"] = rules.destination(destination_url, errors)
    if "title" in changes:
        values["title"] = rules.title(changes["title"], errors)
    if (redirect_type := changes.get("redirect_type")) is not None:
        values["redirect_type"] = redirect_type
    if "expires_at" in changes:
        values["valid_until"] = rules.valid_until(changes["expires_at"], now(), errors)
    if "max_clicks" in changes:
        values["max_clicks"] = rules.max_clicks(changes["max_clicks"], errors)
    if (disabled := changes.get("disabled")) is not None:
        values["state"] = DISABLED if disabled else ACTIVE
    refuse_all(errors)
    return values


def _fetch(viewer: Viewer, code: str) -> ShortLink:
    """Somebody else's link does not exist."""
    link = ShortLink.find(code, consistent=True)
    if link is None or link.state == DELETED or not viewer.may_act_for(link.owner_id):
        raise Refused(_no_such_link())
    return link


def _no_such_link() -> NotFoundError:
    return NotFoundError(message="There is no such short link.", field=("shortLinkId",))


def _stale(current_version: int) -> StaleVersionError:
    return StaleVersionError(
        message="The short link was changed meanwhile.", field=("expectedVersion",), current_version=current_version
    )


def _too_many_changes() -> RetryError:
    return RetryError(message="Others change the short link all the time. Nothing was changed: please try again.")
