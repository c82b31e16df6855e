"""What a guard may look at: one case at one moment, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from workflows.actor import Actor, Role
from workflows.calendar import Calendar
from workflows.clock import ClockKind, ClockState
from workflows.item import ItemVersion


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    """One line of the material list as it stands on this case.

    ``originals``, ``copies`` and ``pages`` count what was handed in; ``exempt`` names why paper is not asked for
    (``e_cert`` or ``verified_before``); the scan counts say how the files of the line were judged.
    """

    line: str
    originals: int = 0
    copies: int = 0
    pages: int = 0
    exempt: str | None = None
    scans_pending: int = 0
    scans_stored: int = 0
    scans_refused: int = 0


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One thing the applicant was told to correct; ``met_at`` (UTC) once it is handed in."""

    line: int
    material: str
    defect: str
    requirement: str
    basis: str
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """The one-time notice (补正告知) of a case."""

    given_at: datetime
    lines: tuple[NoticeLine, ...]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case row, reduced to what rules may ask about. Times are UTC."""

    number: str
    state: str
    version: int
    hall: UUID
    department: UUID
    situation: frozenset[str] = frozenset()
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    receiver: UUID | None = None
    handler: UUID | None = None
    endorser: UUID | None = None
    flags: frozenset[str] = frozenset()


@dataclass(slots=True)
class Situation:
    """A case, the person who wants to act, what they sent, and the moment.

    ``state`` is the only thing that the state machine writes; everything else is read-only by convention.
    """

    state: str
    case: CaseFacts
    actor: Actor
    role: Role
    item: ItemVersion
    now: datetime
    calendar: Calendar
    payload: Mapping[str, Any] = field(default_factory=dict)
    clocks: Mapping[ClockKind, ClockState] = field(default_factory=dict)
    materials: Mapping[str, MaterialFacts] = field(default_factory=dict)
    notice: NoticeFacts | None = None
