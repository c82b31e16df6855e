"""What the JSON interface answers about migration plans (迁移方案)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

PlanState = Literal["looking", "looked_at", "approved", "moving", "finished", "cancelled"]


class PlanMoved(Struct):
    """Where a plan stands after a step: ``looking`` while its dry run is made, ``moving`` while cases move."""

    plan: UUID
    state: PlanState


class ReasonRow(Struct):
    """Why a case stays; ``basis`` is the article where a law bars the move."""

    code: str
    zh: str
    en: str
    basis: str = ""


class PlanLine(Struct):
    """One case: what the dry run says, and what became of it (empty until it is tried). ``seq`` is its event."""

    case: str
    item_code: str
    case_state: str
    verdict: Literal["moves", "stays"]
    reasons: list[ReasonRow]
    looked_at: datetime
    result: Literal["", "moved", "refused", "gone"]
    result_reasons: list[ReasonRow]
    seq: int | None = None
    done_at: datetime | None = None


class PlanRow(Struct):
    """A plan: from which versions to which, for the cases of one organisation, who made, approved and ordered it.

    ``cases`` were looked at and ``movable`` of them may move; ``moved`` and ``refused`` (also: gone) count results.
    """

    id: UUID
    organisation: str
    flow: str
    flow_from: int
    flow_to: int
    reason: str
    state: PlanState
    planned_by_name: str
    planned_at: datetime
    cases: int
    movable: int
    moved: int
    refused: int
    item_code: str = ""
    item_from: int | None = None
    item_to: int | None = None
    approved_by_name: str | None = None
    approved_at: datetime | None = None
    ordered_by_name: str | None = None
    ordered_at: datetime | None = None
    cancelled_by_name: str | None = None
    ended_at: datetime | None = None


class PlanView(PlanRow, kw_only=True):
    """A plan with the steps that the caller may take now and a page of its cases; ``next`` is where the rest begin."""

    allowed: list[Literal["approve", "carry_out", "cancel"]]
    lines: list[PlanLine]
    next: str | None = None


class PlanPage(Struct):
    """Plans, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[PlanRow]
    next: str | None = None
