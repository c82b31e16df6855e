"""The figures of a period as pages show them: all of them by subject, one of them cell by cell, and that as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from engine.context import Context
from engine.figures.asking import CHANNELS, KINDS, Asked, reach_of
from engine.figures.figuring import read_figures
from engine.reading import log_access
from storage import figure_labels
from storage.db import reading
from storage.figure_relations import SOURCES
from workflows.actor import Actor
from workflows.errors import Malformed
from workflows.fact_table import harmless
from workflows.figure import DIMENSIONS, TIMES, Figure, definition_of
from workflows.figure_catalogue import FIGURES, figures_named
from workflows.report import SUBJECTS

NOTHING: Final = {"numerator": None, "denominator": None, "value": None}

Row = dict[str, Any]


def has_dimension(figure: Figure, dimension: str) -> bool:
    """Whether the rows of a figure can be told apart, or chosen, by a dimension."""
    tables = (SOURCES[measure.basis.table].columns for measure in figure.measures)
    return dimension in TIMES or all(dimension in columns for columns in tables)


def askable(asked: Asked, figures: Sequence[Figure]) -> list[Figure]:
    """The figures that can be narrowed as asked; the hall narrows every one."""
    return [figure for figure in figures if all(name == "hall" or has_dimension(figure, name) for name in asked.where)]


async def read_all(context: Context, actor: Actor, asked: Asked) -> Row:
    """Every figure of a period, grouped by subject. One that cannot be narrowed as asked has no data.

    :param asked: ``by`` is left out.
    :returns: as :func:`engine.figures.figuring.read_figures`, with ``subjects`` in place of ``figures``: ``title``,
        ``title_en`` and ``figures``, each with ``name``, ``definition`` and ``total``.
    :raises YichuangError: as :func:`engine.figures.figuring.read_figures`.
    """
    names = [figure.name for figure in askable(asked, list(FIGURES.values()))]
    found = await read_figures(context, actor, names, replace(asked, by=()))
    totals = {one["name"]: one["total"] for one in found.pop("figures")}
    return found | {
        "subjects": [
            {
                "title": part.title.zh,
                "title_en": part.title.en,
                "figures": [
                    {"name": one.name, "definition": definition_of(one), "total": totals.get(one.name, NOTHING)}
                    for one in part.figures
                ],
            }
            for part in SUBJECTS
        ]
    }


def dimensions_of(name: str) -> list[str]:
    """By what a figure can be broken down. :raises NotFound: ``figure_unknown``."""
    (figure,) = figures_named([name])
    return [dimension for dimension in DIMENSIONS if figure.measures and has_dimension(figure, dimension)]


async def places_within(actor: Actor) -> Row:
    """What a form offers: ``halls`` and ``departments`` within reach, each with ``code`` and names.

    :raises Forbidden: ``role_not_allowed``.
    """
    reach = await reach_of(actor)
    codes = [*reach.departments, *await figure_labels.departments_serving(reach.halls)]
    async with reading() as connection:
        found = await figure_labels.places(connection, reach.halls, codes)
    rows = sorted(found, key=lambda row: row["path"])
    return {
        "halls": [row for row in rows if row["kind"] == "hall"],
        "departments": [row for row in rows if row["kind"] == "department"],
        "channels": list(CHANNELS),
        "kinds": list(KINDS),
    }


async def table_of_figure(context: Context, actor: Actor, name: str, asked: Asked, now: datetime) -> bytes:
    """A figure with its cells as CSV (RFC 4180, UTF-8 with a byte order mark). It is logged.

    :param now: UTC. :raises Malformed: ``dimension_needed``; otherwise as for the figure.
    """
    if not asked.by:
        raise Malformed(
            "dimension_needed",
            "请先选择统计维度，再导出表格。",
            "Choose a dimension first; then there is a table to take out.",
        )
    found = await read_figures(context, actor, [name], asked)
    (figure,) = found["figures"]
    told = {"from": asked.since, "to": asked.until, "by": ",".join(asked.by), **asked.where}
    await log_access(actor, f"figure:{name}", "figure.export", now, urlencode(told))
    definition, times = figure["definition"], [one for one in asked.by if one in TIMES]
    others = [one for one in asked.by if one not in TIMES]
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    heads = [part for one in others for part in (one, f"{one}_name", f"{one}_name_en")] + times
    writer.writerow([*heads, "from", "to", "numerator", "denominator", "value", "unit", "figure", "version", "as_of"])
    for cell in figure["cells"]:
        labels = [harmless(cell["labels"][one][part]) for one in others for part in ("code", "name", "name_en")]
        place = [*labels, *(cell["at"][one] for one in times), cell["since"], cell["until"]]
        numbers = [cell["numerator"], cell["denominator"], cell["value"]]
        writer.writerow([*place, *numbers, definition["unit"], name, definition["version"], found["as_of"].isoformat()])
    return b"\xef\xbb\xbf" + made.getvalue().encode()
