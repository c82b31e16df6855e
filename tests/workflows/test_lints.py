"""Each way in which a flow can break the law, found with its file and line and its article."""

from __future__ import annotations

import pytest

from tests.workflows.law_texts import (
    changed,
    line_set,
    pieces,
    place_of_step,
    step,
    without_guard,
)
from tests.workflows.unlawful_flows import BROKEN
from workflows.errors import DefinitionError
from workflows.events import Act
from workflows.flow import Flow, packaged_flows
from workflows.guards import GUARDS, SELECTORS
from workflows.lint_words import LINT_WORDS
from workflows.lints import LINTS, check, require_lawful
from workflows.lints_of_law import CONDITIONS


@pytest.mark.parametrize("story", BROKEN)
def test_an_unlawful_flow_is_found_at_its_line_with_its_article(story: str) -> None:
    flow, code, where, basis = BROKEN[story]
    found = check(flow)
    assert {finding.code for finding in found} == {code}
    assert where in {finding.where for finding in found}
    assert all(basis in finding.basis for finding in found)


@pytest.mark.parametrize(("act", "guard"), [(act, guard) for act, rows in CONDITIONS.items() for guard, _ in rows])
def test_no_hall_takes_a_condition_from_an_act_of_the_law(act: Act, guard: str) -> None:
    names = [name for name in guard.split(" or ") if f'"{name}"' in "".join(pieces("transition", "action", act))]
    missing = [f for f in check(without_guard(act, names[0])) if f.code == "condition_missing"]
    assert missing
    assert {found.message for found in missing} == {f"{act} lacks the guard {guard}"}
    assert {found.basis for found in missing} == {basis for name, basis in CONDITIONS[act] if name == guard}


def test_the_conditions_are_known_by_name() -> None:
    named = {name for rows in CONDITIONS.values() for guard, _ in rows for name in guard.split(" or ")}
    assert named <= set(GUARDS) | set(SELECTORS)


@pytest.mark.parametrize("flow", packaged_flows().values(), ids=lambda flow: flow.name)
def test_the_flows_that_come_with_the_engine_are_lawful(flow: Flow) -> None:
    assert check(flow) == []


def test_every_breach_has_words_in_chinese() -> None:
    assert {code for _, code, _, _ in BROKEN.values()} | {"condition_missing"} <= LINT_WORDS.keys()
    flow, code, where, basis = BROKEN[next(iter(BROKEN))]
    with pytest.raises(DefinitionError) as refused:
        require_lawful(flow)
    assert f"{where}: {LINT_WORDS[code]}（" in refused.value.zh
    assert basis in refused.value.zh


def test_every_lint_has_a_failing_example() -> None:
    conditions = without_guard("give_notice", "every_line_complete")
    flows = [*(flow for flow, *_ in BROKEN.values()), conditions]
    assert {lint.__name__ for lint in LINTS if not any(list(lint(flow)) for flow in flows)} == set()


def test_publishing_names_every_breach_at_once() -> None:
    deny, sign_in = step("deny"), step("sign_in")
    flow = changed((deny, line_set(deny, "by", '["clerk"]')), (sign_in, line_set(sign_in, "basis", '" "')))
    with pytest.raises(DefinitionError) as refused:
        require_lawful(flow)
    assert refused.value.code == "flow_unlawful"
    assert refused.value.extra["findings"] == ["window_refuses", "no_basis"]
    for where in (place_of_step("deny"), place_of_step("sign_in")):
        assert f"{where}: " in refused.value.zh
        assert f"{where}: " in refused.value.en
