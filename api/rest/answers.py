"""What the JSON interface answers: one struct per kind of answer. What is not listed here does not leave the server."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

T = TypeVar("T")


class Problem(Struct):
    """A refusal (RFC 9457). ``code`` is stable, ``detail`` Chinese, ``title`` English, ``basis`` the article."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    basis: str | None = None


class ItemRow(Struct):
    """An item in a list. Limits as the item states them: ``n`` and ``unit``."""

    code: str
    version: int
    name: str
    name_en: str
    flow: str
    department: str
    department_name: str
    department_name_en: str
    promise_limit: dict[str, Any]
    subjects: list[str]
    statutory_limit: dict[str, Any] | None = None


class ItemPage(Struct):
    """Items by code, and where the next page begins; no ``next`` on the last page."""

    items: list[ItemRow]
    next: str | None = None


class Consulted(Struct):
    """A consultation that was kept, under the number of its slip (D02)."""

    consultation: str
    item: str
    hall: str
    at: datetime


class OverdueExplanation(Struct):
    """Why a limit was passed, as the unit has explained it in public."""

    text: str
    given_at: datetime


class PublicStatus(Struct):
    """Where a case stands, for whoever holds the code of the receipt. No names of people.

    ``due_at`` is the earliest limit that runs; ``due_kind`` and its titles say which one.
    ``may_rate``: it was delivered and nobody has rated it yet.
    """

    number: str
    item_name: str
    item_name_en: str
    department_name: str
    department_name_en: str
    state: str
    state_title: str
    state_title_en: str
    as_of: datetime
    may_rate: bool
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    due_at: datetime | None = None
    due_kind: str | None = None
    due_title: str | None = None
    due_title_en: str | None = None
    overdue_explanation: OverdueExplanation | None = None


class DayRow(Struct):
    """A day: ``working``, ``make_up`` (a worked weekend day), ``weekend`` or ``holiday``."""

    day: date
    kind: str
    name: str
    name_en: str
    provisional: bool


class Days(Struct):
    """Days in order, and the published years they rest on; later days are provisional."""

    edition: str
    published_from: date
    published_through: date
    days: list[DayRow]


class GrantRow(Struct):
    """A role and where it is held, as codes from the root."""

    role: str
    title: str
    title_en: str
    path: str


class Me(Struct):
    """Who calls."""

    id: UUID
    name: str
    kind: str
    grants: list[GrantRow]


class SessionOpened(Struct):
    """A session; send ``csrf_token`` as ``X-CSRF-Token`` with everything that changes something."""

    csrf_token: str
    name: str
    roles: list[str]


class TokenIssued(Struct):
    """A new token, shown this once."""

    id: UUID
    token: str


class DeadLetter(Struct):
    """Work that failed for good."""

    id: UUID
    topic: str
    attempts: int
    error: str
    created_at: datetime
    case: str | None = None


class DeadLetterPage(Struct):
    """Failed work, and where the next page begins; no ``next`` on the last page."""

    items: list[DeadLetter]
    next: str | None = None


class Alarm(Struct):
    """Something that is wrong and waits for a person; ``subject`` is a case, scan or gateway."""

    id: UUID
    code: str
    subject: str
    detail: dict[str, Any]
    raised_at: datetime


class AlarmPage(Struct):
    """Alarms, and where the next page begins; no ``next`` on the last page."""

    items: list[Alarm]
    next: str | None = None


class SignIn(Struct, forbid_unknown_fields=True):
    """A login and its password."""

    login: Annotated[str, Meta(min_length=1, max_length=60)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


def shape(kind: type[T], row: Any) -> T:
    """A row of the engine as what leaves the server; columns that the answer does not list stay behind."""
    return msgspec.convert(row, kind)


def shapes(kind: type[T], rows: list[dict[str, Any]]) -> list[T]:
    """The same for many rows."""
    return [msgspec.convert(row, kind) for row in rows]
