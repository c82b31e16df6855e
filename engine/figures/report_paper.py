"""A report as the values that its printed form is set from: texts, and numbers for its charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.figures.report_book import about, title_of
from engine.figures.report_wording import BREACHES, of_cell, whole, written
from workflows.figure_catalogue import FIGURES
from workflows.report import COURSE, SUBJECTS

COLUMNS: Final = (
    "received", "accepted", "closed", "in_progress", "on_time_rate", "overdue_rate", "handling_days",
    "notice_once_rate", "good_rate",
)  # fmt: skip
"""Figures that the tables of departments and items show; the workbook has them all."""
SPLIT: Final = ("held_by_window", "held_by_department", "held_by_applicant", "held_by_third_party")
ITEMS_MOST: Final = 40
CASES_MOST: Final = 60
"""How many items, and cases of one kind of breach, are printed; the workbook has them all."""

Row = Mapping[str, Any]


def values_of(content: Row) -> dict[str, Any]:
    """The values of the template ``report``."""
    departments, items = _table(content["departments"]), _table(content["items"])
    return {
        "code": "report",
        "scanned": "",
        "seal": None,
        "title": title_of(content),
        "days": content["since"]
        if content["since"] == content["until"]
        else f"{content['since']} 至 {content['until']}",
        "about": [list(row) for row in about(content)],
        "subjects": [
            {"title": part.title.zh, "rows": [_figure(row) for row in content["figures"] if row["subject"] == n]}
            for n, part in enumerate(SUBJECTS)
        ],
        "course": _course(content["course"]),
        "heads": [FIGURES[name].title.zh for name in COLUMNS],
        "departments": departments,
        "items": items[:ITEMS_MOST],
        "items_left": max(0, len(items) - ITEMS_MOST),
        "closed": _bars(content["departments"]),
        "split": _split(content),
        "breaches": [_breach(row) for row in content["breaches"]],
        "definitions": [_definition(row) for row in content["definitions"]],
    }


def _figure(row: Row) -> list[str]:
    figure = FIGURES[row["name"]]
    below = "" if figure.kind == "count" else whole(row["denominator"])
    unit = figure.unit.zh if row["value"] is not None else ""
    return [figure.title.zh, whole(row["numerator"]), below, written(figure.kind, row["value"]), unit]


def _course(course: Row) -> dict[str, Any]:
    return {
        "step": "按日" if course["step"] == "day" else "按月",
        "labels": [row["day"][5:] if course["step"] == "day" else row["day"][:7] for row in course["rows"]],
        "series": [
            {"title": FIGURES[name].title.zh, "values": [row.get(name, 0) for row in course["rows"]]} for name in COURSE
        ],
    }


def _by_code(cells: Iterable[Row]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for cell in cells:
        found.setdefault(cell["code"], {})[cell["figure"]] = cell
    return found


def _table(cells: Iterable[Row]) -> list[list[str]]:
    """One row for each place or item, those that closed most first; who shows none of the columns is left out."""
    groups = {code: group for code, group in _by_code(cells).items() if not group.keys().isdisjoint(COLUMNS)}
    order = sorted(
        groups, key=lambda code: (-_number(groups[code], "closed"), -_number(groups[code], "received"), code)
    )
    return [[_label(groups[code]), *(of_cell(groups[code].get(name), name) for name in COLUMNS)] for code in order]


def _number(group: Mapping[str, Row], name: str) -> int:
    return group[name]["numerator"] or 0 if name in group else 0


def _label(group: Mapping[str, Row]) -> str:
    return str(next(iter(group.values()))["label"])


def _bars(cells: Iterable[Row]) -> list[list[Any]]:
    """What each department closed, and how much of that in time."""
    found: list[tuple[str, int, str]] = []
    for group in _by_code(cells).values():
        if _number(group, "closed"):
            rate = of_cell(group.get("on_time_rate"), "on_time_rate")
            found.append((_label(group), _number(group, "closed"), rate))
    return [list(row) for row in sorted(found, key=lambda row: (-row[1], row[0]))[:12]]


def _split(content: Row) -> dict[str, Any]:
    """The mean working days for which each side held a case: in all, and by department."""
    totals = {row["name"]: row for row in content["figures"]}
    groups = [("合计", totals), *((_label(group), group) for group in _by_code(content["departments"]).values())]
    rows = [[label, [_mean(group, name) for name in SPLIT]] for label, group in groups]
    return {
        "titles": [FIGURES[name].title.zh.removesuffix("平均持有时间") for name in SPLIT],
        "rows": [row for row in rows if any(row[1])][:13],
    }


def _mean(group: Mapping[str, Row], name: str) -> float:
    return float(group[name]["value"] or 0) if name in group else 0.0


def _breach(row: Row) -> dict[str, Any]:
    left = len(row["rows"]) - CASES_MOST
    return {
        "title": BREACHES[row["breach"]].zh,
        "amount": whole(sum(one["amount"] for one in row["rows"])) + ("" if row["whole"] else "以上"),
        "rows": [[one["case"], one["item_name"] or one["item"], one["day"], one["subject"] or "", whole(one["amount"])]
                 for one in row["rows"][:CASES_MOST]],
        "left": max(0, left),
    }  # fmt: skip


def _definition(row: Row) -> list[str]:
    excluded = f"不计入：{row['exclusions']}" if row["exclusions"] else ""
    source = f"依据：{row['source']}。" if row["source"] else ""
    return [
        f"{row['title']}（第{row['version']}版）",
        row["numerator"],
        row["denominator"],
        f"{row['period']}{excluded}{source}",
    ]
