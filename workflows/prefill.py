"""What the forms of a counter hold before anybody has typed: counts that the scans show, lines that the list wants.

Each is a proposal in the form, to be looked at and sent by a person; nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def expected_counts(line: Row) -> dict[str, Any]:
    """How a line will be counted if everything is as the list has it; empty where nobody has counted or scanned it.

    :param line: a row of a case's material list. :returns: ``originals``, ``copies`` and ``pages``, or ``exempt``.
    """
    before = line["received"]
    if before["originals"] or before["copies"] or before["exempt"]:
        return {name: value for name, value in before.items() if value is not None}
    pages = sum(scan["pages"] for scan in line["scans"] if scan["state"] == "stored")
    if pages:
        return {**line["asked"], "pages": pages}
    return {"exempt": "e_cert"} if line["e_cert"] and not line["scans"] else {}


def proposed_lines(lines: Iterable[Row], hints: Iterable[Row], basis: Sequence[str]) -> list[dict[str, str]]:
    """Lines of a one-time notice for what the list asks for and the case lacks (行政许可法32(1)(4)).

    In Chinese, as the notice is written. What may be left out, and paper that may not be asked for, is not proposed.

    :param lines: the material list of the case. :param hints: what had been told before. :param basis: of the item.
    """
    told = {hint["material"]: hint["defect"] for hint in hints}
    found = []
    for line in lines:
        defect, requirement = _lacking(line)
        if defect and line["necessity"] != "optional" and not line["paper_barred"]:
            found.append(
                {
                    "material": line["line"],
                    "defect": told.get(line["line"], defect),
                    "requirement": requirement,
                    "basis": next(iter(basis), ""),
                    "how_to_obtain": line["how_to_obtain"],
                }
            )
    return found


def _lacking(line: Row) -> tuple[str, str]:
    """What is wrong with a line and what is asked; empty where the applicant owes nothing."""
    parts = {"原件": line["missing"]["originals"], "复印件": line["missing"]["copies"]}
    counts = "、".join(f"{name}{count}份" for name, count in parts.items() if count)
    if counts:
        return f"缺{counts}", f"请补交{line['name']}{counts}"
    newest = next(iter(line["checks"]), None)
    if newest is not None and not newest["passed"] and line["needs"]:
        return newest["note"] or "经核对与原件不符", f"请提交与原件一致的{line['name']}"
    return "", ""
