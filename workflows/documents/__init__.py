"""The kinds of 文书: their codes, titles, whose number and seal they carry, and which can be had in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Seal = Literal["", "receipt", "procedural", "agency", "supervision"]
"""The seal of a document: the hall's for receipts, the authority's special seal for procedural papers (许可法32(2)),
its own seal for decisions and certificates (39), the hall's for orders and cards; empty: none."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document.

    :param word: the character of its number. :param agency: whose number it carries.
    :param seal: the seal that it carries. :param bilingual: it is printed in two languages for foreign applicants.
    """

    code: str
    title: str
    title_en: str
    word: str
    agency: Literal["hall", "department"]
    seal: Seal = ""
    bilingual: bool = False


_HALL: Final = "hall"
_DEPARTMENT: Final = "department"
_RECEIPT: Final = "receipt"
_PROCEDURAL: Final = "procedural"
_AGENCY: Final = "agency"

KINDS: Final[dict[str, DocumentKind]] = {
    kind.code: kind
    for kind in (
        DocumentKind("D01", "收件凭证", "Receipt for materials", "收", _HALL, _RECEIPT, bilingual=True),
        DocumentKind("D02", "一次性告知单", "One-time information slip", "询", _HALL),
        DocumentKind("D03", "补正告知书", "Notice of correction", "补", _DEPARTMENT, _PROCEDURAL, bilingual=True),
        DocumentKind("D04", "补正材料接收凭证", "Receipt for corrections", "补收", _HALL),
        DocumentKind("D05", "受理通知书", "Notice of acceptance", "受", _DEPARTMENT, _PROCEDURAL, bilingual=True),
        DocumentKind("D06", "不予受理决定书", "Decision not to accept", "不受", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D07", "容缺受理承诺书", "Tolerance undertaking", "容", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D08", "告知承诺书", "Notification and promise", "诺", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D09", "特别程序告知书", "Notice of special procedure", "特", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D10", "延长期限告知书", "Notice of extension", "延", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D11", "现场核查笔录", "Record of site check", "核", _DEPARTMENT),
        DocumentKind("D12", "听证文书", "Hearing papers", "听", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D13", "利害关系人告知书", "Notice to third parties", "利", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D14", "审批表", "Approval form", "审", _DEPARTMENT),
        DocumentKind("D15", "准予决定书", "Decision to grant", "准", _DEPARTMENT, _AGENCY),
        DocumentKind("D16", "不予许可（登记、确认）决定书", "Decision to deny", "不许", _DEPARTMENT, _AGENCY),
        DocumentKind("D17", "证照", "Certificate", "证", _DEPARTMENT, _AGENCY),
        DocumentKind("D18", "送达回证", "Certificate of service", "送", _HALL, bilingual=True),
        DocumentKind("D19", "撤回申请书", "Withdrawal", "撤", _HALL, _PROCEDURAL),
        DocumentKind("D20", "终止办理通知书", "Notice of termination", "终", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D21", "退件通知书", "Notice of return", "退", _DEPARTMENT, _PROCEDURAL),
        DocumentKind("D22", "授权委托书", "Mandate", "委", _HALL),
        DocumentKind("D23", "材料移交单", "Handover slip", "移", _HALL),
        DocumentKind("D24", "督办通知书", "Supervision notice", "督", _HALL, "supervision"),
        DocumentKind("D25", "差评整改单", "Rectification order", "整", _HALL),
        DocumentKind("D26", "办不成事工单", "Impasse ticket", "难", _HALL),
        DocumentKind("D27", "缴费通知书", "Payment notice", "费", _DEPARTMENT),
        DocumentKind("D28", "送达地址确认书", "Confirmation of delivery address", "址", _HALL),
    )
}
