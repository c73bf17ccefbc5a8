"""Who may call a root field. Whether the caller may see an object is asked of the Viewer, where it is read."""

from typing import Any

from graphql import GraphQLError
from strawberry.permission import BasePermission

from schema.context import Info
from schema.product import ProductStatus


class IsSignedIn(BasePermission):
    message = "Sign in first."
    error_extensions = {"code": "UNAUTHENTICATED"}  # noqa: RUF012 - Strawberry's form

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:  # noqa: ARG002
        return info.context.viewer is not None


class IsAdmin(BasePermission):
    message = "This is for admins."
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012 - Strawberry's form

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:  # noqa: ARG002
        viewer = info.context.viewer
        if viewer is None:
            raise GraphQLError(IsSignedIn.message, extensions=IsSignedIn.error_extensions)
        return viewer.is_admin


class IsAdminUnlessActive(IsAdmin):
    """For a field with a `status`: what is ACTIVE is for anyone."""

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        return kwargs.get("status") is ProductStatus.ACTIVE or super().has_permission(source, info, **kwargs)
