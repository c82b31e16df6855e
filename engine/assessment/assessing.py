"""月度考核: a month is opened once it is over, or opened again to correct it; what it holds, as its readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from engine.assessment.contracting import require_month
from engine.assessment.impartiality import (
    contract_within,
    halls_read,
    locked,
    note,
    read_within,
    require_scorer,
    role_over,
)
from engine.assessment.publishing_tables import newest_table, table_of
from engine.context import Context
from engine.once import once
from engine.work import Answer
from storage import assessed_facts, assessment_acts, assessment_entries, assessments, contracts
from storage.assessed_facts import Span
from storage.db import Connection, uuid7
from workflows.actor import Actor, Role
from workflows.assessment import CLUES, AssessmentTable
from workflows.assessment_pay import next_month
from workflows.assessment_score import MonthScore, Scored, score
from workflows.assessment_steps import (
    OBJECTORS,
    SCORERS,
    AssessmentState,
    AssessmentStep,
    check_impartial,
    check_month_over,
    roles_of,
)
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.payload import Text, refuse_control_characters

NEWEST: Final = UUID(int=2**128 - 1)
"""Before this key lies every assessment."""
MOST_CLUES: Final = 200


class OpeningMonth(Struct, forbid_unknown_fields=True, frozen=True):
    """Which month of which contract is to be assessed; the month is named by its first day."""

    contract: UUID
    month: date


class Correcting(Struct, forbid_unknown_fields=True, frozen=True):
    """Why an approved assessment is wrong."""

    reason: Text


async def open_month(context: Context, actor: Actor, request: OpeningMonth, now: datetime, key: str = "") -> Answer:
    """Open the assessment of a month that is over, under the newest table. :param now: UTC.

    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``contract_not_found``.
    :raises Malformed: ``month_wrong``, ``month_outside``.
    :raises Conflict: ``month_not_over``, ``month_opened``, ``contract_replaced``.
    """
    contract = await contract_within(actor, request.contract)
    role = require_scorer(actor, SCORERS, contract["hall_path"])
    if contract["replaced_by"] is not None:
        raise Conflict(
            "contract_replaced", "该合同已有更正，请按新合同考核。", "The contract was corrected; use that one."
        )
    day = context.hours(contract["hall_hours"]).day(now)
    check_month_over(require_month(contract, request.month), day)
    line = await contracts.lineage(request.contract)

    async def write(connection: Connection) -> Answer:
        if await assessments.is_open_or_done(connection, line, request.month):
            raise _opened()
        table, _ = await newest_table(connection, now)
        row = {"contract_id": request.contract, "month": request.month, "edition": 1, "replaces": None, "reason": ""}
        return await _begin(connection, actor, role, {**row, "table_id": table}, now)

    return await once(actor, key, ["assessment.open", request], now, write)


async def correct(actor: Actor, key: UUID, request: Correcting, now: datetime, idempotency: str = "") -> Answer:
    """更正: open the next edition of an approved month with the entries of the one that it names; that one stays.

    :param key: of the approved assessment. :param now: UTC. :param idempotency: key of the request.
    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``assessment_not_found``.
    :raises Conflict: ``not_approved``, ``already_corrected``.
    """
    refuse_control_characters(msgspec.to_builtins(request))

    async def write(connection: Connection) -> Answer:
        before, role = await locked(connection, actor, key, SCORERS)
        if before["state"] != AssessmentState.approved:
            raise Conflict("not_approved", "该考核表尚未批准，可以直接修改。", "It is not approved; change it itself.")
        if before["replaced_by"] is not None:
            raise Conflict("already_corrected", "该考核表已有更正版。", "There is a correction of it already.")
        row = {name: before[name] for name in ("contract_id", "month", "table_id")}
        row |= {"edition": before["edition"] + 1, "replaces": key, "reason": request.reason}
        answer = await _begin(connection, actor, role, row, now)
        await assessment_entries.copy(connection, key, UUID(answer["assessment"]))
        return answer

    return await once(actor, idempotency, ["assessment.correct", key, request], now, write)


async def _begin(connection: Connection, actor: Actor, role: Role, row: dict[str, Any], now: datetime) -> Answer:
    key = uuid7()
    if not await assessments.open_edition(connection, {**row, "id": key, "opened_by": actor.person, "opened_at": now}):
        raise _opened()
    told = {name: row[name] for name in ("month", "edition", "replaces", "reason", "table_id")}
    await note(connection, actor, role, key, "open", now, **told)
    return {"assessment": str(key), "state": AssessmentState.scoring, "edition": row["edition"]}


def _opened() -> Conflict:
    return Conflict("month_opened", "该月已开始考核。", "The assessment of this month was opened already.")


async def list_assessments(
    actor: Actor, *, contract: UUID | None = None, before: UUID = NEWEST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the assessments of the actor's halls, the newest first. :raises Forbidden: ``role_not_allowed``."""
    return await assessments.page(await halls_read(actor), contract, before, limit)


async def read_assessment(actor: Actor, key: UUID) -> dict[str, Any]:
    """One assessment: its table, entries, score as it stands, acts, and what this reader may do with it now.

    :returns: the row with ``table``, ``entries``, ``standing`` (:class:`MonthScore`), ``acts`` and ``allowed``.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``assessment_not_found``.
    """
    row = await read_within(actor, key)
    table = await table_of(row["table_id"])
    entries = await assessment_entries.of_assessment(key)
    return {
        **row,
        "table": table,
        "entries": entries,
        "standing": standing_score(table, entries),
        "acts": await assessment_acts.of_assessment(key),
        "allowed": allowed(actor, row),
    }


def standing_score(table: AssessmentTable, entries: list[dict[str, Any]]) -> MonthScore:
    """The score of what is confirmed."""
    return score(
        table, (Scored(one["item"], one["times"], one["points"]) for one in entries if one["state"] == "confirmed")
    )


def allowed(actor: Actor, row: Mapping[str, Any]) -> list[str]:
    """What this reader's roles allow now: score, search, object, answer, correct, and the steps."""
    state, path = row["state"], row["hall_path"]
    found = [step.value for step in AssessmentStep if _may(actor, step, state, path)]
    if _scores(actor, path):
        found += {"scoring": ["score", "answer"], "approved": ["correct"]}.get(state, ["answer"])
        if row["replaced_by"] is not None:
            found = [one for one in found if one != "correct"]
        if row["reviewed_by"] == actor.person:
            found = [one for one in found if one != "answer"]
    if state != AssessmentState.approved and role_over(actor, OBJECTORS, path) is not None:
        found.append("object")
    return found


def _scores(actor: Actor, path: str) -> bool:
    try:
        require_scorer(actor, SCORERS, path)
    except Forbidden:
        return False
    return True


def _may(actor: Actor, step: AssessmentStep, state: str, path: str) -> bool:
    try:
        check_impartial(actor)
        return role_over(actor, roles_of(step, state), path) is not None
    except (Conflict, Forbidden):
        return False


async def list_clues(context: Context, actor: Actor, key: UUID, item: str) -> list[dict[str, Any]]:
    """The cases of the month from which a person judges an item of partial evidence, :data:`MOST_CLUES` at most.

    :raises NotFound: ``assessment_not_found``, ``no_clues`` for an item without such a list.
    """
    row = await read_within(actor, key)
    asked = (await table_of(row["table_id"])).items.get(item)
    if asked is None or asked.clues not in CLUES:
        raise NotFound("no_clues", "该项没有可供参考的办件清单。", "There is no list of cases for this item.")
    return await assessed_facts.clues(span_of(context, row), asked.clues, MOST_CLUES)


async def list_evidence(actor: Actor, key: UUID, entry: UUID) -> list[dict[str, Any]]:
    """The events that an entry rests on: what was done, when, by whom; nothing of the applicant.

    :raises NotFound: ``assessment_not_found``, ``entry_not_found``.
    """
    row = await read_within(actor, key)
    found = next((one for one in await assessment_entries.of_assessment(key) if one["id"] == entry), None)
    if found is None:
        raise entry_not_found()
    return await assessed_facts.events(row["hall_id"], [(link["case"], link["seq"]) for link in found["links"]])


def entry_not_found() -> NotFound:
    """What is told where an assessment has no such entry."""
    return NotFound("entry_not_found", "考核表没有这条记录。", "The assessment has no such entry.")


def span_of(context: Context, row: Mapping[str, Any]) -> Span:
    """The month of an assessment in its hall's zone."""
    zone = context.hours(row["hall_hours"]).zone
    first, end = row["month"], next_month(row["month"])
    since, before = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (first, end))
    return Span(row["hall_id"], first, end, since, before, zone.key)
