"""What a chart draws of the cells of a figure: the same numbers as the table beside it, no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from api.pages.wording import Wording
from workflows.figure import TIMES
from workflows.figure_period import parts

LINES_MOST: Final = 8
BARS_MOST: Final = 30
"""How many lines or bars are drawn, those of the largest numbers; the table has all."""

Row = dict[str, Any]


def chart_of(w: Wording, kind: str, by: Sequence[str], cells: Sequence[Row], found: Row | None) -> Row | None:
    """A line over time for each value of the other dimension, or a bar for each value; None without cells.

    :param found: the answer that the cells are of: its period and the moment of its data.
    """
    time = next((name for name in by if name in TIMES), "")
    other = next((name for name in by if name not in TIMES), "")
    if not cells or found is None:
        return None
    percent = kind in {"rate", "share"}
    if not time:
        chosen = sorted(cells, key=_weight, reverse=True)[:BARS_MOST]
        values = [_drawn(one, percent) for one in chosen]
        labels = [w.of(one["labels"][other], "name") for one in chosen]
        return {"kind": "bar", "percent": percent, "labels": labels, "series": [{"name": "", "values": values}]}
    whole = parts(found["since"], found["until"], time, w.zone, found["as_of"])
    steps = [part.begin.isoformat() for part in whole]
    groups: dict[str, list[Row]] = {}
    for one in cells:
        groups.setdefault(w.of(one["labels"][other], "name") if other else "", []).append(one)
    largest = sorted(groups, key=lambda name: -sum(map(_weight, groups[name])))[:LINES_MOST]
    series = []
    for name in largest:
        found = {one["at"][time]: _drawn(one, percent) for one in groups[name]}
        series.append({"name": name, "values": [found.get(step, 0 if kind == "count" else None) for step in steps]})
    return {"kind": "line", "percent": percent, "labels": steps, "series": series}


def _weight(cell: Row) -> int:
    return int(cell["denominator"] or cell["numerator"] or 0)


def _drawn(cell: Row, percent: bool) -> float | None:  # of the whole chart
    value: float | None = cell["value"]
    return round(value * 100, 2) if percent and value is not None else value
