"""Audit findings (审计发现): what an auditor holds against a case, what the unit answers, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workflows.actor import Role
from workflows.errors import Conflict, NotFound


class Severity(StrEnum):
    """How much a finding weighs."""

    minor = "minor"
    major = "major"
    grave = "grave"


class Addressee(StrEnum):
    """Whose answer a finding waits for: the department that decides the case, or the hall that took it in."""

    department = "department"
    hall = "hall"


class FindingState(StrEnum):
    """Where a finding stands. ``closed``: it was put right; ``accepted``: the explanation holds."""

    open = "open"
    answered = "answered"
    closed = "closed"
    accepted = "accepted"


class FindingStep(StrEnum):
    """What can be done with a finding."""

    record = "record"
    answer = "answer"
    send_back = "send_back"
    close = "close"
    accept = "accept"


@dataclass(frozen=True, slots=True)
class Move:
    """A step: from which states, to which, by whom. Roles None: whoever the finding is addressed to."""

    sources: tuple[FindingState, ...]
    target: FindingState
    roles: frozenset[Role] | None
    title: str
    title_en: str


AUDITORS: Final = frozenset({Role.auditor})
ANSWERERS: Final[Mapping[Addressee, frozenset[Role]]] = MappingProxyType(
    {
        Addressee.department: frozenset({Role.officer, Role.reviewer, Role.approver, Role.authority_head}),
        Addressee.hall: frozenset({Role.hall_manager}),
    }
)
MOVES: Final[Mapping[FindingStep, Move]] = MappingProxyType(
    {
        FindingStep.answer: Move((FindingState.open,), FindingState.answered, None, "答复", "Answer"),
        FindingStep.send_back: Move((FindingState.answered,), FindingState.open, AUDITORS, "退回重新答复", "Ask again"),
        FindingStep.close: Move(
            (FindingState.open, FindingState.answered), FindingState.closed, AUDITORS, "整改到位，销号", "Put right"
        ),
        FindingStep.accept: Move(
            (FindingState.answered,), FindingState.accepted, AUDITORS, "说明成立，采纳", "Explanation accepted"
        ),
    }
)
"""Every step after the recording. Nothing is ever taken back: a finding only gains steps."""


def move_of(name: str) -> Move:
    """The step of this name.

    :raises NotFound: ``action_not_found``.
    """
    if name not in MOVES:
        raise NotFound("action_not_found", "没有这个操作。", "There is no such action.")
    return MOVES[FindingStep(name)]


def roles_for(move: Move, addressee: Addressee) -> frozenset[Role]:
    """Who may take a step with a finding that is addressed so."""
    return ANSWERERS[addressee] if move.roles is None else move.roles


def check_move(name: str, state: FindingState) -> FindingState:
    """The state that a step leads to.

    :raises NotFound: ``action_not_found``. :raises Conflict: ``finding_state`` when it is not the turn of that step.
    """
    move = move_of(name)
    if state not in move.sources:
        raise Conflict(
            "finding_state",
            f"该审计发现目前不能“{move.title}”，请刷新后查看。",
            f"This finding cannot take the step “{move.title_en}” now; reload it.",
            state=state.value,
        )
    return move.target
