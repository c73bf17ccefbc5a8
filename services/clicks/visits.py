"""What is kept of a visit: of its headers a country, a host and two words. The rest is forgotten here."""

from collections.abc import Mapping
from datetime import datetime

from ada_url import URL, HostType

from services.clicks.agents import device_of, is_bot
from services.clicks.click import DIRECT, OTHER, Click, is_referrer
from services.clicks.countries import country_of

_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """A browser fetches ahead, or for a preview: nobody clicked yet."""
    purposes = " ".join(headers.get(name, "") for name in _PURPOSES).lower()
    return "prefetch" in purposes or "preview" in purposes


def to_click(code: str, at: datetime, headers: Mapping[str, str]) -> Click:
    agent = headers.get("user-agent", "")
    return Click(
        code,
        at,
        country=country_of(headers.get("cloudfront-viewer-country")),
        referrer=_referrer(headers.get("referer", "")),
        device=device_of(agent),
        is_bot=is_bot(agent),
    )


def _referrer(text: str) -> str:
    """The host alone. One that is an address is not kept: it might be the visitor's own."""
    if not text:
        return DIRECT
    try:
        url = URL(text)
    except ValueError:
        return OTHER
    host = url.hostname.removeprefix("www.")
    return host if url.host_type is HostType.DEFAULT and "." in host and is_referrer(host) else OTHER
