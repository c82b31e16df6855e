"""How the numbers of a report are written on paper, and what its breaches are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from workflows.figure import Kind, Words
from workflows.figure_catalogue import FIGURES

NO_DATA: Final = "无数据"
BREACHES: Final[Mapping[str, Words]] = {
    "A1": Words("A1 一次告知：告知两次以上", "A1: more than one notice"),
    "A2": Words("A2 再次告知中的新增事项", "A2: new lines in a later notice"),
    "A3": Words("A3 超过五个工作日才告知", "A3: told after five working days"),
    "A5": Words("A5 逾期未告知，视为受理", "A5: deemed accepted, nobody told"),
    "A6": Words("A6 告知事项缺少要素", "A6: lines that lack a part"),
    "A7": Words("A7 告知未送达", "A7: notices that were not served"),
    "overdue": Words("逾期办件", "Overdue cases"),
    "undelivered": Words("超时未出件", "Results not delivered in time"),
}


def written(kind: Kind, value: float | None) -> str:
    """A value as it is printed: whole numbers, percent to two places, means to two places; never a share of nothing."""
    if value is None:
        return NO_DATA
    if kind == "count":
        return f"{value:,.0f}"
    return f"{value:.2%}" if kind in {"rate", "share"} else f"{value:,.2f}"


def of_cell(cell: Mapping[str, Any] | None, name: str) -> str:
    """The value of a cell as it is printed; a place without any row of a count has none of it."""
    kind = FIGURES[name].kind
    if cell is None:
        return written(kind, 0 if kind == "count" else None)
    return written(kind, cell["value"])


def whole(number: int | None) -> str:
    """A numerator or denominator as it is printed."""
    return "–" if number is None else f"{number:,}"
