"""What a request carries: who asks, and what was read for it already."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

import strawberry
from ulid import ULID

from core.viewer import Viewer
from schema.loaders import Loaders

P = ParamSpec("P")
T = TypeVar("T")

_pool = ThreadPoolExecutor(8, thread_name_prefix="kiosk")


@dataclass
class Context:
    viewer: Viewer | None = None
    request_id: str = field(default_factory=lambda: str(ULID()))
    operation_name: str | None = None
    """Known once the document is parsed; for the log."""
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.run)

    @property
    def signed_in(self) -> Viewer:
        """The viewer of a field whose permission let only signed-in callers through."""
        if self.viewer is None:
            raise RuntimeError("a field that needs a viewer lacks its permission")
        return self.viewer

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A service or a read, off the event loop: services are synchronous, as PynamoDB is."""
        call = contextvars.copy_context().run
        return await asyncio.get_running_loop().run_in_executor(_pool, lambda: call(function, *args, **kwargs))


Info = strawberry.Info[Context, None]
