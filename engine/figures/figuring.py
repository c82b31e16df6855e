"""Figures: counted over facts as of a moment, each with its definition, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from engine.context import Context
from engine.figures.as_of import FactsAsOf, facts_as_of
from engine.figures.asking import Asked, Reach, check, reach_of, selection
from engine.figures.day_summing import sums_of
from engine.figures.labelling import Labels, labels_of
from storage import calendars, figure_sums
from storage.figure_relations import Selection
from workflows.actor import Actor
from workflows.errors import Malformed
from workflows.fact import VERSION
from workflows.figure import Basis, Figure, Measure, definition_of, value_of
from workflows.figure_catalogue import FIGURES, figures_named
from workflows.figure_period import Bucket

CELLS: Final = 5000
"""How many cells one figure is broken down into, at most."""
NUMBERS: Final = 40_000
"""How many cells all figures of an answer have together, at most."""
Key = tuple[Any, ...]
Pair = tuple[int, int]


@dataclass(slots=True)
class Sums:
    """Numerator and denominator of one measure: by cell, and of the whole period."""

    cells: dict[Key, Pair]
    total: Pair


def definitions() -> list[dict[str, Any]]:
    """Every figure with its definition, in the order in which they are shown."""
    return [definition_of(figure) for figure in FIGURES.values()]


async def read_figures(context: Context, actor: Actor, names: Sequence[str], asked: Asked) -> dict[str, Any]:
    """Some figures of a period over the halls and departments of whoever asks.

    :param names: of figures, each in :data:`workflows.figure_catalogue.FIGURES`.
    :returns: ``since``, ``until``, ``as_of`` (UTC), ``facts_version``, ``calendars``, ``by``, ``where``, ``figures``:
        each with ``name``, ``definition``, ``total`` and ``cells`` (``at``, ``labels``, ``since``, ``until``);
        numbers are ``numerator``, ``denominator`` (None of a count) and ``value`` (None where there is no data).
    :raises NotFound: ``figure_unknown``; otherwise as :func:`engine.figures.asking.check`,
        :func:`engine.figures.asking.selection`, :func:`engine.figures.asking.reach_of` and
        :func:`engine.figures.as_of.facts_as_of`. :raises Malformed: ``too_many_cells``.
    """
    return await figures_within(context, await reach_of(actor), names, asked)


async def figures_within(context: Context, reach: Reach, names: Sequence[str], asked: Asked) -> dict[str, Any]:
    """The same over known halls and departments; what is scheduled runs under the reach of whoever ordered it."""
    chosen = figures_named(names)
    check(chosen, asked)
    async with facts_as_of(asked.as_of) as facts:
        await figure_sums.plan_anew(facts.connection)
        return await figures_of(context, facts, reach, chosen, asked)


async def figures_of(
    context: Context, facts: FactsAsOf, reach: Reach, chosen: Sequence[Figure], asked: Asked
) -> dict[str, Any]:
    """The same of facts at hand, so that several questions are answered from one snapshot.

    :param chosen: figures that :func:`engine.figures.asking.check` has passed.
    """
    wanted = await selection(context, facts.connection, reach, asked, facts.moment)
    sums = await _count(facts, chosen, wanted)
    labels = await labels_of(facts.connection, wanted.by, _keys(sums.values()))
    years = asked.since.year, asked.until.year
    editions = await calendars.editions_of(facts.connection, *years, asked.as_of)
    return {
        "since": asked.since,
        "until": asked.until,
        "as_of": facts.moment,
        "facts_version": VERSION,
        "calendars": editions,
        "by": list(asked.by),
        "where": dict(asked.where),
        "figures": [_answer(figure, sums, wanted, labels) for figure in chosen],
    }


async def _count(facts: FactsAsOf, chosen: Iterable[Figure], wanted: Selection) -> dict[Measure, Sums]:
    """The sums of every measure of some figures; one statement for all measures of a basis."""
    by_basis: dict[str, dict[Measure, None]] = {}
    for measure in (measure for figure in chosen for measure in figure.measures):
        by_basis.setdefault(measure.basis.name, {})[measure] = None
    found: dict[Measure, Sums] = {}
    left = NUMBERS
    for measures in by_basis.values():
        asked = list(measures)
        rows = await sums_of(facts, asked[0].basis, asked, wanted, CELLS + 1)
        left -= len(rows) * len(asked)
        if len(rows) > CELLS or left < 0:
            raise _too_many()
        found |= {measure: _sums(asked[0].basis, rows, n, wanted) for n, measure in enumerate(asked)}
    return found


def _too_many() -> Malformed:
    return Malformed(
        "too_many_cells",
        f"统计结果过多（一项指标超过{CELLS}格，或全部超过{NUMBERS}格），请缩短区间、减少维度或减少指标。",
        f"There would be more than {CELLS} cells of a figure or {NUMBERS} in all; ask for a shorter period, fewer"
        " dimensions or fewer figures.",
    )


def _sums(basis: Basis, rows: Iterable[tuple[Any, ...]], n: int, wanted: Selection) -> Sums:
    """The sums of the n-th measure. What stands at a moment is in all what stands at the last one."""
    width = len(wanted.by) + bool(wanted.time)
    place = width + 2 * n
    cells = {row[:width]: (int(row[place]), int(row[place + 1])) for row in rows}
    last = wanted.buckets[-1].begin
    whole = [pair for key, pair in cells.items() if basis.day or not wanted.time or key[-1] == last]
    return Sums(cells if width else {}, (sum(pair[0] for pair in whole), sum(pair[1] for pair in whole)))


def _keys(sums: Iterable[Sums]) -> list[Key]:
    return [key for one in sums for key in one.cells]


def _answer(figure: Figure, sums: dict[Measure, Sums], wanted: Selection, labels: Labels) -> dict[str, Any]:
    mine = [sums[measure] for measure in figure.measures]
    keys = {key for one in mine for key, pair in one.cells.items() if any(pair)}
    if wanted.time and not wanted.by:
        keys |= {(bucket.begin,) for bucket in wanted.buckets}
    cells = [_cell(figure, key, [one.cells.get(key, (0, 0)) for one in mine], wanted, labels) for key in keys]
    cells.sort(key=lambda cell: list(cell["at"].values()))
    total = _numbers(figure, [one.total for one in mine])
    return {"name": figure.name, "definition": definition_of(figure), "total": total, "cells": cells}


def _cell(figure: Figure, key: Key, pairs: Sequence[Pair], wanted: Selection, labels: Labels) -> dict[str, Any]:
    named = {name: labels.of(name, value) for name, value in zip(wanted.by, key, strict=False)}
    at = {name: label["code"] for name, label in named.items()}
    since, until = wanted.since, wanted.until
    if wanted.time:
        part = _part(wanted.buckets, key[-1])
        at[wanted.time] = part.begin.isoformat()
        since, until = part.since, part.last
    return {"at": at, "labels": named, "since": since, "until": until, **_numbers(figure, pairs)}


def _part(buckets: Sequence[Bucket], begin: date) -> Bucket:
    return next(bucket for bucket in buckets if bucket.begin == begin)


def _numbers(figure: Figure, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Numerator, denominator and value; nothing at all of a figure without data."""
    if not figure.measures:
        return {"numerator": None, "denominator": None, "value": None}
    numerator, denominator = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    below = None if figure.kind == "count" else denominator
    return {"numerator": numerator, "denominator": below, "value": value_of(figure.kind, numerator, below)}
