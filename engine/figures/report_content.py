"""What a report says, as plain values: every figure, its breakdowns, its course, what broke a rule, the definitions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from engine.context import Context
from engine.figures.as_of import FactsAsOf, facts_as_of
from engine.figures.asking import Asked, Reach, check
from engine.figures.drilling import FIRST, Behind, rows_behind
from engine.figures.figure_board import NOTHING, askable, has_dimension
from engine.figures.figuring import figures_of
from storage import figure_labels, figure_sums
from workflows.fact import VERSION
from workflows.figure import Figure, Words, definition_of
from workflows.figure_catalogue import EDITION, FIGURES, figures_named
from workflows.report import COURSE, LISTED, SUBJECTS, Kind, step_of

STEPS: Final = 5
"""In how many steps a report is made: figures, departments, items, breaches, files."""
ROWS_MOST: Final = 5000
"""How many rows of one kind of breach are listed at most; their number is always told."""
_PORTION: Final = 500
_EVERYWHERE: Final = Words("管辖范围", "all that is within reach")

Row = dict[str, Any]
Told = Callable[[int], Awaitable[None]]
"""Is told how many of the steps are done."""


async def compose(context: Context, kind: Kind, reach: Reach, asked: Asked, told: Told) -> Row:
    """The content of a report; asked for again with the same words it is the same again.

    :param asked: ``by`` is left out; ``as_of`` is given.
    :raises Conflict: ``moment_not_settled``. :raises Malformed: ``too_many_cells``, otherwise as for figures.
    :raises NotFound: as for figures.
    """
    check(list(FIGURES.values()), Asked(asked.since, asked.until, as_of=asked.as_of))
    async with facts_as_of(asked.as_of) as facts:
        await figure_sums.plan_anew(facts.connection)
        whole = await figures_of(context, facts, reach, askable(asked, list(FIGURES.values())), replace(asked, by=()))
        course = await _course(context, facts, reach, asked)
        await told(1)
        departments = await _cells(context, facts, reach, asked, "department")
        await told(2)
        items = await _cells(context, facts, reach, asked, "item")
        await told(3)
        breaches = [await _breach(context, facts, reach, asked, breach) for breach in LISTED]
        place = await _place(facts, reach, asked)
    await told(4)
    totals = {one["name"]: one["total"] for one in whole["figures"]}
    return {
        "kind": kind.value,
        "place": place,
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "as_of": facts.moment.isoformat(),
        "where": dict(asked.where),
        "facts_version": VERSION,
        "edition": EDITION,
        "calendars": [{**row, "published_on": str(row["published_on"])} for row in whole["calendars"]],
        "figures": [_figure(n, figure, totals) for n, part in enumerate(SUBJECTS) for figure in part.figures],
        "course": course,
        "departments": departments,
        "items": items,
        "breaches": breaches,
        "definitions": [definition_of(figure) for part in SUBJECTS for figure in part.figures],
    }


def _figure(subject: int, figure: Figure, totals: dict[str, Row]) -> Row:
    """A figure in all; one that cannot be narrowed as asked has no data."""
    return {"subject": subject, "name": figure.name, "version": figure.version, **totals.get(figure.name, NOTHING)}


async def _cells(context: Context, facts: FactsAsOf, reach: Reach, asked: Asked, dimension: str) -> list[Row]:
    """The cells of every figure by one dimension, subject by subject, so that no answer grows too large."""
    found = []
    for part in SUBJECTS:
        figures = [one for one in askable(asked, part.figures) if one.measures and has_dimension(one, dimension)]
        answer = await figures_of(context, facts, reach, figures, replace(asked, by=(dimension,)))
        found += [_cell(one["name"], cell, dimension) for one in answer["figures"] for cell in one["cells"]]
    return found


def _cell(name: str, cell: Row, dimension: str) -> Row:
    label = cell["labels"][dimension]
    numbers = {key: cell[key] for key in ("numerator", "denominator", "value")}
    return {"figure": name, "code": label["code"], "label": label["name"], "label_en": label["name_en"], **numbers}


async def _course(context: Context, facts: FactsAsOf, reach: Reach, asked: Asked) -> Row:
    """What came and went, day by day or month by month."""
    step = step_of(asked.since, asked.until)
    answer = await figures_of(context, facts, reach, figures_named(COURSE), replace(asked, by=(step,)))
    rows: dict[str, Row] = {}
    for one in answer["figures"]:
        for cell in one["cells"]:
            rows.setdefault(cell["at"][step], {"day": cell["at"][step]})[one["name"]] = cell["numerator"]
    return {"step": step, "rows": [rows[day] for day in sorted(rows)]}


async def _breach(context: Context, facts: FactsAsOf, reach: Reach, asked: Asked, breach: str) -> Row:
    """What of a kind of breach there is: how much in all, and the rows behind it as far as they are listed."""
    name, part = LISTED[breach]
    figure = FIGURES[name]
    rows: list[Row] = []
    after: Behind = FIRST
    more = True
    while more and len(rows) < ROWS_MOST:
        found = await rows_behind(context, facts, reach, figure, part, asked, after=after, limit=_PORTION)
        rows += found
        more = len(found) == _PORTION
        after = Behind(found[-1]["key"], found[-1]["place"]) if found else after
    kept = ("case", "subject", "place", "item", "item_name", "item_name_en", "department", "amount")
    listed = [{**{key: row[key] for key in kept}, "day": str(row["day"] or "")} for row in rows]
    return {"breach": breach, "figure": name, "whole": not more, "rows": listed}


async def _place(facts: FactsAsOf, reach: Reach, asked: Asked) -> Row:
    """Whose report it is: what it was narrowed to, else what it counts where that is one place."""
    codes = [asked.where[name] for name in ("department", "hall") if name in asked.where]
    keys = [] if codes else list(reach.halls)
    rows = await figure_labels.places(facts.connection, keys, codes or reach.departments)
    found = sorted(rows, key=lambda row: row["path"])
    if codes or len(found) == 1:
        return {"codes": codes or [found[0]["code"]], "label": " · ".join(row["name"] for row in found),
                "label_en": " · ".join(row["name_en"] or row["name"] for row in found)}  # fmt: skip
    return {"codes": [row["code"] for row in found], "label": _EVERYWHERE.zh, "label_en": _EVERYWHERE.en}
