"""What a case begins with: whom the law serves first, and by which sounds its item is found."""

from __future__ import annotations

from datetime import date

import pytest

from engine.catalogue.item_finding import readings_of
from engine.precedence import GROUPS, Precedence, served_first
from tests.factories import FOOD, ITEMS
from workflows.actor import Role
from workflows.errors import Forbidden
from workflows.flow import packaged_flows

OLD, YOUNG = "11010519491231002X", "460100199001010013"
DAY = date(2026, 3, 2)
HOME = ITEMS[22]


def test_what_is_shown_at_the_window_counts_for_every_item() -> None:
    shown = Precedence("veteran", "退役军人优待证")
    found = served_first(FOOD, [], "resident_id", YOUNG, DAY, Role.clerk, shown)
    assert found == {"flags": [], "priority": "veteran", "rank": 0}
    assert served_first(FOOD, [], "resident_id", OLD, DAY, Role.clerk, None)["rank"] == 1


def test_property_of_the_elderly_comes_first_by_itself_and_keeps_its_flag_under_another_group() -> None:
    alone = served_first(HOME, [], "resident_id", OLD, DAY, Role.agent, None)
    assert alone == {"flags": ["elderly"], "priority": "elderly", "rank": 0}
    both = served_first(HOME, ["elder"], "resident_id", YOUNG, DAY, Role.guide, Precedence("disabled", "残疾人证"))
    assert both == {"flags": ["elderly"], "priority": "disabled", "rank": 0}


def test_an_agent_marks_nobody() -> None:
    with pytest.raises(Forbidden, match="role_not_allowed"):
        served_first(FOOD, [], "resident_id", OLD, DAY, Role.agent, Precedence("elderly", "身份证"))


def test_the_groups_are_those_of_the_act_that_marks_later() -> None:
    steps = (step.definition for flow in packaged_flows().values() for step in flow.steps)
    offered = {tuple(one.payload["group"].choices) for one in steps if one.action == "mark_priority"}
    assert offered == {GROUPS}


def test_a_name_is_read_character_by_character() -> None:
    assert readings_of("食品（A）许可") == (
        ("shi",), ("pin",), ("（",), ("a",), ("）",), ("xu",), ("ke",),
    )  # fmt: skip
    for item in ITEMS.values():
        assert len(readings_of(item.name)) == len(item.name), item.name
