"""办不成事: the way of a ticket for what an applicant could not get done, from registration to the file.

Registered, assigned, solved, fed back to the applicant, verified with them, filed. A simple matter is solved at once.
Contact is owed on the same day, the solution within five working days, ten where the matter is complex (defaults).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from transitions import Machine, MachineError

from workflows.actor import Role
from workflows.calendar import Calendar
from workflows.errors import Conflict, Forbidden

SIMPLE_DAYS: Final = 5
"""Working days for a solution (default)."""
COMPLEX_DAYS: Final = 10
"""Working days for a solution where the matter is complex (default)."""
BASIS: Final = "国发〔2022〕5号 办不成事反映窗口"

REGISTRARS: Final = (Role.impasse_handler, Role.clerk, Role.guide, Role.hall_manager)
"""Who may register a ticket, in the order in which a grant is looked for."""
READERS: Final = frozenset({*REGISTRARS, Role.supervisor, Role.auditor})
"""Who sees the tickets of their halls."""
SOLVERS: Final = frozenset({Role.officer, Role.approver})
"""Who, in the department that a ticket was assigned to, sees it and says how it was solved."""


class ImpasseState(StrEnum):
    """Where a ticket stands."""

    registered = "registered"
    assigned = "assigned"
    solved = "solved"
    fed_back = "fed_back"
    verified = "verified"
    filed = "filed"


class ImpasseStep(StrEnum):
    """What can be done to a ticket."""

    assign = "assign"
    contact = "contact"
    solve = "solve"
    feed_back = "feed_back"
    verify = "verify"
    reopen = "reopen"
    file = "file"


TITLES: Final[dict[str, tuple[str, str]]] = {
    ImpasseState.registered: ("已登记", "registered"),
    ImpasseState.assigned: ("已交办", "assigned"),
    ImpasseState.solved: ("已解决", "solved"),
    ImpasseState.fed_back: ("已反馈", "fed back"),
    ImpasseState.verified: ("已核实", "verified"),
    ImpasseState.filed: ("已归档", "filed"),
    ImpasseStep.assign: ("交办", "assign"),
    ImpasseStep.contact: ("联系反映人", "contact the applicant"),
    ImpasseStep.solve: ("登记解决情况", "record the solution"),
    ImpasseStep.feed_back: ("反馈", "feed back"),
    ImpasseStep.verify: ("核实", "verify"),
    ImpasseStep.reopen: ("重新交办", "reopen"),
    ImpasseStep.file: ("归档", "file"),
}
"""States and steps in Chinese and English."""
LINES: Final[dict[str, tuple[str, str]]] = {
    **{step.value: TITLES[step] for step in ImpasseStep},
    "register": ("登记", "register"),
    "contact_overdue": ("逾期未联系", "not contacted in time"),
    "overdue": ("逾期未解决", "not solved in time"),
}
"""What a line of a ticket's history tells of: a step, the registration, what time did."""

_STAFF: Final = frozenset({Role.impasse_handler, Role.hall_manager})
BY: Final[dict[ImpasseStep, frozenset[Role]]] = {
    ImpasseStep.assign: _STAFF,
    ImpasseStep.contact: frozenset({Role.impasse_handler}),
    ImpasseStep.solve: frozenset({Role.impasse_handler}) | SOLVERS,
    ImpasseStep.feed_back: frozenset({Role.impasse_handler}),
    ImpasseStep.verify: _STAFF,
    ImpasseStep.reopen: _STAFF,
    ImpasseStep.file: frozenset({Role.impasse_handler}),
}
"""Who may take each step."""
_OPEN: Final = [ImpasseState.registered, ImpasseState.assigned, ImpasseState.solved, ImpasseState.fed_back]
_WAYS: Final[tuple[tuple[ImpasseStep, list[ImpasseState], ImpasseState | None], ...]] = (
    (ImpasseStep.assign, [ImpasseState.registered], ImpasseState.assigned),
    (ImpasseStep.contact, _OPEN, None),
    (ImpasseStep.solve, [ImpasseState.registered, ImpasseState.assigned], ImpasseState.solved),
    (ImpasseStep.feed_back, [ImpasseState.solved], ImpasseState.fed_back),
    (ImpasseStep.verify, [ImpasseState.fed_back], ImpasseState.verified),
    (ImpasseStep.reopen, [ImpasseState.fed_back], ImpasseState.assigned),
    (ImpasseStep.file, [ImpasseState.verified], ImpasseState.filed),
)


@dataclass(slots=True)
class Ticket:
    """A ticket at one moment; ``state`` is what the machine moves.

    ``role`` is that in which ``person`` may take the step, None when they may not.
    """

    state: str
    role: Role | None
    person: UUID
    contacted: bool = False
    solved_by: UUID | None = None


def contact_due_on(calendar: Calendar, open_day: date) -> date:
    """The day by whose closing the applicant is owed a call: today while the hall is open, else the next worked one.

    :param open_day: the hall's date, or the one after it once the hall has closed.
    """
    return calendar.next_working_day(open_day).on


def due_on(calendar: Calendar, registered: date, *, complex_matter: bool) -> date:
    """The last hall day for a solution, counted from the day of registration, which does not count."""
    return calendar.add_working_days(registered, COMPLEX_DAYS if complex_matter else SIMPLE_DAYS).on


def steps_from(state: str) -> list[ImpasseStep]:
    """What the way of a ticket has from this state."""
    return [step for step, sources, _ in _WAYS if state in sources]


def take(step: ImpasseStep, ticket: Ticket) -> str:
    """Move a ticket; its ``state`` becomes the new one, which is returned.

    :raises Conflict: ``impasse_step_not_allowed``, ``already_contacted``, ``contact_first``.
    :raises Forbidden: ``role_not_allowed``; ``same_person`` when who solved it would verify it.
    """
    if ticket.role not in BY[step]:
        raise _not_yours(step)
    try:
        _MACHINE.events[step.value].trigger(ticket)
    except MachineError:
        raise _not_allowed(step, ticket.state) from None
    return ticket.state


def _not_allowed(step: ImpasseStep, state: str) -> Conflict:
    return Conflict(
        "impasse_step_not_allowed",
        f"工单当前为“{TITLES[state][0]}”，不能{TITLES[step][0]}。",
        f"The ticket is {TITLES[state][1]}; {step.value} is not a step from there.",
        basis=BASIS,
        allowed=[one.value for one in steps_from(state)],
    )


def _not_yours(step: ImpasseStep) -> Forbidden:
    roles = sorted(BY[step])
    return Forbidden(
        "role_not_allowed",
        f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in roles)}办理。",
        f"Your role may not do this; it is for: {', '.join(role.en for role in roles)}.",
        basis=BASIS,
        roles=[role.value for role in roles],
    )


def _is_first_contact(event: Any) -> bool:
    if event.model.contacted:
        raise Conflict("already_contacted", "已联系过反映人。", "The applicant was contacted already.", basis=BASIS)
    return True


def _was_contacted(event: Any) -> bool:
    """Nothing counts as fed back or filed before somebody has spoken to the applicant."""
    if not event.model.contacted:
        raise Conflict(
            "contact_first",
            "尚未联系反映人，请先联系并登记。",
            "The applicant was not contacted yet; do that first.",
            basis=BASIS,
        )
    return True


def _verified_by_another(event: Any) -> bool:
    """Who solved it does not verify it."""
    if event.model.solved_by == event.model.person:
        raise Forbidden(
            "same_person",
            "登记解决情况的人员不得自行核实，请由另一人核实。",
            "Who recorded the solution does not verify it; somebody else must.",
            basis=BASIS,
        )
    return True


_CONDITIONS: Final[dict[ImpasseStep, list[Any]]] = {
    ImpasseStep.contact: [_is_first_contact],
    ImpasseStep.feed_back: [_was_contacted],
    ImpasseStep.verify: [_verified_by_another],
}


def _machine() -> Machine:
    machine = Machine(
        model=None,
        states=[state.value for state in ImpasseState],
        initial=None,
        auto_transitions=False,
        send_event=True,
    )
    for step, sources, target in _WAYS:
        machine.add_transition(
            step.value,
            [source.value for source in sources],
            target.value if target else None,
            conditions=_CONDITIONS.get(step, []),
        )
    return machine


_MACHINE: Final = _machine()
