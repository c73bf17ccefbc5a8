"""Where a short link may lead. Judged as browsers would read it, by the WHATWG parser, and never fetched."""

import re
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ada_url import URL, HostType

from core.config import settings
from core.errors import InvalidInputError, Path, Refused

MAX_LENGTH = 2048
_SCHEMES = {"http:", "https:"}
_OF_NETWORKS = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa", "svc")
_NOWHERE = ("test", "invalid", "onion", "alt")
"""Endings of names that mean something else in every network, or nothing on the web."""
_NOT_PUBLIC = tuple(f".{ending}" for ending in (*_OF_NETWORKS, *_NOWHERE))
_METADATA = {ip_address("168.63.129.16"), ip_address("192.0.0.192")}
"""Clouds' own services at addresses that look public; most are link-local."""
_API_GATEWAY = re.compile(r"\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$")
"""The other name of the API's own door; no shop's page is at one of these."""
_NAT64 = ip_network("64:ff9b::/96")
_DOCUMENTATION = ip_network("3fff::/20")
"""Younger than the list that Python 3.11 keeps."""


def judge(text: str, field: Path) -> str:
    """As it is stored: absolute, http or https, ASCII. Refuses what must not be linked to."""
    if len(text) > MAX_LENGTH:
        raise Refused(_unsafe(f"The address must have at most {MAX_LENGTH:,} characters.", field))
    try:
        url = URL(text)
    except ValueError:
        message = "This is not an absolute address such as https://example.com/page."
        raise Refused(InvalidInputError(message=message, field=field)) from None
    if fault := _find_fault(url):
        raise Refused(_unsafe(fault, field))
    return url.href


def _find_fault(url: URL) -> str | None:
    host = url.hostname.rstrip(".")
    if url.protocol not in _SCHEMES:
        return "Only http and https addresses can be linked to."
    if url.username or url.password:
        return "The address must not contain a user name or password."
    if len(url.href) > MAX_LENGTH:
        return f"The address must have at most {MAX_LENGTH:,} characters, as browsers write it."
    if host in _our_own_hosts() or _API_GATEWAY.search(host):
        return "A short link cannot lead to this service itself."
    is_public = _is_public_name(host) if url.host_type is HostType.DEFAULT else _is_public(ip_address(host.strip("[]")))
    return None if is_public else "The address is not on the public internet."


@cache
def _our_own_hosts() -> set[str]:
    return {URL(base).hostname.rstrip(".") for base in (settings().public_base_url, settings().media_base_url)}


def _is_public_name(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 1 and all(labels) and not host.endswith(_NOT_PUBLIC)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Looks into IPv6 addresses that carry an IPv4 one."""
    if isinstance(address, IPv6Address):
        if carried := _carried(address):
            return _is_public(carried)
        if address.is_site_local or address in _DOCUMENTATION:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and address not in _METADATA


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Mapped, compatible, 6to4, Teredo or NAT64."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64 or int(address) >> 32 == 0:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _unsafe(message: str, field: Path) -> InvalidInputError:
    return InvalidInputError(code="UNSAFE_URL", message=message, field=field)
