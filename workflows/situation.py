"""What a guard may look at: one case at one moment, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from workflows.actor import Actor, Grant, Role
from workflows.calendar import Calendar
from workflows.clock import ClockKind, ClockState, HallHours
from workflows.item import ItemVersion
from workflows.proof import CheckFacts, ReuseFacts


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    """One line of the material list as it stands on this case.

    ``originals``, ``copies`` and ``pages`` count what was handed in; ``exempt`` names why paper is not asked for
    (``e_cert`` or ``verified_before``); the scan counts say how the files of the line were judged, ``scanned_at`` (UTC)
    when the newest of them came. ``check`` is the newest check of the line, ``reuse`` what stands in for its paper.
    """

    line: str
    originals: int = 0
    copies: int = 0
    pages: int = 0
    exempt: str | None = None
    scans_pending: int = 0
    scans_stored: int = 0
    scans_refused: int = 0
    scanned_at: datetime | None = None
    check: CheckFacts | None = None
    reuse: ReuseFacts | None = None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One thing the applicant was told to correct; ``met_at`` (UTC) once it is handed in.

    ``violation``: it was added after the one-time notice without a changed fact, so that it binds nobody (许可法72(4)).
    """

    line: int
    material: str
    defect: str
    requirement: str
    basis: str
    met_at: datetime | None = None
    violation: bool = False


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """The one-time notice (补正告知) of a case, with the lines that were added to it, numbered on."""

    given_at: datetime
    lines: tuple[NoticeLine, ...]

    @property
    def binding(self) -> tuple[NoticeLine, ...]:
        """The lines that the applicant must meet."""
        return tuple(line for line in self.lines if not line.violation)


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """What the applicant was told of a material before the notice: at a consultation, or at pre-review.

    ``number`` is that of the slip (D02); ``told_at`` is UTC.
    """

    material: str
    defect: str
    how_to_obtain: str
    told_at: datetime
    told_by: str
    source: str
    number: str


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """A document of the case: its kind and number; ``served_at`` (UTC) once it has reached the applicant."""

    code: str
    number: str
    served_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SpecialFacts:
    """A special procedure of the case. Days are hall dates, moments UTC."""

    kind: str
    basis: str
    planned_start: date
    planned_end: date
    document: str
    told_at: datetime
    served_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HearingFacts:
    """The hearing of the case: its right told with ``document``, used or given up by somebody, held and recorded."""

    told_at: datetime | None = None
    document: str = ""
    requested_at: datetime | None = None
    requested_by: str = ""
    waived_at: datetime | None = None
    waived_by: str = ""
    notified_at: datetime | None = None
    held_on: date | None = None
    host: UUID | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThirdPartyFacts:
    """Somebody with a major interest: told with ``document``, and heard or not."""

    name: str
    document: str
    told_at: datetime
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """Something owed on a case (a post-check, an explanation, an answer), until it is done. ``due_on`` in hall time."""

    kind: str
    due_on: date
    done_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """The parcel that is on its way with the result of a case."""

    carrier: str
    waybill: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate of the case; ``proposal`` (void or reissue) waits for somebody else's consent."""

    number: str
    state: str
    proposal: str = ""
    proposed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class RatingFacts:
    """The rating of a case: 1 very satisfied to 5 very dissatisfied (GB/T 39046 A.8); ``rated_at`` is UTC."""

    level: int
    rated_at: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A card on the case; ``state`` is ``standing``, ``appealed``, ``upheld`` or ``lifted``."""

    number: str
    level: str
    rule: str
    state: str
    appealed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person that the payload names: found, active, and what they may be where the case is."""

    person: UUID
    login: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """A mandate (授权委托书, D22) of the applicant: for whom, for what, from when until when. Days are hall dates.

    :param agent: key of the agent on the staff; None for a private representative, known by ``agent_index``.
    :param powers: see :class:`workflows.mandate.Power`. :param items: codes.
    :param case: the number of the one case that it is for; empty: any case of these items.
    :param evidenced: its paper was scanned and kept.
    """

    id: UUID
    number: str
    party: UUID
    principal: str
    agent: UUID | None
    agent_name: str
    agent_index: str
    items: frozenset[str]
    powers: frozenset[str]
    from_on: date
    until_on: date
    case: str = ""
    revoked_at: datetime | None = None
    evidenced: bool = False

    def concerns(self, item: str, case: str) -> bool:
        """Whether a case of this item and number is within its matter."""
        return item in self.items and self.case in {"", case}


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case row, reduced to what rules may ask about. Times are UTC.

    ``mandate`` is the key of the one under which the case is followed; ``mandates`` are all of the applicant's that had
    not ended when the case was opened.
    """

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
    owner: UUID | None = None
    offered_to: UUID | None = None
    void_proposer: UUID | None = None
    parent: UUID | None = None
    mandate: UUID | None = None
    mandates: tuple[MandateFacts, ...] = ()


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
    papers: tuple[PaperFacts, ...] = ()
    signers: frozenset[UUID] = frozenset()
    handlers: frozenset[UUID] = frozenset()
    examiners: frozenset[UUID] = frozenset()
    special: SpecialFacts | None = None
    hearing: HearingFacts | None = None
    third_parties: tuple[ThirdPartyFacts, ...] = ()
    duties: tuple[DutyFacts, ...] = ()
    cards: tuple[CardFacts, ...] = ()
    colleagues: Mapping[str, Colleague] = field(default_factory=dict)
    children_open: int = 0
    accepted_before: int = 0
    reminders: int = 0
    posting: PostingFacts | None = None
    waybill_used: bool = False
    certificates: tuple[CertificateFacts, ...] = ()
    rating: RatingFacts | None = None
    told: tuple[ToldBefore, ...] = ()
    hours: HallHours = field(default_factory=HallHours)
    grant: Grant | None = None
    mandate: MandateFacts | None = None

    @property
    def today(self) -> date:
        """The hall's date at this moment."""
        return self.hours.day(self.now)
