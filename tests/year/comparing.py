"""What the product says, asked as an auditor asks, and where it differs from what was counted by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from engine.context import Context
from engine.figures.asking import Asked
from engine.figures.drilling import FIRST as FROM_THE_START
from engine.figures.drilling import Behind, list_behind
from engine.figures.figuring import read_figures
from tests.factories import ITEMS
from tests.people import actor
from tests.year import days
from tests.year.by_hand import counted
from tests.year.case_by_hand import Case
from tests.year.history_by_hand import History, Pair, Period
from tests.year.plan import FIRST, LAST, YEAR
from workflows.figure_catalogue import FIGURES

MONTHS: Final = [
    Period(date(YEAR, month, 1), date(YEAR + month // 12, month % 12 + 1, 1) - days.DAY) for month in range(1, 13)
]
PERIODS: Final = [*MONTHS, Period(date(YEAR, 4, 1), date(YEAR, 6, 30)), Period(FIRST, LAST)]
WITHOUT_DATA: Final = frozenset({"average_wait"})
OF_ITEMS: Final = frozenset({"promise_compression", "instant_item_share"})
OF_TICKETS: Final = frozenset({"impasse_solved_rate", "impasse_on_time_rate"})
OF_CASES: Final = [name for name in FIGURES if name not in WITHOUT_DATA | OF_ITEMS | OF_TICKETS]
"""The figures that cases have a part in."""
PAGE: Final = 100


async def asked_for(
    context: Context, names: Sequence[str], since: date, until: date, **more: Any
) -> list[dict[str, Any]]:
    """Some figures, as the auditor of the province asks for them. ``more`` as in :class:`Asked`."""
    answer = await read_figures(context, await actor("auditor"), names, Asked(since, until, **more))
    figures: list[dict[str, Any]] = answer["figures"]
    return figures


def numbers(figure: Mapping[str, Any]) -> tuple[Any, Any]:
    """Numerator and denominator as they are shown."""
    return figure["numerator"], figure["denominator"]


def as_shown(name: str, pair: Pair) -> tuple[Any, Any]:
    """The same of what was counted by hand; a count has no denominator."""
    return pair[0], None if FIGURES[name].kind == "count" else pair[1]


def of_items() -> dict[str, Pair]:
    """承诺时限压缩比 and 即办事项占比 of the sample catalogue."""
    limits = [
        (item.statutory_limit.n, item.promise_limit.n)
        for item in ITEMS.values()
        if item.statutory_limit and item.statutory_limit.n > 0
        and item.statutory_limit.unit == item.promise_limit.unit == "working_days"
    ]  # fmt: skip
    instant = sum(item.case_kind == "instant" for item in ITEMS.values())
    by_law = sum(law for law, _ in limits)
    return {
        "promise_compression": (by_law - sum(promise for _, promise in limits), by_law),
        "instant_item_share": (instant, len(ITEMS)),
    }


async def totals(context: Context, history: History) -> list[str]:
    """Where a figure of a month, a quarter or the year differs."""
    found = []
    for period in PERIODS:
        mine = counted(history, period) | of_items()
        assert set(mine) == set(FIGURES) - WITHOUT_DATA
        for figure in await asked_for(context, list(mine), period.since, period.until):
            name = figure["name"]
            if numbers(figure["total"]) != as_shown(name, mine[name]):
                found.append(f"{period.since}..{period.until} {name}: {numbers(figure['total'])}, by hand {mine[name]}")
    return found


async def broken_down(context: Context, history: History, by: str) -> list[str]:
    """Where a figure of a department, an item, a hall, a channel or a kind of case differs in a month."""
    cells: dict[tuple[str, str], dict[date, tuple[Any, Any]]] = {}
    for figure in await asked_for(context, OF_CASES, FIRST, LAST, by=(by, "month")):
        for cell in figure["cells"]:
            cells.setdefault((figure["name"], cell["at"][by]), {})[cell["since"]] = numbers(cell)
    found = []
    for key in sorted({_key(case, by) for case in history.cases}):
        mine = history.of({case.number for case in history.cases if _key(case, by) == key})
        for period in MONTHS:
            by_hand = counted(mine, period)
            for name in OF_CASES:
                shown = cells.get((name, key), {}).pop(period.since, as_shown(name, (0, 0)))
                if shown != as_shown(name, by_hand[name]):
                    found.append(f"{key} {period.since} {name}: {shown}, by hand {by_hand[name]}")
    return found + [f"{place}: {left}, by hand nothing" for place, left in cells.items() if left]


def _key(case: Case, by: str) -> str:
    plan = case.plan
    return {
        "department": plan.item.department, "item": plan.item.code, "hall": plan.hall, "channel": case.channel,
        "kind": plan.item.case_kind,
    }[by]  # fmt: skip


async def behind(context: Context, name: str, since: date, until: date) -> set[str]:
    """The cases behind a figure about keeping the law: of a count what is counted, of a share the rest."""
    part = "numerator" if FIGURES[name].kind == "count" else "rest"
    found: set[str] = set()
    after, auditor = FROM_THE_START, await actor("auditor")
    while True:
        rows = await list_behind(context, auditor, name, part, Asked(since, until), after=after, limit=PAGE)
        found |= {row["case"] for row in rows}
        if len(rows) < PAGE:
            return found
        after = Behind(rows[-1]["key"], rows[-1]["place"])
