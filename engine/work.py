"""One act, one transaction: the case, the check, the change, clocks, event, outbox, one commit.

An act that leaves rows beyond its own statement (documents, decisions, notices …) locks the case first. One that does
not is checked against an unlocked look and written in a single statement, which the chain itself guards: if somebody
was quicker, the next place in the chain is taken, the statement fails whole, and the act is done under the lock.

Every act goes through :func:`perform`. What is particular to an act is one function in the file that is named for it
(:mod:`engine.intake`, :mod:`engine.deciding` …), listed in :mod:`engine.operations`; everything else is here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from asyncpg.exceptions import UniqueViolationError

from engine.archive.filing_away import comes_to_an_end
from engine.case_facts import entry_of, facts_of, read_situation
from engine.command import Answer, Command, Operation, Work
from engine.committing import commit
from engine.context import Context
from engine.mandates import proxying
from engine.rows import chain, clock_row
from engine.watching import refuse_overtaken
from storage import cases, registers
from storage.db import Connection, reading, transaction
from workflows import scope
from workflows.errors import Malformed, Stale, VersionRequired
from workflows.events import Act
from workflows.mandate import mandate_of_act
from workflows.payload import read_payload

__all__ = [
    "Answer",
    "Command",
    "Operation",
    "Work",
    "chain",
    "clock_row",
    "entry_of",
    "facts_of",
    "key_reused",
    "perform",
    "prepare",
    "read_situation",
    "replay",
    "require_version",
    "seen_of",
]


async def perform(context: Context, command: Command, operations: Mapping[Act, Operation]) -> Answer:
    """Do one act, wholly or not at all.

    :returns: the answer; the stored one when this key was answered before.
    :raises NotFound: ``case_not_found``, also for a case outside the actor's organisation.
    :raises Stale: ``case_changed`` when ``version`` is not the case's.
    :raises VersionRequired: ``version_required`` when a machine gives none.
    :raises Malformed: ``key_reused`` when the key was used for another request; ``payload_invalid``.
    :raises Conflict: when the state, a guard or the law bars the act; ``Overtaken`` when time must go first.
    :raises Forbidden: ``role_not_allowed`` or ``same_person``.
    """
    digest = command.digest()
    try:
        answer = await _at_once(context, command, digest) if command.act not in operations else None
        if answer is None:
            answer = await _under_lock(context, command, digest, operations.get(command.act))
    except UniqueViolationError as clash:
        if clash.constraint_name != "idempotency_keys_once":
            raise
        answer = await _answered_meanwhile(command, digest)
    context.wake()
    return answer


async def _at_once(context: Context, command: Command, digest: str) -> Answer | None:
    """The act in one statement; None when it needs the lock: it issues documents, or somebody was quicker."""
    async with reading() as connection:
        case = await cases.look(connection, command.number, command.actor.person, command.key)
        if case is None:
            raise scope.not_found()
        if case["seen_digest"] is not None:
            return replay(seen_of(case), digest)
        refuse_overtaken(case, command.now)
        work = await prepare(context, connection, command, case)
        if work.step.definition.documents or comes_to_an_end(work):
            return None
        try:
            return await commit(connection, work, digest)
        except UniqueViolationError as clash:
            if clash.constraint_name != "events_once":
                raise
    return None


async def _under_lock(context: Context, command: Command, digest: str, operation: Operation | None) -> Answer:
    """The act with the case locked from the look to the commit."""
    async with transaction() as connection:
        case = await cases.lock(connection, command.number, command.actor.person, command.key)
        if case is None:
            raise scope.not_found()
        if case["seen_digest"] is not None:
            return replay(seen_of(case), digest)
        refuse_overtaken(case, command.now)
        work = await prepare(context, connection, command, case)
        if operation is not None:
            operation(work)
        return await commit(connection, work, digest)


async def _answered_meanwhile(command: Command, digest: str) -> Answer:
    """The answer that a twin of this request got first, possibly for another case."""
    async with reading() as connection:
        return replay(await registers.answer(connection, command.actor.person, command.key), digest)


def replay(seen: Mapping[str, Any] | None, digest: str) -> Answer:
    """The answer that was kept under a key.

    :param seen: ``payload_digest`` and ``answer`` as kept. :param digest: of the request at hand.
    :raises Malformed: ``key_reused`` when the key stands for another request.
    """
    if seen is None or seen["payload_digest"] != digest:
        raise key_reused()
    answer: Answer = seen["answer"]
    return answer


def seen_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """What a case was read with about the caller's key."""
    return {"payload_digest": case["seen_digest"], "answer": case["seen_answer"]}


def key_reused() -> Malformed:
    """The refusal of a key that stands for another request."""
    return Malformed(
        "key_reused",
        "该 Idempotency-Key 已用于另一请求，请为新的请求使用新的键。",
        "This Idempotency-Key belongs to another request; use a new key for a new request.",
    )


async def prepare(context: Context, connection: Connection, command: Command, case: dict[str, Any]) -> Work:
    """Check everything that can be checked before the act itself, and take the flow's step.

    Refusals as in :func:`perform`.
    """
    command = _in_order(command, case)
    actor = command.actor
    flow = await context.flow(case["flow"], case["flow_version"])
    if not proxying.sees(actor, case, routed=case["state"] != flow.initial):
        raise scope.not_found()
    require_version(command, case)
    item = await context.item(case["item_id"])
    steps = [step for step in flow.steps_from(case["state"]) if step.definition.action is command.act]
    if not steps:
        raise flow.not_allowed(command.act, case["state"])
    hats, place = scope.hats_of(actor, proxying.in_sight(case)), (case["hall_path"], case["department_path"])
    role = scope.acting_role(hats, steps, item, *place)
    payload = read_payload(steps[0].payload, command.payload)
    situation, entries, hours = await read_situation(
        context, connection, case, steps, actor, role, payload, command.now
    )
    situation.mandate = mandate_of_act(situation, command.act)
    situation.grant = proxying.grant_of(scope.grant_at(hats, {role}, *place), situation.mandate)
    step = flow.take(command.act, situation)
    work = Work(context, command, case, flow, item, hours, situation, entries, step, flags=set(case["flags"]))
    proxying.mark(work)
    return work


def _in_order(command: Command, case: Mapping[str, Any]) -> Command:
    """The command at no earlier moment than the event that it follows.

    Two requests that arrive together may be carried out in the other order; the later one would else be judged by
    clocks that the earlier one had not yet moved.
    """
    return replace(command, now=case["changed_at"]) if case["changed_at"] > command.now else command


def require_version(command: Command, case: Mapping[str, Any]) -> None:
    """Refuse an act on a case that has changed since the caller looked.

    :raises VersionRequired: when a machine gave no version. :raises Stale: when it is not the current one.
    """
    if command.version is None and command.actor.kind == "machine":
        raise VersionRequired(
            "version_required",
            "请在 If-Match 中给出所见办件版本。",
            "Give the case version that you have seen in If-Match.",
            current=case["version"],
        )
    if command.version is not None and command.version != case["version"]:
        raise Stale(
            "case_changed",
            "办件已被他人更新，请刷新后重新操作，您填写的内容未写入。",
            "Somebody changed the case first; read it again. Nothing of yours was written.",
            current=case["version"],
            state=case["state"],
            changed_at=case["changed_at"].isoformat(),
        )
