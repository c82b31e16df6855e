"""The projection of facts: reads the trail in the order of commits and keeps one row for each case and each notice.

Whatever is new of a case, all of its events are read and its facts made anew. So it does not matter how often, in what
portions or by whom that is done: the same trail gives the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from storage import audit, facts, feed
from storage.db import Connection, transaction
from storage.facts import FIRST, Progress
from workflows.fact import VERSION, CaseFact, NoticeFact
from workflows.fact_case import case_facts
from workflows.fact_notice import notice_facts

EVENTS: Final = 2000
"""How many new events one portion looks at, at most."""
CASES: Final = 500
"""How many cases one portion of a walk takes."""


@dataclass(frozen=True, slots=True)
class Projected:
    """What a run has done.

    :param cases: how many times the facts of a case were made. :param whole: nothing settled is left to be read.
    """

    cases: int
    whole: bool


async def project(*, seconds: float, wait: bool = False, events: int = EVENTS, cases: int = CASES) -> Projected:
    """Bring the facts up to what is settled in the trail, in portions, each one transaction.

    Facts that were never made, or by another version of the derivation, are made by a walk over all cases. While
    another process projects, nothing is done. A process that dies leaves the portion to the next one.

    :param seconds: after so many no further portion is begun.
    :param wait: take turns with another process that projects, instead of leaving it to that one.
    :param events: new events of a portion, at most. :param cases: cases of a portion of a walk.
    """
    until, made, more = time.monotonic() + seconds, 0, True
    while more:
        async with transaction() as connection:
            if not await facts.lock(connection, wait=wait):
                return Projected(made, whole=False)
            count, more = await _portion(connection, events, cases)
        made += count
        if time.monotonic() >= until:
            break
    return Projected(made, whole=not more)


async def rebuild(*, seconds: float) -> Projected:
    """Make the facts of every case anew, into the rows that there are; readers find each row old or new.

    :param seconds: as for :func:`project`; what is not reached goes on with the next run of the projection.
    """
    async with transaction() as connection:
        await facts.lock(connection, wait=True)
        await _begin(connection)
    return await project(seconds=seconds, wait=True)


async def _begin(connection: Connection) -> Progress:
    """A walk from the first case; what is committed meanwhile is read after it."""
    begun = Progress(VERSION, await feed.now(connection), FIRST)
    await facts.keep_progress(connection, begun)
    return begun


async def _portion(connection: Connection, events: int, cases: int) -> tuple[int, bool]:
    """One portion of the walk, or of what is new: how many cases it made, and whether there may be more."""
    known = await facts.progress(connection)
    if known is None or known.version != VERSION:
        known = await _begin(connection)
    if known.walked_to is not None:
        touched = await facts.next_cases(connection, known.walked_to, cases)
        reached = known._replace(walked_to=touched[-1] if touched else None)
        more = True
    else:
        touched, place, more = await feed.changed(connection, known.place, events)
        reached = known._replace(place=place)
    if touched:
        await facts.write(connection, *derive(await audit.of_cases(connection, touched)))
    if reached != known:
        await facts.keep_progress(connection, reached)
    return len(touched), more


def derive(rows: Sequence[Mapping[str, Any]]) -> tuple[list[CaseFact], list[NoticeFact]]:
    """The facts of cases. :param rows: all of their events, case by case and in order."""
    cases: list[CaseFact] = []
    notices: list[NoticeFact] = []
    for case, trail in groupby(rows, key=_case_of):
        events = list(trail)
        told = notice_facts(case, events)
        notices += told
        cases.append(case_facts(case, events, told))
    return cases, notices


def _case_of(row: Mapping[str, Any]) -> UUID:
    case: UUID = row["case_id"]
    return case
