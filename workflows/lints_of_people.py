"""Who may take which step: the table of roles as checks of a flow (窗口无否决权；岗位权限；三员分立)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflows.actor import ADMINISTRATORS, Role
from workflows.events import Act
from workflows.flow import Flow, Step
from workflows.linting import OVER, WINDOW_ROLES, Finding, at_the_window, decision_of, refusal_of, sources_of, target_of

_NO_VETO: Final = "国发〔2022〕5号 窗口无否决权"

_HANDED_OVER: Final = frozenset({Act.WITHDRAW, Act.DELIVER, Act.DELIVER_ELECTRONICALLY, Act.SIGN_OFF_POST})
"""What ends a case at the window: the applicant's own withdrawal, and the result in the applicant's hands."""

_ACCEPTING: Final = frozenset({Act.ACCEPT, Act.ACCEPT_WITH_TOLERANCE, Act.GIVE_NOTICE, Act.ADD_NOTICE_LINES})
"""What a clerk does only where the item carries the authority's written authorisation."""


def window_cannot_refuse(flow: Flow) -> Iterator[Finding]:
    """窗口无否决权: no one at the window owns a step into a refusing state."""
    for step in flow.steps:
        refusal, who = refusal_of(flow, step), at_the_window(step)
        if refusal is not None and who:
            message = (
                f"{step.definition.action} lets {who} move a case into {refusal.name}, which refuses the applicant"
            )
            yield Finding(step.where, "window_refuses", message, _NO_VETO)


def window_cannot_decide(flow: Flow) -> Iterator[Finding]:
    """Neither a clerk nor the hall's manager decides; the authority does."""
    for step in flow.steps:
        decision, who = decision_of(flow, step), at_the_window(step)
        if decision is not None and not decision.refusing and who:
            message = f"{step.definition.action} lets {who} decide; a decision is the authority's"
            yield Finding(step.where, "window_decides", message, "行政许可法37；前台综合受理、后台分类审批")


def window_cannot_close(flow: Flow) -> Iterator[Finding]:
    """The window ends a case only by the applicant's withdrawal or by handing over the result."""
    for step in flow.steps:
        target, who = target_of(flow, step), at_the_window(step)
        open_before = any(state.kind not in OVER for state in sources_of(flow, step))
        closing = target is not None and target.kind in OVER and open_before and refusal_of(flow, step) is None
        if closing and who and step.definition.action not in _HANDED_OVER:
            message = f"{step.definition.action} lets {who} close a case"
            yield Finding(step.where, "window_closes", message, _NO_VETO)


def window_cannot_touch_time(flow: Flow) -> Iterator[Finding]:
    """Nobody at the window suspends, extends or edits a limit."""
    for step in flow.steps:
        clocks, who = step.definition.clocks, at_the_window(step)
        if who and (clocks.suspend or clocks.resume or clocks.extend or clocks.amend):
            message = f"{step.definition.action} lets {who} change a limit"
            yield Finding(step.where, "window_edits_clocks", message, _NO_VETO)


def window_accepts_only_by_authority(flow: Flow) -> Iterator[Finding]:
    """A clerk accepts or gives the notice only where the authority authorised the window in writing."""
    for step in flow.steps:
        definition, who = step.definition, ", ".join(sorted(step.roles & WINDOW_ROLES))
        if who and (definition.action in _ACCEPTING or {"D03", "D05"} & set(definition.documents)):
            message = f"{definition.action} is for {who} without authorisation; write authorised_window"
            yield Finding(step.where, "window_unauthorised", message, "行政许可法32(2)；受理权书面委托")


def issuer_keeps_the_result(flow: Flow) -> Iterator[Finding]:
    """Who hands out a result never moves a case that is undecided."""
    for step in flow.steps:
        decided = all(state.kind == "decided" for state in sources_of(flow, step))
        if Role.issuer in step.roles and target_of(flow, step) is not None and not decided:
            message = f"{step.definition.action} lets the issuer change the result"
            yield Finding(step.where, "issuer_changes_result", message, "岗位权限：出件不得改变结果")


def agents_stand_in_for_applicants(flow: Flow) -> Iterator[Finding]:
    """An agent does what the applicant may do and nothing else; a guide moves a case only so."""
    for step in flow.steps:
        moving = target_of(flow, step) is not None
        bound = step.roles & ({Role.agent, Role.guide} if moving else {Role.agent})
        if bound and Role.applicant not in step.roles:
            message = f"{step.definition.action} lets {', '.join(sorted(bound))} do more than an applicant may"
            yield Finding(step.where, "agent_oversteps", message, "国发〔2022〕5号 帮办代办；民法典162")


_ALONE: Final[dict[Role, frozenset[Act]]] = {
    Role.auditor: frozenset({Act.VOID}),
    Role.archivist: frozenset({Act.ARCHIVE}),
    **{role: frozenset() for role in ADMINISTRATORS - {Role.auditor}},
    **{role: frozenset() for role in (Role.item_steward, Role.assessor, Role.project_director)},
}
"""Roles beside the procedure, and the only acts that they have in it."""


def administrators_take_no_part(flow: Flow) -> Iterator[Finding]:
    """System, security and audit are apart from the business; who scores or archives does nothing else."""
    for step in flow.steps:
        for role in sorted(step.roles & set(_ALONE)):
            if step.definition.action not in _ALONE[role]:
                message = f"{step.definition.action} is not for {role.en}, who takes no part in a case"
                yield Finding(step.where, "administrator_acts", message, "GB/T 22239-2019 三员分立；采购人考核独立")


_OVERSEERS: Final = frozenset({Role.supervisor, Role.complaint_handler, Role.impasse_handler})


def oversight_changes_no_case(flow: Flow) -> Iterator[Finding]:
    """Who watches, orders or handles complaints changes neither the state of a case nor its limits."""
    for step in flow.steps:
        who = step.roles & _OVERSEERS
        if who and (target_of(flow, step) is not None or _touches_clocks(step)):
            message = f"{step.definition.action} lets {', '.join(sorted(who))} change the case"
            yield Finding(step.where, "oversight_changes_case", message, "岗位权限：监督不得改变办件内容")


def _touches_clocks(step: Step) -> bool:
    clocks = step.definition.clocks
    changed = (clocks.start, clocks.stop, clocks.suspend, clocks.resume, clocks.extend, clocks.amend)
    return clocks.stop_all or any(changed)
