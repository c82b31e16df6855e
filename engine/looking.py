"""One look at a page: what several of its parts ask for is read once, so that they tell of one and the same moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

T = TypeVar("T")

_LOOK: Final[ContextVar[dict[Hashable, Any] | None]] = ContextVar("look", default=None)
"""What this look has read so far."""


@contextmanager
def one_look() -> Iterator[None]:
    """Within it, :func:`once_a_look` remembers; a look within a look is the same one."""
    token = _LOOK.set(_LOOK.get() or {})
    try:
        yield
    finally:
        _LOOK.reset(token)


async def once_a_look(key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
    """What ``read`` answers, asked once in a look; each time where there is none."""
    seen = _LOOK.get()
    if seen is None:
        return await read()
    if key not in seen:
        seen[key] = await read()
    found: T = seen[key]
    return found
