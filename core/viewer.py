"""Who asks."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["CUSTOMER", "ADMIN"]
ADMINS = "admins"
"""The user pool's group."""


@dataclass(frozen=True, slots=True)
class Viewer:
    user_id: str
    role: Role = "CUSTOMER"
    access_token: str = field(default="", repr=False, compare=False)
    """What the caller proved it with: Cognito asks for it to sign out, and for a profile not seen before."""

    @property
    def is_admin(self) -> bool:
        return self.role == "ADMIN"

    def may_act_for(self, owner_id: str) -> bool:
        """Owner or admin; to anybody else the object does not exist."""
        return self.is_admin or self.user_id == owner_id
