"""What the JSON interface answers about papers: batches, where each one is, what is owed, figures of completeness."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class Packed(Struct):
    """A batch that was packed; ``number`` is that of its slip (D23), ``batch`` the code on it."""

    batch: str
    number: str
    state: str
    originals: int
    copies: int
    sheets: int


class Stepped(Struct):
    """What became of a batch; ``discrepancies`` that are open, where it was counted."""

    batch: str
    number: str
    state: str
    discrepancies: int = 0


class PaperBatchRow(Struct):
    """A batch in a list; ``from`` and ``to`` are the codes of its ends."""

    code: str
    number: str
    state: str
    state_title: str
    state_title_en: str
    seal: str
    originals: int
    copies: int
    sheets: int
    cases: int
    from_name: str
    to_name: str
    packed_at: datetime
    sent_at: datetime | None = None
    arrived_at: datetime | None = None


class PaperBatchPage(Struct):
    """Batches, the newest first; no ``next`` on the last page."""

    items: list[PaperBatchRow]
    next: str | None = None


class PaperBatchLine(Struct):
    """Papers of one line of one case, as they were sealed; until when its case is to be handed over."""

    case: str
    item_name: str
    line: str
    name: str
    name_en: str
    originals: int
    copies: int
    sheets: int
    handover_due_at: datetime | None = None


class DiscrepancyRow(Struct):
    """What did not agree with the seal: missing, extra or damaged; ``outcome`` is empty while it is open."""

    id: UUID
    case: str
    line: str
    kind: str
    originals: int
    copies: int
    sheets: int
    note: str
    recorded_at: datetime
    outcome: str
    outcomes: list[str]
    settlement: str
    recorded_by: str | None = None
    settled_by: str | None = None
    settled_at: datetime | None = None


class PaperBatchView(Struct):
    """A batch with its lines; who did what at each end, and the ``steps`` that the caller may take now."""

    code: str
    number: str
    state: str
    state_title: str
    state_title_en: str
    seal: str
    originals: int
    copies: int
    sheets: int
    hall: str
    from_name: str
    to_name: str
    packed_at: datetime
    reason: str
    steps: list[str]
    lines: list[PaperBatchLine]
    discrepancies: list[DiscrepancyRow]
    packed_by_name: str | None = None
    sent_by_name: str | None = None
    sent_at: datetime | None = None
    arrived_by_name: str | None = None
    arrived_at: datetime | None = None
    refused_by_name: str | None = None
    refused_at: datetime | None = None
    handover_due_at: datetime | None = None


class PaperPlace(Struct):
    """So many papers at one place: kind (hall, batch, department, applicant, archive, lost), code, since when."""

    kind: str
    code: str
    title: str
    title_en: str
    originals: int
    copies: int
    sheets: int
    since: datetime | None = None


class PaperLine(Struct):
    """Where the papers of a line are."""

    line: str
    name: str
    name_en: str
    places: list[PaperPlace]


class PaperStep(Struct):
    """Papers of a line that went from one place to another."""

    line: str
    originals: int
    copies: int
    sheets: int
    cause: str
    from_title: str
    to_title: str
    moved_at: datetime
    moved_by: str | None = None


class PaperView(Struct):
    """Where the papers of a case are; ``case`` is the one that they were received for."""

    case: str
    lines: list[PaperLine]
    moves: list[PaperStep]


class HeldRow(Struct):
    """Papers of a line at a department."""

    case: str
    item_name: str
    line: str
    originals: int
    copies: int
    sheets: int
    since: datetime


class HeldPage(Struct):
    """What is at a department, the longest first; no ``next`` on the last page."""

    items: list[HeldRow]
    next: str | None = None


class OwedRow(Struct):
    """A case that is over with originals to be handed back; ``elsewhere``: how many of them are not in the hall."""

    case: str
    item_name: str
    state: str
    originals: int
    elsewhere: int
    due_on: date
    closed_at: datetime | None = None


class OwedPage(Struct):
    """What a hall has to hand back, the first due first; no ``next`` on the last page."""

    items: list[OwedRow]
    next: str | None = None


class HandedLine(Struct):
    """Originals of a line that were handed back."""

    line: str
    originals: int
    copies: int
    sheets: int


class HandedBack(Struct):
    """What was handed back, and the number of the slip (D23) that was signed for it."""

    case: str
    document: str
    papers: list[HandedLine]


class FigureView(Struct):
    """A figure with its numerator and denominator; no ``value`` where there is no data."""

    name: str
    title: str
    title_en: str
    numerator: int
    denominator: int
    value: float | None = None


class Completeness(Struct):
    """The figures of completeness of a hall over a period of hall days, both included."""

    hall: str
    since: date
    until: date
    figures: list[FigureView]


class CountedCase(Struct):
    """A case that a figure counts, and whether it meets it."""

    case: str
    item_name: str
    department_name: str
    closed_at: datetime
    met: bool


class CountedPage(Struct):
    """Cases behind a figure, in the order in which they ended; no ``next`` on the last page."""

    items: list[CountedCase]
    next: str | None = None
