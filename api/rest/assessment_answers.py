"""What the JSON interface answers about assessments of contractors (月度考核)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

State = Literal["scoring", "submitted", "reviewed", "approved"]


class AssessmentMoved(Struct):
    """Where an assessment stands after a step."""

    assessment: UUID
    state: State
    edition: int | None = None


class Searched(Struct):
    """What a search of the trail found; how much of it is new, and how much was left out because there is enough."""

    assessment: UUID
    found: int
    new: int
    left_out: int


class EntryMoved(Struct):
    """Where an entry stands: ``proposed``, ``confirmed`` or ``rejected``."""

    assessment: UUID
    entry: UUID
    state: Literal["proposed", "confirmed", "rejected"]


class ItemSettled(Struct):
    """How many proposals of an item were settled."""

    assessment: UUID
    settled: int
    state: Literal["confirmed", "rejected"]


class AssessmentRow(Struct):
    """An assessment in a list; ``score`` once it is approved."""

    id: UUID
    contract_id: UUID
    contractor: str
    hall: str
    hall_name: str
    month: date
    edition: int
    state: State
    opened_by_name: str
    opened_at: datetime
    undecided: int
    unanswered: int
    score: int | None = None
    submitted_by_name: str | None = None
    submitted_at: datetime | None = None
    reviewed_by_name: str | None = None
    reviewed_at: datetime | None = None
    approved_by_name: str | None = None
    approved_at: datetime | None = None
    searched_at: datetime | None = None
    replaces: UUID | None = None
    replaced_by: UUID | None = None
    reason: str = ""


class AssessmentPage(Struct):
    """Assessments, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[AssessmentRow]
    next: str | None = None


class LinkRow(Struct):
    """An event of a case as evidence; 0 for the case as a whole."""

    case: str
    seq: int


class EntryRow(Struct):
    """One deduction or bonus with what shows it, who settled it, and the contractor's objection."""

    id: UUID
    item: str
    times: int
    points: int
    origin: Literal["machine", "manual"]
    state: Literal["proposed", "confirmed", "rejected"]
    evidence: str
    evidence_en: str
    links: list[LinkRow]
    reference: str
    made_by_name: str
    made_at: datetime
    settled_by_name: str
    settlement: str
    settled_at: datetime | None = None
    objection: str | None = None
    objected_at: datetime | None = None
    objected_by_name: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by_name: str | None = None


class PartView(Struct):
    """What was found in a part of the form, and what of it counts under its cap."""

    title: str
    found: int
    counted: int


class GroupView(Struct):
    """One group: its points, what it lost and won, its score."""

    number: int
    title: str
    points: int
    deducted: int
    added: int
    score: int
    parts: list[PartView]


class ActRow(Struct):
    """One act on the record of an assessment."""

    seq: int
    name: str
    at: datetime
    actor_name: str
    body: dict[str, Any]


class AssessmentView(AssessmentRow, kw_only=True):
    """An assessment with its score as it stands, its entries, its record, and what the caller may do now."""

    total: int
    table_version: int
    groups: list[GroupView]
    entries: list[EntryRow]
    acts: list[ActRow]
    allowed: list[str]


class EvidenceRow(Struct):
    """One event that an entry rests on."""

    case: str
    seq: int
    name: str
    at: datetime
    actor_name: str
    role: str
    from_state: str
    to_state: str


class EvidenceList(Struct):
    """The events that an entry rests on."""

    items: list[EvidenceRow]


class ClueRow(Struct):
    """One case of a list from which a person judges."""

    case: str
    seq: int
    item: str
    visits: int
    rating: int | None = None


class ClueList(Struct):
    """The cases of a month from which a person judges an item, 200 at most."""

    items: list[ClueRow]


class TableView(Struct):
    """The table of assessments as its newest version has it."""

    table: dict[str, Any]
