"""The projection of facts: reads the trail in the order of commits and keeps one row for each case and each notice.

Whatever is new of a case, all of its events are read and its facts made anew. So it does not matter how often, in what
portions or by whom that is done: the same trail gives the same rows.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from storage import audit, facts, feed, figure_days, late_events
from storage.db import Connection, transaction
from storage.facts import FIRST, LAST, Progress
from storage.feed import Place
from workflows.fact import VERSION, CaseFact, NoticeFact
from workflows.fact_case import case_facts
from workflows.fact_notice import notice_facts

EVENTS: Final = 2000
"""How many new events one portion looks at, at most."""
CASES: Final = 1000
"""How many cases one portion of a walk takes."""
AHEAD_OF_US: Final = timedelta(minutes=1)
"""How far the stamps of other machines may be ahead; see :func:`storage.late_events.settle`."""
AHEAD: Final = 100
"""Of how many cases the events are read at once."""


@dataclass(frozen=True, slots=True)
class Projected:
    """What a run has done.

    :param cases: how many times the facts of a case were made. :param whole: nothing settled is left to be read.
    """

    cases: int
    whole: bool


async def project(
    *, seconds: float, now: datetime | None = None, wait: bool = False, events: int = EVENTS, cases: int = CASES
) -> Projected:
    """Bring the facts up to what is settled in the trail, in portions, each one transaction.

    Facts that were never made, or by another version of the derivation, are made by a walk over all cases. While
    another process projects, nothing is done. A process that dies leaves the portion to the next one.

    :param seconds: after so many no further portion is begun.
    :param now: UTC, the moment that is settled once everything is read; an event that comes later with an older stamp
        is known from the next settled moment on. Without it, the latest stamp that was read.
    :param wait: take turns with another process that projects, instead of leaving it to that one.
    :param events: new events of a portion, at most. :param cases: cases of a portion of a walk.
    """
    until, made, more = time.monotonic() + seconds, 0, True
    while more:
        async with transaction() as connection:
            if not await facts.lock(connection, wait=wait):
                return Projected(made, whole=False)
            count, more = await _portion(connection, now, events, cases)
        made += count
        if time.monotonic() >= until:
            break
    return Projected(made, whole=not more)


async def rebuild(*, seconds: float, now: datetime | None = None) -> Projected:
    """Make the facts of every case anew, into the rows that there are; readers find each row old or new.

    Rows that the trail does not tell of go, and every day is due to be summed again. A settled moment that lies ahead
    of ``now`` was never true: it is ``now`` again.

    :param seconds: as for :func:`project`; what is not reached goes on with the next run of the projection.
    :param now: as for :func:`project`.
    """
    async with transaction() as connection:
        await facts.lock(connection, wait=True)
        known = await facts.progress(connection)
        if known is not None and known.settled_at is not None and now is not None:
            known = known._replace(settled_at=min(known.settled_at, now + AHEAD_OF_US))
        await figure_days.begin(connection, anew=True)
        await _begin(connection, known, now)
    return await project(seconds=seconds, now=now, wait=True)


async def _begin(connection: Connection, known: Progress | None, now: datetime | None) -> Progress:
    """A walk from the first case; what is committed meanwhile is read after it."""
    place, settled = await feed.now(connection), known.settled_at if known else None
    if known is not None:
        await late_events.note(connection, known.place, place, settled, now)
    begun = Progress(VERSION, place, FIRST, settled)
    await facts.keep_progress(connection, begun)
    return begun


async def _portion(connection: Connection, now: datetime | None, events: int, cases: int) -> tuple[int, bool]:
    """One portion of the walk, or of what is new: how many cases it made, and whether there may be more."""
    known = await facts.progress(connection)
    if known is None or known.version != VERSION:
        known = await _begin(connection, known, now)
    if known.walked_to is not None:
        touched = await facts.next_cases(connection, known.walked_to, cases)
        reached, more = known._replace(walked_to=touched[-1] if touched else None), True
    else:
        touched, place, more = await feed.changed(connection, known.place, events)
        await late_events.note(connection, known.place, place, known.settled_at, now)
        reached = known._replace(place=place)
    made = await _make(connection, touched, reached.place) if touched else []
    if known.walked_to is not None:
        await _clear(connection, known.walked_to, reached.walked_to or LAST, made)
    if not more and (touched or now or known.settled_at is None):
        reached = reached._replace(settled_at=await late_events.settle(connection, known.settled_at, now))
    if reached != known:
        await facts.keep_progress(connection, reached)
    return len(made), more


async def _clear(connection: Connection, after: UUID, to: UUID, made: list[UUID]) -> None:
    """Take away what is kept of others than the cases that were made in this part of the walk."""
    others = await facts.others(connection, after, to, made)
    if others:
        await figure_days.mark_due(connection, others)
        await facts.remove(connection, others)


async def _make(connection: Connection, touched: list[UUID], to: Place) -> list[UUID]:
    """Write the facts of some cases as of a place in the order of commits; those of which there are any by then.

    While the facts of some are derived, the server looks up the events of the next ones. The days on which a case
    counted before, and counts now, are due to be summed again.
    """
    await figure_days.mark_due(connection, touched)
    made: list[UUID] = []
    rows = await audit.of_cases(connection, touched[:AHEAD], to)
    for done in range(AHEAD, len(touched) + AHEAD, AHEAD):
        ahead = asyncio.create_task(audit.of_cases(connection, touched[done : done + AHEAD], to))
        await asyncio.sleep(0)
        try:
            found, notices = derive(rows)
        finally:
            rows = await ahead
        await facts.write(connection, found, notices)
        made += [case.case_id for case in found]
    await figure_days.mark_due(connection, touched)
    return made


def derive(rows: Sequence[Mapping[str, Any]]) -> tuple[list[CaseFact], list[NoticeFact]]:
    """The facts of cases.

    :param rows: their events, case by case and in order; where one is lacking, none behind it counts yet.
    """
    cases: list[CaseFact] = []
    notices: list[NoticeFact] = []
    for case, trail in groupby(rows, key=_case_of):
        events = [event for place, event in enumerate(trail, 1) if event["seq"] == place]
        if events:
            told = notice_facts(case, events)
            notices += told
            cases.append(case_facts(case, events, told))
    return cases, notices


def _case_of(row: Mapping[str, Any]) -> UUID:
    case: UUID = row["case_id"]
    return case
