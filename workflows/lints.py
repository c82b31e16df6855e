"""What makes a flow unlawful, each with its article. ``yichuang flow check`` and publishing run the same list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from workflows.actor import Role
from workflows.errors import DefinitionError
from workflows.events import Act
from workflows.flow import AUTHORISED_WINDOW, SAME, Flow, State, Step, line_of
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
    return f"{flow.filename}:{line_of(flow.source, 'transition', index)}"


def _state_place(flow: Flow, state: State) -> str:
    index = list(flow.states).index(state.name)
    return f"{flow.filename}:{line_of(flow.source, 'state', index)}"


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
    """Time is excluded only for the eight kinds of article 45 or on the item's own legal basis."""
    for step in flow.steps:
        if step.definition.clocks.suspend and "special_kind_has_basis" not in step.definition.guards:
            message = f"{step.definition.action} suspends a clock without the guard special_kind_has_basis"
            yield Finding(_place(flow, step), "suspension_without_basis", message, "行政许可法45")


def notice_is_given_once(flow: Flow) -> Iterator[Finding]:
    """Every step that issues a correction notice (D03) refuses a second one."""
    for step in flow.steps:
        gives = step.definition.action is Act.GIVE_NOTICE or "D03" in step.definition.documents
        if gives and "no_earlier_notice" not in step.definition.guards:
            message = (
                f"{step.definition.action} could give the notice twice: it lacks the guard no_earlier_notice"
            )
            yield Finding(_place(flow, step), "second_notice", message, "行政许可法32(1)(4)")


def decision_takes_two(flow: Flow) -> Iterator[Finding]:
    """A decision after review is made by somebody who did not handle the case."""
    for step in flow.steps:
        target = flow.states.get(step.definition.to)
        deciding = (
            target is not None and target.decision and step.definition.action is not Act.GRANT_ON_PROMISE
        )
        if deciding and "approver_is_not_handler" not in step.definition.guards:
            message = f"{step.definition.action} decides without the guard approver_is_not_handler"
            yield Finding(_place(flow, step), "one_person_decides", message, "行政许可法34; 审批分离")


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
            yield Finding(
                _state_place(flow, state), "unreachable", f"no step leads to {state.name}", "流程完整性"
            )


def every_state_ends(flow: Flow) -> Iterator[Finding]:
    """No applicant may be left in a state without a way out."""
    for state in flow.states.values():
        if state.kind in {"terminal", "final"}:
            continue
        ends = [
            name for name in _reachable(flow, state.name) if flow.states[name].kind in {"terminal", "final"}
        ]
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
            yield Finding(
                _place(flow, step), "no_basis", f"{step.definition.action} cites no basis", "依法行政"
            )


def steps_are_unambiguous(flow: Flow) -> Iterator[Finding]:
    """Two steps of one name from one state must be told apart by a selector."""
    seen: set[tuple[str, Act]] = set()
    for step in flow.steps:
        for source in step.definition.sources:
            key = (source, step.definition.action)
            selected = any(name in SELECTORS for name in step.definition.guards)
            if key in seen and not selected:
                message = f"{step.definition.action} from {source} stands twice without a selector"
                yield Finding(_place(flow, step), "ambiguous", message, "流程完整性")
            if not selected:
                seen.add(key)


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
            f"流程不合法,不能发布:\n{listed}",
            f"The flow is not lawful and cannot be published:\n{listed}",
            findings=[found.code for found in findings],
        )
