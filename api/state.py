"""What the application carries: the engine's context and its clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias, cast

from litestar import Litestar
from litestar.di import NamedDependency

from engine.context import Context
from workflows.actor import Actor

Clock = Callable[[], datetime]
"""Says what time it is, UTC. The one place where the server's time enters; tests and simulations hand in their own."""

Engine: TypeAlias = NamedDependency[Context]
"""A route's parameter ``context``: the engine's context."""
Caller: TypeAlias = NamedDependency[Actor]
"""A route's parameter ``actor``: who calls."""
Now: TypeAlias = NamedDependency[datetime]
"""A route's parameter ``now``: the server's time, UTC."""


def server_clock() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


def context_of(app: Litestar) -> Context:
    """The engine's context of this application."""
    return cast("Context", app.state.context)


def clock_of(app: Litestar) -> Clock:
    """The clock of this application."""
    return cast("Clock", app.state.clock)
