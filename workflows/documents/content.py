"""Everything that stands on a document, as plain values for its template: the common head, and what its kind adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from workflows.documents import (
    KINDS,
    DocumentKind,
    facts_decision,
    facts_oversight,
    facts_procedure,
    facts_receipt,
    facts_service,
    facts_slip,
)
from workflows.documents.source import Slip, Source
from workflows.documents.wording import Words, words_of

Facts = dict[str, Any]

FACTS: Final[Mapping[str, Callable[[Source, Words], Facts]]] = MappingProxyType(
    {
        "D01": facts_receipt.receipt,
        "D02": facts_receipt.information,
        "D03": facts_receipt.notice,
        "D04": facts_receipt.correction,
        "D05": facts_receipt.acceptance,
        "D06": facts_receipt.refusal,
        "D07": facts_receipt.tolerance,
        "D08": facts_receipt.promise,
        "D09": facts_procedure.special,
        "D10": facts_procedure.extension,
        "D11": facts_procedure.site_check,
        "D12": facts_procedure.hearing,
        "D13": facts_procedure.third_parties,
        "D14": facts_procedure.approval,
        "D15": facts_decision.grant,
        "D16": facts_decision.denial,
        "D17": facts_decision.certificate,
        "D18": facts_service.service,
        "D19": facts_decision.withdrawal,
        "D20": facts_decision.termination,
        "D21": facts_receipt.lapse,
        "D23": facts_service.handover,
        "D24": facts_oversight.supervision,
        "D25": facts_oversight.rectification,
        "D27": facts_decision.payment,
        "D28": facts_service.electronic,
    }
)
"""What each kind of a case says beside the common head; for those of no case see :mod:`.facts_slip`."""

_SEALS: Final[Mapping[str, str]] = {
    "receipt": "收件专用章",
    "agency": "机关印章",
    "supervision": "督办专用章",
}
_NO_NUMBER: Final = "（签发时编号）"


def content(source: Source | Slip, *, draft: bool = False) -> Facts:
    """The values that the template of a document prints.

    :param draft: a sample before issue: marked as such, not sealed.
    :returns: the head, ``facts`` of the kind, ``paragraphs``: the item's own text in place of the standing one, and
        ``scanned``: what a scanner reads from the code on it.
    """
    if isinstance(source, Slip):
        return _slip(source, draft=draft)
    kind = KINDS[source.code]
    w = words_of(source, bilingual=kind.bilingual)
    facts = FACTS[source.code](source, w)
    own = source.item.document_texts.get(source.code)
    return {
        **_head(source, kind, w),
        "title": facts.get("title") or _title(source, kind),
        "draft": draft,
        "seal": seal_of(source),
        "facts": facts,
        "paragraphs": list(own) if own else None,
    }


def _head(source: Source, kind: DocumentKind, w: Words) -> Facts:
    """What every document carries: who, whose case, which matter, when, under which article, whom to ask."""
    case, applicant = source.case, source.case["applicant"]
    return {
        "code": kind.code,
        "both": w.both,
        "title_en": kind.title_en,
        "agency": source.agency.name,
        "agency_en": source.agency.name_en,
        "number": source.number or _NO_NUMBER,
        "case": case["number"],
        "query_code": case["query_code"],
        "address": source.address,
        "scanned": source.address or case["query_code"],
        "applicant": applicant["name"],
        "organisation": applicant["kind"] == "organisation",
        "item": source.item.name,
        "item_en": source.item.name_en,
        "item_code": source.item.code,
        "date": w.date_of(source.issued_at),
        "basis": w.article(source.basis),
        "contact": "、".join(part for part in (source.agency.name, source.event["actor_name"]) if part),
        "phone": source.agency.phone or source.hall.phone,
    }


def _slip(slip: Slip, *, draft: bool) -> Facts:
    """The values of a document that belongs to no case; what a reader of its code finds is its number."""
    kind, data, w = KINDS[slip.code], slip.data, Words(slip.hours, both=False)
    return {
        "code": kind.code,
        "both": False,
        "title": kind.title,
        "title_en": kind.title_en,
        "agency": slip.hall.name,
        "agency_en": slip.hall.name_en,
        "number": slip.number or _NO_NUMBER,
        "case": data.get("case", ""),
        "query_code": "",
        "address": "",
        "scanned": data.get("scanned") or slip.number,
        "applicant": data.get("applicant", ""),
        "organisation": bool(data.get("organisation")),
        "item": data.get("item", ""),
        "item_en": "",
        "item_code": data.get("item_code", ""),
        "date": w.date_of(slip.issued_at),
        "basis": w.article(data.get("basis", "")),
        "contact": "、".join(part for part in (slip.hall.name, data["clerk"]) if part),
        "phone": slip.hall.phone,
        "draft": draft,
        "seal": None,
        "facts": facts_slip.FACTS[slip.code](slip, w),
        "paragraphs": data.get("paragraphs"),
    }


def _title(source: Source, kind: DocumentKind) -> str:
    """The title as the law of the item calls it: only a permit is refused as one."""
    if kind.code == "D16":
        return "不予许可决定书" if source.item.procedure_law == "PERMIT" else "不予办理决定书"
    if kind.code == "D15" and source.item.procedure_law == "PERMIT":
        return "准予行政许可决定书"
    return kind.title


def seal_of(source: Source) -> Facts | None:
    """The seal that the document carries: whose, and what it is called; ``kind`` names the image of it."""
    seal = KINDS[source.code].seal
    if not seal:
        return None
    special = "行政许可专用章" if source.item.procedure_law == "PERMIT" else "业务专用章"
    return {"kind": seal, "owner": source.agency.name, "name": _SEALS.get(seal, special)}


def texts_of(value: Any) -> list[str]:
    """Every text in the values of a document, for whoever looks whether it can be printed or was."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in texts_of(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in texts_of(inner)]
    return []
