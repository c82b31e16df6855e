"""What decisions and the papers that end a case say: D15 to D17, D19, D20, D27."""

from __future__ import annotations

from typing import Any

from workflows.documents.facts_receipt import fee, returned
from workflows.documents.source import Source
from workflows.documents.wording import Words

Facts = dict[str, Any]

_CAUSES = {
    "death": "申请人死亡",
    "dissolution": "申请人终止",
    "force_majeure": "不可抗力",
    "loss_of_object": "申请事项的标的灭失",
}
_ENDS = {"end_tolerance": "容缺材料逾期未补交", "revoke": "撤销许可决定"}


def grant(source: Source, w: Words) -> Facts:
    """D15 准予决定书: what is granted, on which conditions, for how long (许可法38(1))."""
    months = source.item.result.validity_months
    return {
        "mode": source.data.get("mode", ""),
        "result": source.item.result.name,
        "conditions": source.data.get("conditions") or "",
        "validity": "长期有效" if months is None else f"{months // 12}年" if months % 12 == 0 else f"{months}个月",
        "basis": w.article(source.data.get("basis", "")),
        "law": "；".join(w.article(one) for one in source.item.basis),
        "permit": source.item.procedure_law == "PERMIT",
    }


def denial(source: Source, w: Words) -> Facts:
    """D16 不予许可决定书: facts, reasons, article, and both remedies with their terms (许可法38(2))."""
    return {
        "reason": source.data.get("reason", ""),
        "article": w.article(source.data.get("article", "")),
        "government": source.government,
        "permit": source.item.procedure_law == "PERMIT",
    }


def certificate(source: Source, w: Words) -> Facts:
    """D17 证照: number, holder, issuer, validity (许可法39)."""
    row = source.certificate or {}
    return {
        "title": row.get("name") or source.item.result.name,
        "holder": row.get("holder") or source.case["applicant"]["name"],
        "issuer": row.get("issuer") or source.department.name,
        "valid_from": w.day(row.get("valid_from")),
        "valid_to": w.day(row.get("valid_to")) or ("长期有效" if row else ""),
        "matter": source.item.name,
    }


def withdrawal(source: Source, w: Words) -> Facts:
    """D19 撤回申请书: the applicant's own wish before the decision, and what goes back."""
    return {"reason": source.data.get("reason", ""), "returned": returned(source, w)}


def termination(source: Source, w: Words) -> Facts:
    """D20 终止办理通知书: cause, article, and what goes back."""
    data = source.data
    cause = _CAUSES.get(data.get("cause", "")) or _ENDS.get(source.act, "")
    basis = data.get("article") or source.event["data"].get("cause_basis") or ""
    return {
        "cause": cause,
        "reason": data.get("reason", ""),
        "article": w.article(basis),
        "result": "视为撤回申请" if source.event["to_state"] == "WITHDRAWN" else "终止办理",
        "returned": returned(source, w),
        "revoked": source.act == "revoke",
        "government": source.government,
    }


def payment(source: Source, w: Words) -> Facts:
    """D27 缴费通知书: how much, for what, under which law; no fee without one (许可法58)."""
    found = source.item.fee
    return {
        "amount": source.data.get("amount", ""),
        "note": fee(source),
        "basis": w.article(found.basis) if found else "",
    }
