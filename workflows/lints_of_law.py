"""What the law asks of single acts and of their order: notice, silence, two people, what must be closed first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflows.actor import Role
from workflows.clock import ClockKind
from workflows.events import Act
from workflows.flow import SAME, Flow, Step
from workflows.linting import UNDECIDED, Finding, decision_of, reachable, refusal_of, sources_of, takes_applications


def notice_is_given_once(flow: Flow) -> Iterator[Finding]:
    """Every step that issues a correction notice (D03) refuses a second one."""
    for step in flow.steps:
        gives = step.definition.action is Act.GIVE_NOTICE or "D03" in step.definition.documents
        if gives and not {"no_earlier_notice", "later_lines_have_changed_fact"} & set(step.definition.guards):
            message = f"{step.definition.action} could give the notice twice: it lacks the guard no_earlier_notice"
            yield Finding(step.where, "second_notice", message, "行政许可法32(1)(4)")


def silence_is_acceptance(flow: Flow) -> Iterator[Finding]:
    """Wherever the time for the notice runs, its end accepts the application, from the day of receipt."""
    for name in sorted(_where_notice_runs(flow)):
        timed = [step for step in flow.steps_from(name) if _accepts_by_silence(step)]
        if not timed:
            message = (
                f"the notice clock may run out in {name}, where no deem_accepted follows it, since the receipt, D05"
            )
            yield Finding(flow.places[name], "silence_not_acceptance", message, "行政许可法32(1)(4)")


def _accepts_by_silence(step: Step) -> bool:
    definition = step.definition
    timed = definition.timer is not None and definition.timer.clock is ClockKind.notice
    deemed = definition.action is Act.DEEM_ACCEPTED and definition.clocks.since == "receipt"
    return timed and deemed and "D05" in definition.documents


def _where_notice_runs(flow: Flow) -> set[str]:
    """States in which the notice clock may run: from where it is started on, until a step ends it."""
    seen: set[str] = set()
    queue = [step.definition.to for step in flow.steps if ClockKind.notice in step.definition.clocks.start]
    while queue:
        name = queue.pop()
        if name in flow.states and name not in seen:
            seen.add(name)
            queue += [step.definition.to for step in flow.steps_from(name) if not _ends_notice(step)]
    return {name for name in seen if flow.states[name].kind in UNDECIDED}


def _ends_notice(step: Step) -> bool:
    clocks = step.definition.clocks
    return clocks.stop_all or ClockKind.notice in clocks.stop or "notice_given" in step.definition.guards


def silence_decides_only_by_law(flow: Flow) -> Iterator[Finding]:
    """Silence is never a decision but where a law says so for the item, and then it grants."""
    for step in flow.steps:
        decision, refusal = decision_of(flow, step), refusal_of(flow, step)
        by_law = step.definition.timer is not None and "silence_grants" in step.definition.guards
        if Role.system in step.roles and (refusal is not None or (decision is not None and not by_law)):
            message = (
                f"{step.definition.action} decides by itself: only by a timer, guarded by silence_grants, granting"
            )
            yield Finding(step.where, "silence_decides", message, "行政许可法50；事项自身的法律依据")


def decision_takes_two(flow: Flow) -> Iterator[Finding]:
    """A decision after review is made by somebody who did not handle the case."""
    for step in flow.steps:
        deciding = decision_of(flow, step) is not None and step.definition.timer is None
        if deciding and "approver_is_not_handler" not in step.definition.guards:
            message = f"{step.definition.action} decides without the guard approver_is_not_handler"
            yield Finding(step.where, "one_person_decides", message, "行政许可法34；审批分离")


def decision_follows_acceptance(flow: Flow) -> Iterator[Finding]:
    """What was not accepted is decided only on a promise that the item permits and the applicant signed."""
    for step in flow.steps:
        early = any(state.phase in {"preparing", "receipt"} for state in sources_of(flow, step))
        promised = {"promise_permitted", "promise_signed"} <= set(step.definition.guards)
        if decision_of(flow, step) is not None and early and not promised:
            message = f"{step.definition.action} decides before acceptance without promise_permitted and promise_signed"
            yield Finding(step.where, "decides_unaccepted", message, "国办发〔2020〕42号；行政许可法32")


_CLOSED_FIRST: Final = (
    (Act.ACCEPT_WITH_TOLERANCE, "tolerance_closed", False, "容缺受理规定"),
    (Act.TELL_HEARING_RIGHT, "hearing_right_met", False, "行政许可法46、47"),
    (Act.TELL_THIRD_PARTY, "third_parties_heard", False, "行政许可法36"),
    (Act.GIVE_OPINION, "children_closed", False, "行政许可法26"),
    (Act.ASK_PAYMENT, "fee_paid", True, "行政许可法58、59"),
)
"""What may be open in a case, the guard that waits for it, whether only a grant does, and the article."""


def decision_waits_for_what_is_open(flow: Flow) -> Iterator[Finding]:
    """No decision while something is owed under tolerance, or somebody has not been heard."""
    for act, guard, only_grants, basis in _CLOSED_FIRST:
        later = _later_than(flow, act)
        for step in flow.steps:
            decision = decision_of(flow, step) if step.definition.timer is None else None
            open_there = decision is not None and later & set(step.definition.sources)
            exempt = only_grants and decision is not None and decision.refusing
            if open_there and not exempt and guard not in step.definition.guards:
                message = f"{step.definition.action} may decide while {act} is open: it lacks the guard {guard}"
                yield Finding(step.where, "decides_too_early", message, basis)


def _later_than(flow: Flow, act: Act) -> set[str]:
    """States that a case may be in once this act was done in it."""
    opened = [step for step in flow.steps if _opens(step, act)]
    return reachable(flow, {state for step in opened for state in _where_after(step)})


def _opens(step: Step, act: Act) -> bool:
    return step.definition.children == "open" if act is Act.GIVE_OPINION else step.definition.action is act


def _where_after(step: Step) -> list[str]:
    return step.definition.sources if step.definition.to == SAME else [step.definition.to]


CONDITIONS: Final[dict[Act, tuple[tuple[str, str], ...]]] = {
    Act.GIVE_NOTICE: (
        ("notice_clock_running", "行政许可法32(1)(4)"),
        ("every_line_complete", "行政许可法32(1)(4)"),
        ("notice_covers_gaps", "行政许可法32(1)(4)"),
    ),
    Act.ADD_NOTICE_LINES: (("lines_are_new", "行政许可法72(4)"), ("later_lines_have_changed_fact", "行政许可法72(4)")),
    Act.SUPPLY: (("lines_are_of_notice", "行政许可法32(1)(5)"),),
    Act.CONFIRM_LAPSE: (
        ("correction_overdue", "逾期未补正由机关确认"),
        ("applicant_was_reminded", "逾期未补正由机关确认"),
    ),
    Act.ACCEPT_WITH_TOLERANCE: (
        ("tolerance_allowed", "国发〔2022〕5号 容缺受理清单"),
        ("only_deferrable_missing", "国发〔2022〕5号 容缺受理清单"),
        ("tolerance_chosen", "容缺受理规定：申请人自愿"),
    ),
    Act.END_TOLERANCE: (("tolerance_overdue", "容缺受理规定"),),
    Act.GRANT_ON_PROMISE: (
        ("promise_permitted", "国办发〔2020〕42号"),
        ("promise_signed", "国办发〔2020〕42号"),
    ),
    Act.REVOKE: (("promise_was_broken", "行政许可法69"),),
    Act.START_SITE_CHECK: (("two_officers_named", "行政许可法34(3)"),),
    Act.FINISH_SITE_CHECK: (("two_officers_named", "行政许可法34(3)"),),
    Act.TELL_SPECIAL: (("special_kind_has_basis", "行政许可法45"), ("special_within_limit", "优化营商环境条例36(1)")),
    Act.SCHEDULE_HEARING: (
        ("host_is_not_reviewer", "行政许可法48(1)(3)"),
        ("hearing_told_early_enough", "行政许可法48(1)(1)"),
        ("hearing_within_limit", "行政许可法47"),
    ),
    Act.ENDORSE: (("endorser_is_not_handler", "行政许可法34；审批分离"),),
    Act.ASK_PAYMENT: (("item_has_fee", "行政许可法58"),),
    Act.DELIVER: (("recipient_identified or recipient_or_refusal", "行政许可法44"),),
    Act.DELIVER_ELECTRONICALLY: (("electronic_delivery_consented", "国务院令716号10"),),
    Act.WITHDRAW: (("applicant_signed", "撤回由申请人决定"),),
    Act.PROPOSE_VOID: (("no_legal_document_yet", "监督和审计共同作废"),),
    Act.VOID: (("void_was_proposed", "监督和审计共同作废"), ("no_legal_document_yet", "监督和审计共同作废")),
    Act.TAKE_OVER: (("handover_is_for_me", "国发〔2022〕5号 首问负责"),),
    Act.APPEAL_CARD: (("card_stands", "亮牌申诉"),),
    Act.LIFT_CARD: (("card_appealed", "亮牌申诉"),),
    Act.UPHOLD_CARD: (("card_appealed", "亮牌申诉"),),
    Act.ARCHIVE: (("scans_settled", "GB/T 42727-2023"),),
}
"""What an act may never be without: a guard, or one of several, and the article behind it."""


def acts_keep_their_conditions(flow: Flow) -> Iterator[Finding]:
    """A hall may add conditions to an act of the law, and never take one away."""
    for step in flow.steps:
        for guard, basis in CONDITIONS.get(step.definition.action, ()):
            if not set(guard.split(" or ")) & set(step.definition.guards):
                message = f"{step.definition.action} lacks the guard {guard}"
                yield Finding(step.where, "condition_missing", message, basis)


def void_takes_supervisor_and_auditor(flow: Flow) -> Iterator[Finding]:
    """A technical error is voided by the auditor on the supervisor's proposal, by nobody alone."""
    owners = {Act.PROPOSE_VOID: {Role.supervisor}, Act.VOID: {Role.auditor}}
    proposed = any(step.definition.action is Act.PROPOSE_VOID for step in flow.steps)
    for step in flow.steps:
        act = step.definition.action
        if act in owners and (set(step.roles) != owners[act] or step.authorised_window or not proposed):
            message = f"{act} is for {', '.join(owners[act])} alone, and a proposal comes before it"
            yield Finding(step.where, "void_alone", message, "监督和审计共同作废，仅限技术错误")


def open_cases_can_be_withdrawn(flow: Flow) -> Iterator[Finding]:
    """An applicant may withdraw at any time before the decision."""
    for state in flow.states.values():
        ways = [step for step in flow.steps_from(state.name) if step.definition.action is Act.WITHDRAW]
        free = any(Role.applicant in step.roles for step in ways)
        if takes_applications(flow) and state.kind in UNDECIDED and not free:
            message = f"an applicant cannot withdraw from {state.name}"
            yield Finding(flow.places[state.name], "no_withdrawal", message, "决定作出前可以撤回")


def refusals_are_written(flow: Flow) -> Iterator[Finding]:
    """Who refuses says so on paper, with reasons and remedies (D06, D16)."""
    for step in flow.steps:
        if refusal_of(flow, step) is not None and not {"D06", "D16"} & set(step.definition.documents):
            message = f"{step.definition.action} refuses without a written decision (D06 or D16)"
            yield Finding(step.where, "refusal_unwritten", message, "行政许可法32(2)、38(2)")
