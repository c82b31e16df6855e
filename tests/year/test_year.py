"""A simulated year: what the product says of it equals what is counted by hand, and each planted breach is found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from engine.auditing import verify
from engine.context import Context
from engine.figures.asking import Asked
from engine.figures.figuring import read_figures
from engine.invariants import check_case
from engine.projecting import project, rebuild
from tests.engine.test_projecting import everything
from tests.people import actor
from tests.year import days
from tests.year.by_hand import History, Pair, Period, counted
from tests.year.case_by_hand import Case
from tests.year.history import history_of
from tests.year.plan import FIRST, LAST, YEAR
from tests.year.planted import PLANTED
from tests.year.the_year import Year, live
from workflows.figure_catalogue import FIGURES

CASES: Final = int(os.environ.get("YEAR_CASES", "330"))
SEED: Final = int(os.environ.get("YEAR_SEED", "1"))
NO_HURRY: Final = 600.0
AFTERWARDS: Final = datetime(2026, 1, 6, tzinfo=UTC)
"""Figures are asked in the new year."""
MIDSUMMER: Final = date(YEAR, 6, 30)
JUNE: Final = Period(date(YEAR, 6, 1), MIDSUMMER)
MONTHS: Final = [
    Period(date(YEAR, month, 1), date(YEAR + month // 12, month % 12 + 1, 1) - days.DAY) for month in range(1, 13)
]
PERIODS: Final = [*MONTHS, Period(date(YEAR, 4, 1), MIDSUMMER), Period(FIRST, LAST)]
OF_CASES: Final = [
    name for name, figure in FIGURES.items() if {m.basis.table for m in figure.measures} & {"cases", "notices", "cards", "materials"}
]


async def asked_for(context: Context, names: list[str], asked: Asked) -> list[dict[str, Any]]:
    """Some figures, as the auditor of the province asks for them."""
    answer = await read_figures(context, await actor("auditor"), names, asked)
    figures: list[dict[str, Any]] = answer["figures"]
    return figures


def numbers(figure: Mapping[str, Any]) -> tuple[Any, Any]:
    return figure["numerator"], figure["denominator"]


def as_shown(name: str, pair: Pair) -> tuple[Any, Any]:
    """A count has no denominator."""
    return pair[0], None if FIGURES[name].kind == "count" else pair[1]


async def test_the_year(context: Context) -> None:
    asked_then: list[Any] = []

    async def each_evening(_: Year, at: datetime) -> None:
        if days.day_of(at) == MIDSUMMER:
            await project(seconds=NO_HURRY, now=at)
            asked_then.append((at, await asked_for(context, OF_CASES, Asked(JUNE.since, JUNE.until))))

    year = await live(context, SEED, CASES, each_evening)
    await project(seconds=NO_HURRY, now=AFTERWARDS)
    history = await history_of(year)
    differences = await totals(context, history)
    for by in ("department", "item"):
        differences += await broken_down(context, history, by)
    for line in differences:
        print(line)
    assert differences == []


async def totals(context: Context, history: History) -> list[str]:
    found = []
    for period in PERIODS:
        mine = counted(history, period)
        for figure in await asked_for(context, list(mine), Asked(period.since, period.until)):
            name = figure["name"]
            if numbers(figure["total"]) != as_shown(name, mine[name]):
                found.append(f"{period.since}..{period.until} {name}: {numbers(figure['total'])} by hand {mine[name]}")
    return found


async def broken_down(context: Context, history: History, by: str) -> list[str]:
    found = []
    keys = {_key(case, by) for case in history.cases}
    answer = await asked_for(context, OF_CASES, Asked(FIRST, LAST, by=(by, "month")))
    cells = {
        (figure["name"], cell["at"][by], cell["since"]): numbers(cell)
        for figure in answer
        for cell in figure["cells"]
    }
    for key in sorted(keys):
        mine = history.of(lambda case, key=key: _key(case, by) == key)
        for period in MONTHS:
            for name, pair in counted(mine, period).items():
                if name in OF_CASES:
                    shown = cells.pop((name, key, period.since), as_shown(name, (0, 0)))
                    if shown != as_shown(name, pair):
                        found.append(f"{key} {period.since} {name}: {shown} by hand {pair}")
    return found + [f"{cell}: {pair} in no case" for cell, pair in cells.items() if pair[1] != 0]


def _key(case: Case, by: str) -> str:
    return case.plan.item.department if by == "department" else case.plan.item.code
