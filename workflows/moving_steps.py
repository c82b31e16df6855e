"""Why a case stays because of its way: what has begun must go on, and nothing already passed may be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from workflows.errors import YichuangError
from workflows.events import Act
from workflows.flow import Flow
from workflows.guards import GUARDS
from workflows.linting import reachable
from workflows.moving_facts import Move, MovingCase, Reason
from workflows.situation import Situation


def state_is_the_same(case: MovingCase, move: Move) -> Iterator[Reason]:
    """The new flow has the state, and it means the same there."""
    old, new = move.flow_from.states[case.state], move.flow_to.states.get(case.state)
    if new is None:
        yield Reason(
            "state_missing",
            f"新流程没有办件所处的状态“{old.title}”。",
            f"The new flow does not have the state {case.state} ({old.title_en}).",
        )
    elif (old.kind, old.phase, old.decision, old.refusing) != (new.kind, new.phase, new.decision, new.refusing):
        yield Reason(
            "state_otherwise",
            f"状态“{old.title}”在新流程中性质不同（是否办结、是否为决定等）。",
            f"The state {case.state} ({old.title_en}) is of another kind in the new flow.",
        )


@dataclass(frozen=True, slots=True)
class _Begun:
    """Something begun on a case, and the acts that people were told of or are owed because of it."""

    holds: Callable[[Situation], bool]
    acts: frozenset[Act]
    zh: str
    en: str


def _owes(*kinds: str) -> Callable[[Situation], bool]:
    return lambda seen: any(duty.kind in kinds and duty.done_at is None for duty in seen.duties)


def _marked(flag: str, but: str = "") -> Callable[[Situation], bool]:
    return lambda seen: flag in seen.case.flags and but not in seen.case.flags


def _notice_open(seen: Situation) -> bool:
    return seen.notice is not None and any(line.met_at is None for line in seen.notice.binding)


def _special_open(seen: Situation) -> bool:
    return seen.special is not None and seen.special.finished_at is None


def _hearing_open(seen: Situation) -> bool:
    hearing = seen.hearing
    return hearing is not None and hearing.recorded_at is None and hearing.waived_at is None


_BEGUN: Final = (
    _Begun(_notice_open, frozenset({Act.SUPPLY}), "补正尚未完成", "a correction that is not complete"),
    _Begun(_marked("tolerance"), frozenset({Act.MEET_TOLERANCE}), "容缺材料尚未补齐", "an open tolerance"),
    _Begun(
        _special_open,
        frozenset({Act.START_SPECIAL, Act.FINISH_SPECIAL, Act.START_SITE_CHECK, Act.FINISH_SITE_CHECK}),
        "特别程序尚未结束",
        "a special procedure",
    ),
    _Begun(
        _hearing_open,
        frozenset({Act.REQUEST_HEARING, Act.WAIVE_HEARING, Act.SCHEDULE_HEARING, Act.RECORD_HEARING}),
        "听证权利尚未用尽",
        "a right to a hearing",
    ),
    _Begun(
        lambda seen: any(party.heard_at is None for party in seen.third_parties),
        frozenset({Act.RECORD_STATEMENT}),
        "利害关系人尚可陈述",
        "a third party who may still be heard",
    ),
    _Begun(_marked("fee_asked", "fee_paid"), frozenset({Act.RECORD_PAYMENT}), "费用尚未缴纳", "a fee not yet paid"),
    _Begun(_marked("void_proposed"), frozenset({Act.VOID}), "作废尚待核实", "a proposal to void"),
    _Begun(
        _marked("electronic_delivery"),
        frozenset({Act.DELIVER_ELECTRONICALLY}),
        "申请人已同意电子送达",
        "consent to electronic delivery",
    ),
    _Begun(lambda seen: seen.case.offered_to is not None, frozenset({Act.TAKE_OVER}), "移交尚待接受", "a handover"),
    _Begun(
        lambda seen: seen.posting is not None,
        frozenset({Act.SIGN_OFF_POST, Act.RETURN_POST}),
        "邮件尚在途中",
        "a parcel on its way",
    ),
    _Begun(
        lambda seen: any(one.proposal for one in seen.certificates),
        frozenset({Act.VOID_CERTIFICATE, Act.REISSUE_CERTIFICATE}),
        "证照更正尚待批准",
        "a proposal about a certificate",
    ),
    _Begun(
        lambda seen: any(card.state == "appealed" for card in seen.cards),
        frozenset({Act.LIFT_CARD, Act.UPHOLD_CARD}),
        "亮牌申诉尚未处理",
        "the appeal of a card",
    ),
    _Begun(_owes("overdue_explanation"), frozenset({Act.EXPLAIN_OVERDUE}), "尚欠超期说明", "a public explanation"),
    _Begun(_owes("supervision_reply"), frozenset({Act.ANSWER_SUPERVISION}), "督办尚未答复", "an order to be answered"),
    _Begun(
        _owes("post_check", "promise_correction"),
        frozenset({Act.CHECK_PROMISE, Act.REVOKE}),
        "承诺尚待核查",
        "a promise to be checked",
    ),
    _Begun(
        _owes("rater_contact", "rectification"),
        frozenset({Act.CONTACT_RATER, Act.RECTIFY}),
        "差评整改尚未完成",
        "a rectification",
    ),
)


def what_has_begun_goes_on(case: MovingCase, move: Move) -> Iterator[Reason]:
    """Acts that are owed or were offered, and that the case can still come to, stay within its reach."""
    lost = _acts_ahead(move.flow_from, case.state) - _acts_ahead(move.flow_to, case.state)
    for begun in _BEGUN:
        if begun.acts & lost and begun.holds(case.situation):
            names = "、".join(sorted(begun.acts & lost))
            yield Reason(
                "act_lost",
                f"{begun.zh}，而新流程从当前状态起不再有操作：{names}。",
                f"There is {begun.en}, and from this state on the new flow no longer has: {names}.",
            )


def _acts_ahead(flow: Flow, state: str) -> set[Act]:
    return {step.definition.action for name in reachable(flow, [state]) for step in flow.steps_from(name)}


_FULFILLED_BY: Final[Mapping[str, frozenset[Act]]] = MappingProxyType(
    {
        "intention_recorded": frozenset({Act.RECORD_INTENTION}),
        "notice_lines_met": frozenset({Act.SUPPLY}),
        "materials_complete": frozenset({Act.CORRECT_ON_SPOT, Act.GIVE_NOTICE, Act.SUPPLY_SUPPLEMENT}),
        "fee_paid": frozenset({Act.RECORD_PAYMENT}),
        "tolerance_closed": frozenset({Act.MEET_TOLERANCE}),
        "hearing_right_met": frozenset({Act.TELL_HEARING_RIGHT, Act.RECORD_HEARING}),
        "hearing_was_held": frozenset({Act.RECORD_HEARING, Act.WAIVE_HEARING}),
        "third_parties_heard": frozenset({Act.RECORD_STATEMENT}),
    }
)
"""Guards on a case's way that something done before must satisfy, and the acts that do it."""


def nothing_passed_is_required(case: MovingCase, move: Move) -> Iterator[Reason]:
    """No step ahead waits for something that could only have been done in a state that the case has left."""
    flow, seen = move.flow_to, replace(case.situation, item=move.item_to)
    ahead = _acts_ahead(flow, case.state)
    steps = (step.definition for name in reachable(flow, [case.state]) for step in flow.steps_from(name))
    asked = {(name, step.title, step.title_en) for step in steps if not step.aside for name in step.guards}
    for name, title, title_en in sorted(asked):
        acts = _FULFILLED_BY.get(name)
        if acts is not None and not acts & ahead and (refusal := _refusal(name, seen)):
            yield Reason(
                "step_never_taken",
                f"新流程的“{title}”要求办件此前未办且已无法补办的事项：{refusal.zh}",
                f"{title_en} of the new flow requires what was never done and no longer can be: {refusal.en}",
                refusal.basis or "",
            )


def _refusal(name: str, seen: Situation) -> YichuangError | None:
    try:
        GUARDS[name].check(seen)
    except YichuangError as refusal:
        return refusal
    return None


def marks_are_known(case: MovingCase, move: Move) -> Iterator[Reason]:
    """What the flow has marked on the case is a mark that the new flow knows too."""
    ours, theirs = _flags(move.flow_from), _flags(move.flow_to)
    for flag in sorted(case.situation.case.flags & ours - theirs):
        yield Reason(
            "flag_unknown",
            f"办件带有标记“{flag}”，新流程没有这种标记。",
            f"The case carries the mark {flag}, which the new flow does not know.",
        )


def _flags(flow: Flow) -> set[str]:
    marks = [step.definition.flags for step in flow.steps]
    return {flag for mark in marks for flag in (*mark.set, *mark.clear)}
