"""Relay connections over keyset pages."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

import strawberry

from models.paging import Page

T = TypeVar("T")


@strawberry.type(description="Where a page of a list begins and ends.")
class PageInfo:
    start_cursor: str | None
    end_cursor: str | None
    has_next_page: bool
    has_previous_page: bool


@strawberry.type(description="A place in a list.")
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type(description="A page of a list; `nodes` are its edges without their cursors.")
class Connection(Generic[T]):
    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo

    @classmethod
    def from_page(cls, page: Page[Any], from_row: Callable[[Any], T]) -> Self:
        nodes = [from_row(row) for row in page.rows]
        return cls(
            edges=[Edge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)],
            nodes=nodes,
            page_info=PageInfo(
                start_cursor=page.cursors[0] if page.cursors else None,
                end_cursor=page.cursors[-1] if page.cursors else None,
                has_next_page=page.has_next_page,
                has_previous_page=page.has_previous_page,
            ),
        )


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that the client sent; what is absent (UNSET) is left to the default of what is called."""
    return {name: value for name, value in arguments.items() if value is not strawberry.UNSET}
