"""重算期限: every running clock that an imported year may move is derived again, as one audited batch.

A batch is carried out in steps, each an outbox row of its own, each case in its own transaction under its lock. A
worker that dies leaves the rest to the next; a case that was recounted already comes out as it is and is not written
twice.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from engine.case_facts import read_situation
from engine.context import Context
from engine.listing import reach
from engine.rows import snapshot
from engine.trail import NOBODY, Recounted, append
from engine.watching import watch_row
from storage import cases, clocks, outbox, recounts
from storage.db import Connection, transaction
from workflows.actor import SYSTEM, Actor, Role
from workflows.clock import ClockKind, ClockState
from workflows.errors import NotFound
from workflows.events import EventName

RECOUNT: Final = "calendar.recount"
"""The outbox topic of a batch; ``data`` is its key."""
REVIEW: Final = "appointments.review"
"""The outbox topic of visits that may have to move, see :mod:`engine.appointing`."""
BATCH: Final = 200
"""How many cases one step looks at."""
_COMPARED: Final = ("due_on", "due_at", "provisional", "next_at")


async def carry_out(context: Context, recount: UUID, now: datetime) -> None:
    """Carry out one step of a batch, and leave the next one to the outbox; nothing when it is finished.

    :param now: UTC; cases are derived as of then.
    """
    async with transaction() as connection:
        batch = await recounts.one(connection, recount)
        if batch is None or batch["finished_at"] is not None:
            return
        after = batch["reached"] or recounts.FIRST
        page = await recounts.concerned(connection, batch["since"], after, BATCH)
    for _, number in page:
        await recount_case(context, batch, number, now)
    reached = page[-1][0] if len(page) == BATCH else None
    async with transaction() as connection:
        if await recounts.advance(connection, recount, batch["reached"], reached, len(page), now):
            await _leave_the_rest(connection, batch, now, finished=reached is None)
    context.wake()


async def _leave_the_rest(connection: Connection, batch: dict[str, Any], now: datetime, *, finished: bool) -> None:
    if finished:
        await outbox.add(connection, REVIEW, {"hall": None, "since": batch["since"], "until": None}, None, now)
    else:
        await outbox.add(connection, RECOUNT, {"recount": batch["id"]}, None, now)


async def recount_case(context: Context, batch: dict[str, Any], number: str, now: datetime) -> bool:
    """Derive the clocks of one case again; False when nothing changed, and then nothing is written.

    :param batch: as :func:`storage.recounts.one`. :param now: UTC.
    """
    async with transaction() as connection:
        case = await cases.lock(connection, number, NOBODY, "")
        if case is None:
            return False
        flow = await context.flow(case["flow"], case["flow_version"])
        situation, _, hours = await read_situation(context, connection, case, [], SYSTEM, Role.system, {}, now)
        known = {row["kind"]: row for row in await clocks.of_case(connection, case["id"])}
        changed = []
        for kind, state in sorted(situation.clocks.items()):
            old = known.get(kind.value)
            if old is not None and state.running:
                row = watch_row(state, _watched_until(old, state), flow, situation, hours)
                changed += [(old, row)] if any(old[name] != row[name] for name in _COMPARED) else []
        if changed:
            edition = situation.calendar.edition
            await _write(context, connection, case, situation.clocks, changed, batch, edition, now)
    return bool(changed)


def _watched_until(old: dict[str, Any], state: ClockState) -> datetime | None:
    """A limit that now ends earlier is watched from its beginning; what was carried out stands in the trail."""
    earlier = old["due_on"] is not None and state.due_on < old["due_on"]
    until: datetime | None = None if earlier else old["watched_until"]
    return until


async def _write(
    context: Context,
    connection: Connection,
    case: dict[str, Any],
    derived: dict[ClockKind, ClockState] | Any,
    changed: list[tuple[dict[str, Any], dict[str, Any]]],
    batch: dict[str, Any],
    edition: str,
    now: datetime,
) -> None:
    running = [state.due_at for state in derived.values() if state.running and state.due_at]
    data = {
        "recount": str(batch["id"]),
        "year": batch["year"],
        "version": batch["version"],
        "edition": edition,
        "clocks": {row["kind"]: {"before": _seen(old), "after": _seen(row)} for old, row in changed},
    }
    seq = await append(
        context,
        connection,
        case,
        EventName.CLOCKS_RECOUNTED,
        data,
        now,
        outbox=[{"topic": "case.changed", "data": {"case": case["number"], "seq": case["head_seq"] + 1}}],
        recounted=Recounted([row for _, row in changed], snapshot(derived), min(running, default=None)),
    )
    lines = [
        {"kind": row["kind"], "before": old["due_on"], "after": row["due_on"], "provisional": row["provisional"]}
        for old, row in changed
    ]
    await recounts.record(connection, batch["id"], case["id"], seq, lines)


def _seen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(row[name]) for name in _COMPARED}


def _text(value: date | datetime | bool | None) -> Any:
    return value.isoformat() if isinstance(value, date) else value


async def list_recounts(*, after: UUID = recounts.FIRST, limit: int = 50) -> list[dict[str, Any]]:
    """A page of the batches, oldest first: year, version, since which day, how many cases were looked at and changed.

    They name no case, so everybody who is signed in may see them.
    """
    return await recounts.every(after, limit)


async def read_recount(
    actor: Actor, recount: UUID, *, after: UUID = recounts.FIRST, limit: int = 200
) -> dict[str, Any]:
    """One batch with a page of its ``lines``: each clock that changed, of the cases within the actor's organisation.

    :param after: the ``id`` of the last line of the page before.
    :raises NotFound: ``recount_not_found``.
    """
    head = await recounts.head(recount)
    if head is None:
        raise NotFound("recount_not_found", "没有该次期限重算。", "There is no such recount.")
    halls, departments = await reach(actor)
    return {**head, "lines": await recounts.lines(recount, halls, departments, after, limit)}
