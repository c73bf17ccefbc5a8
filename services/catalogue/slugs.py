"""Slugs made from names, and free ones beside those that are taken."""

import re
import unicodedata

from core.errors import TakenError
from models.unique import Unique, guard_key
from services.catalogue.rules import MAX_SLUG

_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "ð": "d", "đ": "d"}
    | {"ł": "l", "þ": "th", "ı": "i", "'": None, "’": None}
)
"""What decomposing does not turn into ASCII, or not as people write it."""


def make_slug(name: str) -> str:
    """`Grüner Tee, 100 g` is gruener-tee-100-g; a name without any Latin letter or digit is `product`."""
    spelt = unicodedata.normalize("NFC", name.lower()).translate(_SPELT_OUT)
    ascii_only = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:MAX_SLUG].rstrip("-") or "product"


def with_suffix(slug: str, suffix: str) -> str:
    return f"{slug[: MAX_SLUG - len(suffix) - 1].rstrip('-')}-{suffix}"


def find_free_slug(taken: str) -> str | None:
    """The first free one of `taken`-2 to `taken`-99. One read."""
    candidates = [with_suffix(taken, str(number)) for number in range(2, 100)]
    guards = Unique.find_many(guard_key("SLUG", slug) for slug in candidates)
    return next((slug for slug in candidates if guard_key("SLUG", slug) not in guards), None)


def slug_taken(slug: str) -> TakenError:
    return TakenError(message="Another product has this slug.", field=("slug",), suggestion=find_free_slug(slug))
