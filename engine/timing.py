"""What time does to a case: reminders, cards, steps by silence. Each once, with the moment that the law names for it.

The moment at which something came due is the one that counts: clocks, cards and duties begin with it. When the engine
saw to it stands in the event itself. The trail says what was carried out; the index of clocks only says when to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from engine.case_facts import read_situation
from engine.command import Command, Operation, Work
from engine.committing import commit
from engine.context import Context
from engine.oversight import leave_card
from engine.owing import owe
from engine.watching import watch_row, watched_of
from engine.work import prepare
from storage import cases, clocks, duties, results
from storage.db import Connection, transaction, uuid7
from workflows.actor import SYSTEM, Role
from workflows.clock import Entry, HallHours
from workflows.duty import DUTIES, DutyWatch
from workflows.events import Act
from workflows.flow import SAME, Flow, Step, Transition, Watch
from workflows.situation import Situation
from workflows.timers import Due, due_now, moments, watched_after


def deem_accepted(work: Work) -> None:
    """视为受理: who was not told in time is accepted as of receipt (许可法32(1)(4))."""
    received_at = work.case["received_at"]
    work.change(accepted_at=received_at)
    work.papers_data["D05"] = {"mode": "deemed", "accepted_at": received_at.isoformat()}


def deem_granted(work: Work) -> None:
    """视为准予: silence grants where a law says so for the item; nobody signs it."""
    basis = work.item.on_overdue_basis
    row: dict[str, Any] = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "seq": work.case["head_seq"] + 1,
        "kind": "decision",
        "result": "granted",
        "opinion": "法定期限内未作出决定，视为准予。",
        "article": basis,
        "signed_by": None,
        "signed_name": Role.system.zh,
        "signed_at": work.effective_at,
    }
    work.papers_data["D15"] = {"mode": "deemed", "basis": basis}
    work.then(results.add, "decisions", row)


TIMED: Final[Mapping[Act, Operation]] = MappingProxyType(
    {Act.DEEM_ACCEPTED: deem_accepted, Act.DEEM_GRANTED: deem_granted}
)
"""What is particular to the steps that time takes."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A locked case as time finds it."""

    context: Context
    connection: Connection
    case: dict[str, Any]
    flow: Flow
    hours: HallHours
    situation: Situation
    entries: list[Entry]
    now: datetime


async def fire_case(context: Context, number: str, now: datetime) -> int:
    """Carry out everything on one case whose moment lies before ``now``, in the order of the moments.

    Each is one transaction and one event; a process that dies in between leaves the rest to the next one.

    :param now: UTC. :returns: how much was carried out.
    """
    count, more = 0, True
    while more:
        fired, more = await _fire_next(context, number, now)
        count += fired
    if count:
        context.wake()
    return count


async def _fire_next(context: Context, number: str, now: datetime) -> tuple[bool, bool]:
    """Carry out the first thing that is due, under the lock of the case: whether there was one, and may be another."""
    async with transaction() as connection:
        case = await cases.lock(connection, number, SYSTEM.person, "")
        if case is None:
            return False, False
        flow = await context.flow(case["flow"], case["flow_version"])
        situation, entries, hours = await read_situation(
            context, connection, case, [], SYSTEM, Role.system, {}, now
        )  # fmt: skip
        look = _Look(context, connection, case, flow, hours, situation, entries, now)
        owed = await duties.overdue(connection, case["id"], now)
        trail = await clocks.carried_out(connection, case["id"])
        done = {(rule, began, date.fromisoformat(due_on)) for rule, began, due_on in trail}
        dues = due_now(situation.clocks, flow, situation, hours, done, now)
        more = len(owed) + len(dues) > 1
        if owed and (not dues or owed[0]["next_at"] < dues[0].at):
            await _carry_out_duty(look, owed[0])
        elif dues:
            await _carry_out(look, dues[0], dues)
            more = more or _begins_something(dues[0])
        else:
            await _look_later(look)
        return bool(owed or dues), more


def _begins_something(due: Due) -> bool:
    """Whether something may come due that was not there before: a step starts clocks, a red card a duty."""
    return isinstance(due.what, Step) or due.what.duty is not None


async def _carry_out(look: _Look, due: Due, dues: list[Due]) -> None:
    """One watch or one step, and up to when its clock has been carried out with it."""
    facts = _facts(due.rule, due.clock.kind.value, due.clock.started_at, due.clock.due_on, due.at)
    if isinstance(due.what, Watch):
        work = _signal(look, due.what, due.at)
        _announce(work, due.what, facts, due.clock.started_at, due.clock.due_on)
        if due.what.duty:
            _owe(work, due.what.duty)
    else:
        work = await _step(look, due.what, due.at)
    work.data |= facts
    watched = watched_after(due, dues)
    if watched is not None:
        work.watched[due.clock.kind] = watched
    await commit(look.connection, work, "")


async def _carry_out_duty(look: _Look, row: Mapping[str, Any]) -> None:
    """What is owed was not done in time: a card, and it stays owed."""
    watch = DUTIES[row["kind"]]
    work = _signal(look, watch, row["next_at"])
    facts = _facts(watch.rule, row["kind"], row["opened_at"], row["due_on"], row["next_at"])
    _announce(work, watch, facts, row["opened_at"], row["due_on"])
    work.data |= facts
    work.then(duties.looked_at, row["id"])
    await commit(look.connection, work, "")


async def _step(look: _Look, step: Step, at: datetime) -> Work:
    """The flow's own step, taken by the engine as of the moment at which its clock ran out."""
    command = Command(SYSTEM, look.case["number"], step.definition.action, {}, look.now)
    work = await prepare(look.context, look.connection, command, look.case)
    work.situation.now = at
    particular = TIMED.get(command.act)
    if particular is not None:
        particular(work)
    return work


def _signal(look: _Look, watch: Watch | DutyWatch, at: datetime) -> Work:
    """A reminder or a card as an act of the engine; the case stays as it is, in the version that people have seen."""
    act = Act.REMIND if watch.level == "reminder" else Act.RAISE_CARD
    step = Transition(
        action=act,
        title=watch.title,
        title_en=watch.title_en,
        from_=look.case["state"],
        to=SAME,
        by=[Role.system.value],
        basis=watch.basis,
        documents=list(watch.documents),
    )
    look.situation.now = at
    work = Work(
        look.context,
        Command(SYSTEM, look.case["number"], act, {}, look.now),
        look.case,
        look.flow,
        look.situation.item,
        look.hours,
        look.situation,
        look.entries,
        Step(step, Struct, frozenset({Role.system}), authorised_window=False),
        flags=set(look.case["flags"]),
    )
    work.change(version=look.case["version"])
    return work


def _facts(rule: str, clock: str, started_at: datetime, due_on: date, at: datetime) -> dict[str, Any]:
    """What the trail keeps of something that time did; the first four tell it from everything else."""
    return {
        "rule": rule,
        "clock": clock,
        "started_at": started_at.astimezone(UTC).isoformat(),
        "due_on": due_on.isoformat(),
        "effective_at": at.astimezone(UTC).isoformat(),
    }


def _announce(
    work: Work, watch: Watch | DutyWatch, facts: Mapping[str, Any], started_at: datetime, due_on: date
) -> None:
    """Leave the card, fill in its paper and tell people."""
    told = {"rule": watch.rule, "level": watch.level, "title": watch.title, "title_en": watch.title_en}
    told |= {"clock": facts["clock"], "due_on": facts["due_on"], "basis": watch.basis}
    if watch.level != "reminder":
        clock = "" if isinstance(watch, DutyWatch) else facts["clock"]
        told["card"] = leave_card(work, watch.rule, watch.level, clock=clock, started_at=started_at, due_on=due_on)
    work.papers_data |= {code: dict(told) for code in watch.documents}
    work.messages += [(tell.to, tell.way, watch.rule, dict(told)) for tell in watch.notify]


def _owe(work: Work, duty: str) -> None:
    """What the authority owes from the moment on at which the limit passed, and by when, as its paper says."""
    due_on = owe(work, duty, work.context.settings.explanation_days)
    for data in work.papers_data.values():
        data["reply_due_on"] = due_on.isoformat()


async def _look_later(look: _Look) -> None:
    """Correct the index of clocks that need no look before their next moment."""
    rows = []
    for kind, known in watched_of(look.case).items():
        if known.next_at is not None and known.next_at < look.now:
            state = look.situation.clocks[kind]
            past = [due.at for due in moments(state, look.flow, look.situation, look.hours) if due.at < look.now]
            watched = max(past, default=known.until)
            rows.append(watch_row(state, watched, look.flow, look.situation, look.hours))
    if rows:
        await clocks.rewatch(look.connection, look.case["id"], rows)
