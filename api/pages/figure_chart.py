"""What a chart draws of the cells of a figure: the same numbers as the table beside it, no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from api.pages.wording import Wording
from workflows.figure import TIMES
from workflows.figure_period import parts

LINES_MOST: Final = 8
BARS_MOST: Final = 30
"""How many lines or bars are drawn, those of the largest numbers; the table has all."""
LIFTED: Final = 50
"""Lines of rates that stay above so many percent are drawn from higher up, and the caption says so."""

Row = dict[str, Any]


def chart_of(w: Wording, definition: Row, by: Sequence[str], cells: Sequence[Row], found: Row | None) -> Row | None:
    """A line over time for each value of the other dimension, or a bar for each value; None without cells.

    :param definition: of the figure, as of :func:`workflows.figure.definition_of`: its kind and unit.
    :param found: the answer that the cells are of: its period and the moment of its data.
    :returns: ``kind``, ``percent``, ``unit``, ``labels``, ``series``, ``none`` (what stands where there is no data)
        and ``low``, where the axis of numbers begins.
    """
    kind = definition["kind"]
    time = next((name for name in by if name in TIMES), "")
    other = next((name for name in by if name not in TIMES), "")
    if not cells or found is None:
        return None
    percent = kind in {"rate", "share"}
    if not time:
        chosen = sorted(cells, key=_weight, reverse=True)[:BARS_MOST]
        values = [_drawn(one, percent) for one in chosen]
        nothing = w.t("brackets", inner=w.t("figures.no_data"))
        names = [w.of(one["labels"][other], "name") for one in chosen]
        labels = [name + nothing * (value is None) for name, value in zip(names, values, strict=True)]
        return _chart(w, definition, "bar", labels, [{"name": "", "values": values}])
    whole = parts(found["since"], found["until"], time, w.zone, found["as_of"])
    steps = [part.begin.isoformat() for part in whole]
    labels = steps if time == "week" else [time_label(time, part.begin) for part in whole]
    groups: dict[str, list[Row]] = {}
    for one in cells:
        groups.setdefault(w.of(one["labels"][other], "name") if other else "", []).append(one)
    largest = sorted(groups, key=lambda name: -sum(map(_weight, groups[name])))[:LINES_MOST]
    series = []
    for name in largest:
        found = {one["at"][time]: _drawn(one, percent) for one in groups[name]}
        series.append({"name": name, "values": [found.get(step, 0 if kind == "count" else None) for step in steps]})
    return _chart(w, definition, "line", labels, series)


def _chart(w: Wording, definition: Row, drawn: str, labels: Sequence[str], series: Sequence[Row]) -> Row:
    percent = definition["kind"] in {"rate", "share"}
    unit = "%" if percent else w.of(definition, "unit") if definition["unit"] else ""
    numbers = [value for one in series for value in one["values"] if value is not None]
    low = int((min(numbers) - 1) // 10 * 10) if drawn == "line" and percent and numbers else 0
    return {
        "kind": drawn,
        "percent": percent,
        "unit": unit,
        "labels": list(labels),
        "series": list(series),
        "none": w.t("figures.no_data"),
        "low": low if low >= LIFTED else 0,
    }


def time_label(dimension: str, begin: date) -> str:
    """How a part of time is called: a day, a week from Monday to Sunday, a month or a year."""
    match dimension:
        case "week":
            return f"{begin.isoformat()}～{begin + timedelta(days=6):%m-%d}"
        case "month":
            return f"{begin:%Y-%m}"
        case "year":
            return f"{begin:%Y}"
        case _:
            return begin.isoformat()


def _weight(cell: Row) -> int:
    return int(cell["denominator"] or cell["numerator"] or 0)


def _drawn(cell: Row, percent: bool) -> float | None:  # of the whole chart
    value: float | None = cell["value"]
    return round(value * 100, 2) if percent and value is not None else value
