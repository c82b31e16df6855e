"""What the JSON interface answers about what stands on a case beside its way."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from msgspec import Struct


class NotificationRow(Struct):
    """A message about one event: ``recipient`` by ``way``; ``event`` names the act or the rule that it tells of.

    ``gateway`` is what carried it, ``parts`` how many short messages it took, ``reason`` why it was not sent.
    """

    seq: int
    recipient: str
    way: str
    event: str
    data: dict[str, Any]
    state: str
    created_at: datetime
    gateway: str = ""
    parts: int = 0
    reason: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


class CardRow(Struct):
    """A card on a case: ``state`` is standing, appealed, upheld or lifted. It is never deleted.

    ``clock`` and ``due_on`` say which limit it is about; both are empty for an unlawful act.
    """

    number: str
    rule: str
    title: str
    title_en: str
    level: str
    clock: str
    raised_at: datetime
    recorded_at: datetime
    state: str
    appeal: str
    settlement: str
    due_on: date | None = None
    appealed_at: datetime | None = None
    settled_at: datetime | None = None


class DutyRow(Struct):
    """Something owed on a case beside its limits, until ``done_at``; ``due_on`` is a day of the hall."""

    kind: str
    opened_at: datetime
    due_on: date
    due_at: datetime
    outcome: str
    data: dict[str, Any]
    done_at: datetime | None = None


class NoticeLineRow(Struct):
    """One line of the notice; ``violation`` marks one that was added unlawfully and binds nobody."""

    line: int
    material: str
    defect: str
    requirement: str
    basis: str
    how_to_obtain: str
    notice: int
    violation: bool
    met_at: datetime | None = None


class NoticeRow(Struct):
    """One notice: the first, or a later one with the fact that changed."""

    number: int
    given_at: datetime
    changed_fact: str
    violation: bool


class HintRow(Struct):
    """What the applicant had been told of a material before: ``source`` is consultation or pre_review."""

    material: str
    defect: str
    how_to_obtain: str
    told_at: datetime
    told_by: str
    source: str
    number: str


class NoticeView(Struct):
    """The one-time notice of a case, and what had been told before it. ``given_at`` is null while there is none."""

    lines: list[NoticeLineRow]
    notices: list[NoticeRow]
    hints: list[HintRow]
    given_at: datetime | None = None


class ChildRow(Struct):
    """The part of another department in a case: how far it is, and its opinion once there is one."""

    number: str
    department: str
    department_name: str
    department_name_en: str
    state: str
    state_title: str
    state_title_en: str
    opened_at: datetime
    closed_at: datetime | None = None
    due_at: datetime | None = None
    result: str | None = None
    opinion: str | None = None
    signed_name: str | None = None
    signed_at: datetime | None = None


class SpecialView(Struct):
    """The latest special procedure: told, served, begun and ended. Days are days of the hall."""

    kind: str
    basis: str
    planned_start: date
    planned_end: date
    document: str
    told_at: datetime
    served_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class HearingView(Struct):
    """The hearing of a case, from the right that was told to the record."""

    document: str
    requested_by: str
    waived_by: str
    told_at: datetime | None = None
    requested_at: datetime | None = None
    waived_at: datetime | None = None
    notified_at: datetime | None = None
    held_on: date | None = None
    recorded_at: datetime | None = None


class ThirdPartyRow(Struct):
    """Somebody with a major interest, told with ``document`` and heard or not."""

    name: str
    document: str
    told_at: datetime
    heard_at: datetime | None = None


class ProceduresView(Struct):
    """What a review may have to do before a decision."""

    third_parties: list[ThirdPartyRow]
    special: SpecialView | None = None
    hearing: HearingView | None = None


class AppointmentRow(Struct):
    """A visit that was booked, in hall time; ``first_day`` is the day before a closure moved it."""

    day: date
    at_time: time
    first_day: date
    state: str
    booked_at: datetime


class Booked(Struct):
    """A visit that is booked now, in hall time."""

    case: str
    day: date
    time: str
