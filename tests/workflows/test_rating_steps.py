"""Who may do what about a bad rating, and when."""

from __future__ import annotations

from uuid import UUID

import pytest

from workflows.actor import Role
from workflows.rating_rules import Standing, next_steps

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("rating", "owed", "roles", "person", "steps"),
    [
        (Standing(5), {"rater_contact", "rectification"}, {Role.complaint_handler}, ONE,
         ["contact_rater", "rectify", "propose"]),
        (Standing(5), {"rater_contact"}, {Role.hall_manager}, ONE, ["propose"]),
        (Standing(5, "proposed", ONE), {"rectification"}, {Role.complaint_handler}, ONE, ["rectify"]),
        (Standing(5, "proposed", ONE), set(), {Role.supervisor}, OTHER, ["settle"]),
        (Standing(5, "proposed", ONE), set(), {Role.supervisor, Role.hall_manager}, ONE, []),
        (Standing(4, "stands", ONE, rectified=True), {"rater_follow_up"}, {Role.complaint_handler}, ONE, ["follow_up"]),
        (Standing(4, "set_aside", ONE), set(), set(Role), OTHER, []),
        (Standing(4), {"rater_contact"}, {Role.auditor}, ONE, []),
    ],
)  # fmt: skip
def test_each_role_has_its_own_steps_and_nobody_settles_what_they_proposed(
    rating: Standing, owed: set[str], roles: set[Role], person: UUID, steps: list[str]
) -> None:
    assert next_steps(rating, owed, roles, person) == steps
