"""容缺受理: accepted while a listed material is still owed; supplied in time, or ended by the authority."""

from __future__ import annotations

from engine.ending import OTHER, list_returned
from engine.intake import accept, count_materials
from engine.work import Work
from workflows.material_guards import missing_lines


def accept_with_tolerance(work: Work) -> None:
    """容缺受理: the limits run from now; the undertaking (D07) names what is owed and what if it never comes."""
    accept(work)
    owed = [
        {"line": line.code, "name": line.name, "how_to_obtain": line.how_to_obtain}
        for line in missing_lines(work.situation)
    ]
    work.data["missing"] = [line["line"] for line in owed]
    work.papers_data["D05"] = {"mode": "tolerance", "missing": owed}
    work.papers_data["D07"] = {"missing": owed, "on_overdue": work.item.tolerance_overdue}


def meet_tolerance(work: Work) -> None:
    """容缺材料补齐: everything that was owed is there; a decision is possible again."""
    count_materials(work)


def end_tolerance(work: Work) -> None:
    """容缺逾期: what was owed never came; ended as the item's own policy says, and what was handed in goes back."""
    work.data |= {"result_code": OTHER, "missing": [line.code for line in missing_lines(work.situation)]}
    list_returned(work, "D20")
