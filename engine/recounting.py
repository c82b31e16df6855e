"""重算期限: what an imported year may move is derived again, as one audited batch that lists each changed case.

That is every running clock, and every duty that was counted out in working days. A batch is carried out in steps, each
an outbox row of its own, each case in its own transaction under its lock. A worker that dies leaves the rest to the
next; a case that was recounted already comes out as it is and is not written twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from engine.case_facts import read_situation
from engine.context import Context
from engine.listing import reach
from engine.rows import snapshot
from engine.trail import NOBODY, Recounted, append
from engine.watching import watch_row
from storage import cases, clocks, duties, outbox, recounts
from storage.db import Connection, transaction
from workflows.actor import SYSTEM, Actor, Role
from workflows.calendar import Calendar
from workflows.clock import ClockKind, ClockState, HallHours
from workflows.errors import NotFound
from workflows.events import EventName
from workflows.flow import Flow
from workflows.situation import Situation
from workflows.warning import Warned, obliging, warned_by

RECOUNT: Final = "calendar.recount"
"""The outbox topic of a batch; ``data`` is its key."""
REVIEW: Final = "appointments.review"
"""The outbox topic of visits that may have to move, see :mod:`engine.appointing`."""
BATCH: Final = 200
"""How many cases one step looks at."""
_COMPARED: Final = ("due_on", "due_at", "provisional", "next_at")

Row = dict[str, Any]


class Moved(NamedTuple):
    """The index row of a clock, or the row of a duty (named by its key), as it was and as it is to be."""

    old: Row
    new: Row
    duty: UUID | None = None


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
    """Derive the clocks of one case again; False when no limit changed, and then the trail says nothing of it.

    :param batch: as :func:`storage.recounts.one`. :param now: UTC.
    """
    async with transaction() as connection:
        case = await cases.lock(connection, number, NOBODY, "")
        if case is None:
            return False
        flow = await context.flow(case["flow"], case["flow_version"])
        as_of = max(now, case["changed_at"])  # of two machines, the other's clock may go ahead
        situation, _, hours = await read_situation(context, connection, case, [], SYSTEM, Role.system, {}, as_of)
        known = await clocks.of_case(connection, case["id"])
        owed = await duties.of_case(connection, case["id"])
        moved = [*_moved_clocks(known, flow, situation, hours), *_moved_duties(owed, situation.calendar, hours)]
        warned = warned_by(obliging(situation.clocks, flow, case["state"]), situation.calendar, hours)
        if moved:
            await _write(context, connection, case, situation, moved, warned, batch, now)
        elif warned != (case["red_at"], case["yellow_at"], case["amber_at"]):
            await cases.warn(connection, case["id"], warned)
    return bool(moved)


def _moved_clocks(known: list[Row], flow: Flow, situation: Situation, hours: HallHours) -> Iterator[Moved]:
    """The running clocks that come out otherwise than the index says."""
    for old in sorted(known, key=lambda row: str(row["kind"])):
        state = situation.clocks.get(ClockKind(old["kind"]))
        if state is not None and state.running:
            new = watch_row(state, _watched_until(old, state), flow, situation, hours)
            if any(old[name] != new[name] for name in _COMPARED):
                yield Moved(old, new)


def _watched_until(old: Row, state: ClockState) -> datetime | None:
    """A limit that now ends earlier is watched from its beginning; what was carried out stands in the trail."""
    earlier = old["due_on"] is not None and state.due_on < old["due_on"]
    until: datetime | None = None if earlier else old["watched_until"]
    return until


def _moved_duties(owed: list[Row], calendar: Calendar, hours: HallHours) -> Iterator[Moved]:
    """What is owed by a day that was counted out in working days, and comes out on another one now."""
    for old in owed:
        if old["done_at"] is None and "working_days" in old["data"]:
            began = date.fromisoformat(old["data"]["counted_from"])
            due_on, provisional = calendar.add_working_days(began, old["data"]["working_days"])
            if due_on != old["due_on"]:
                new = {**old, "due_on": due_on, "due_at": hours.closing(due_on), "provisional": provisional}
                yield Moved(old, new, old["id"])


async def _write(
    context: Context,
    connection: Connection,
    case: Row,
    situation: Situation,
    moved: list[Moved],
    warned: Warned,
    batch: Row,
    now: datetime,
) -> None:
    """The event, the index rows, the duties and the lines of the batch, for one case."""
    running = [state.due_at for state in situation.clocks.values() if state.running and state.due_at]
    rows = [one.new for one in moved if one.duty is None]
    data = {name: batch[name] for name in ("year", "version")} | {
        "recount": str(batch["id"]),
        "edition": situation.calendar.edition,
        "changed": {one.new["kind"]: {"before": _seen(one.old), "after": _seen(one.new)} for one in moved},
    }
    again = {"topic": "case.changed", "data": {"case": case["number"], "seq": case["head_seq"] + 1}}
    result = Recounted(
        rows, snapshot(situation.clocks, situation.calendar, situation.hours), min(running, default=None), warned
    )
    name = EventName.CLOCKS_RECOUNTED
    seq = await append(context, connection, case, name, data, now, outbox=[again], recounted=result)
    for one in moved:
        if one.duty is not None:
            await duties.recount(connection, one.duty, one.new["due_on"], one.new["due_at"])
    lines = [{**one.new, "before": one.old["due_on"], "after": one.new["due_on"]} for one in moved]
    await recounts.record(connection, batch["id"], case["id"], seq, lines)


def _seen(row: Row) -> Row:
    """What may have changed, as the trail keeps it."""
    found = {name: row.get(name) for name in _COMPARED}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


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
