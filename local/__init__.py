"""The laptop: an embedded AWS made from template.yaml, which runs what the template deploys. Never deployed itself.

Call `start()` before importing anything of Kiosk's that reads its settings.
"""

from typing import TYPE_CHECKING, Any

from local.guard import OnlyThisMachine
from local.laptop import Laptop

if TYPE_CHECKING:
    from local.pages import router

__all__ = ["OnlyThisMachine", "drain", "reset", "router", "running", "start", "stop"]

_laptop: Laptop | None = None


def start() -> None:
    """The template's environment and its resources, empty. Events wait until `router` is served, or for `drain`."""
    global _laptop  # noqa: PLW0603 - one process is one laptop
    if _laptop is None:
        _laptop = Laptop.start()


def running() -> Laptop:
    """The one that was started."""
    if _laptop is None:
        raise RuntimeError("local.start() was not called")
    return _laptop


def stop() -> None:
    """The embedded AWS is gone, and with it what it held; the environment stays."""
    global _laptop  # noqa: PLW0603
    running().stop()
    _laptop = None


def reset() -> None:
    """All as just after `start`, for the next test."""
    start()
    running().reset()


def drain() -> None:
    """Deliver all that is due in queues, from buckets and of schedules, and what comes of it, here and now."""
    running().sources.drain()


def __getattr__(name: str) -> Any:
    if name == "router":  # late, for it loads a web framework
        from local.pages import router  # noqa: PLC0415

        return router
    raise AttributeError(name)
