"""审计发现: recorded by an auditor, answered by whom it concerns, closed or accepted by an auditor; never deleted."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from engine.audit_desk.desk import AUDITORS, NEWEST, READERS, halls_at, require
from engine.context import Context
from engine.listing import reach
from engine.once import once
from engine.reading import log_access, seen_case
from engine.work import Answer
from storage import access, findings, organisations, registers, samples
from storage.db import Connection, reading, uuid7
from workflows import scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.finding import ANSWERERS, MOVES, Addressee, FindingState, FindingStep, Severity, check_move, roles_for
from workflows.payload import ShortText, Text, refuse_control_characters

_ANSWERING: Final = frozenset(role for roles in ANSWERERS.values() for role in roles)
FINDING_ROLES: Final = READERS | _ANSWERING
"""Who reads findings: auditors and supervisors, and whoever may have to answer one."""
_PAGE: Final = 200


class Recording(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A finding to be recorded: on which case and event, against which article, how grave, what and what shows it.

    ``due_on``: hall day by which ``addressee`` answers; ``sample``: the sample in which the case was drawn.
    """

    case: ShortText
    article: ShortText
    severity: Severity
    text: Text
    evidence: Annotated[str, Meta(max_length=4000)] = ""
    seq: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    addressee: Addressee = Addressee.department
    due_on: date | None = None
    sample: UUID | None = None


class Stepping(Struct, forbid_unknown_fields=True, frozen=True):
    """What is said with a step: the answer, why it does not do, what was put right, why the explanation holds."""

    text: Text


async def record_finding(context: Context, actor: Actor, request: Recording, now: datetime, key: str = "") -> Answer:
    """Record a finding on a case within the auditor's organisation.

    :param now: UTC. :param key: idempotency key. :returns: its number and state.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``case_not_found``, ``sample_not_found``.
    :raises Malformed: ``event_unknown`` for an event that the case does not have, ``due_passed``,
        ``control_character``, ``key_reused``.
    """
    refuse_control_characters(msgspec.to_builtins(request))
    halls = await halls_at(actor, AUDITORS)
    case, _ = await seen_case(context, actor, request.case)
    today = context.hours(case["hall_hours"]).day(now)
    await _check(request, case, halls, today)

    async def write(connection: Connection) -> Answer:
        numbers = await registers.next_numbers(connection, [f"finding:{today.year}"])
        number = f"F{today.year}-{numbers[f'finding:{today.year}']:05d}"
        told = msgspec.structs.asdict(request)
        row = told | {"id": uuid7(), "number": number, "case_id": case["id"], "sample_id": request.sample,
                      "severity": request.severity.value, "addressee": request.addressee.value,
                      "recorded_by": actor.person, "recorded_at": now}  # fmt: skip
        await findings.add(connection, row)
        step = {"step": FindingStep.record, "state": FindingState.open, "role": Role.auditor, "text": request.text}
        await _step(connection, row["id"], {**row, **step}, actor, now)
        return {"finding": number, "state": FindingState.open.value}

    return await once(actor, key, ["finding", request], now, write)


async def _check(request: Recording, case: dict[str, Any], halls: list[UUID], today: date) -> None:
    if request.seq is not None and request.seq > case["head_seq"]:
        raise Malformed("event_unknown", "该办件没有这一事件。", "The case has no event of this number.")
    if request.due_on is not None and request.due_on < today:
        raise Malformed("due_passed", "答复期限不得早于今天。", "The day by which to answer must not have passed.")
    if request.sample is not None and await samples.read(request.sample, halls) is None:
        raise NotFound("sample_not_found", "没有该抽样。", "There is no such sample within your reach.")


async def _step(connection: Connection, finding: UUID, row: dict[str, Any], actor: Actor, now: datetime) -> None:
    """Add a step, and to the chained log the digest of what was said, so that it cannot be written anew unseen."""
    await findings.take_step(connection, finding, row | {"by": actor.person, "at": now})
    said = hashlib.sha256(f"{row['number']}|{row['step']}|{row['text']}".encode()).hexdigest()
    logged = {"at": now, "actor": actor.person, "subject": row["case"], "action": f"finding.{row['step']}",
              "purpose": f"{row['number']} sha256={said}"}  # fmt: skip
    await access.add(connection, logged)


async def take_step(
    context: Context, actor: Actor, number: str, step: str, request: Stepping, now: datetime, key: str = ""
) -> Answer:
    """Answer a finding, ask again, close it or accept the explanation.

    :param step: ``answer``, ``send_back``, ``close`` or ``accept``. :param now: UTC. :param key: idempotency key.
    :raises NotFound: ``finding_not_found``, ``action_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``finding_state``. :raises Malformed: ``control_character``, ``key_reused``.
    """
    refuse_control_characters(request.text)

    async def write(connection: Connection) -> Answer:
        row = await findings.read(connection, number, lock=True)
        if row is None or not _sees(actor, row):
            raise _not_found()
        state = check_move(step, FindingState(row["state"]))
        role = _role(actor, row, FindingStep(step))
        told = row | {"step": step, "state": state, "role": role, "text": request.text}
        await _step(connection, row["id"], told, actor, now)
        return {"finding": number, "state": state.value}

    answer = await once(actor, key, ["finding", number, step, request], now, write)
    context.wake()
    return answer


def _sees(actor: Actor, row: dict[str, Any]) -> bool:
    """Auditors, supervisors and managers see what is held against their hall; a department what it has to answer."""
    places = row["hall_path"], row["department_path"]
    if scope.role_at(actor, {*READERS, *ANSWERERS[Addressee.hall]}, *places) is not None:
        return True
    asked = row["addressee"] == Addressee.department
    return asked and scope.role_at(actor, ANSWERERS[Addressee.department], *places) is not None


def _role(actor: Actor, row: dict[str, Any], step: FindingStep) -> Role:
    roles = roles_for(MOVES[step], Addressee(row["addressee"]))
    role = scope.role_at(actor, roles, row["hall_path"], row["department_path"])
    if role is None:
        raise Forbidden(
            "role_not_allowed",
            f"此步应由{'、'.join(one.zh for one in sorted(roles))}办理。",
            f"This step is for: {', '.join(one.en for one in sorted(roles))}.",
            basis="监察督办",
            roles=sorted(roles),
        )
    return role


def _not_found() -> NotFound:
    return NotFound("finding_not_found", "没有该审计发现。", "There is no such finding within your reach.")


async def read_finding(actor: Actor, number: str) -> dict[str, Any]:
    """A finding with every step that was taken, and the ones that the actor may take now.

    :raises NotFound: ``finding_not_found``, also for who neither audits nor answers it.
    """
    async with reading() as connection:
        row = await findings.read(connection, number)
        if row is None or not _sees(actor, row):
            raise _not_found()
        return row | {"history": await findings.steps_of(connection, row["id"]), "steps": _steps(actor, row)}


def _steps(actor: Actor, row: dict[str, Any]) -> list[str]:
    """The steps that the actor may take with a finding as it stands."""
    found = []
    for step in MOVES:
        try:
            check_move(step, FindingState(row["state"]))
            _role(actor, row, step)
        except (Conflict, Forbidden):
            continue
        found.append(step.value)
    return found


async def list_findings(
    actor: Actor,
    *,
    state: FindingState | None = None,
    severity: Severity | None = None,
    case: str | None = None,
    before: UUID = NEWEST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of findings, the newest first: of the auditor's halls, or those that the actor's unit answers.

    :raises Forbidden: ``role_not_allowed`` for who neither audits nor answers findings.
    """
    require(actor, FINDING_ROLES)
    watching = Actor(actor.person, actor.name, tuple(held for held in actor.grants if held.role in FINDING_ROLES))
    halls, departments = await reach(watching)
    return await findings.page(
        halls, departments, state=state, case=case, severity=severity, before=before, limit=limit
    )


async def count_awaiting(context: Context, actor: Actor, now: datetime) -> dict[str, int]:
    """How many findings wait for the actor's unit to answer: ``open``, and of them ``overdue``.

    :param now: UTC. :returns: both 0 for who answers none.
    """
    held = {one: [grant.path for grant in actor.grants if grant.role in roles] for one, roles in ANSWERERS.items()}
    if not any(held.values()):
        return {"open": 0, "overdue": 0}
    halls = await organisations.halls_of(held[Addressee.hall])
    departments = await organisations.subtree(held[Addressee.department])
    return await findings.awaiting(halls, departments, context.hours(None).day(now))


async def export_findings(actor: Actor, now: datetime) -> AsyncIterator[dict[str, Any]]:
    """Every finding within reach, the newest first, read page by page as they are asked for; the export is logged.

    :param now: UTC. :raises Forbidden: ``role_not_allowed`` for anybody but auditors and supervisors.
    """
    require(actor, READERS)
    await log_access(actor, "findings", "export.findings", now)
    return _every(actor)


async def _every(actor: Actor) -> AsyncIterator[dict[str, Any]]:
    before = NEWEST
    while rows := await list_findings(actor, before=before, limit=_PAGE):
        for row in rows:
            yield row
        before = rows[-1]["id"]
