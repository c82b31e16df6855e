"""提交、审核、批准、退回: the steps of an assessment through three people, each under its lock and on its record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from engine.assessment.assessment_form import check_form
from engine.assessment.impartiality import note, require_scorer, within
from engine.assessment.publishing_tables import table_of
from engine.context import Context
from engine.once import once
from engine.work import Answer
from storage import assessment_entries, assessments, outbox
from storage.db import Connection
from workflows.actor import Actor, Role
from workflows.assessment_score import Scored, score
from workflows.assessment_steps import AssessmentStep, Standing, roles_of, take
from workflows.errors import Conflict
from workflows.payload import Text, refuse_control_characters

RENDER: Final = "assessment.render"
"""The topic under which the form of an approved assessment is made into a file."""


class Returning(Struct, forbid_unknown_fields=True, frozen=True):
    """Why an assessment goes back to whoever scored it."""

    reason: Text


async def submit(context: Context, actor: Actor, key: UUID, now: datetime, idempotency: str = "") -> Answer:
    """提交审核: hand an assessment over for review, once every proposal is settled and every objection answered.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``assessment_not_found``.
    :raises Conflict: ``assessment_step_not_allowed``, ``search_first``, ``proposals_undecided``,
        ``objection_unanswered``, ``character_without_face``. :raises Unavailable: ``faces_not_installed``.
    """
    await check_form(context, actor, key)

    async def write(connection: Connection, row: dict[str, Any], told: dict[str, Any]) -> None:
        if row["searched_at"] is None:
            raise Conflict(
                "search_first",
                "尚未核查本月留痕，请先运行自动核查。",
                "The trail of the month was not searched yet; do that first.",
            )
        told["score"] = await _score(connection, row)
        await assessments.move(connection, key, "submitted", actor.staff, now)

    return await _step(AssessmentStep.submit, actor, key, now, idempotency, write)


async def review(actor: Actor, key: UUID, now: datetime, idempotency: str = "") -> Answer:
    """审核通过, by another person than scored anything in it.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    :raises Forbidden: ``role_not_allowed``, ``self_scoring``, ``same_person``.
    :raises NotFound: ``assessment_not_found``. :raises Conflict: ``assessment_step_not_allowed``.
    """

    async def write(connection: Connection, _: dict[str, Any], __: dict[str, Any]) -> None:
        await assessments.move(connection, key, "reviewed", actor.staff, now)

    return await _step(AssessmentStep.review, actor, key, now, idempotency, write)


async def send_back(actor: Actor, key: UUID, request: Returning, now: datetime, idempotency: str = "") -> Answer:
    """退回: give an assessment back to be scored again, with the reason. Refusals as of :func:`review`.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    """
    refuse_control_characters(msgspec.to_builtins(request))

    async def write(connection: Connection, _: dict[str, Any], told: dict[str, Any]) -> None:
        told["reason"] = request.reason
        await assessments.send_back(connection, key)

    return await _step(AssessmentStep.send_back, actor, key, now, idempotency, write, request.reason)


async def approve(context: Context, actor: Actor, key: UUID, now: datetime, idempotency: str = "") -> Answer:
    """批准, by a third person: the score is written down for good, and a worker makes the form.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    Refusals as of :func:`review`, and :raises Conflict: ``objection_unanswered``, ``character_without_face``.
    :raises Unavailable: ``faces_not_installed``.
    """
    await check_form(context, actor, key)

    async def write(connection: Connection, row: dict[str, Any], told: dict[str, Any]) -> None:
        told["score"] = await _score(connection, row)
        await assessments.keep_score(connection, key, told["score"])
        await outbox.add(connection, RENDER, {"assessment": str(key)}, None, now)

    answer = await _step(AssessmentStep.approve, actor, key, now, idempotency, write)
    context.wake()
    return answer


Write = Callable[[Connection, dict[str, Any], dict[str, Any]], Awaitable[None]]


async def _step(
    step: AssessmentStep, actor: Actor, key: UUID, now: datetime, idempotency: str, write: Write, reason: str = ""
) -> Answer:
    """Take a step: the rules first, then what it writes, then its line on the record."""

    async def under_lock(connection: Connection) -> Answer:
        row = within(actor, await assessments.lock(connection, key))
        role = require_scorer(actor, roles_of(step, row["state"]), row["hall_path"])
        state = take(step, await _standing(connection, row), actor.person)
        told: dict[str, Any] = {"before": row["state"], "after": state}
        await write(connection, row, told)
        await _record(connection, actor, role, row, step, now, told)
        return {"assessment": str(key), "state": state}

    return await once(actor, idempotency, ["assessment", step, key, reason], now, under_lock)


async def _record(
    connection: Connection, actor: Actor, role: Role, row: dict[str, Any], step: AssessmentStep, now: datetime,
    told: dict[str, Any],
) -> None:  # fmt: skip
    """The line on the record; of an approval before the state, for nothing changes after it."""
    await note(connection, actor, role, row["id"], step.value, now, **told)
    if step is AssessmentStep.approve:
        await assessments.move(connection, row["id"], "approved", actor.staff, now)


async def _standing(connection: Connection, row: dict[str, Any]) -> Standing:
    scorers = await assessment_entries.scorers(connection, row["id"])
    return Standing(
        row["state"],
        scorers | {row["opened_by"]},
        row["submitted_by"],
        row["reviewed_by"],
        row["undecided"],
        row["unanswered"],
    )


async def _score(connection: Connection, row: dict[str, Any]) -> int:
    table = await table_of(row["table_id"])
    counted = await assessment_entries.confirmed(connection, row["id"])
    return score(table, (Scored(*one) for one in counted)).total
