"""One invented document of every kind, to print, to read back, to look at: ``python -m tests.documents FILE``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from engine.documents.typesetting import FACES, Typesetter
from workflows.documents import KINDS
from workflows.documents.content import content
from workflows.documents.source import Place, Slip, Source
from workflows.item import load_catalogue
from workflows.numbers import document_number

AT: Final = datetime(2026, 3, 2, 1, 40, tzinfo=UTC)
"""09:40 in the hall."""
ITEMS: Final = {item.name: item for item in load_catalogue()}
HYGIENE: Final = ITEMS["公共场所卫生许可"]
HALL: Final = Place("示例市政务服务中心", "Sample City Service Hall", "0898-00000000")
DEPARTMENT: Final = Place("示例市卫生健康委员会", "Sample City Health Commission", "0898-00000001")
FIRM: Final = {
    "kind": "organisation",
    "name": "示例𠮷祥浴池有限公司",
    "id_kind": "uscc",
    "id_masked": "914***********4321",
}
FOREIGNER: Final = {"kind": "person", "name": "Zoë Świątek", "id_kind": "passport", "id_masked": "E***1"}
CASE: Final[Mapping[str, Any]] = {
    "number": "4601002603020000015",
    "query_code": "7KQ2M9XW4T0B",
    "applicant": FIRM,
    "received_at": AT,
    "accepted_at": AT,
}
_RUNNING: Final = {"status": "running", "provisional": False}
CLOCKS: Final = {
    "notice": {**_RUNNING, "due_on": "2026-03-09"},
    "correction": {**_RUNNING, "due_on": "2026-04-01"},
    "statutory": {**_RUNNING, "due_on": "2026-03-30"},
    "promise": {**_RUNNING, "due_on": "2026-03-09"},
    "tolerance": {**_RUNNING, "due_on": "2026-03-05"},
}
_HELD: Final = [
    {"line": "M01", "originals": 1, "copies": 0, "pages": 4},
    {"line": "M02", "exempt": "e_cert"},
    {"line": "M05", "originals": 1, "copies": 1, "pages": 12},
]
_RETURNED: Final = [{"line": "M01", "name": "公共场所卫生许可申请表", "originals": 1}]
_OWED: Final = [{"line": "M07", "name": "卫生管理制度", "how_to_obtain": "由申请人自行准备，签字或盖章"}]
_LINE: Final = {
    "line": 1,
    "material": "M05",
    "defect": "检测报告已超过一年",
    "requirement": "提交一年内的检测或评价报告原件",
    "basis": "公共场所卫生管理条例实施细则22",
    "how_to_obtain": "由有资质的检测评价机构出具",
}
_OFFICERS: Final = [{"login": "officer", "card": "HN-2026-0001"}, {"login": "officer.2", "card": "HN-2026-0002"}]
_RECIPIENT: Final = {"name": "示例㛃", "id_kind": "resident_id", "id_number": "110***********002X", "relation": "agent"}
REASON: Final = "平面布局中消毒间与清洗间未分设，不符合卫生要求。"

ACTS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "D01": ("receive", {"materials": _HELD}),
    "D02": (
        "return_pre_review",
        {"gaps": [{"material": "M01", "defect": "未填写经营面积", "how_to_obtain": "在窗口领取样表"}]},
    ),
    "D03": ("give_notice", {"lines": [_LINE, {**_LINE, "line": 2, "material": "M01", "defect": "未签字"}]}),
    "D04": ("supply", {"met": [_LINE], "open": [{**_LINE, "line": 2, "material": "M01"}], "materials": _HELD[:1]}),
    "D05": ("accept", {"mode": "normal"}),
    "D06": (
        "refuse_acceptance",
        {"reason": "不属于本机关职权。", "article": "行政许可法32(1)(2)", "right_authority": "示例区卫生健康局"},
    ),
    "D07": ("accept_with_tolerance", {"missing": _OWED, "on_overdue": "withdrawn"}),
    "D08": ("grant_on_promise", {"told": "一、经营场所应当符合卫生标准。\n二、从业人员持有健康合格证明。"}),
    "D09": (
        "tell_special",
        {
            "kind": "testing",
            "name": "检测",
            "basis": "行政许可法45",
            "planned_start": "2026-03-09",
            "planned_end": "2026-03-20",
            "reason": "空气质量须由检测机构检测。",
            "expected_due": {"statutory": "2026-04-13", "promise": "2026-03-20"},
        },
    ),
    "D10": (
        "extend",
        {
            "reason": "涉及多个场所，需逐一核查。",
            "approver": "机关负责人",
            "extended": [
                {
                    "clock": "statutory",
                    "n": 10,
                    "unit": "working_days",
                    "basis": "行政许可法42(1)",
                    "due_on": "2026-04-14",
                }
            ],
        },
    ),
    "D11": (
        "finish_site_check",
        {
            "officers": _OFFICERS,
            "place": "示例路1号",
            "findings": "消毒间与清洗间已分设。\n通风良好。",
            "signed": False,
            "refusal": "当事人不在场，由见证人签字。",
        },
    ),
    "D12": ("tell_hearing_right", {"reason": "经营场所与居民住宅相邻。"}),
    "D13": ("tell_third_party", {"parties": [{"name": "示例䶮", "interest": "相邻住户，涉及噪声和排水"}]}),
    "D14": ("submit_review", {"opinion": "材料齐全，符合条件。", "proposal": "grant"}),
    "D15": ("grant", {"opinion": "同意。", "conditions": "不得超出核定的经营面积。"}),
    "D16": ("deny", {"reason": REASON, "article": "公共场所卫生管理条例8"}),
    "D17": ("make_certificate", {}),
    "D18": (
        "deliver",
        {
            "way": "window",
            "documents": [
                {"code": "D15", "number": "示卫准〔2026〕1号"},
                {"code": "D17", "number": "示卫证〔2026〕1号"},
            ],
            "received_by": "示例㛃",
            "recipient": _RECIPIENT,
        },
    ),
    "D19": ("withdraw", {"reason": "不再经营。", "signed": True, "returned": _RETURNED}),
    "D20": ("terminate", {"cause": "loss_of_object", "reason": "经营场所已拆除。", "returned": _RETURNED}),
    "D21": ("confirm_lapse", {"reason": "两次提醒后仍未补正。", "returned": _RETURNED}),
    "D23": ("dispatch", {}),
    "D24": (
        "raise_card",
        {
            "level": "red",
            "title": "超过承诺时限",
            "card": "4601002603020000015-12",
            "clock": "promise",
            "due_on": "2026-03-09",
            "basis": "优化营商环境条例36(2)",
            "reply_due_on": "2026-03-12",
        },
    ),
    "D25": (
        "open_rectification",
        {"level": 4, "comment": "等候时间太长。", "contact_by": "2026-03-03", "rectify_by": "2026-03-09"},
    ),
    "D27": ("ask_payment", {"amount": "80.00"}),
    "D28": ("consent_electronic", {"electronic_address": "o***@example.cn", "signed": True}),
}
"""The act that issues each kind that belongs to a case, and what its document row holds."""
_ASKED: Final = {"clerk": "示例导办", "item": HYGIENE.name, "item_code": HYGIENE.code, "paragraphs": None}
_MANDATED: Final = {
    **_ASKED,
    "basis": "民法典165",
    "applicant": "示例㛃",
    "organisation": False,
    "principal_id_kind": "resident_id",
    "principal_id_masked": "110***********002X",
    "agent": "示例帮办",
    "agent_id_kind": "resident_id",
    "agent_id_masked": "460***********1234",
    "matter": "代为办理公共场所卫生许可，领取许可证。",
    "powers": ["提出申请", "补交材料", "领取结果"],
    "from_on": "2026-03-01",
    "until_on": "2026-08-31",
}
SLIPS: Final[Mapping[str, dict[str, Any]]] = {
    "D02": {
        **_ASKED,
        "basis": "国发〔2022〕5号 一次性告知",
        "question": "开浴池要办什么？",
        "answer": "先取得公共场所卫生许可。下列材料还没有备齐。",
        "gaps": [{"material": "卫生管理制度", "defect": "未携带", "how_to_obtain": "自行制定，签字或者盖章"}],
    },
    "D22": _MANDATED,
    "D23": {
        "clerk": "示例收件员",
        "scanned": "P46010026030200175",
        "seal": "F-000123",
        "from": "示例市政务服务中心",
        "to": "示例市卫生健康委员会",
        "packed_at": "2026-03-02T01:40:00+00:00",
        "lines": [
            {"case": CASE["number"], "name": "公共场所卫生许可申请表", "originals": 1, "copies": 0, "sheets": 4},
            {"case": CASE["number"], "name": "一年内检测或评价报告", "originals": 1, "copies": 1, "sheets": 12},
        ],
    },
    "D26": {
        "clerk": "示例专员",
        "case": CASE["number"],
        "basis": "国发〔2022〕5号 办不成事反映窗口",
        "person": "示例反映人",
        "matter": "材料被退回三次，没有一次告知。",
        "state": "assigned",
        "registered_at": "2026-03-02T01:40:00+00:00",
        "contact_due_on": "2026-03-02",
        "due_on": "2026-03-09",
        "complex": True,
        "history": [
            {"step": "register", "at": "2026-03-02T01:40:00+00:00", "by": "示例专员", "note": "材料被退回三次。"},
            {"step": "assign", "at": "2026-03-02T02:10:00+00:00", "by": "示例专员", "note": "请当日核实。"},
        ],
    },
}
"""What stands on each kind that belongs to no case."""

_OPINIONS: Final = (
    {
        "kind": "review",
        "result": "grant",
        "opinion": "材料齐全，符合条件。",
        "article": "",
        "signed_name": "示例承办人",
        "signed_at": AT,
    },
    {
        "kind": "endorsement",
        "result": "endorsed",
        "opinion": "同意承办意见。",
        "article": "",
        "signed_name": "示例审核人",
        "signed_at": AT,
    },
    {
        "kind": "decision",
        "result": "granted",
        "opinion": "准予许可。",
        "article": "",
        "signed_name": "示例批准人",
        "signed_at": AT,
    },
)
_CERTIFICATE: Final = {
    "name": "卫生许可证",
    "holder": FIRM["name"],
    "issuer": DEPARTMENT.name,
    "valid_from": date(2026, 3, 2),
    "valid_to": date(2030, 3, 1),
}


def source(code: str, *, foreign: bool = False, **changes: Any) -> Source:
    """An invented document of this kind. :param foreign: for an applicant who is handed two languages."""
    act, data = ACTS[code]
    kind = KINDS[code]
    word = "示卫" if kind.agency == "department" else "示政服"
    made = Source(
        code=code,
        number=document_number(word, kind.word, 2026, 1),
        data=data,
        issued_at=AT,
        event={
            "name": f"case:{act}",
            "at": AT,
            "actor_name": "示例经办人",
            "role": "clerk",
            "data": {"post_check_due": "2026-04-28", "cause_basis": "参照行政许可法70(1)(6)"},
            "clocks": CLOCKS,
            "to_state": "TERMINATED",
        },
        case={**CASE, "applicant": FOREIGNER if foreign else FIRM},
        item=ITEMS["存量房转移登记"] if code == "D27" else HYGIENE,
        agency=DEPARTMENT if kind.agency == "department" else HALL,
        hall=HALL,
        department=DEPARTMENT,
        government="示例市人民政府",
        basis="行政许可法32(1)(4)",
        people={"officer": "示例核查甲", "officer.2": "示例核查乙"},
        held={row["line"]: row for row in _HELD},
        opinions=_OPINIONS,
        certificate=_CERTIFICATE,
        address="https://yichuang.example.cn/status/7KQ2M9XW4T0B",
    )
    return replace(made, **changes)


def slip(code: str, **changes: Any) -> Slip:
    """An invented document of this kind that belongs to no case."""
    return replace(Slip(code, document_number("示政服", KINDS[code].word, 2026, 1), SLIPS[code], AT, HALL), **changes)


def samples() -> list[Source | Slip]:
    """Every kind, those that can be had in two languages also so, every step of a hearing, and those of no case."""
    kinds = [source(code) for code in ACTS]
    both = [source(code, foreign=True) for code, kind in KINDS.items() if kind.bilingual]
    held = {"held_on": "2026-03-20", "place": "示例路1号三楼听证室", "host": "officer"}
    steps = {"schedule_hearing": held, "record_hearing": {"record": "申请人陈述：同意整改。", "signed": True}}
    event = source("D12").event
    hearings = [source("D12", event={**event, "name": f"case:{act}"}, data=data) for act, data in steps.items()]
    return [*kinds, *both, *hearings, *(slip(code) for code in SLIPS)]


def sheet(setter: Typesetter, across: int = 7, ppi: int = 50) -> Image.Image:
    """The first page of every sample on one image."""
    pages = [Image.open(BytesIO(setter.png(content(one), AT, ppi))) for one in samples()]
    width, height = pages[0].size
    rows = -(-len(pages) // across)
    whole = Image.new("RGB", (width * across, height * rows), "white")
    for place, page in enumerate(pages):
        whole.paste(page, (place % across * width, place // across * height))
    return whole


if __name__ == "__main__":
    sheet(Typesetter(FACES)).save(Path(sys.argv[1]))
