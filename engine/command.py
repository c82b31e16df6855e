"""Somebody's wish to act on a case, and the act being prepared."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from engine.context import Context
from workflows.actor import Actor
from workflows.clock import ClockKind, Entry, HallHours
from workflows.events import Act
from workflows.flow import Flow, Step
from workflows.item import ItemVersion
from workflows.situation import Situation

Answer = dict[str, Any]
"""What a caller is told, and told again when it repeats the request."""

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody's wish to act on a case.

    :param now: the server's time, UTC; the law uses this one.
    :param key: the idempotency key, at most 120 characters; empty when the caller will not repeat.
    :param version: the case version that the caller has seen; machines must give it.
    :param claimed_at: when the caller says it happened, UTC; kept beside the server's time, never used instead.
    """

    actor: Actor
    number: str
    act: Act
    payload: Mapping[str, Any]
    now: datetime
    key: str = ""
    version: int | None = None
    claimed_at: datetime | None = None
    window: UUID | None = None

    def digest(self) -> str:
        """What tells a repeated request from another one under the same key."""
        return hashlib.sha256(_encode([self.number, self.act, self.payload, self.version])).hexdigest()


@dataclass(slots=True)
class Work:
    """An act being prepared: what stands, and what is to be written.

    ``papers`` are documents beside those of the step, ``papers_data`` what one says beside the payload, ``cited`` the
    numbers of those that were issued with another case of the same transaction; ``messages`` (recipient, way, event,
    data) beside its own; ``watched`` says up to when (UTC) the watches of a clock have been carried out with this act.
    """

    context: Context
    command: Command
    case: dict[str, Any]
    flow: Flow
    item: ItemVersion
    hours: HallHours
    situation: Situation
    entries: list[Entry]
    step: Step
    changes: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    after: list[tuple[Callable[..., Awaitable[Any]], tuple[Any, ...]]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    papers: list[str] = field(default_factory=list)
    papers_data: dict[str, dict[str, Any]] = field(default_factory=dict)
    cited: dict[str, str] = field(default_factory=dict)
    messages: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    watched: dict[ClockKind, datetime] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The moment of the act, UTC."""
        return self.command.now

    @property
    def effective_at(self) -> datetime:
        """The moment from which the act counts, UTC: earlier than :attr:`now` for what time did before it was seen."""
        return self.situation.now

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was sent, checked against the step's declaration."""
        return self.situation.payload

    def change(self, **columns: Any) -> None:
        """Set columns of the case row."""
        self.changes.update(columns)

    def then(self, write: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        """Write more in the same transaction: ``await write(connection, *arguments)``, after the act itself."""
        self.after.append((write, arguments))

    def day(self) -> date:
        """The hall's date at the moment of the act."""
        return self.hours.day(self.now)


Operation = Callable[[Work], None]
"""What is particular to one act: it may refuse, and says what is to be written."""
