"""People with an account: profile and role. Their credentials live in Cognito, under the same id."""

from datetime import date, datetime
from typing import Any, Self

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from core.clock import now, to_text
from core.config import settings
from core.viewer import Role
from models.base import Table

ALL_USERS = "USER"


class _All(GlobalSecondaryIndex["User"]):
    class Meta:
        index_name = "all"
        projection = AllProjection()

    everyone = UnicodeAttribute(hash_key=True, attr_name="all")
    created_sort = UnicodeAttribute(range_key=True)


class User(Table):
    class Meta:
        table_name = settings().users_table

    user_id = UnicodeAttribute(hash_key=True)
    """The token's `sub`."""
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    role = UnicodeAttribute()
    """CUSTOMER or ADMIN, as of the last sign-in."""
    is_welcome_owed = BooleanAttribute()
    """Until the mail queue took the event of the welcome mail."""
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    version = NumberAttribute()

    everyone = UnicodeAttribute(attr_name="all")
    created_sort = UnicodeAttribute()

    newest = _All()

    @classmethod
    def new(cls, user_id: str, *, email: str, name: str, role: Role, created_at: datetime | None = None) -> Self:
        at = created_at or now()
        return cls(
            user_id=user_id,
            email=email,
            name=name,
            role=role,
            is_welcome_owed=True,
            created_at=at,
            updated_at=at,
            version=1,
            everyone=ALL_USERS,
            created_sort=f"{to_text(at)}#{user_id}",
        )

    @classmethod
    def count_new(cls, day: date) -> int:
        """How many came that day; the rows are counted where they are."""
        return cls.newest.count(ALL_USERS, cls.created_sort.startswith(f"{day.isoformat()}T"))

    @classmethod
    def find_first(cls) -> "User | None":
        """Who came before everybody else; one query."""
        return next(cls.newest.query(ALL_USERS, limit=1), None)

    def change(self, **values: Any) -> list[Action]:
        """Take these values; answers what must be updated in the stored row."""
        for name, value in values.items():
            setattr(self, name, value)
        return [getattr(User, name).set(value) for name, value in values.items()]
