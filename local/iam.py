"""moto without its IAM, until something asks for more than whose key it is: loading it takes as long as all tables."""

import importlib
import sys
from types import ModuleType
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin

from local.template import ACCOUNT

_NAME = "moto.iam.models"


def put_off() -> None:
    """Safe to repeat. Every key is the one account's, and may do everything, as moto has it anyway."""
    setattr(ActionAuthenticatorMixin, "_authenticate_and_authorize_normal_action", lambda *_: None)  # noqa: B010
    if _NAME not in sys.modules:
        short = ModuleType(_NAME)
        vars(short)["get_account_id_from"] = lambda _: ACCOUNT
        vars(short)["mark_account_as_visited"] = lambda **_: None
        vars(short)["__getattr__"] = _of_the_real_one
        sys.modules[_NAME] = short


def _of_the_real_one(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    sys.modules.pop(_NAME)
    return getattr(importlib.import_module(_NAME), name)
