"""Why a case stays because of its item: nothing is asked for a second time, and nothing handed in loses its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflows.item import ItemVersion
from workflows.linting import UNDECIDED
from workflows.material import MaterialLine, Necessity
from workflows.moving_facts import Move, MovingCase, Reason
from workflows.procedure_guards import special_procedure

_ONCE: Final = "行政许可法32(1)(4)"
_WEIGHT: Final = {Necessity.optional: 0, Necessity.deferrable: 1, Necessity.required: 2}


def authority_stays(case: MovingCase, move: Move) -> Iterator[Reason]:
    """The same authority decides, under the same law, with the same departments beside it once it has begun."""
    old, new = move.item_from, move.item_to
    if (old.department, old.procedure_law) != (new.department, new.procedure_law):
        yield Reason(
            "authority_changed",
            "新版本的办理部门或适用法律与原版本不同；变更管辖须另行移送，不得以移转版本代替。",
            "The new version names another department or another law; a case is not handed over by moving it.",
            "行政许可法22",
        )
    if case.accepted and (set(old.joint), old.pre_examination) != (set(new.joint), new.pre_examination):
        yield Reason(
            "departments_changed",
            "新版本的并联部门或初审机关与受理时不同。",
            "Other departments take part, or examine first, than when the case was accepted.",
            "行政许可法26、35",
        )


def children_are_closed(case: MovingCase, move: Move) -> Iterator[Reason]:
    """A joint case and its children stand under one item version, so neither leaves the other behind."""
    if move.item_from.version == move.item_to.version:
        return
    if case.situation.case.parent is not None:
        yield Reason(
            "child_of_a_case",
            "该办件是并联办件的子办件，事项版本随主办件，不能单独移转。",
            "This is a child of a joint case and stands under the item version of that case.",
            "行政许可法26",
        )
    if case.situation.children_open:
        yield Reason(
            "children_open",
            f"还有{case.situation.children_open}个并联子办件未办结，请待其办结后再移转。",
            f"{case.situation.children_open} child cases are still open; move the case when they have ended.",
            "行政许可法26",
        )


def circumstances_are_known(case: MovingCase, move: Move) -> Iterator[Reason]:
    """What the applicant answered about their circumstances is still a question of the new version."""
    asked = {question.flag for question in move.item_to.situations}
    if strange := sorted(case.situation.case.situation - asked):
        yield Reason(
            "situation_unknown",
            f"新版本没有申请人所选的情形：{'、'.join(strange)}。",
            f"The new version does not know the circumstances that the applicant gave: {', '.join(strange)}.",
        )


def materials_keep_their_place(case: MovingCase, move: Move) -> Iterator[Reason]:
    """A line that was handed in, noticed or asked for is on the new list, for this applicant, under the same name."""
    old, new = _lines(case, move.item_from), _lines(case, move.item_to)
    lost = [code for code in sorted(_touched(case, old)) if code not in new or _renamed(code, old, new)]
    if lost:
        yield Reason(
            "material_missing",
            f"已收取或已要求的材料 {'、'.join(lost)} 不在新版本的清单内，或已是另一材料。",
            f"Handed in or asked for, and not on the new list or another material there: {', '.join(lost)}.",
            _ONCE,
        )


def _lines(case: MovingCase, item: ItemVersion) -> dict[str, MaterialLine]:
    return {line.code: line for line in item.materials if line.applies(case.situation.case.situation)}


def _renamed(code: str, old: dict[str, MaterialLine], new: dict[str, MaterialLine]) -> bool:
    return code in old and old[code].name != new[code].name


def _touched(case: MovingCase, old: dict[str, MaterialLine]) -> set[str]:
    """What was counted, scanned, noticed, asked for later, or is owed under tolerance."""
    seen = case.situation
    noticed = {line.material for line in seen.notice.lines} if seen.notice else set()
    owed = {code for code, line in old.items() if line.necessity is Necessity.deferrable}
    return {*seen.materials, *noticed, *case.demanded, *(owed if "tolerance" in seen.case.flags else ())}


def nothing_more_is_asked(case: MovingCase, move: Move) -> Iterator[Reason]:
    """After receipt, and until the decision, the list neither grows nor becomes stricter."""
    if not case.received or move.flow_from.states[case.state].kind not in UNDECIDED:
        return
    old, new = _lines(case, move.item_from), _lines(case, move.item_to)
    never = [code for code in sorted(new.keys() - old.keys()) if new[code].necessity is not Necessity.optional]
    if never:
        yield Reason(
            "material_never_asked",
            f"新版本另要求材料 {'、'.join(never)}，收件时未曾要求；材料须一次性告知，不得事后增加。",
            f"The new version also asks for {', '.join(never)}, which was not asked for at receipt.",
            _ONCE,
        )
    if stricter := [code for code in sorted(new.keys() & old.keys()) if _stricter(old[code], new[code])]:
        yield Reason(
            "material_stricter",
            f"新版本对材料 {'、'.join(stricter)} 的份数、必要性或免交要求比收件时更严。",
            f"The new version asks more of {', '.join(stricter)} than was asked at receipt.",
            _ONCE,
        )


def _stricter(old: MaterialLine, new: MaterialLine) -> bool:
    more = new.originals > old.originals or new.copies > old.copies
    return more or _WEIGHT[new.necessity] > _WEIGHT[old.necessity] or (old.e_cert and not new.e_cert)


def fee_and_result_stay(case: MovingCase, move: Move) -> Iterator[Reason]:
    """What an application costs is settled by its receipt, and what is handed out by its decision."""
    old, new = move.item_from, move.item_to
    decided = move.flow_from.states[case.state].kind not in UNDECIDED
    if case.received and not decided and old.fee != new.fee:
        yield Reason(
            "fee_changed",
            "新版本的收费与收件时不同，不得对已收件的申请改变收费。",
            "The fee differs from the one at receipt; it is not changed for an application that was handed in.",
            "行政许可法58、59",
        )
    if decided and old.result != new.result:
        yield Reason(
            "result_changed",
            "办件已作出决定，新版本的办理结果（名称、类别或有效期）与决定不同。",
            "The case is decided, and the result of the new version is another one in name, kind or validity.",
            "行政许可法8、39",
        )


def procedures_stay(case: MovingCase, move: Move) -> Iterator[Reason]:
    """What the applicant was told of a special procedure or of tolerance holds under the new version too."""
    seen = case.situation
    kind = seen.special.kind if seen.special and seen.special.finished_at is None else None
    if kind and special_procedure(move.item_from, kind) != special_procedure(move.item_to, kind):
        yield Reason(
            "special_changed",
            "已告知或正在进行的特别程序在新版本中没有，或依据、期限不同。",
            "The special procedure that was told of or has begun is not the same under the new version.",
            "行政许可法45",
        )
    if "tolerance" in seen.case.flags and not move.item_to.tolerance:
        yield Reason(
            "tolerance_lost",
            "办件已容缺受理，新版本的事项不在容缺受理清单内。",
            "The case was accepted with materials deferred; the new version is not on the tolerance list.",
            "国发〔2022〕5号 容缺受理清单",
        )
    if "tolerance" in seen.case.flags and move.item_from.tolerance_overdue != move.item_to.tolerance_overdue:
        yield Reason(
            "tolerance_end_changed",
            "新版本对容缺材料逾期未补的后果另有规定，与申请人所签承诺不同。",
            "The new version says otherwise what becomes of a case whose deferred materials never come.",
            "国发〔2022〕5号 容缺受理清单",
        )
