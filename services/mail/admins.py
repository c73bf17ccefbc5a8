"""The admins' addresses."""

from core.aws import cognito
from core.config import settings
from core.viewer import ADMINS


def list_admins() -> tuple[str, ...]:
    """Those whose address is confirmed. The group itself is asked: a profile knows a role as of the last sign-in."""
    listing = cognito().get_paginator("list_users_in_group")
    pages = listing.paginate(UserPoolId=settings().user_pool_id, GroupName=ADMINS)
    admins = [user for page in pages for user in page["Users"] if user["Enabled"]]
    attributes = [{each["Name"]: each.get("Value", "") for each in admin["Attributes"]} for admin in admins]
    return tuple(sorted(each["email"] for each in attributes if each.get("email_verified") == "true"))
