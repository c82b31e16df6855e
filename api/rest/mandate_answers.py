"""What the JSON interface answers about mandates and on-site visits."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from msgspec import Struct

from workflows.mandate import MandateState


class MandateKept(Struct):
    """A mandate that was registered, under its number (D22). It counts once its paper has been scanned and kept."""

    mandate: UUID
    number: str
    from_on: date
    until_on: date


class PartyShown(Struct):
    """Somebody by name, their number masked."""

    kind: str
    name: str
    id_kind: str
    id_masked: str


class MandateView(Struct):
    """A mandate: for whom, who acts, in what, from when until when, and where it stands today."""

    id: UUID
    number: str
    hall: str
    principal: PartyShown
    agent_name: str
    matter: str
    items: list[str]
    powers: list[str]
    from_on: date
    until_on: date
    state: MandateState
    registered_at: datetime
    case_number: str = ""
    reference: str = ""
    agent: str | None = None
    registered_by_name: str | None = None
    scan_id: UUID | None = None
    scan_state: str | None = None
    scan_verdict: str | None = None
    scan_verdict_en: str | None = None
    revoked_at: datetime | None = None
    ending: str = ""
    ending_reason: str = ""


class MandatePage(Struct):
    """Mandates, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[MandateView]
    next: str | None = None


class FormDrawn(Struct):
    """The form of a mandate, to be printed under its number (`/slips/{number}/content`) and signed."""

    number: str


class MandateEnded(Struct):
    """A mandate under which nothing is done any more."""

    mandate: UUID
    number: str
    ended_at: datetime


class PaperReceived(Struct):
    """The paper of a mandate that was taken in and waits for its verdict."""

    scan: UUID
    mandate: UUID
    state: str
    kind: str
    size: int
    sha256: str


class VisitBooked(Struct):
    """A visit that two people of the hall will make, in hall time."""

    visit: UUID
    day: date
    time: str


class VisitRow(Struct):
    """A visit: to whom, when (hall time), where (masked), by whom, and what became of it."""

    id: UUID
    hall: str
    principal: PartyShown
    day: date
    at_time: time
    place_masked: str
    in_area: bool
    immobile: bool
    matter: str
    first: str
    second: str
    state: str
    conscious: bool | None = None
    outcome: str = ""
    recorded_at: datetime | None = None


class VisitPage(Struct):
    """Visits, the earliest first, and where the next page begins; no ``next`` on the last page."""

    items: list[VisitRow]
    next: str | None = None


class VisitState(Struct):
    """What became of a visit: ``done`` or ``cancelled``."""

    visit: UUID
    state: str
