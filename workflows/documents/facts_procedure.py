"""What the papers of a review say: D09 to D14."""

from __future__ import annotations

from typing import Any

from workflows.documents.facts_receipt import clock_title
from workflows.documents.source import Row, Source
from workflows.documents.wording import Words
from workflows.hearing_terms import ANSWER_DAYS, HELD_WITHIN, REQUEST_DAYS
from workflows.item import EXCLUDED_KINDS

Facts = dict[str, Any]

_HEARINGS = {
    "tell_hearing_right": "听证告知书",
    "schedule_hearing": "听证通知书",
    "record_hearing": "听证笔录",
}
_RESULTS = {
    "grant": "拟准予",
    "deny": "拟不予许可",
    "granted": "准予",
    "denied": "不予许可",
    "endorsed": "同意",
    "sent_back": "退回承办",
    "reported": "初审完毕，上报",
}
_ROUNDS = {"review": "承办", "endorsement": "审核", "decision": "批准", "return": "退回", "opinion": "会签"}


def special(source: Source, w: Words) -> Facts:
    """D09 特别程序告知书: kind, basis, expected time, and when the limits would then end (许可法45)."""
    data = source.data
    known = EXCLUDED_KINDS.get(data["kind"], (data["kind"], ""))[0]
    return {
        "procedure": data.get("name") or known,
        "basis": w.article(data.get("basis", "")),
        "planned_start": w.day(data["planned_start"]),
        "planned_end": w.day(data["planned_end"]),
        "reason": data.get("reason", ""),
        "expected": [
            {"clock": clock_title(kind, w), "due": w.day(day)}
            for kind, day in sorted(data.get("expected_due", {}).items(), reverse=True)
        ],
    }


def extension(source: Source, w: Words) -> Facts:
    """D10 延长期限告知书: how long, why, who approved it, when the limits end now (许可法42)."""
    return {
        "reason": source.data.get("reason", ""),
        "approver": source.data.get("approver", ""),
        "extended": [
            {
                "clock": clock_title(row["clock"], w),
                "amount": w.limit(row["n"], row["unit"]),
                "basis": w.article(row["basis"]),
                "due": w.day(row["due_on"]),
            }
            for row in source.data.get("extended", ())
        ],
    }


def site_check(source: Source, w: Words) -> Facts:
    """D11 现场核查笔录: two officers at least with their cards, place, findings, signature or refusal (许可法34(3))."""
    data = source.data
    return {
        "checked_at": w.moment(source.event["at"]),
        "place": data.get("place", ""),
        "officers": [
            {"name": source.people.get(row["login"], row["login"]), "card": row["card"]}
            for row in data.get("officers", ())
        ],
        "findings": data.get("findings", ""),
        "signed": bool(data.get("signed")),
        "refusal": data.get("refusal") or "",
    }


def hearing(source: Source, w: Words) -> Facts:
    """D12 听证文书: the right to a hearing, its time and place, or its record (许可法46 to 48)."""
    data = source.data
    host = data.get("host", "")
    return {
        "title": _HEARINGS.get(source.act, ""),
        "step": source.act,
        "reason": data.get("reason", ""),
        "request_days": str(REQUEST_DAYS),
        "held_within": str(HELD_WITHIN),
        "held_on": w.day(data.get("held_on")),
        "place": data.get("place", ""),
        "host": source.people.get(host, host),
        "record": data.get("record", ""),
        "signed": bool(data.get("signed")),
        "refusal": data.get("refusal") or "",
    }


def third_parties(source: Source, w: Words) -> Facts:
    """D13 利害关系人告知书: to whom, which interest, and how long they have to be heard (许可法36)."""
    return {
        "parties": [{"name": row["name"], "interest": row["interest"]} for row in source.data.get("parties", ())],
        "answer_days": str(ANSWER_DAYS),
        "told_on": w.date_of(source.event["at"]),
    }


def approval(source: Source, w: Words) -> Facts:
    """D14 审批表: the opinions of one round, each with its name and moment; a bare signature is not enough."""
    return {"opinions": [_opinion(row, w) for row in source.opinions]}


def _opinion(row: Row, w: Words) -> Facts:
    return {
        "round": _ROUNDS.get(row["kind"], row["kind"]),
        "result": _RESULTS.get(row["result"], row["result"]),
        "opinion": row["opinion"],
        "article": row["article"],
        "signed_name": row["signed_name"],
        "signed_at": w.moment(row["signed_at"]),
    }
