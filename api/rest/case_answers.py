"""What the JSON interface answers about cases. What is not listed here does not leave the server."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct


class Opened(Struct):
    """A case that was opened; ``query_code`` is for the applicant's receipt."""

    case: str
    query_code: str
    state: str
    version: int
    seq: int
    at: datetime


class DocumentNumber(Struct):
    """A document that an act issued."""

    code: str
    number: str


class Done(Struct):
    """What an act did: where the case stands now and what was issued. ``due_at`` is the earliest limit that runs."""

    case: str
    act: str
    state: str
    state_title: str
    version: int
    seq: int
    at: datetime
    documents: list[DocumentNumber]
    due_at: datetime | None = None


class CaseRow(Struct):
    """A case in a list; the applicant is masked. ``priority`` names the group, if any, that the law serves first."""

    number: str
    item_code: str
    item_name: str
    item_name_en: str
    state: str
    holder: str
    flags: list[str]
    version: int
    applicant: dict[str, Any]
    channel: str
    department_name: str
    department_name_en: str
    priority: str
    opened_at: datetime
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None


class CasePage(Struct):
    """Cases, the most urgent first, and where the next page begins; no ``next`` on the last page."""

    items: list[CaseRow]
    next: str | None = None


class CaseHead(CaseRow, kw_only=True):
    """The head of a case; the applicant as filed, masked.

    ``owner_name`` answers for the case to the applicant (首问负责), ``offered_to_name`` is asked to take that over;
    ``parent`` is the joint case that this one is a part of.
    """

    query_code: str
    item_version: int
    flow: str
    flow_version: int
    hall: str
    hall_name: str
    hall_name_en: str
    department: str
    situation: list[str]
    state_title: str
    state_title_en: str
    decided_at: datetime | None = None
    owner_name: str | None = None
    offered_to_name: str | None = None
    parent: str | None = None


class ActionRow(Struct):
    """A step that the case has from its state: allowed now for this caller, or barred with the reason.

    ``aside``: beside the case's way, nobody waits for it.
    """

    action: str
    title: str
    title_en: str
    to: str
    basis: str
    documents: list[str]
    roles: list[str]
    aside: bool
    allowed: bool
    fields: dict[str, Any]
    schema: dict[str, Any]
    barred: dict[str, Any] | None = None


class EventRow(Struct):
    """One event of the trail, with the digest that chains it to the one before."""

    case: str
    seq: int
    name: str
    at: datetime
    actor_name: str
    role: str
    from_state: str
    to_state: str
    reason: str
    data: dict[str, Any]
    item_version: int
    flow: str
    flow_version: int
    clocks: dict[str, Any]
    algorithm: str
    previous: str
    digest: str
    claimed_at: datetime | None = None
    actor: UUID | None = None
    organisation: UUID | None = None
    window: UUID | None = None
    acting_for: UUID | None = None


class EventPage(Struct):
    """Events in order, and where the next page begins; no ``next`` on the last page."""

    items: list[EventRow]
    next: str | None = None


class ClockRow(Struct):
    """One limit: its run, its end, its light, and the sentences that explain it."""

    kind: str
    status: str
    started_at: datetime
    due_on: date
    limit: dict[str, Any]
    provisional: bool
    light: Any
    explanation: list[dict[str, str]]
    stopped_at: datetime | None = None
    due_at: datetime | None = None


class ScanRow(Struct):
    """One uploaded file of a material line; ``state`` is incoming, stored or refused."""

    id: UUID
    line: str
    file_name: str
    kind: str
    size: int
    digest: str
    state: str
    pages: int
    uploaded_at: datetime
    verdict: str | None = None
    verdict_zh: str = ""
    verdict_en: str = ""
    retain_until: datetime | None = None


class DocumentRow(Struct):
    """A document of a case."""

    code: str
    number: str
    issued_at: datetime
    seq: int
    data: dict[str, Any]


class ScanReceived(Struct):
    """An upload that was taken in and waits for its verdict. ``same_as``: scans of the case with the same bytes."""

    scan: UUID
    case: str
    line: str
    state: str
    kind: str
    size: int
    sha256: str
    same_as: list[UUID] = []


class Clear(Struct):
    """One personal value in clear."""

    field: str
    value: str


class Unmask(Struct, forbid_unknown_fields=True):
    """Which value is wanted in clear, and why."""

    field: Annotated[str, Meta(min_length=1, max_length=40)]
    reason: Annotated[str, Meta(min_length=1, max_length=400)]
