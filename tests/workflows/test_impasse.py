"""The way of a 办不成事 ticket as rules: steps, people, days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests.workflows.situations import CALENDAR
from workflows.actor import Role
from workflows.errors import Conflict, Forbidden
from workflows.impasse import BY, TITLES, ImpasseState, ImpasseStep, Ticket, due_on, steps_from, take

ANN, BOB = UUID(int=1), UUID(int=2)
WAY = {
    ImpasseState.registered: {"assign", "contact", "solve"},
    ImpasseState.assigned: {"contact", "solve"},
    ImpasseState.solved: {"contact", "feed_back"},
    ImpasseState.fed_back: {"contact", "verify", "reopen"},
    ImpasseState.verified: {"file"},
    ImpasseState.filed: set(),
}


def ticket(state: str, step: ImpasseStep, *, contacted: bool = True, solved_by: UUID | None = None) -> Ticket:
    """A ticket in the hands of somebody who may take the step."""
    return Ticket(state, min(BY[step]), ANN, contacted and step is not ImpasseStep.contact, solved_by)


def test_every_state_has_the_steps_of_the_way_and_no_others() -> None:
    assert {state: set(steps_from(state)) for state in ImpasseState} == WAY
    for state in ImpasseState:
        for step in ImpasseStep:
            if step in WAY[state]:
                assert take(step, ticket(state, step)) in set(ImpasseState)
            else:
                with pytest.raises(Conflict) as found:
                    take(step, ticket(state, step))
                assert found.value.code == "impasse_step_not_allowed"


def test_every_state_leads_to_the_file() -> None:
    for state in list(ImpasseState)[:-1]:
        here = Ticket(state, None, ANN, contacted=True)
        for step in (ImpasseStep.solve, ImpasseStep.feed_back, ImpasseStep.verify, ImpasseStep.file):
            if step in steps_from(here.state):
                here.role = min(BY[step])
                take(step, here)
        assert here.state == "filed"


def test_a_refused_step_moves_nothing() -> None:
    here = ticket("solved", ImpasseStep.feed_back, contacted=False)
    with pytest.raises(Conflict) as found:
        take(ImpasseStep.feed_back, here)
    assert (found.value.code, here.state) == ("contact_first", "solved")


def test_nobody_takes_a_step_that_is_not_theirs() -> None:
    for step in ImpasseStep:
        for role in [None, *(set(Role) - BY[step])]:
            state = next(state for state in ImpasseState if step in WAY[state])
            with pytest.raises(Forbidden):
                take(step, Ticket(state, role, ANN, contacted=step is not ImpasseStep.contact))


def test_who_recorded_the_solution_does_not_verify_it() -> None:
    with pytest.raises(Forbidden) as found:
        take(ImpasseStep.verify, ticket("fed_back", ImpasseStep.verify, solved_by=ANN))
    assert found.value.code == "same_person"
    assert take(ImpasseStep.verify, ticket("fed_back", ImpasseStep.verify, solved_by=BOB)) == "verified"


def test_the_days_for_a_solution() -> None:
    registered = date(2026, 9, 17)  # Sunday the 20th is worked; Friday the 25th and 1 to 7 October are off
    assert due_on(CALENDAR, registered, complex_matter=False) == date(2026, 9, 23)
    assert due_on(CALENDAR, registered, complex_matter=True) == date(2026, 10, 8)


def test_everything_has_a_name_in_both_languages() -> None:
    assert set(TITLES) == set(ImpasseState) | set(ImpasseStep)
    assert all(zh and en for zh, en in TITLES.values())
