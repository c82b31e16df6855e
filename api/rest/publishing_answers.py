"""What the JSON interface answers about versions, their differences and drafts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from engine.catalogue.candidates import DraftKind
from engine.catalogue.comparing import VersionState
from workflows.difference import Change


class ItemVersionRow(Struct):
    """A published version of an item: its days, where it stands, who proposed and who published it.

    No names and no ``draft`` where the machine's owner published it. ``cancelled_after`` is of the whole item.
    """

    code: str
    version: int
    name: str
    flow: str
    department: str
    digest: str
    in_force_from: date
    in_force_to: date | None
    state: VersionState
    published_at: datetime
    cancelled_after: date | None = None
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    published_by: str | None = None
    draft: UUID | None = None


class ItemVersions(Struct):
    """Every version of an item, the newest first."""

    items: list[ItemVersionRow]


class ItemVersionView(ItemVersionRow, kw_only=True):
    """A version with its content as published."""

    data: dict[str, Any]


class FlowVersionRow(Struct):
    """A published version of a flow: from which day to which day cases are opened under it."""

    name: str
    version: int
    digest: str
    in_force_from: date
    in_force_to: date | None
    state: VersionState
    published_at: datetime
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    published_by: str | None = None
    draft: UUID | None = None


class FlowVersions(Struct):
    """Every version of a flow, the newest first."""

    items: list[FlowVersionRow]


class FlowVersionView(FlowVersionRow, kw_only=True):
    """A version with its states and steps, and the text that it was published from."""

    flow: dict[str, Any]
    source: str


class DifferenceView(Struct):
    """What the version ``after`` has that ``before`` had not, and the other way round, as data and as sentences."""

    subject: str
    before: int
    after: int
    changes: list[Change]


class DraftSettled(Struct):
    """A draft, and what became of it: ``proposed``, ``published``, ``returned`` or ``withdrawn``."""

    draft: UUID
    state: str


class DraftRow(Struct):
    """A draft: what, by whom, when, and what became of it."""

    id: UUID
    kind: DraftKind
    subject: str
    title: str
    title_en: str
    state: str
    reason: str
    proposed_by_name: str
    proposed_at: datetime
    version: int | None = None
    in_force_from: date | None = None
    last_day: date | None = None
    digest: str = ""
    settled_by_name: str | None = None
    settled_at: datetime | None = None
    settlement: str = ""


class DraftPage(Struct):
    """Drafts, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[DraftRow]
    next: str | None = None


class DraftProblem(Struct):
    """What bars the publication of a draft now: a refusal with its sentences, its article, and each finding."""

    code: str
    zh: str
    en: str
    basis: str | None = None
    details: dict[str, Any] = {}


class DraftView(DraftRow, kw_only=True):
    """A draft with its text, what differs from the version before it, what bars it, and what the caller may do.

    ``before``: the number of that version; None where there is none.
    """

    text: str
    before: int | None
    changes: list[Change]
    problems: list[DraftProblem]
    allowed: list[str]
