"""Sums of days say what the facts say: while days are due, once they are summed, and when all are summed anew."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from engine.context import Context
from engine.figures.as_of import facts_as_of
from engine.figures.day_summing import sum_days, sums_of
from engine.projecting import project, rebuild
from storage import figure_sums
from storage.db import reading
from storage.figure_day_sums import days_due, serves
from storage.figure_days import KEPT
from storage.figure_relations import Selection
from tests.databases import Database
from tests.engine.test_figuring import AFTER, NO_HURRY, invent
from tests.factories import bring, open_story
from workflows.events import Act
from workflows.figure_catalogue import FIGURES
from workflows.figure_period import parts

HERE = ZoneInfo("Asia/Shanghai")
SINCE, UNTIL = date(2026, 1, 10), date(2026, 11, 20)
TOLD_APART: tuple[tuple[str, ...], ...] = ((), ("hall",), ("department", "item"))


async def selections() -> list[Selection]:
    """Ways of asking for the figures of some halls and of a department."""
    async with reading() as connection:
        halls = [row["id"] for row in await connection.fetch("SELECT id FROM organisations WHERE kind = 'hall'")]
        item = await connection.fetchval("SELECT max(item) FROM case_facts")
    filters: list[tuple[tuple[str, Any], ...]] = [(), (("item", item),), (("department", None), ("hall", halls[0]))]
    every = product(((halls, ()), ((), ("amr",))), TOLD_APART, ("", "day", "month"), filters)
    return [
        Selection(SINCE, UNTIL, AFTER, here, codes, (), where, by, time, parts(SINCE, UNTIL, time, HERE, AFTER))
        for (here, codes), by, time, where in Random(5).sample(list(every), 8)
    ]


async def compared() -> tuple[int, int]:
    """How many cells of all figures are the same from the sums of days as from the facts, and how many days are due."""
    same = late = 0
    asked = await selections()
    async with facts_as_of() as then:
        assert then.live
        for basis, measures in KEPT.values():
            late += len(await days_due(then.connection, basis, SINCE, UNTIL) or ())
            for one in asked:
                assert serves(basis, one)
                summed = await sums_of(then, basis, measures, one, 5000)
                counted = await figure_sums.sums(then.connection, then, basis, measures, one, 5000)
                assert sorted(summed, key=repr) == sorted(counted, key=repr), (basis.name, one)
                same += len(summed)
    return same, late


async def summed() -> list[tuple[Any, ...]]:
    async with reading() as connection:
        found = await connection.fetch("SELECT basis, day, hall, department, item, sums FROM figure_days")
    return sorted((tuple(row) for row in found), key=repr)


async def superuser(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_sums_of_days_are_what_the_facts_add_up_to(context: Context, database: Database) -> None:
    delivered, told = await bring(context, "DELIVERED"), await bring(context, "CORRECTION")
    await project(seconds=NO_HURRY, now=AFTER)
    await invent(database, Random(11))
    assert await compared() > (60, 0)
    assert await summed() == []

    assert await sum_days(seconds=NO_HURRY, days=7)
    cells, due = await compared()
    assert (cells > 60, due) == (True, 0)
    first = await summed()

    await told.go("clerk", Act.WITHDRAW, at=told.now + timedelta(days=1), reason="不办了", signed=True)
    await open_story(context, at=delivered.now)
    await project(seconds=NO_HURRY, now=AFTER + timedelta(days=1))
    cells, due = await compared()
    assert due > 0
    assert await sum_days(seconds=NO_HURRY)
    assert await compared() == (cells, 0)
    second = await summed()
    assert second != first

    await superuser(database, "UPDATE figure_days SET sums[1] = 7; UPDATE figure_day_editions SET edition = ''")
    assert await compared() == (cells, 0)
    assert await sum_days(seconds=NO_HURRY)
    assert (await summed(), await compared()) == (second, (cells, 0))
    await a_fact_that_moves_to_another_day_leaves_the_one_before(database)


async def a_fact_that_moves_to_another_day_leaves_the_one_before(database: Database) -> None:
    kept = await summed()
    await superuser(
        database,
        "UPDATE case_facts SET accepted_on = accepted_on + 3, closed_on = closed_on + 3"
        " WHERE case_id IN (SELECT id FROM cases); UPDATE figure_day_editions SET edition = ''",
    )
    assert await sum_days(seconds=NO_HURRY)
    assert await summed() != kept
    await superuser(
        database,
        "UPDATE figure_days SET sums[1] = 777; INSERT INTO figure_days (id, basis, day, department, sums)"
        " SELECT uuidv7(), basis, DATE '1999-09-09', 'amr', sums FROM figure_days LIMIT 1",
    )
    await rebuild(seconds=NO_HURRY, now=AFTER + timedelta(days=2))
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM case_facts") == 3
        assert await connection.fetchval("SELECT count(*) FROM cases") == 3
    assert (await compared())[1] > 0
    assert await sum_days(seconds=NO_HURRY)
    cells, due = await compared()
    assert (cells > 0, due) == (True, 0)
    told = await summed()
    assert 0 < len(told) < len(kept)
    assert not any(row[1].year == 1999 or row[5][0] == 777 for row in told)


def test_what_depends_on_the_moment_asked_about_is_no_sum_of_days() -> None:
    every = {measure for figure in FIGURES.values() for measure in figure.measures}
    kept = {measure for one in KEPT.values() for measure in one.measures}
    assert {"cases.closed", "cases.received", "notices.given"} <= set(KEPT)
    assert {one.basis.table for one in every - kept} == {"cases", "cards", "tickets", "items"}
    assert not any(one.basis.day for one in every - kept if one.basis.table == "cases")
