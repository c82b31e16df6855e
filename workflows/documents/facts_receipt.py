"""What the papers of receipt and acceptance say: D01 to D08, D21."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.clock import ClockKind
from workflows.clock_words import KINDS
from workflows.documents.source import Row, Source
from workflows.documents.wording import EXEMPT, Words

Facts = dict[str, Any]


def receipt(source: Source, w: Words) -> Facts:
    """D01 收件凭证: what was handed in, when to the minute, and until when the applicant hears what is lacking."""
    return {
        "received_at": w.moment(source.event["at"]),
        "materials": materials(source, w),
        "notice_due": due(source, w, ClockKind.notice),
        "clerk": source.event["actor_name"],
    }


def information(source: Source, w: Words) -> Facts:
    """D02 一次性告知单: what is lacking, and how and where it is to be had; a consultation's question and answer."""
    return {
        "gaps": [
            {
                "material": w.of(*source.line_name(gap["material"])),
                "defect": gap["defect"],
                "how_to_obtain": gap["how_to_obtain"],
            }
            for gap in source.data.get("gaps", ())
        ],
        "question": source.data.get("question", ""),
        "answer": source.data.get("answer", ""),
        "clerk": source.event["actor_name"],
    }


def notice(source: Source, w: Words) -> Facts:
    """D03 补正告知书: every line, told once, with the day by which to hand in (许可法32(1)(4))."""
    return {
        "lines": [
            {
                "line": str(row["line"]),
                "material": w.of(*source.line_name(row["material"])),
                "defect": row["defect"],
                "requirement": row["requirement"],
                "basis": row["basis"],
                "how_to_obtain": _obtained(source, row, w),
            }
            for row in source.data["lines"]
        ],
        "deadline": due(source, w, ClockKind.correction),
        "changed_fact": source.data.get("changed_fact") or "",
        "further": source.act == "add_notice_lines",
        "overdue": "terminated" if source.item.tolerance_overdue == "terminated" else "withdrawn",
    }


def _obtained(source: Source, row: Row, w: Words) -> str:
    """Who issues a material, and where and how it is had."""
    way = row.get("how_to_obtain") or ""
    issuer = next((line.source for line in source.item.materials if line.code == row["material"]), "")
    return f"{w.of('来源', 'From')}：{issuer}。{way}" if issuer else way


def correction(source: Source, w: Words) -> Facts:
    """D04 补正材料接收凭证: what came in, matched to the lines of the notice (许可法32(1)(5))."""
    data = source.data
    return {
        "received_at": w.moment(source.event["at"]),
        "materials": materials(source, w),
        "met": [_line(source, w, row) for row in data.get("met", ())],
        "open": [_line(source, w, row) for row in data.get("open", ())],
        "purpose": {"meet_tolerance": "tolerance", "supply_supplement": "supplement"}.get(source.act, "correction"),
        "clerk": source.event["actor_name"],
    }


def _line(source: Source, w: Words, row: Row) -> Facts:
    return {
        "line": str(row["line"]),
        "material": w.of(*source.line_name(row["material"])),
        "requirement": row["requirement"],
    }


def acceptance(source: Source, w: Words) -> Facts:
    """D05 受理通知书: accepted as of when and how, both limits, what may be left out of them, fee, way of delivery."""
    data, item = source.data, source.item
    mode = data.get("mode", "normal")
    accepted_at = data.get("accepted_at") or source.case["accepted_at"] or source.event["at"]
    return {
        "mode": mode,
        "accepted_on": w.date_of(accepted_at),
        "statutory": w.limit(item.statutory_limit.n, item.statutory_limit.unit) if item.statutory_limit else "",
        "statutory_basis": w.article(item.statutory_limit.basis) if item.statutory_limit else "",
        "promise": w.limit(item.promise_limit.n, item.promise_limit.unit) if item.promise_limit.n else "",
        "statutory_due": due(source, w, ClockKind.statutory),
        "promise_due": due(source, w, ClockKind.promise),
        "special": [
            {
                "name": w.of(step.name, step.name_en),
                "limit": w.of(f"不超过{step.max_days}个工作日", f"at most {step.max_days} working days"),
                "counted": _counted(w, excluded=step.excluded),
            }
            for step in item.special_procedures
        ],
        "fee": fee(source),
        "missing": [w.of(*source.line_name(row["line"])) for row in data.get("missing", ())],
        "tolerance_due": due(source, w, ClockKind.tolerance) if mode == "tolerance" else "",
    }


def _counted(w: Words, *, excluded: bool) -> str:
    return w.of("不计入办理期限", "not counted") if excluded else w.of("计入办理期限", "counted")


def refusal(source: Source, w: Words) -> Facts:
    """D06 不予受理决定书: reason, article, the right authority, remedies (许可法32(1)(1)(2), 38(2))."""
    return {
        "reason": source.data.get("reason", ""),
        "article": w.article(source.data.get("article", "")),
        "right_authority": source.data.get("right_authority") or "",
        "government": source.government,
    }


def tolerance(source: Source, w: Words) -> Facts:
    """D07 容缺受理承诺书: what is still owed, by when, and what follows if it never comes."""
    return {
        "missing": [
            {"name": w.of(*source.line_name(row["line"])), "how_to_obtain": row.get("how_to_obtain", "")}
            for row in source.data.get("missing", ())
        ],
        "deadline": due(source, w, ClockKind.tolerance),
        "on_overdue": source.data.get("on_overdue", source.item.tolerance_overdue),
    }


def promise(source: Source, w: Words) -> Facts:
    """D08 告知承诺书: what the applicant was told, and until when the promise is checked (国办发〔2020〕42号)."""
    return {
        "told": source.data.get("told", ""),
        "check_days": str(source.item.post_check_days),
        "check_due": w.day(source.event["data"].get("post_check_due")),
    }


def lapse(source: Source, w: Words) -> Facts:
    """D21 退件通知书: why the case ends, and which originals go back."""
    return {"reason": source.data.get("reason", ""), "returned": returned(source, w)}


def returned(source: Source, w: Words) -> list[Facts]:
    """The originals that go back to the applicant."""
    return [
        {"name": w.of(*source.line_name(row["line"])), "originals": str(row["originals"])}
        for row in source.data.get("returned", ())
    ]


def materials(source: Source, w: Words, rows: Mapping[str, Row] | None = None) -> list[Facts]:
    """What was handed in for each line. :param rows: counts by line, instead of those that came with the act."""
    given = rows.values() if rows is not None else source.data.get("materials") or ()
    return [
        {
            "name": w.of(*source.line_name(row["line"])),
            "originals": _count(row, "originals"),
            "copies": _count(row, "copies"),
            "pages": _count(row, "pages"),
            "form": w.pair(EXEMPT, row["exempt"]) if row.get("exempt") else w.of("纸质", "paper"),
        }
        for row in given
    ]


def _count(row: Row, name: str) -> str:
    return str(row.get(name) or 0)


def due(source: Source, w: Words, kind: ClockKind) -> str:
    """The last day of a limit as it stood when the document was issued; nothing while it stands still or is over."""
    state = source.event["clocks"].get(kind.value)
    return w.day(state["due_on"]) if state and state["status"] == "running" else ""


def fee(source: Source) -> str:
    """What the item costs (许可法58)."""
    found = source.item.fee
    if found is None:
        return ""
    amount = f"{found.amount}元" if found.amount else ""
    return "，".join(part for part in (amount, found.note) if part)


def clock_title(kind: str, w: Words) -> str:
    """The name of a limit."""
    return w.of(*KINDS[ClockKind(kind)])
