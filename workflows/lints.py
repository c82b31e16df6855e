"""What makes a flow unlawful, each with its article. ``yichuang flow check`` and publishing run the same list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from workflows.actor import Role
from workflows.clock import ClockKind
from workflows.errors import DefinitionError
from workflows.events import Act
from workflows.flow import AUTHORISED_WINDOW, SAME, Flow, State, Step, line_of
from workflows.flow_parts import place_of
from workflows.guards import SELECTORS

WINDOW_ROLES: Final = frozenset({Role.guide, Role.clerk, Role.hall_manager, Role.issuer, Role.agent})
"""The people in front: they may receive, tell and hand over, never refuse."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: where in the file, what is wrong, under which article."""

    where: str
    code: str
    message: str
    basis: str


def _place(flow: Flow, step: Step) -> str:
    index = flow.steps.index(step)
    return place_of(flow.source, flow.filename, line_of(flow.source, "transition", index))


def _state_place(flow: Flow, state: State) -> str:
    index = list(flow.states).index(state.name)
    return place_of(flow.source, flow.filename, line_of(flow.source, "state", index))


def window_cannot_refuse(flow: Flow) -> Iterator[Finding]:
    """窗口无否决权: no one at the window owns a step into a refusing state."""
    for step in flow.steps:
        target = flow.states.get(step.definition.to)
        window = (step.roles & WINDOW_ROLES) or step.authorised_window
        if target is not None and target.refusing and window:
            who = ", ".join(sorted(step.roles & WINDOW_ROLES) or [AUTHORISED_WINDOW])
            message = f"{step.definition.action} lets {who} move a case into {target.name}, which refuses the applicant"
            yield Finding(_place(flow, step), "window_refuses", message, "国发〔2022〕5号 窗口无否决权")


def suspension_has_basis(flow: Flow) -> Iterator[Finding]:
    """Time is excluded only for the eight kinds of article 45 or on the item's own basis, and the applicant is told."""
    for step in flow.steps:
        definition = step.definition
        if definition.clocks.suspend and "special_kind_has_basis" not in definition.guards:
            message = f"{definition.action} suspends a clock without the guard special_kind_has_basis"
            yield Finding(_place(flow, step), "suspension_without_basis", message, "行政许可法45")
        if definition.clocks.suspend and "special_notice_served" not in definition.guards:
            message = f"{definition.action} suspends a clock before the applicant was served D09"
            yield Finding(_place(flow, step), "suspension_untold", message, "行政许可法45")


def notice_is_given_once(flow: Flow) -> Iterator[Finding]:
    """Every step that issues a correction notice (D03) refuses a second one."""
    for step in flow.steps:
        gives = step.definition.action is Act.GIVE_NOTICE or "D03" in step.definition.documents
        if gives and not {"no_earlier_notice", "later_lines_have_changed_fact"} & set(step.definition.guards):
            message = f"{step.definition.action} could give the notice twice: it lacks the guard no_earlier_notice"
            yield Finding(_place(flow, step), "second_notice", message, "行政许可法32(1)(4)")


def decision_takes_two(flow: Flow) -> Iterator[Finding]:
    """A decision after review is made by somebody who did not handle the case."""
    for step in flow.steps:
        target = flow.states.get(step.definition.to)
        deciding = target is not None and target.decision and step.definition.timer is None
        if deciding and "approver_is_not_handler" not in step.definition.guards:
            message = f"{step.definition.action} decides without the guard approver_is_not_handler"
            yield Finding(_place(flow, step), "one_person_decides", message, "行政许可法34；审批分离")


def _reachable(flow: Flow, start: str) -> set[str]:
    seen, queue = {start}, [start]
    while queue:
        for step in flow.steps_from(queue.pop()):
            if step.definition.to != SAME and step.definition.to not in seen:
                seen.add(step.definition.to)
                queue.append(step.definition.to)
    return seen


def every_state_is_reached(flow: Flow) -> Iterator[Finding]:
    """A state that no step leads to is a mistake."""
    reached = _reachable(flow, flow.initial)
    for state in flow.states.values():
        if state.name not in reached:
            yield Finding(_state_place(flow, state), "unreachable", f"no step leads to {state.name}", "流程完整性")


def every_state_ends(flow: Flow) -> Iterator[Finding]:
    """No applicant may be left in a state without a way out."""
    for state in flow.states.values():
        if state.kind in {"terminal", "final"}:
            continue
        ends = [name for name in _reachable(flow, state.name) if flow.states[name].kind in {"terminal", "final"}]
        if not ends:
            yield Finding(_state_place(flow, state), "dead_end", f"{state.name} never ends", "行政许可法42")


def every_end_is_archived(flow: Flow) -> Iterator[Finding]:
    """What is over is archived (档案法; GB/T 42727-2023)."""
    for state in flow.states.values():
        archived = any(step.definition.action is Act.ARCHIVE for step in flow.steps_from(state.name))
        if state.kind == "terminal" and not archived:
            yield Finding(
                _state_place(flow, state),
                "not_archived",
                f"{state.name} is never archived",
                "GB/T 42727-2023",
            )


def every_step_cites_its_basis(flow: Flow) -> Iterator[Finding]:
    """A step without an article cannot be explained to an applicant."""
    for step in flow.steps:
        if not step.definition.basis.strip():
            yield Finding(_place(flow, step), "no_basis", f"{step.definition.action} cites no basis", "依法行政")


def steps_are_unambiguous(flow: Flow) -> Iterator[Finding]:
    """Two steps of one name from one state are told apart by selectors, and by different ones."""
    steps = [(source, step) for step in flow.steps for source in step.definition.sources]
    chosen = Counter((source, step.definition.action, _selectors(step)) for source, step in steps)
    named = Counter((source, step.definition.action) for source, step in steps)
    for source, step in steps:
        picks, action = _selectors(step), step.definition.action
        if named[source, action] > 1 and (not picks or chosen[source, action, picks] > 1):
            message = f"{action} from {source} stands twice without a selector of its own"
            yield Finding(_place(flow, step), "ambiguous", message, "流程完整性")


def _selectors(step: Step) -> frozenset[str]:
    return frozenset(name for name in step.definition.guards if name in SELECTORS)


def twins_ask_the_same(flow: Flow) -> Iterator[Finding]:
    """Steps of one name from one state differ in where they lead, not in who may take them or what is sent."""
    first: dict[tuple[str, Act], Step] = {}
    for step in flow.steps:
        for source in step.definition.sources:
            twin = first.setdefault((source, step.definition.action), step)
            same = set(twin.definition.by) == set(step.definition.by) and (
                twin.definition.payload == step.definition.payload
            )
            if not same:
                message = f"{step.definition.action} from {source} differs from its twin in by or payload"
                yield Finding(_place(flow, step), "twins_differ", message, "流程完整性")


OF_ITEM: Final = frozenset({ClockKind.notice, ClockKind.statutory, ClockKind.promise})
"""Clocks whose limit the item sets."""


def started_clocks_have_limits(flow: Flow) -> Iterator[Finding]:
    """A clock that is started must know when it ends: by the item, the state's stage, or the flow's limits."""
    for step in flow.steps:
        for kind in step.definition.clocks.start:
            target = step.definition.to
            ends = [flow.states[name] for name in (step.definition.sources if target == SAME else [target])]
            planned = step.definition.action is Act.START_SPECIAL
            staged = kind is ClockKind.stage and (planned or all(state.stage_limit for state in ends))
            if kind not in OF_ITEM and not staged and kind not in flow.limits:
                message = f"{step.definition.action} starts the {kind} clock, which has no limit"
                yield Finding(_place(flow, step), "clock_without_limit", message, "优化营商环境条例36(1)")


def timers_are_the_systems(flow: Flow) -> Iterator[Finding]:
    """A step that time takes is taken by nobody else, and its clock is one that runs."""
    started = {kind for step in flow.steps for kind in step.definition.clocks.start}
    for step in flow.steps:
        timer, alone = step.definition.timer, step.roles == {Role.system}
        if timer is not None and not (alone and timer.clock in started):
            message = f"{step.definition.action} has a timer: it is for system alone, on a clock that some step starts"
            yield Finding(_place(flow, step), "timer_wrong", message, "流程完整性")


NEEDED_FIELDS: Final[dict[Act, dict[str, str]]] = {
    Act.RECEIVE: {"materials": "material_counts"},
    Act.GIVE_NOTICE: {"lines": "defect_lines"},
    Act.SUPPLY: {"lines": "line_numbers"},
    Act.START_SPECIAL: {"kind": "code"},
    Act.SUBMIT_REVIEW: {"opinion": "text", "proposal": "choice"},
    Act.ENDORSE: {"opinion": "text"},
    Act.SEND_BACK: {"reason": "text"},
    Act.GRANT: {"opinion": "text"},
    Act.DENY: {"reason": "text", "article": "short_text"},
    Act.DELIVER: {"recipient": "person"},
    Act.WITHDRAW: {"reason": "text", "signed": "flag"},
}
"""What an act writes into the file, so that a flow must ask for it."""


def acts_ask_for_what_they_write(flow: Flow) -> Iterator[Finding]:
    """An opinion, a reason, a recipient that belongs on the paper is asked for in its form, and required."""
    for step in flow.steps:
        definition = step.definition
        needed = NEEDED_FIELDS.get(definition.action, {})
        found = {name: spec.type for name, spec in definition.payload.items() if spec.required}
        missing = [f"{name} ({kind})" for name, kind in needed.items() if found.get(name) != kind]
        if missing:
            message = f"{definition.action} must require {', '.join(missing)}"
            yield Finding(_place(flow, step), "field_missing", message, "行政许可法38、44；审批表")
        if definition.action is Act.MAKE_CERTIFICATE and "D17" not in definition.documents:
            message = "make_certificate must issue D17, whose number the certificate carries"
            yield Finding(_place(flow, step), "field_missing", message, "行政许可法39")


LINTS: Final[tuple[Callable[[Flow], Iterator[Finding]], ...]] = (
    window_cannot_refuse,
    suspension_has_basis,
    notice_is_given_once,
    decision_takes_two,
    every_state_is_reached,
    every_state_ends,
    every_end_is_archived,
    every_step_cites_its_basis,
    steps_are_unambiguous,
    twins_ask_the_same,
    started_clocks_have_limits,
    timers_are_the_systems,
    acts_ask_for_what_they_write,
)


def check(flow: Flow) -> list[Finding]:
    """Every breach in the flow, in the order of the list of lints; empty when it may be published."""
    return [finding for lint in LINTS for finding in lint(flow)]


def require_lawful(flow: Flow) -> None:
    """Refuse a flow that breaks any lint.

    :raises DefinitionError: ``flow_unlawful`` with every finding.
    """
    findings = check(flow)
    if findings:
        listed = "\n".join(f"{found.where}: {found.message} ({found.basis})" for found in findings)
        raise DefinitionError(
            "flow_unlawful",
            f"流程不合法，不能发布：\n{listed}",
            f"The flow is not lawful and cannot be published:\n{listed}",
            findings=[found.code for found in findings],
        )
