"""What the JSON interface answers about compliance with the one-time notice."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from api.rest.figure_answers import CalendarQuoted, MetricDefinition


class RuleRow(Struct):
    """A rule over the period: the numbers of its figure, and how much of what that counts breaks it.

    ``value`` is null where there is no data; ``broken`` is null of A4, which nobody can break.
    """

    rule: str
    definition: MetricDefinition
    numerator: int | None = None
    denominator: int | None = None
    value: float | None = None
    broken: int | None = None


class Compliance(Struct):
    """Rules A1 to A7 over a period of hall days, both included, as the trail told them at ``as_of``."""

    since: date
    until: date
    as_of: datetime
    facts_version: int
    calendars: list[CalendarQuoted]
    where: dict[str, str]
    rules: list[RuleRow]


class ToldLine(Struct):
    """A line of a notice. ``standing``: first, again (as line ``same_as``), changed or offending."""

    line: int
    material: str
    defect: str
    requirement: str
    basis: str
    standing: str
    missing: list[str]
    same_as: int | None = None


class ToldNotice(Struct):
    """A notice as it was given; ``given_by`` is also who claimed its ``changed_fact``. ``breaches``: rules broken."""

    number: int
    kind: str
    given_at: datetime
    given_by: str
    role: str
    changed_fact: str
    document: str
    served_way: str
    lines: list[ToldLine]
    breaches: list[str]
    due_at: datetime | None = None
    in_time: bool | None = None
    working_days: int | None = None
    served_at: datetime | None = None


class LapsedLimit(Struct):
    """A limit that had passed undone, and its last moment."""

    clock: str
    due_at: datetime


class ClockThen(Struct):
    """A limit as it stood right after."""

    clock: str
    status: str
    started_at: datetime
    due_at: datetime | None = None


class LapseView(Struct):
    """Acceptance by silence: from when it counts, when it came about and was recorded, what lapsed, on whose desk."""

    due_at: datetime
    recorded_at: datetime
    lapsed: list[LapsedLimit]
    state: str
    holder: str
    department: str
    last_by: str
    last_role: str
    last_act: str
    last_at: datetime
    clocks: list[ClockThen]
    documents: list[str]
    card: str
    received_at: datetime | None = None


class BreachRow(Struct):
    """What breaks a rule: the case, the hall day that counts, how much it adds, and why."""

    case: str
    item: str
    item_name: str
    item_name_en: str
    department: str
    day: date
    amount: int
    notices: list[ToldNotice]
    lapse: LapseView | None = None


class BreachPage(Struct):
    """What breaks a rule, and where the next page begins; no ``next`` on the last page."""

    items: list[BreachRow]
    next: str | None = None


class ToldCase(Struct):
    """The head of a case, without its applicant."""

    number: str
    item_code: str
    item_name: str
    item_name_en: str
    department: str
    department_name: str
    department_name_en: str
    hall: str
    hall_name: str
    hall_name_en: str
    state: str
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None


class SideBySide(Struct):
    """A case with every notice beside the first, what lapsed, and the rules that are broken."""

    case: ToldCase
    notices: list[ToldNotice]
    breaches: list[str]
    lapse: LapseView | None = None
