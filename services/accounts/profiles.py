"""Profiles: what Kiosk keeps of a person, and the welcome that each one is owed once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self, TypedDict

from core.aws import cognito
from core.clock import now
from core.errors import InvalidInputError, Refused, RetryError, SessionEnded, StaleVersionError, refuse_all
from core.observability import logger
from core.viewer import ADMINS, Role, Viewer
from models.transaction import ConditionFailed, commit, put, update
from models.user import User
from services.accounts import rules
from services.accounts.refusals import refused_as
from services.accounts.rules import Errors
from services.mail.events import MailEvent, queue_mail

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

WELCOME_WITHIN = timedelta(days=30)
"""Later it is not sent any more: the mail log, which keeps it from being sent twice, forgets after 90 days."""
TRIES = 5


class ProfileChanges(TypedDict, total=False):
    """A key that is absent is kept."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as Cognito knows them."""

    user_id: str
    email: str
    name: str
    role: Role

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> Self:
        """Of an id token."""
        return cls(claims["sub"], claims["email"], claims.get("name", ""), role_of(claims.get("cognito:groups", ())))

    @classmethod
    def from_attributes(cls, attributes: "Iterable[AttributeTypeTypeDef]", role: Role) -> Self:
        values = {attribute["Name"]: attribute.get("Value", "") for attribute in attributes}
        return cls(values["sub"], values["email"], values.get("name", ""), role)


def role_of(groups: Iterable[str]) -> Role:
    return "ADMIN" if ADMINS in groups else "CUSTOMER"


def keep_profile(person: Person) -> User:
    """Makes the profile of somebody new, and takes over a changed address or role. The name is Kiosk's own."""
    user = _make(person) if (found := User.find(person.user_id, consistent=True)) is None else found
    if (user.email, user.role) != (person.email, person.role):
        user = _change(user.user_id, {"email": person.email, "role": person.role})
    if user.is_welcome_owed and now() - user.created_at < WELCOME_WITHIN:
        _welcome(user)
    return user


def fetch_profile(viewer: Viewer) -> User:
    """Of a `sub` seen for the first time: asks Cognito once. Raises SessionEnded when it knows of none."""
    client = cognito()
    with refused_as({}):
        try:
            answer = client.get_user(AccessToken=viewer.access_token)
        except (client.exceptions.NotAuthorizedException, client.exceptions.UserNotFoundException) as gone:
            raise SessionEnded("The session has ended: sign in again.") from gone
    return keep_profile(Person.from_attributes(answer["UserAttributes"], viewer.role))


def update_profile(viewer: Viewer, changes: ProfileChanges, expected_version: int | None = None) -> User:
    """What changes nothing writes nothing."""
    errors: Errors = []
    values = {}
    if "name" in changes:
        if changes["name"] is None:
            errors.append(InvalidInputError(code="REQUIRED", message="A name is required.", field=("name",)))
        else:
            values["name"] = rules.name(changes["name"], errors)
    refuse_all(errors)
    if User.find(viewer.user_id) is None:
        fetch_profile(viewer)
    return _change(viewer.user_id, values, expected_version)


def _make(person: Person) -> User:
    user = User.new(person.user_id, email=person.email, name=person.name, role=person.role)
    try:
        commit([put(user, User.user_id.does_not_exist())])
    except ConditionFailed as failed:
        stored: User = failed.failures[0].stored
        return stored
    return user


def _change(user_id: str, values: Mapping[str, str], expected_version: int | None = None) -> User:
    for _ in range(TRIES):
        user = User.find(user_id, consistent=True)
        if user is None:
            raise LookupError(f"the profile {user_id} is gone")
        version = int(user.version)
        if expected_version not in {None, version}:
            message = "Somebody changed the profile first."
            raise Refused(StaleVersionError(message=message, field=("expectedVersion",), current_version=version))
        changed = {name: value for name, value in values.items() if getattr(user, name) != value}
        if not changed:
            return user
        actions = user.change(**changed, version=version + 1, updated_at=now())
        try:
            commit([update(user, actions, User.version == version)])
        except ConditionFailed:
            continue
        return user
    raise Refused(RetryError(message="Others change the profile just now. Nothing was changed: please try again."))


def _welcome(user: User) -> None:
    """Stays owed until the queue took the event; queued twice it is still sent once."""
    try:
        queue_mail(MailEvent("welcome", user.user_id))
        commit([update(user, [User.is_welcome_owed.set(False)], User.user_id.exists())])
    except Exception:
        logger.exception("Welcome still owed", extra={"user_id": user.user_id})
