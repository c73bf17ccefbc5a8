"""What an account's fields may hold. Each rule answers the value as it is used and adds what is wrong to `errors`."""

import re
import unicodedata

from core.errors import DomainError, InvalidInputError

MAX_NAME = 100
MIN_PASSWORD, MAX_PASSWORD = 10, 98  # the longest that the embedded user pool takes, so that both refuse alike
_MAX_EMAIL = 128  # Cognito's longest username
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_CODE = re.compile(r"[!-~]{1,64}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_=.-]{1,8192}", re.ASCII)
_UNSTORABLE = {"Cc", "Cs", "Zl", "Zp"}
_BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the text around a name; other format characters join letters and emoji, and stay."""

Errors = list[DomainError]


def normal_email(value: str) -> str:
    """One spelling an account: Cognito's user names are told apart without regard to case."""
    return value.strip().lower()


def is_email(value: str) -> bool:
    return len(value) <= _MAX_EMAIL and _EMAIL.fullmatch(value) is not None


def is_code(value: str) -> bool:
    """Could be one: anything else is wrong without asking Cognito."""
    return _CODE.fullmatch(value) is not None


def is_token(value: str) -> bool:
    return _TOKEN.fullmatch(value) is not None


def email(value: str, errors: Errors) -> str:
    value = normal_email(value)
    if not is_email(value):
        _refuse(errors, "This is not an e-mail address.", "email")
    return value


def name(value: str, errors: Errors) -> str:
    value = unicodedata.normalize("NFC", value.strip())
    if not 1 <= len(value) <= MAX_NAME:
        _refuse(errors, f"The name must have 1 to {MAX_NAME} characters.", "name")
    elif any(unicodedata.category(each) in _UNSTORABLE or each in _BIDI_CONTROLS for each in value):
        _refuse(errors, "The name must not hold control characters or line breaks.", "name")
    return value


def password(value: str, errors: Errors, field: str) -> str:
    """At least as strict as the user pool's policy: were it laxer, Cognito's refusal would tell of the address."""
    wanted = (r"[a-z]", r"[A-Z]", r"[0-9]")
    if not MIN_PASSWORD <= len(value) <= MAX_PASSWORD or not all(re.search(kind, value) for kind in wanted):
        message = (
            f"The password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters, "
            "with a lower-case letter, an upper-case letter and a digit."
        )
        _refuse(errors, message, field)
    elif value != value.strip() or not value.isprintable():
        _refuse(errors, "The password must not begin or end with a space, nor hold control characters.", field)
    return value


def _refuse(errors: Errors, message: str, field: str) -> None:
    errors.append(InvalidInputError(message=message, field=(field,)))
