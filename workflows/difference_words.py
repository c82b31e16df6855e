"""The words in which a difference between two versions is told: what each key is called, and how its value is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from workflows.actor import Role
from workflows.clock import ClockKind, Unit
from workflows.clock_words import KINDS as CLOCKS
from workflows.clock_words import UNITS
from workflows.documents import KINDS as DOCUMENTS

Words = tuple[str, str]
"""Chinese and English."""

LABELS: Final[Mapping[str, Words]] = {
    # of items and their parts
    "base_code": ("基本编码", "base code"),
    "name": ("名称", "name"),
    "name_en": ("英文名称", "English name"),
    "type": ("类型", "type"),
    "level": ("行使层级", "level of exercise"),
    "department": ("实施部门", "department"),
    "region": ("行政区划", "region"),
    "procedure_law": ("程序依据", "procedure law"),
    "flow": ("办理流程", "procedure"),
    "case_kind": ("办件类型", "kind of case"),
    "basis": ("依据", "basis"),
    "statutory_limit": ("法定时限", "statutory limit"),
    "promise_limit": ("承诺时限", "promised limit"),
    "extension": ("延期", "extension"),
    "notice_days": ("一次性告知时限（工作日）", "working days for the notice"),
    "authorised_window": ("授权窗口受理", "window authorised to accept"),
    "result": ("审批结果", "result"),
    "fee": ("收费", "fee"),
    "subjects": ("服务对象", "who may apply"),
    "site_check": ("现场核查", "site check"),
    "hearing": ("听证", "hearing"),
    "tolerance": ("容缺受理", "tolerance"),
    "tolerance_overdue": ("容缺逾期后果", "when what is owed never comes"),
    "online_acceptance": ("全程网办", "online from end to end"),
    "promise_permit": ("告知承诺", "decision on a promise"),
    "excluded_field": ("不得告知承诺的领域", "field without promises"),
    "post_check_days": ("事后核查时限（工作日）", "working days for the check afterwards"),
    "asks_intention": ("询问真实意愿", "asks the true intention"),
    "joint": ("并联部门", "departments that take part"),
    "pre_examination": ("下级初审部门", "department that examines first"),
    "quantity_limited": ("数量限制", "limited in number"),
    "cross_province": ("跨省通办", "across provinces"),
    "on_overdue": ("逾期不决定的后果", "when no decision is made in time"),
    "on_overdue_basis": ("逾期后果的依据", "basis of that"),
    "visits": ("到场次数", "visits"),
    "retention_years": ("保管期限", "retention"),
    "originals": ("原件份数", "originals"),
    "copies": ("复印件份数", "copies"),
    "necessity": ("必要性", "necessity"),
    "source": ("来源", "source"),
    "grade": ("可信等级", "grade"),
    "kind": ("类型", "kind"),
    "form": ("形式", "form"),
    "e_cert": ("电子证照免交", "electronic certificate stands in"),
    "condition": ("适用情形", "applies if"),
    "how_to_obtain": ("取得方式", "how to obtain it"),
    "how_to_obtain_en": ("取得方式（英文）", "how to obtain it (English)"),
    "reusable_as": ("可复用为", "reusable as"),
    "personal": ("标明查看人", "names who looks at it"),
    "question": ("问题", "question"),
    "question_en": ("问题（英文）", "question (English)"),
    "flag": ("标记", "flag"),
    "answer": ("答案", "answer"),
    "answer_en": ("答案（英文）", "answer (English)"),
    "excluded": ("不计入时限", "left out of the limits"),
    "max_days": ("最长工作日", "working days at most"),
    "validity_months": ("有效期（月）", "valid for (months)"),
    "amount": ("金额（元）", "amount (yuan)"),
    "note": ("说明", "note"),
    "paragraphs": ("文书正文", "text"),
    "approver": ("批准人", "approved by"),
    # of flows and their parts
    "title": ("名称", "title"),
    "title_en": ("英文名称", "English title"),
    "law": ("适用法律", "law"),
    "holder": ("时限责任方", "in whose hands"),
    "decision": ("属于决定", "is the decision"),
    "refusing": ("属于不予", "refuses"),
    "stage_limit": ("环节时限", "limit of the stage"),
    "phase": ("阶段", "phase"),
    "from": ("起始状态", "from"),
    "to": ("目标状态", "to"),
    "by": ("操作岗位", "by whom"),
    "guards": ("条件", "conditions"),
    "clocks.start": ("启动计时", "starts the clocks"),
    "clocks.stop": ("停止计时", "stops the clocks"),
    "clocks.suspend": ("暂停计时", "suspends the clocks"),
    "clocks.resume": ("恢复计时", "resumes the clocks"),
    "clocks.extend": ("延长计时", "extends the clocks"),
    "clocks.amend": ("变更计时", "amends the clocks"),
    "clocks.stop_all": ("停止全部计时", "stops every clock"),
    "clocks.since": ("计时起点", "counts from"),
    "flags.set": ("设置标记", "sets the marks"),
    "flags.clear": ("清除标记", "clears the marks"),
    "documents": ("文书", "documents"),
    "notify": ("通知", "who is told"),
    "payload": ("填报内容", "what is sent"),
    "timer": ("到期自动办理", "taken when the clock falls due"),
    "children": ("部门子办件", "cases of departments"),
    "aside": ("主线之外", "beside the way"),
    "clock": ("计时", "clock"),
    "states": ("适用状态", "in the states"),
    "before": ("提前量", "before the end"),
    "share": ("剩余份额（几分之一）", "when one part in so many is left"),
    "duty": ("产生的义务", "duty"),
    "limit": ("时限", "limit"),
    "word": ("本流程用语", "what this procedure says"),
    "required": ("必填", "required"),
    "choices": ("可选值", "choices"),
    "way": ("方式", "way"),
    "n": ("数量", "number"),
    "unit": ("单位", "unit"),
}
"""What a key is called. A key that is not here would be told by its own name; a test finds it."""

_VALUES: Final[Mapping[str, Words]] = {
    "working_days": ("工作日", "working days"),
    "instant": ("即办件", "instant"),
    "promise": ("承诺件", "promised"),
    "on_request": ("依申请", "on request"),
    "mandatory": ("应当举行", "mandatory"),
    "none": ("无", "none"),
    "withdrawn": ("视为撤回", "counts as withdrawn"),
    "terminated": ("终止办理", "terminated"),
    "deemed_approved": ("视为准予", "deemed approved"),
    "deemed_renewed": ("视为准予延续", "deemed renewed"),
    "required": ("必要", "required"),
    "deferrable": ("可容缺", "may follow later"),
    "optional": ("非必要", "optional"),
    "paper": ("纸质", "paper"),
    "electronic": ("电子", "electronic"),
    "both": ("纸质或电子", "paper or electronic"),
    "certificate": ("证照", "certificate"),
    "form": ("表单", "form"),
    "other": ("其他", "other"),
    "licence": ("证照", "licence"),
    "qualification": ("资格", "qualification"),
    "approval": ("批文", "approval"),
    "registration": ("登记", "registration"),
    "payment": ("给付", "payment"),
    "person": ("自然人", "persons"),
    "enterprise": ("企业", "enterprises"),
    "institution": ("事业单位", "institutions"),
    "social_organisation": ("社会组织", "social organisations"),
    "agency": ("行政机关", "agencies"),
    "permanent": ("永久", "permanent"),
    "window": ("窗口", "window"),
    "applicant": ("申请人", "applicant"),
    "third_party": ("利害关系人", "third party"),
    "archive": ("档案", "archive"),
    "authorised_window": ("获授权的窗口", "authorised window"),
    "=": ("不变", "unchanged"),
}
"""Values of closed lists; the rest is said as it stands in the file."""

_NOTHING: Final = ("无", "none")
_ROLES: Final = {role.value: (role.zh, role.en) for role in Role}


def label(key: str) -> Words:
    """What a key is called; a field of a payload by its own name."""
    if key.startswith("payload."):
        name = key.removeprefix("payload.")
        return f"填报内容 {name}", f"field {name}"
    return LABELS.get(key, (key, key))


def said(key: str, value: Any, names: Mapping[str, Words]) -> Words:
    """A value in both languages.

    :param names: the version's own words for identifiers, such as the titles of its states.
    """
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if value is None or value == "" or value in ([], {}):
        return _NOTHING
    if isinstance(value, Mapping):
        return _said_table(value, names)
    if isinstance(value, (list, tuple)):
        each = [said(key, one, names) for one in value]
        return "、".join(zh for zh, _ in each), ", ".join(en for _, en in each)
    return _said_word(key, str(value), names)


def _said_table(value: Mapping[str, Any], names: Mapping[str, Words]) -> Words:
    rest = {key: inner for key, inner in value.items() if key not in {"n", "unit"}}
    told = [(label(key), said(key, inner, names)) for key, inner in rest.items() if inner not in (None, "", [], False)]
    zh, en = [f"{one[0]} {two[0]}" for one, two in told], [f"{one[1]} {two[1]}" for one, two in told]
    if "unit" in value:
        unit = UNITS[Unit(value["unit"])]
        zh.insert(0, f"{value['n']}{unit[0]}")
        en.insert(0, f"{value['n']} {unit[1]}")
    return "，".join(zh), ", ".join(en)


def _said_word(key: str, value: str, names: Mapping[str, Words]) -> Words:
    if value in names:
        return names[value]
    if key in {"by", "approver"} and value in _ROLES:
        return _ROLES[value]
    if (key.startswith("clocks.") or key == "clock") and value in set(ClockKind):
        return CLOCKS[ClockKind(value)]
    if key == "documents" and value in DOCUMENTS:
        return f"{value} {DOCUMENTS[value].title}", f"{value} {DOCUMENTS[value].title_en}"
    return _VALUES.get(value, (value, value)) if key not in _FREE else (value, value)


_FREE: Final = frozenset(
    {"name", "name_en", "title", "title_en", "flag", "answer", "answer_en", "reusable_as", "basis", "question",
     "question_en", "source", "how_to_obtain", "how_to_obtain_en", "note", "paragraphs", "word", "law", "guards",
     "condition"}
)  # fmt: skip
"""Keys whose values are somebody's own words, or identifiers, and are never put in other words."""
