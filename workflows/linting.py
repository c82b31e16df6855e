"""What a lint is made of: a breach with its place and article, and how a flow is looked at for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from workflows.actor import Role
from workflows.events import Act
from workflows.flow import AUTHORISED_WINDOW, SAME, Flow, State, Step

WINDOW_ROLES: Final = frozenset({Role.guide, Role.clerk, Role.hall_manager, Role.issuer, Role.agent})
"""The people in front: they may receive, tell and hand over, never refuse."""

UNDECIDED: Final = frozenset({"initial", "open"})
"""Kinds of state in which the authority still owes a decision."""

OVER: Final = frozenset({"terminal", "final"})
"""Kinds of state in which nothing is owed any more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: where in the file, what is wrong, under which article."""

    where: str
    code: str
    message: str
    basis: str


Lint = Callable[[Flow], Iterator[Finding]]
"""Names every breach of one rule in a flow."""


def target_of(flow: Flow, step: Step) -> State | None:
    """The state that a step moves a case into; None when it stays."""
    return None if step.definition.to == SAME else flow.states[step.definition.to]


def sources_of(flow: Flow, step: Step) -> list[State]:
    """The states from which a step may be taken."""
    return [flow.states[name] for name in step.definition.sources]


def decision_of(flow: Flow, step: Step) -> State | None:
    """The decision that a step makes of an undecided case; None when it makes none."""
    target = target_of(flow, step)
    undecided = any(state.kind in UNDECIDED for state in sources_of(flow, step))
    return target if target is not None and target.decision and undecided else None


def refusal_of(flow: Flow, step: Step) -> State | None:
    """The refusing state that a step moves an undecided case into; None when it refuses nothing."""
    target = target_of(flow, step)
    undecided = any(state.kind in UNDECIDED for state in sources_of(flow, step))
    return target if target is not None and target.refusing and undecided else None


def at_the_window(step: Step) -> str:
    """Who at the window may take the step, as words; empty when nobody may."""
    return ", ".join([*sorted(step.roles & WINDOW_ROLES), *([AUTHORISED_WINDOW] if step.authorised_window else [])])


def reachable(flow: Flow, starts: Iterable[str]) -> set[str]:
    """These states and every state that steps lead to from them."""
    queue = list(starts)
    seen = set(queue)
    while queue:
        for step in flow.steps_from(queue.pop()):
            if step.definition.to != SAME and step.definition.to not in seen:
                seen.add(step.definition.to)
                queue.append(step.definition.to)
    return seen


def takes_applications(flow: Flow) -> bool:
    """Whether people apply under this flow; another department's part of a case is nobody's application."""
    return any(step.definition.action in {Act.RECEIVE, Act.SUBMIT} for step in flow.steps)
