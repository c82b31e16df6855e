"""What is wrong with a service item beyond the form of its file: codes, limits, procedures, departments, texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.clock import Unit
from workflows.documents import KINDS
from workflows.errors import Malformed
from workflows.item_parts import ARTICLE_42, EXCLUDED_KINDS
from workflows.material import list_problems
from workflows.numbers import parse_item_code
from workflows.toml_files import Problem

if TYPE_CHECKING:
    from workflows.item import ItemVersion


def item_problems(item: ItemVersion) -> list[Problem]:
    """What is wrong with an item beyond its form, each problem beginning with its key."""
    return [
        *_code_problems(item),
        *_limit_problems(item),
        *_article_42_problems(item),
        *_procedure_problems(item),
        *_place_problems(item),
        *_text_problems(item),
        *list_problems(item.materials, item.situations, tolerance=item.tolerance),
    ]


def _code_problems(item: ItemVersion) -> list[Problem]:
    try:
        code = parse_item_code(item.code)
    except Malformed as error:
        return [Problem("code", error.zh, error.en)]
    problems = []
    if code.base != item.base_code:
        problems.append(Problem("base_code", "与实施编码末12位不一致", "differs from the last 12 digits of the code"))
    if code.base[2:4] != item.type:
        problems.append(Problem("type", f"实施编码中为 {code.base[2:4]}", f"the code says {code.base[2:4]}"))
    if code.level != item.level:
        problems.append(Problem("level", f"实施编码中为 {code.level}", f"the code says {code.level}"))
    return problems


def _limit_problems(item: ItemVersion) -> list[Problem]:
    problems = []
    statutory, promise, extension = item.statutory_limit, item.promise_limit, item.extension
    if (item.case_kind == "instant") != (promise.n == 0):
        zh, en = "即办件的承诺时限为0，其他办件不得为0", "0 and an instant item (即办件) belong together"
        problems.append(Problem("promise_limit", zh, en))
    if statutory and promise.n and statutory.unit is not promise.unit:
        zh, en = "与法定时限单位不同，无法比较", "not the unit of the statutory limit, so they cannot be compared"
        problems.append(Problem("promise_limit.unit", zh, en))
    elif statutory and promise.n > statutory.n:
        zh, en = (
            "承诺时限长于法定时限（优化营商环境条例36(2)）",
            "longer than the statutory limit (优化营商环境条例36(2))",
        )
        problems.append(Problem("promise_limit.n", zh, en))
    if extension and (statutory is None or extension.unit is not statutory.unit):
        zh, en = "没有同一单位的法定时限可供延长", "there is no statutory limit in this unit to extend"
        problems.append(Problem("extension.unit", zh, en))
    return problems


def _article_42_problems(item: ItemVersion) -> list[Problem]:
    """What a limit that names article 42 may not be: longer than it says, or extended by somebody else."""
    legal, extension = item.statutory_limit, item.extension
    if legal is None or legal.basis not in ARTICLE_42:
        return []
    days, more, approver = ARTICLE_42[legal.basis]
    problems = []
    if legal.unit is not Unit.working_days or legal.n > days:
        zh, en = f"{legal.basis}为{days}个工作日", f"{legal.basis} gives {days} working days"
        problems.append(Problem("statutory_limit.n", zh, en))
    if legal.basis == "行政许可法42(2)" and not item.joint:
        zh, en = "行政许可法42(2)适用于并联审批（第26条）", "行政许可法42(2) is for joint handling (article 26)"
        problems.append(Problem("statutory_limit.basis", zh, en))
    if extension and (extension.n > more or extension.approver != approver):
        zh = f"{legal.basis}可延长{more}个工作日，由 {approver} 批准"
        problems.append(
            Problem("extension", zh, f"{legal.basis} gives {more} working days more, approved by {approver}")
        )
    return problems


def _procedure_problems(item: ItemVersion) -> list[Problem]:
    problems = []
    if (item.type == "01") != (item.procedure_law == "PERMIT"):
        zh, en = "PERMIT 与类型 01（行政许可）须同时使用", "PERMIT and type 01 (行政许可) belong together"
        problems.append(Problem("procedure_law", zh, en))
    if item.on_overdue != "none" and not item.on_overdue_basis:
        zh, en = "逾期视为准予须写明法律依据", "silence is approval only where a law says so"
        problems.append(Problem("on_overdue_basis", zh, en))
    if item.promise_permit and item.excluded_field != "none":
        field = item.excluded_field
        zh, en = f"{field} 领域不得告知承诺（国办发〔2020〕42号）", f"not in the field {field} (国办发〔2020〕42号)"
        problems.append(Problem("promise_permit", zh, en))
    if item.in_force_to and item.in_force_to < item.in_force_from:
        problems.append(Problem("in_force_to", "早于 in_force_from", "before in_force_from"))
    for step in item.special_procedures:
        own_basis = step.basis != "行政许可法45"
        if step.excluded and step.kind not in EXCLUDED_KINDS and not own_basis:
            zh, en = "不属于行政许可法45所列八种情形", "not one of the eight kinds of 行政许可法45"
            problems.append(Problem(f"special_procedures {step.kind}", zh, en))
    return problems


def _place_problems(item: ItemVersion) -> list[Problem]:
    """What is wrong with the departments that take part beside the item's own."""
    problems = []
    if len({item.department, *item.joint}) != 1 + len(item.joint):
        zh, en = "每个部门只列一次，牵头部门不再列入", "each department takes part once, and the item's own leads"
        problems.append(Problem("joint", zh, en))
    if item.pre_examination in {item.department, *item.joint}:
        zh, en = "下级机关须为另一部门", "the lower authority is another department"
        problems.append(Problem("pre_examination", zh, en))
    if (item.joint or item.pre_examination) and item.procedure_law in {"REAL_ESTATE", "MARKET_ENTITY"}:
        zh, en = "登记由一个机关单独办理，不分级", "registration is one authority's, by itself and at one level"
        problems.append(Problem("joint", zh, en))
    if item.joint and item.pre_examination:
        problems.append(Problem("pre_examination", "不能与并联审批同时使用", "not together with joint handling"))
    return problems


def _text_problems(item: ItemVersion) -> list[Problem]:
    unknown = sorted(item.document_texts.keys() - KINDS.keys())
    return [Problem("document_texts", f"没有文书 {code}", f"there is no document {code}") for code in unknown]
