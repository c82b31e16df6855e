"""What a worker does with a migration plan: the dry run, then the moves. In steps, each an outbox row of its own.

Each case has its own transaction. Under its lock it is looked at again, because it may have gone on since the dry run;
nothing of it moves but its versions, and a due day that would come out otherwise keeps it where it is. A worker that
dies leaves the rest to the next one; what was settled already is not tried twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.case_facts import read_situation
from engine.context import Context
from engine.fact_readers import FIELDS, READERS
from engine.moves.planning_moves import MOVE
from engine.rows import snapshot
from engine.timing import fire_case
from engine.trail import NOBODY, Recounted, append
from engine.watching import Overtaken, refuse_overtaken, watch_row
from storage import cases, clocks, move_lines, moves, outbox
from storage.db import Connection, transaction
from workflows.actor import SYSTEM, Actor, Grant, Role
from workflows.clock import ClockKind
from workflows.events import EventName
from workflows.flow import Flow
from workflows.guarding import Need
from workflows.linting import OVER
from workflows.moving import Move, MovingCase, Reason, verdict
from workflows.situation import Situation
from workflows.warning import obliging, warned_by

BATCH: Final = 100
"""How many cases one step goes through."""
_NEEDS: Final[tuple[Need, ...]] = (
    "materials", "notice", "papers", "special", "hearing", "third_parties", "duties", "cards", "posting",
    "certificates", "children", "told",
)  # fmt: skip
_DUE: Final = ("due_on", "due_at", "provisional")
_TRIES: Final = 2

Row = dict[str, Any]

_DEADLINE: Final = Reason(
    "deadline_would_move",
    "期限索引与按现行工作日历推算的结果不一致，请待期限重算完成后再移转。",
    "A due day comes out otherwise than it stands; wait until the recount of the calendar is finished.",
    "行政许可法8",
)
_TIME_FIRST: Final = Reason(
    "moment_passed",
    "办件有期限届满事项尚未处理完毕，未移转。",
    "Something on the case came due and was not carried out yet; it was not moved.",
)


async def go_on(context: Context, key: UUID, now: datetime) -> None:
    """Carry out one step of a plan, and leave the next one to the outbox; nothing where there is nothing to do.

    :param key: of the plan. :param now: UTC; cases are looked at as of then.
    """
    plan = await moves.read(key)
    if plan is not None and plan["state"] == "looking":
        await _look_at_page(context, plan, now)
    elif plan is not None and plan["state"] == "moving":
        await _move_page(context, plan, now)
    context.wake()


async def _look_at_page(context: Context, plan: Row, now: datetime) -> None:
    flow = await context.flow(plan["flow"], plan["flow_from"])
    in_flight = [state.name for state in flow.states.values() if state.kind not in OVER]
    page = await move_lines.candidates(plan, in_flight, BATCH)
    for row in page:
        await _look(context, plan, row["number"], now)
    reached = page[-1]["id"] if len(page) == BATCH else None
    async with transaction() as connection:
        if await moves.looked(connection, plan, reached, [row["id"] for row in page]) and reached:
            await outbox.add(connection, MOVE, {"plan": plan["id"]}, None, now)


async def _look(context: Context, plan: Row, number: str, now: datetime) -> None:
    """The dry run of one case: what would become of it now."""
    async with transaction() as connection:
        case = await cases.look(connection, number, NOBODY, "")
        if case is not None and _under(plan, case):
            found, move = await _seen(context, connection, plan, case, now)
            reasons = msgspec.to_builtins(verdict(found, move).reasons)
            await move_lines.look(connection, plan["id"], case, list(reasons), now)


async def _move_page(context: Context, plan: Row, now: datetime) -> None:
    page = await move_lines.movable(plan, BATCH)
    for line in page:
        await move_case(context, plan, line, now)
    reached = page[-1]["id"] if len(page) == BATCH else None
    async with transaction() as connection:
        if await moves.tried(connection, plan, reached, [line["id"] for line in page], now) and reached:
            await outbox.add(connection, MOVE, {"plan": plan["id"]}, None, now)


async def move_case(context: Context, plan: Row, line: Row, now: datetime) -> None:
    """Move one case, or say why not; what time has to do on it goes first.

    :param plan: as :func:`storage.moves.read`. :param line: ``id`` and ``number``. :param now: UTC.
    """
    for _ in range(_TRIES):
        try:
            await _try(context, plan, line, now)
        except Overtaken:
            await fire_case(context, line["number"], now)
        else:
            return
    async with transaction() as connection:
        await lock_case(connection, line["number"])
        if await move_lines.is_open(connection, line["id"]):
            await move_lines.settle(connection, line["id"], "refused", [msgspec.to_builtins(_TIME_FIRST)], None, now)


async def lock_case(connection: Connection, number: str) -> Row | None:
    """The case, locked until the transaction ends; what moves it and what acts on it wait for each other here."""
    return await cases.lock(connection, number, NOBODY, "")


async def _try(context: Context, plan: Row, line: Row, now: datetime) -> None:
    async with transaction() as connection:
        case = await lock_case(connection, line["number"])
        if case is None or not await move_lines.is_open(connection, line["id"]):
            return
        flow = await context.flow(case["flow"], case["flow_version"])
        if not _under(plan, case) or flow.states[case["state"]].kind in OVER:
            await move_lines.settle(connection, line["id"], "gone", [], None, now)
            return
        refuse_overtaken(case, now)
        found, move = await _seen(context, connection, plan, case, now)
        reasons = verdict(found, move).reasons
        rows = await _index(connection, case, found, move) if not reasons else None
        if rows is None:
            stays = msgspec.to_builtins(reasons or (_DEADLINE,))
            await move_lines.settle(connection, line["id"], "refused", list(stays), None, now)
            return
        seq = await _write(context, connection, plan, case, found, move, rows, now)
        await move_lines.settle(connection, line["id"], "moved", [], seq, now)


def _under(plan: Row, case: Row) -> bool:
    """Whether a case stands under the versions that the plan moves it from."""
    flow = (case["flow"], case["flow_version"]) == (plan["flow"], plan["flow_from"])
    item = not plan["item_code"] or (case["item_code"], case["item_version"]) == (plan["item_code"], plan["item_from"])
    return flow and item


async def _seen(
    context: Context, connection: Connection, plan: Row, case: Row, now: datetime
) -> tuple[MovingCase, Move]:
    """The case with every record beside it, and the versions between which it would move."""
    situation, _, _ = await read_situation(context, connection, case, [], SYSTEM, Role.system, {}, now)
    for need in _NEEDS:
        setattr(situation, FIELDS[need], await READERS[need](connection, case, situation))
    trail = await clocks.carried_out(connection, case["id"])
    done = {(rule, began, date.fromisoformat(due_on)) for rule, began, due_on in trail}
    move = Move(
        await context.flow(plan["flow"], plan["flow_from"]),
        await context.flow(plan["flow"], plan["flow_to"]),
        situation.item,
        await context.item(await _item_id(plan, case)),
    )
    return MovingCase(situation, done, await move_lines.demanded(connection, case["id"])), move


async def _item_id(plan: Row, case: Row) -> UUID:
    """The item version that a case has after the move."""
    if not plan["item_code"]:
        kept: UUID = case["item_id"]
        return kept
    row = await moves.item_version(plan["item_code"], plan["item_to"])
    if row is None:
        raise LookupError(plan["id"])
    found: UUID = row["id"]
    return found


async def _index(connection: Connection, case: Row, found: MovingCase, move: Move) -> list[Row] | None:
    """The index rows of clocks that the new flow looks at at another moment; None if any due day came out otherwise."""
    seen = replace(found.situation, item=move.item_to)
    rows = []
    for old in await clocks.of_case(connection, case["id"]):
        state = seen.clocks[ClockKind(old["kind"])]
        if state.stopped_at is None:
            new = watch_row(state, old["watched_until"], move.flow_to, seen, seen.hours)
            if any(old[name] != new[name] for name in _DUE):
                return None
            if old != new:
                rows.append(new)
    return rows


async def _write(
    context: Context,
    connection: Connection,
    plan: Row,
    case: Row,
    found: MovingCase,
    move: Move,
    rows: list[Row],
    now: datetime,
) -> int:
    """The new versions and the event that says so; state, clocks, people and papers stay. The event's number."""
    await move_lines.pin(connection, case["id"], await _item_id(plan, case), move.flow_to.version)
    pinned = case | {
        "flow_version": move.flow_to.version,
        "item_version": move.item_to.version,
        "holder": move.flow_to.states[case["state"]].holder,
    }
    data = {
        "plan": str(plan["id"]),
        "before": {"flow_version": move.flow_from.version, "item_version": move.item_from.version},
        "after": {"flow_version": move.flow_to.version, "item_version": move.item_to.version},
        "planned_by": plan["planned_by_name"],
        "approved_by": plan["approved_by_name"],
        "reason": plan["reason"],
    }
    again = {"topic": "case.changed", "data": {"case": case["number"], "seq": case["head_seq"] + 1}}
    grant, seen = Grant(Role.item_steward, plan["organisation_id"], plan["organisation_path"]), found.situation
    return await append(
        context,
        connection,
        pinned,
        EventName.CASE_MIGRATED,
        data,
        now,
        actor=Actor(plan["ordered_by"], plan["ordered_by_name"], (grant,)),
        role=Role.item_steward,
        outbox=[again],
        recounted=_recounted(rows, seen, move.flow_to, case),
    )


def _recounted(rows: list[Row], seen: Situation, flow: Flow, case: Row) -> Recounted:
    """The clocks as they stand; under the new flow others may be held against somebody."""
    warned = warned_by(obliging(seen.clocks, flow, case["state"]), seen.calendar, seen.hours)
    return Recounted(rows, snapshot(seen.clocks, seen.calendar, seen.hours), case["due_at"], warned)
