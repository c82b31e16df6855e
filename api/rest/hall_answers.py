"""What the JSON interface answers about work on many cases and about the hall itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from api.rest.case_answers import Done


class BoardRow(Struct):
    """A card that counts, with its case."""

    number: str
    case: str
    item_name: str
    item_name_en: str
    department_name: str
    department_name_en: str
    case_state: str
    rule: str
    title: str
    title_en: str
    level: str
    clock: str
    raised_at: datetime
    state: str
    due_on: date | None = None


class BoardPage(Struct):
    """Cards, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[BoardRow]
    next: str | None = None


class EachResult(Struct):
    """What became of one case: an answer, or the problem that was in the way."""

    number: str
    answer: Done | None = None
    problem: dict[str, Any] | None = None


class Packaged(Struct):
    """What was handed over together: the number of the one D18, an answer for each case, and what stayed behind."""

    document: str
    delivered: list[Done]
    left: list[str]


class Delegated(Struct):
    """A delegation that holds from one moment to another."""

    id: UUID
    from_at: datetime
    until_at: datetime


class DelegationRow(Delegated, kw_only=True):
    """Who stands in for whom, in which role and where."""

    person: str
    person_name: str
    delegate: str
    delegate_name: str
    role: str
    organisation: str
    reason: str


class DelegationPage(Struct):
    """Delegations that hold or are to come; no ``next`` on the last page."""

    items: list[DelegationRow]
    next: str | None = None


class Ticket(Struct):
    """A ticket (办不成事) and the days by which contact and solution are owed."""

    impasse: str
    state: str
    contact_due_on: date
    due_on: date


class ImpasseRow(Struct):
    """A ticket in a list; ``contact_overdue_at`` and ``overdue_at`` are the moments at which it came to be late."""

    number: str
    hall: str
    person: str
    matter: str
    complex: bool
    state: str
    state_title: str
    state_title_en: str
    registered_at: datetime
    contact_due_on: date
    due_on: date
    due_at: datetime
    case: str | None = None
    assigned: str | None = None
    contacted_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    contact_overdue_at: datetime | None = None
    overdue_at: datetime | None = None


class ImpasseView(ImpasseRow, kw_only=True):
    """A ticket with who did what, and the steps that the caller may take next."""

    history: list[dict[str, Any]]
    steps: list[str]


class ImpassePage(Struct):
    """Tickets, the most urgent first; no ``next`` on the last page."""

    items: list[ImpasseRow]
    next: str | None = None


class RecountRow(Struct):
    """A recount: every running limit derived again because of one edition of a calendar year."""

    id: UUID
    year: int
    version: int
    source: str
    published_on: date
    started_at: datetime
    looked_at: int
    changed: int
    since: date | None = None
    finished_at: datetime | None = None


class RecountPage(Struct):
    """Recounts, oldest first; no ``next`` on the last page."""

    items: list[RecountRow]
    next: str | None = None


class RecountLineRow(Struct):
    """One limit that changed, with the event that says so; equal days where only a moment or the certainty changed."""

    case: str
    seq: int
    kind: str
    provisional: bool
    before: date | None = None
    after: date | None = None


class RecountView(RecountRow, kw_only=True):
    """A recount with a page of its lines, of the cases within the caller's reach."""

    lines: list[RecountLineRow]
    next: str | None = None


class Closed(Struct):
    """A hall that was declared closed on a day, and how many visits move to the next open one."""

    hall: str
    day: date
    appointments: int


class ClosureRow(Struct):
    """A day on which a hall is closed beyond the calendar. No legal limit moves with it."""

    hall: str
    hall_name: str
    hall_name_en: str
    day: date
    reason: str
    declared_at: datetime


class ClosurePage(Struct):
    """Closures by day; no ``next`` on the last page."""

    items: list[ClosureRow]
    next: str | None = None


class Rated(Struct):
    """A rating that was taken: 1 very satisfied to 5 very dissatisfied."""

    case: str
    at: datetime
