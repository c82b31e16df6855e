"""Flows share parts: one text, the place of every line kept, each law in its own words."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from tests.workflows.situations import FOOD, item_with, situation
from tests.workflows.test_flow import HEAD, STATES, STEP, TINY, WATCH, WATCH_LINE, permit
from workflows.clock import ClockKind
from workflows.effects import limit_of
from workflows.errors import DefinitionError
from workflows.events import Act
from workflows.flow import packaged_flows, parse_flow
from workflows.flow_parts import places_of

PERMIT_1 = (Path(__file__).parent / "fixtures" / "permit_1.toml").read_text("utf-8")
"""The first published version, to which cases may be pinned."""


def test_lines_are_found_however_the_tables_are_written() -> None:
    text = "# [[transition]]\n  [[ transition ]]\na = 1\n\n[[transition]] # again\n"
    assert places_of(text, "a.toml", "transition") == ["a.toml:2", "a.toml:5"]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ('from = "ESCALATED"', 'from = "GONE"', "unknown_state", "GONE"),
        ('by = ["clerk"]', 'by = ["butler"]', "unknown_role", "butler"),
        ('documents = ["D06"]', 'documents = ["D99"]', "unknown_document", "D99"),
        ('action = "refuse_acceptance"', 'action = "shred"', "not_a_flow", "shred"),
        ('action = "refuse_acceptance"', "action = ", "not_toml", "TOML"),
    ],
)
def test_what_is_wrong_in_a_part_is_found_in_the_part(old: str, new: str, code: str, said: str) -> None:
    whole = permit().source
    begin = whole.index("#: part escalation.toml\n")
    broken = whole[:begin] + whole[begin:].replace(old, new, 1)
    line = whole[begin : whole.index(old, begin)].count("\n")
    with pytest.raises(DefinitionError, match=said) as found:
        parse_flow(broken, "permit.toml")
    assert found.value.code == code
    file, _, number = found.value.extra["where"].partition(":")
    assert file == "escalation.toml"
    assert 0 <= line - int(number) < 12


def test_a_flow_with_parts_is_one_text_that_reads_the_same() -> None:
    head = (resources.files("workflows") / "flows" / "permit.toml").read_text("utf-8")
    composed = parse_flow(head, "permit.toml")
    again = parse_flow(composed.source, "permit.toml")
    assert "[[transition]]" in composed.source
    assert composed.source == again.source
    assert [step.definition for step in composed.steps] == [step.definition for step in again.steps]


def test_a_group_of_states_is_spelt_out_and_an_optional_state_left_out() -> None:
    text = (
        TINY.replace('from = "NEW"', 'from = ["@preparing", "?OLD"]').replace('holder = "window"', PREPARING)
        + WATCH + 'states = ["?OLD", "?NEW"]\n' + WATCH.replace("too_late", "never") + 'states = ["?OLD"]\n'
    )  # fmt: skip
    flow = parse_flow(text, "tiny.toml")
    assert flow.steps[0].definition.sources == ["NEW"]
    assert [(watch.rule, watch.states) for watch in flow.watches] == [("too_late", ["NEW"])]
    assert flow.places["too_late"] == f"tiny.toml:{WATCH_LINE + 1}"


PREPARING = 'holder = "window"\nphase = "preparing"'


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("行政许可法34", "登记条例18"),
        ("行政许可法34(3)、55", "登记条例19"),
        ("行政许可法34(2)", "参照行政许可法34(2)"),
        ("行政许可法345", "参照行政许可法345"),
        ("参照行政许可法70", "参照行政许可法70"),
        ("行政许可法34；审批表", "登记条例18；审批表"),
        ("档案法", "档案法"),
    ],
)
def test_a_flow_says_the_articles_of_its_own_law(written: str, read: str) -> None:
    words = (
        '[words]\n"行政许可法34" = "登记条例18"\n"行政许可法" = "参照行政许可法"\n'
        '"参照行政许可法" = "参照行政许可法"\n"行政许可法34(3)、55" = "登记条例19"\n'
    )
    text = HEAD + words + STATES + STEP.replace("档案法", written)
    assert parse_flow(text, "tiny.toml").steps[0].definition.basis == read


def test_words_change_titles_and_bases_and_nothing_else() -> None:
    text = HEAD + '[words]\n"归档" = "入库"\n"NEW" = "OLD"\n' + STATES + STEP
    flow = parse_flow(text, "tiny.toml")
    assert (flow.steps[0].definition.title, flow.steps[0].definition.sources) == ("入库", ["NEW"])
    assert flow.states["DONE"].title == "已入库"


def test_a_case_finishes_under_the_first_published_version() -> None:
    flow = parse_flow(PERMIT_1, "permit.toml")
    assert (flow.name, flow.version, flow.initial) == ("PERMIT", 1, "NEW")
    here = situation("DISPATCHED")
    flow.take(Act.SIGN_IN, here)
    assert here.state == "REVIEW"
    assert "tolerance" not in {flag for step in flow.steps for flag in step.definition.flags.set}


@pytest.mark.parametrize(
    ("name", "days", "basis"),
    [
        ("PERMIT", 5, "行政许可法32(1)(4)"),
        ("GENERIC", 5, "参照行政许可法32(1)(4)"),
        ("MARKET_ENTITY", 3, "市场主体登记管理条例19"),
        ("REAL_ESTATE", 0, "不动产登记暂行条例17(2)"),
    ],
)
def test_each_law_gives_its_own_time_for_the_notice_and_no_item_more(name: str, days: int, basis: str) -> None:
    flow = packaged_flows()[name]
    limit = limit_of(ClockKind.notice, flow, FOOD, "RECEIVED")
    assert limit is not None
    assert (FOOD.notice_days, limit.n) == (5, days)
    assert limit.basis.startswith(basis)
    shorter = limit_of(ClockKind.notice, flow, item_with(notice_days=1), "RECEIVED")
    assert shorter is not None
    assert shorter.n == min(days, 1)
