"""Codes: drawn at random or chosen, never one of our own paths, never an insult."""

import re
import secrets

from core.config import settings
from core.errors import DomainError, InvalidInputError
from models.short_link import ShortLink

ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what looks alike: 0 O o, 1 l I."""
LENGTH = 8
"""46.5 bits: with ten million links alive, one guess in ten million hits."""
MAX_LENGTH = 64
_HOW_MANY = len(ALPHABET) ** LENGTH
_CODE = re.compile(r"[A-Za-z0-9_-]{3,64}", re.ASCII)
_OUR_OWN = """
graphql graphiql schema openapi local api admin app assets static media images files docs help about terms privacy
imprint legal contact support status health healthz metrics login logout signin signup signout register auth oauth
token session callback webhook webhooks account accounts user users product products order orders cart checkout
payment payments report reports link links short stats search settings mail www index home node robots sitemap favicon
manifest kiosk null undefined true false
"""
RESERVED = frozenset(_OUR_OWN.split())
"""Our own paths, and what people would take for them."""
_INSULTS = re.compile("fuck|shit|cunt|nigger|nigga|faggot|whore|slut|porn|hitler")
_AS_READ = str.maketrans("013457", "oieast", "-_")


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def short_url(code: str) -> str:
    return f"{settings().public_base_url}/{code}"


def draw_code() -> str:
    while True:
        number, code = secrets.randbelow(_HOW_MANY), ""
        for _ in range(LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            code += ALPHABET[digit]
        if not _is_insult(code):
            return code


def find_fault(code: str) -> DomainError | None:
    """Of a chosen one."""
    if not is_code(code):
        return InvalidInputError(message="The code must be 3 to 64 of A-Z, a-z, 0-9, '_' and '-'.", field=("code",))
    if code.casefold() in RESERVED or _is_insult(code):
        return InvalidInputError(code="RESERVED", message="This code is not given out.", field=("code",))
    return None


def find_free_code(taken: str) -> str | None:
    """The first free one of `taken`-2 to `taken`-99. One read."""
    candidates = [f"{taken[: MAX_LENGTH - 3]}-{number}" for number in range(2, 100)]
    known = ShortLink.find_many(candidates, attributes=["code"])
    return next((code for code in candidates if code not in known), None)


def _is_insult(code: str) -> bool:
    """However it is spelt: `Sh1-T` too. That this hits a few innocent words does no harm: any other code will do."""
    return _INSULTS.search(code.casefold().translate(_AS_READ)) is not None
