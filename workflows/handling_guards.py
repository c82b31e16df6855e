"""Conditions between acceptance and decision: instant items, joint handling, colleagues, supplements, fees."""

from __future__ import annotations

import re
from typing import Final

from workflows.actor import Role
from workflows.clock import ClockKind, Unit
from workflows.errors import Conflict, Malformed
from workflows.guarding import guard, selector
from workflows.item import PromiseLimit, StatutoryLimit
from workflows.material_guards import applicable_lines, refuse_spared
from workflows.situation import MaterialFacts, Situation

CONVERTED_AT_MOST: Final = 20
"""Days that a converted item may promise where no law sets a limit: as many as 行政许可法42(1) gives a permit."""

_YUAN: Final = re.compile(r"(0|[1-9][0-9]{0,9})\.[0-9]{2}")
_UNITS: Final[dict[Unit, tuple[str, str]]] = {
    Unit.working_days: ("个工作日", "working days"),
    Unit.natural_days: ("日", "days"),
    Unit.months: ("个月", "months"),
    Unit.hours: ("小时", "hours"),
}


def is_instant(situation: Situation) -> bool:
    """Whether the case is to be decided on the day of its acceptance (即办件), and was not converted."""
    return situation.item.case_kind == "instant" and "converted" not in situation.case.flags


@guard()
def item_is_instant(situation: Situation) -> None:
    """Only an instant item (即办件) that was not converted is decided at once (GB/T 39046 A.6)."""
    if not is_instant(situation):
        raise Conflict(
            "not_instant",
            "该办件不是即办件，或者已转为承诺件，请分办后按程序审查。",
            "This is not an instant case, or no longer one; dispatch it and review it in the ordinary way.",
            basis="GB/T 39046-2020 A.6",
        )


@guard(of_payload=True)
def converted_within_statutory(situation: Situation) -> None:
    """A converted item promises at least one day and no more than the law gives, on the day it was due at the latest.

    :raises Conflict: ``promise_over_statutory``, ``conversion_too_late`` (优化营商环境条例36(2)).
    """
    promise = situation.clocks.get(ClockKind.promise)
    if promise is not None and promise.due_at is not None and situation.now > promise.due_at:
        raise Conflict(
            "conversion_too_late",
            "即办件的办结时限已过，不能再转为承诺件，请尽快办结并公开说明超期原因。",
            "The instant case is overdue already and cannot be converted; decide it and explain the overrun.",
            basis="优化营商环境条例36(2)",
        )
    most = _longest_promise(situation.item.promise_limit, situation.item.statutory_limit)
    if not 1 <= situation.payload["days"] <= most:
        zh, en = _UNITS[situation.item.promise_limit.unit]
        raise Conflict(
            "promise_over_statutory",
            f"转为承诺件的期限应为1至{most}{zh}，不得超过法定期限。"
            if most
            else "该事项应当当场办结，不能转为承诺件。",
            f"The promised time must be 1 to {most} {en}: never longer than the law gives."
            if most
            else "The law has this item decided at once; it cannot be converted.",
            basis="优化营商环境条例36(2)",
            most=most,
        )


def _longest_promise(promise: PromiseLimit, statutory: StatutoryLimit | None) -> int:
    """The most that may be promised, in the unit of the promise; nothing when the law's unit cannot be compared."""
    if statutory is None:
        return CONVERTED_AT_MOST
    return statutory.n if statutory.unit is promise.unit else 0


@selector()
def handled_by_one(situation: Situation) -> bool:
    """The item's own department handles the case alone."""
    return not situation.item.joint and not situation.item.pre_examination


@selector()
def handled_jointly(situation: Situation) -> bool:
    """Other departments take part beside the item's own (并联审批, 行政许可法26)."""
    return bool(situation.item.joint)


@selector()
def examined_below(situation: Situation) -> bool:
    """A lower authority examines first and reports up (行政许可法35、43)."""
    return bool(situation.item.pre_examination)


@guard("children")
def children_closed(situation: Situation) -> None:
    """Nobody concludes before every department that takes part has given its opinion (行政许可法26)."""
    if situation.children_open:
        raise Conflict(
            "children_open",
            f"还有{situation.children_open}个并联部门未反馈意见，请待其答复后再办理。",
            f"{situation.children_open} of the departments that take part have not given their opinion yet.",
            basis="行政许可法26",
            open=situation.children_open,
        )


@guard("colleagues", of_payload=True)
def assignee_is_officer(situation: Situation) -> None:
    """A case is passed on to an officer of the department that has it, and to somebody else than has it now."""
    found = situation.colleagues.get(situation.payload["to"])
    if found is None or Role.officer not in found.roles:
        raise Conflict(
            "assignee_not_officer",
            "接办人不是本部门的承办人，请核对登录名。",
            "That is no case officer of this department; check the sign-in name.",
            basis="岗位权限",
        )
    if found.person == situation.case.handler:
        raise Conflict("already_handler", "该办件已由此人承办。", "That officer has the case already.")


@guard("materials", of_payload=True)
def supplement_is_new(situation: Situation) -> None:
    """Only what the list names is asked for; after an examination below, nothing a second time (行政许可法35).

    :raises Conflict: ``material_not_on_list``, ``paper_not_to_be_asked``, ``material_asked_again``.
    """
    listed = {line.code for line in applicable_lines(situation)}
    asked = [gap["material"] for gap in situation.payload["gaps"]]
    if strange := sorted(set(asked) - listed):
        raise Conflict(
            "material_not_on_list",
            f"材料“{'、'.join(strange)}”不在该事项当前情形的材料清单内，不得要求提供。",
            f"{', '.join(strange)} is not on the list of this item for this situation and may not be asked for.",
            basis="行政许可法31；优化营商环境条例",
            lines=strange,
        )
    refuse_spared(situation, asked)
    again = sorted(code for code in set(asked) if _is_in(situation.materials.get(code)))
    if situation.item.pre_examination and again:
        raise Conflict(
            "material_asked_again",
            f"材料“{'、'.join(again)}”已由下级机关收取并上报，不得要求申请人重复提供。",
            f"{', '.join(again)} came up with the report from below; the applicant may not be asked for it again.",
            basis="行政许可法35",
            lines=again,
        )


def _is_in(facts: MaterialFacts | None) -> bool:
    """Whether a line was handed in: exempt, or on paper with a good scan."""
    if facts is None:
        return False
    return facts.exempt is not None or (facts.originals + facts.copies > 0 and facts.scans_stored > 0)


@guard()
def fee_paid(situation: Situation) -> None:
    """A fixed fee, or one that was asked for, is paid before the grant (行政许可法58)."""
    fee, flags = situation.item.fee, situation.case.flags
    if fee is not None and (fee.amount or "fee_asked" in flags) and "fee_paid" not in flags:
        raise Conflict(
            "fee_unpaid",
            "依法应缴的费用尚未登记缴纳，请先缴费。",
            "The lawful fee has not been recorded as paid.",
            basis=fee.basis,
        )


@guard()
def item_has_fee(situation: Situation) -> None:
    """No fee without a law or an administrative regulation, none for forms, and none twice (行政许可法58)."""
    if situation.item.fee is None:
        raise Conflict(
            "no_fee",
            "该事项不收费，不得向申请人收取任何费用。",
            "This item is free of charge; nothing may be asked for.",
            basis="行政许可法58",
        )
    _refuse_paid(situation)


@guard(of_payload=True)
def amount_in_yuan(situation: Situation) -> None:
    """What is asked for is a sum of money in yuan with two decimals.

    :raises Malformed: ``amount_wrong``.
    """
    amount = situation.payload["amount"]
    if not _YUAN.fullmatch(amount) or float(amount) == 0:
        raise Malformed(
            "amount_wrong",
            "金额应以元为单位并保留两位小数，例如 80.00。",
            "Give the amount in yuan with two decimals, for example 80.00.",
        )


@guard()
def fee_was_asked(situation: Situation) -> None:
    """A payment is recorded once, on the notice that asked for it (D27; 行政许可法59)."""
    if "fee_asked" not in situation.case.flags:
        raise Conflict(
            "fee_not_asked",
            "尚未出具缴费通知书，请先出具后再登记缴费。",
            "No payment notice has been issued yet; issue it first.",
            basis="行政许可法59",
        )
    _refuse_paid(situation)


def _refuse_paid(situation: Situation) -> None:
    if "fee_paid" in situation.case.flags:
        raise Conflict(
            "fee_paid_already", "费用已缴纳，不得重复收取。", "The fee is paid already.", basis="行政许可法59"
        )


@guard("queue")
def order_of_acceptance(situation: Situation) -> None:
    """Where the number is limited, who was accepted first is decided first (行政许可法57)."""
    if situation.item.quantity_limited and situation.accepted_before:
        raise Conflict(
            "earlier_application_waits",
            f"该许可有数量限制，尚有{situation.accepted_before}件先受理的申请未作决定，请按受理先后顺序办理。",
            f"The number of these permits is limited, and {situation.accepted_before} applications that were accepted"
            " earlier are not decided yet; decide them in the order of acceptance.",
            basis="行政许可法57",
            earlier=situation.accepted_before,
        )


@selector()
def silence_grants(situation: Situation) -> bool:
    """A law makes silence a grant for this item: 逾期视为准予, or 视为准予延续 (行政许可法50)."""
    return situation.item.on_overdue != "none"
