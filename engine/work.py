"""One act, one transaction: lock the case, check, change, clocks, event, outbox, commit.

Every act goes through :func:`perform`. What is particular to an act is one function in the file that is named for it
(:mod:`engine.intake`, :mod:`engine.deciding` …), listed in :mod:`engine.operations`; everything else is here, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg.exceptions import UniqueViolationError

from engine.context import Context
from storage import acts, cases, materials, notices, registers
from storage.db import Connection, transaction
from workflows import effects, events, scope
from workflows.actor import Actor, Role
from workflows.clock import ClockKind, ClockState, Entry, HallHours, Unit, derive
from workflows.documents import KINDS
from workflows.errors import Malformed, Stale, VersionRequired
from workflows.events import Act
from workflows.flow import Flow, Step
from workflows.guards import GUARDS, SELECTORS
from workflows.item import ItemVersion
from workflows.numbers import document_number
from workflows.payload import read_payload, redact
from workflows.situation import CaseFacts, MaterialFacts, NoticeFacts, NoticeLine, Situation

Answer = dict[str, Any]
"""What a caller is told, and told again when it repeats the request."""

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody's wish to act on a case.

    :param now: the server's time, UTC; the law uses this one.
    :param key: the idempotency key, at most 120 characters; empty when the caller will not repeat.
    :param version: the case version that the caller has seen; machines must give it.
    :param claimed_at: when the caller says it happened, UTC; kept beside the server's time, never used instead.
    """

    actor: Actor
    number: str
    act: Act
    payload: Mapping[str, Any]
    now: datetime
    key: str = ""
    version: int | None = None
    claimed_at: datetime | None = None
    window: UUID | None = None

    def digest(self) -> str:
        """What tells a repeated request from another one under the same key."""
        return hashlib.sha256(_encode([self.number, self.act, self.payload, self.version])).hexdigest()


@dataclass(slots=True)
class Work:
    """An act being prepared: what stands, and what is to be written."""

    context: Context
    command: Command
    case: dict[str, Any]
    flow: Flow
    item: ItemVersion
    hours: HallHours
    situation: Situation
    entries: list[Entry]
    step: Step
    changes: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    after: list[tuple[Callable[..., Awaitable[Any]], tuple[Any, ...]]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The moment of the act, UTC."""
        return self.command.now

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was sent, checked against the step's declaration."""
        return self.situation.payload

    def change(self, **columns: Any) -> None:
        """Set columns of the case row."""
        self.changes.update(columns)

    def then(self, write: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        """Write more in the same transaction: ``await write(connection, *arguments)``, after the act itself."""
        self.after.append((write, arguments))

    def day(self) -> Any:
        """The hall's date at the moment of the act."""
        return self.hours.day(self.now)


Operation = Callable[[Work], None]
"""What is particular to one act: it may refuse, and says what is to be written."""


async def perform(context: Context, command: Command, operations: Mapping[Act, Operation]) -> Answer:
    """Do one act, wholly or not at all.

    :returns: the answer; the stored one when this key was answered before.
    :raises NotFound: ``case_not_found``, also for a case outside the actor's organisation.
    :raises Stale: ``case_changed`` when ``version`` is not the case's.
    :raises VersionRequired: ``version_required`` when a machine gives none.
    :raises Malformed: ``key_reused`` when the key was used for another request; ``payload_invalid``.
    :raises Conflict: when the state, a guard or the law bars the act.
    :raises Forbidden: ``role_not_allowed`` or ``same_person``.
    """
    digest = command.digest()
    try:
        async with transaction() as connection:
            case = await cases.lock(connection, command.number, command.actor.person, command.key)
            if case is None:
                raise scope.not_found()
            if case["seen_digest"] is not None:
                return _replay(case["seen_digest"], digest, case["seen_answer"])
            work = await prepare(context, connection, command, case)
            operation = operations.get(command.act)
            if operation is not None:
                operation(work)
            answer = await _commit(connection, work, digest)
        context.wake()
        return answer
    except UniqueViolationError as clash:
        if clash.constraint_name != "idempotency_keys_once":
            raise
    async with transaction() as connection:
        first = await registers.answer(connection, command.actor.person, command.key)
    if first is None:
        raise scope.not_found()
    return _replay(first["payload_digest"], digest, first["answer"])


def _replay(seen: str, digest: str, answer: Answer) -> Answer:
    if seen != digest:
        raise key_reused()
    return answer


def key_reused() -> Malformed:
    """The refusal of a key that stands for another request."""
    return Malformed(
        "key_reused",
        "该 Idempotency-Key 已用于另一请求,请为新的请求使用新的键。",
        "This Idempotency-Key belongs to another request; use a new key for a new request.",
    )


async def prepare(context: Context, connection: Connection, command: Command, case: dict[str, Any]) -> Work:
    """Check everything that can be checked before the act itself, and take the flow's step.

    Refusals as in :func:`perform`.
    """
    actor = command.actor
    flow = await context.flow(case["flow"], case["flow_version"])
    routed = case["state"] != flow.initial
    if not scope.sees(actor, case["hall_path"], case["department_path"], routed=routed):
        raise scope.not_found()
    require_version(command, case)
    item = await context.item(case["item_id"])
    steps = [step for step in flow.steps_from(case["state"]) if step.definition.action is command.act]
    if not steps:
        raise flow.not_allowed(command.act, case["state"])
    role = scope.acting_role(actor, steps, item, case["hall_path"], case["department_path"])
    payload = read_payload(steps[0].payload, command.payload)
    situation, entries, hours = await read_situation(context, connection, case, steps, actor, role, payload, command.now)
    step = flow.take(command.act, situation)
    return Work(context, command, case, flow, item, hours, situation, entries, step, flags=set(case["flags"]))


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
            "办件已被他人更新,请刷新后重新操作,您填写的内容未写入。",
            "Somebody changed the case first; read it again. Nothing of yours was written.",
            current=case["version"],
            state=case["state"],
            changed_at=case["changed_at"].isoformat(),
        )


async def read_situation(
    context: Context,
    connection: Connection,
    case: dict[str, Any],
    steps: list[Step],
    actor: Actor,
    role: Role,
    payload: Mapping[str, Any],
    now: datetime,
) -> tuple[Situation, list[Entry], HallHours]:
    """The case as guards see it, with only those records read that the guards of these steps need."""
    calendar = await context.calendar(now)
    hours = context.hours(case["hall_hours"])
    entries = [entry_of(row) for row in case["clock_entries"]]
    needs = {need for step in steps for name in step.definition.guards for need in _needs(name)}
    needs |= {"notice" for step in steps if ClockKind.statutory in step.definition.clocks.start}
    lines = await materials.of_case(connection, case["id"]) if "materials" in needs else []
    notice = await notices.of_case(connection, case["id"]) if "notice" in needs else None
    situation = Situation(
        state=case["state"],
        case=facts_of(case),
        actor=actor,
        role=role,
        item=await context.item(case["item_id"]),
        now=now,
        calendar=calendar,
        payload=payload,
        clocks=derive(entries, calendar, hours, now),
        materials={row["line"]: MaterialFacts(**row) for row in lines},
        notice=_notice(notice),
    )
    return situation, entries, hours


def _needs(guard: str) -> frozenset[Any]:
    return GUARDS[guard].needs if guard in GUARDS else SELECTORS[guard].needs


def entry_of(row: list[Any]) -> Entry:
    """A ledger entry from the row that the locked case carries."""
    kind, act, at, amount, unit, basis, by, note = row
    return Entry(ClockKind(kind), act, datetime.fromisoformat(at), amount, Unit(unit) if unit else None, basis, by, note)


def _notice(row: dict[str, Any] | None) -> NoticeFacts | None:
    if row is None:
        return None
    return NoticeFacts(row["given_at"], tuple(msgspec.convert(row["lines"], list[NoticeLine])))


def facts_of(case: Mapping[str, Any]) -> CaseFacts:
    """The case row, reduced to what rules may ask about."""
    return CaseFacts(
        number=case["number"],
        state=case["state"],
        version=case["version"],
        hall=case["hall_id"],
        department=case["department_id"],
        situation=frozenset(case["situation"]),
        received_at=case["received_at"],
        accepted_at=case["accepted_at"],
        closed_at=case["closed_at"],
        receiver=case["receiver_id"],
        handler=case["handler_id"],
        endorser=case["endorser_id"],
        flags=frozenset(case["flags"]),
    )


async def _commit(connection: Connection, work: Work, digest: str) -> Answer:
    """Turn the prepared act into rows and write them."""
    command, case = work.command, work.case
    added = effects.entries_of(work.step, work.flow, work.situation, work.situation.role.zh, work.hours)
    clocks = derive([*work.entries, *added], work.situation.calendar, work.hours, command.now)
    papers = await _number_documents(connection, work)
    row = _next_row(work, clocks)
    event = _event(work, row, clocks, papers)
    answer = _answer(work, row, event, papers)
    await acts.write(
        connection,
        row,
        event,
        entries=[_entry_row(entry, n) for n, entry in enumerate(added)],
        clocks=[clock_row(clocks[kind]) for kind in sorted({entry.kind for entry in added})],
        documents=papers,
        outbox=[{"topic": "case.changed", "data": {"case": case["number"], "seq": event["seq"]}}, *work.outbox],
        key=(command.actor.person, command.key, digest, answer),
    )
    for write, arguments in work.after:
        await write(connection, *arguments)
    return answer


async def _number_documents(connection: Connection, work: Work) -> list[dict[str, Any]]:
    """Give every document of the step its gap-free number, per agency, kind and year of the hall's zone."""
    year = work.day().year
    kinds = [KINDS[code] for code in work.step.definition.documents]
    agencies = {kind.code: work.case[f"{kind.agency}_agency_word"] for kind in kinds}
    names = {kind.code: f"document:{agencies[kind.code]}:{kind.code}:{year}" for kind in kinds}
    ordinals = await registers.next_numbers(connection, list(names.values())) if kinds else {}
    work.numbers = {code: ordinals[name] for code, name in names.items()}
    person = work.command.actor.person if work.command.actor.kind == "person" else None
    return [
        {
            "code": kind.code,
            "number": document_number(agencies[kind.code], kind.word, year, work.numbers[kind.code]),
            "agency": agencies[kind.code],
            "year": year,
            "ordinal": work.numbers[kind.code],
            "data": redact(work.payload),
            "issued_by": person,
        }
        for kind in kinds
    ]


def _next_row(work: Work, clocks: Mapping[ClockKind, ClockState]) -> dict[str, Any]:
    """The case row as it will stand."""
    case, target = work.case, work.flow.states[work.situation.state]
    row = {"id": case["id"]} | {name: case[name] for name in acts.CASE_COLUMNS}
    work.flags |= set(work.step.definition.flags.set)
    work.flags -= set(work.step.definition.flags.clear)
    row |= {
        "state": target.name,
        "holder": target.holder,
        "version": case["version"] + 1,
        "flags": sorted(work.flags),
        "due_at": min((state.due_at for state in clocks.values() if state.running and state.due_at), default=None),
    }
    if target.decision and row["decided_at"] is None:
        row["decided_at"] = work.now
    if target.kind not in {"initial", "open"} and row["closed_at"] is None:
        row["closed_at"] = work.now
    return row | work.changes


def _event(
    work: Work, row: dict[str, Any], clocks: Mapping[ClockKind, ClockState], papers: list[dict[str, Any]]
) -> dict[str, Any]:
    command, situation = work.command, work.situation
    data = {"payload": redact(work.payload), **work.data}
    if papers:
        data["documents"] = [{"code": paper["code"], "number": paper["number"]} for paper in papers]
    return chain(
        work.case,
        {
            "name": f"case:{command.act}",
            "at": command.now,
            "claimed_at": command.claimed_at,
            "actor": command.actor.person,
            "actor_name": command.actor.name,
            "role": situation.role.value,
            "organisation": next((g.organisation for g in command.actor.grants if g.role is situation.role), None),
            "window": command.window,
            "acting_for": None,
            "from_state": work.case["state"],
            "to_state": row["state"],
            "reason": str(work.payload.get("reason", "")),
            "data": data,
            "clocks": snapshot(clocks),
            "algorithm": work.context.settings.digest_algorithm,
        },
    )


def chain(case: Mapping[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Put an event behind the last one of its case: its number, its pins, the digest before it and its own."""
    event |= {
        "case": case["number"],
        "seq": case["head_seq"] + 1,
        "item_version": case["item_version"],
        "flow": case["flow"],
        "flow_version": case["flow_version"],
        "previous": case["head_digest"] or events.GENESIS.hex(),
    }
    event["at"] = event["at"].astimezone(UTC)
    event["claimed_at"] = event["claimed_at"].astimezone(UTC) if event["claimed_at"] else None
    event["digest"] = events.digest(event).hex()
    return event


def snapshot(clocks: Mapping[ClockKind, ClockState]) -> dict[str, Any]:
    """The clocks as an event keeps them: a line each, only text and flags."""
    return {
        kind.value: {
            "status": "stopped" if state.stopped_at else "suspended" if state.suspended else "running",
            "due_on": state.due_on.isoformat(),
            "provisional": state.provisional,
        }
        for kind, state in sorted(clocks.items())
    }


def _entry_row(entry: Entry, ordinal: int) -> dict[str, Any]:
    return {
        "ordinal": ordinal,
        "kind": entry.kind.value,
        "act": entry.act,
        "at": entry.at,
        "amount": entry.amount,
        "unit": entry.unit.value if entry.unit else None,
        "basis": entry.basis,
        "by": entry.by,
        "note": entry.note,
    }


def clock_row(state: ClockState) -> dict[str, Any]:
    """The index row of a clock."""
    return {
        "kind": state.kind.value,
        "running": state.running,
        "suspended": state.suspended,
        "started_at": state.started_at,
        "stopped_at": state.stopped_at,
        "due_on": state.due_on,
        "due_at": state.due_at,
        "provisional": state.provisional,
    }


def _answer(work: Work, row: dict[str, Any], event: dict[str, Any], papers: list[dict[str, Any]]) -> Answer:
    target = work.flow.states[row["state"]]
    return {
        "case": work.case["number"],
        "act": work.command.act.value,
        "state": target.name,
        "state_title": target.title,
        "version": row["version"],
        "seq": event["seq"],
        "at": event["at"].isoformat(),
        "due_at": row["due_at"].isoformat() if row["due_at"] else None,
        "documents": [{"code": paper["code"], "number": paper["number"]} for paper in papers],
    }
