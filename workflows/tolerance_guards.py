"""Conditions on 容缺受理 and 告知承诺."""

from __future__ import annotations

from typing import Final

from workflows.check import require_checked
from workflows.clock import ClockKind
from workflows.errors import Conflict, Malformed
from workflows.guarding import guard
from workflows.material import Necessity
from workflows.material_guards import applicable_lines, counted, missing_lines, pending_lines, refuse_pending
from workflows.situation import DutyFacts, Situation

TOLERANCE: Final = "国发〔2022〕5号 容缺受理清单"
PROMISE: Final = "国办发〔2020〕42号"
EXCLUDED_FIELDS: Final = {
    "state_security": ("国家安全或国家秘密", "state security or state secrets"),
    "public_safety": ("公共安全", "public safety"),
    "financial_prudence": ("金融业审慎监管", "the prudential supervision of finance"),
    "ecology": ("生态环境保护", "the protection of the environment"),
    "life_health_property": ("人身健康、生命财产安全", "health, life or the safety of property"),
    "foreign_affairs": ("重要涉外事务", "important foreign affairs"),
}
"""The fields in which nothing is decided on a promise: too much is at stake to put it right afterwards."""
PROMISE_DUTIES: Final = frozenset({"post_check", "promise_correction"})
"""What is owed after a decision on a promise: its check, and after an order to put things right a second look."""


@guard()
def tolerance_allowed(situation: Situation) -> None:
    """Only items on the published list may be accepted while something is still owed."""
    if not situation.item.tolerance:
        raise Conflict(
            "tolerance_not_listed",
            "该事项不在容缺受理清单内，不能容缺受理。材料不齐的，请一次性告知。",
            "This item is not on the tolerance list. If materials are missing, give the one-time notice.",
            basis=TOLERANCE,
        )


@guard("materials")
def only_deferrable_missing(situation: Situation) -> None:
    """The main materials are complete and readable, and what is missing is on the list of what may follow."""
    refuse_pending(pending_lines(situation))
    missing = missing_lines(situation)
    required = [line.code for line in missing if line.necessity is not Necessity.deferrable]
    if required:
        raise Conflict(
            "main_materials_missing",
            f"主要材料 {'、'.join(required)} 不齐，不能容缺受理。请一次性告知需要补正的全部内容。",
            f"Main materials are missing: {', '.join(required)}; there is no tolerance for them. "
            "Give the one-time notice.",
            basis=TOLERANCE,
            lines=required,
        )
    if not missing:
        raise Conflict(
            "nothing_to_defer",
            "材料已齐全，无需容缺，请直接受理。",
            "Nothing is missing, so nothing is owed; accept the application.",
            basis="行政许可法32(1)(5)",
        )
    owed = {line.code for line in missing}
    here = [line for line in applicable_lines(situation) if line.code not in owed]
    require_checked(here, counted(situation), situation.today)


@guard(of_payload=True)
def tolerance_chosen(situation: Situation) -> None:
    """The applicant chose it and signed, and has no unrepaired dishonesty on record."""
    _require_signature(situation, TOLERANCE)
    if not situation.payload.get("credit_checked"):
        raise Conflict(
            "credit_not_checked",
            "请先核实申请人没有未修复的失信记录；有的，不适用容缺受理。",
            "Check first that the applicant has no unrepaired dishonesty on record; otherwise there is no tolerance.",
            basis=TOLERANCE,
        )


def _require_signature(situation: Situation, basis: str) -> None:
    if not situation.payload.get("signed"):
        raise Conflict(
            "signature_missing",
            "须由申请人自愿选择并签署承诺；未签署的，按一般程序办理。",
            "The applicant chooses this and signs; without a signature the ordinary procedure applies.",
            basis=basis,
        )


@guard()
def tolerance_open(situation: Situation) -> None:
    """Something is still owed under tolerance."""
    if "tolerance" not in situation.case.flags:
        raise Conflict(
            "no_tolerance_open",
            "该办件没有尚待补交的容缺材料。",
            "Nothing is owed under tolerance on this case.",
            basis=TOLERANCE,
        )


@guard("materials", of_payload=True)
def deferred_all_in(situation: Situation) -> None:
    """Everything that was deferred is there in number, scanned and readable."""
    refuse_pending(pending_lines(situation))
    missing = [line.code for line in missing_lines(situation)]
    if missing:
        raise Conflict(
            "deferred_materials_missing",
            f"容缺材料 {'、'.join(missing)} 尚未补齐。",
            f"Still owed under tolerance: {', '.join(missing)}.",
            basis=TOLERANCE,
            lines=missing,
        )
    require_checked(applicable_lines(situation), counted(situation), situation.today)


@guard()
def tolerance_overdue(situation: Situation) -> None:
    """The time to hand in what was deferred has passed."""
    tolerance_open(situation)
    clock = situation.clocks.get(ClockKind.tolerance)
    if clock is None or clock.due_at is None or situation.now <= clock.due_at:
        raise Conflict(
            "tolerance_not_overdue",
            "容缺材料的补交期限尚未届满。",
            "The time to hand in what is owed under tolerance has not passed.",
            basis=TOLERANCE,
        )


@guard()
def promise_permitted(situation: Situation) -> None:
    """The item may be decided on a promise, and lies in no field in which nothing may (国办发〔2020〕42号)."""
    item = situation.item
    if item.excluded_field != "none":
        zh, en = EXCLUDED_FIELDS[item.excluded_field]
        raise Conflict(
            "promise_excluded",
            f"该事项涉及{zh}，不适用告知承诺制，请按一般程序办理。",
            f"This item touches {en}, where nothing is decided on a promise; the ordinary procedure applies.",
            basis=PROMISE,
            field=item.excluded_field,
        )
    if not item.promise_permit:
        raise Conflict(
            "promise_not_permitted",
            "该事项没有列入告知承诺制事项清单，请按一般程序办理。",
            "This item is not on the list of those decided on a promise; the ordinary procedure applies.",
            basis=PROMISE,
        )


@guard(of_payload=True)
def promise_signed(situation: Situation) -> None:
    """The applicant was told conditions, standards and consequences, chose the promise and signed it."""
    _require_signature(situation, PROMISE)


@guard("duties")
def promise_check_due(situation: Situation) -> None:
    """A promise is to be checked: the check after the decision, or the second look after an order."""
    if open_promise_duty(situation) is None:
        raise Conflict(
            "no_promise_to_check",
            "该办件没有尚待核查的承诺。",
            "No promise on this case is waiting to be checked.",
            basis=PROMISE,
        )


def open_promise_duty(situation: Situation) -> DutyFacts | None:
    """What is owed after the decision on a promise and not done."""
    return next((duty for duty in situation.duties if duty.kind in PROMISE_DUTIES and duty.done_at is None), None)


@guard(of_payload=True)
def correction_day_given(situation: Situation) -> None:
    """An order to put things right names the day until which, and only such an order does."""
    ordered, day = situation.payload["outcome"] == "to_correct", str(situation.payload.get("correct_by", ""))
    if ordered and day <= situation.today.isoformat():
        raise Malformed(
            "correction_day_missing",
            "责令限期整改的，请写明今天以后的整改期限。",
            "An order to put things right names a day after today.",
            field="correct_by",
        )
    if day and not ordered:
        raise Malformed(
            "correction_day_strange",
            "只有责令限期整改的才有整改期限，请删去该日期。",
            "Only an order to put things right has such a day; leave it out.",
            field="correct_by",
        )


@guard("duties")
def promise_was_broken(situation: Situation) -> None:
    """A grant on a promise is revoked only after a check found the promise broken, and once."""
    checked = [duty for duty in situation.duties if duty.kind in PROMISE_DUTIES and duty.done_at is not None]
    if "revoked" in situation.case.flags:
        raise Conflict("already_revoked", "该许可决定已经撤销。", "The grant has been revoked already.", basis=PROMISE)
    if open_promise_duty(situation) is not None or not any(duty.outcome == "broken" for duty in checked):
        raise Conflict(
            "promise_not_broken",
            "核查没有认定承诺不实，不能撤销许可决定。",
            "No check has found the promise broken; the grant cannot be revoked.",
            basis="行政许可法69；国办发〔2020〕42号",
        )
