"""What the JSON interface answers about the warning board."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct


class BoardLevel(Struct):
    """Cases that stand at a level: now, newly on this hall day, and newly by the end of the next working day.

    ``light`` is red, yellow or amber; what comes to a level is counted if nothing is done.
    """

    light: str
    now: int
    today: int
    next_day: int


class BoardDepartment(Struct):
    """How the cases of a department stand."""

    department: str
    department_name: str
    department_name_en: str
    levels: list[BoardLevel]


class BoardPerson(Struct):
    """How the cases that somebody holds stand; without ``person``, of those that nobody holds yet."""

    levels: list[BoardLevel]
    person: str | None = None
    person_name: str | None = None


class OwedNumbers(Struct):
    """How much is owed: in all, past its moment, still due on this hall day, due by the end of the next working day."""

    open: int
    overdue: int
    today: int
    next_day: int


class OwedByDepartment(OwedNumbers, kw_only=True):
    """The same of one department; without ``department``, what was assigned to none."""

    department: str | None = None
    department_name: str | None = None
    department_name_en: str | None = None


class OwedKind(OwedNumbers, kw_only=True):
    """One kind of what is owed, in all and by department."""

    kind: str
    departments: list[OwedByDepartment]


class Board(Struct):
    """The warning board at ``now``; ``next_day`` is the next working day."""

    now: datetime
    next_day: date
    levels: list[BoardLevel]
    departments: list[BoardDepartment]
    people: list[BoardPerson]
    owed: list[OwedKind]


class WarnedCase(Struct):
    """A case on the board: how it stands now, the limit that ends first and when, and who holds it.

    ``holder`` is whose turn it is: window, department, applicant or third_party.
    """

    case: str
    light: str
    item_name: str
    item_name_en: str
    state: str
    holder: str
    red_at: datetime
    department: str
    department_name: str
    department_name_en: str
    clock: str | None = None
    person: str | None = None
    person_name: str | None = None


class WarnedPage(Struct):
    """Cases behind a number, and where the next page begins; no ``next`` on the last page."""

    items: list[WarnedCase]
    next: str | None = None


class OwedRow(Struct):
    """One thing owed: on a ``case``, about the card or ticket ``ticket``, since when and until when."""

    kind: str
    ticket: str
    opened_at: datetime
    pressing: str
    due_at: datetime | None = None
    case: str | None = None
    department: str | None = None
    department_name: str | None = None
    department_name_en: str | None = None


class OwedPage(Struct):
    """What is owed, and where the next page begins; no ``next`` on the last page."""

    items: list[OwedRow]
    next: str | None = None
