"""Each way in which a flow can break the law, found with its file and line and its article."""

from __future__ import annotations

import pytest

from tests.workflows.test_flow import EVERY_FEATURE
from workflows.errors import DefinitionError
from workflows.flow import Flow, parse_flow
from workflows.lints import LINTS, check, require_lawful


def changed(*changes: tuple[str, str]) -> Flow:
    """The flow of every feature with some of its text changed."""
    text = EVERY_FEATURE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_flow(text, "broken.toml")


def block(action: str, occurrence: int = 0) -> str:
    """The text of one transition."""
    return [part for part in EVERY_FEATURE.split("[[transition]]") if f'action = "{action}"' in part][occurrence]


def with_step(action: str, old: str, new: str, occurrence: int = 0) -> Flow:
    """The flow with one transition changed."""
    before = block(action, occurrence)
    assert old in before
    return changed((before, before.replace(old, new, 1)))


def line_of_step(action: str, occurrence: int = 0) -> int:
    text = EVERY_FEATURE[: EVERY_FEATURE.index(block(action, occurrence))]
    return text.count("\n") + 1


STATE = '[[state]]\nname = "{}"\ntitle = "孤"\ntitle_en = "Lonely"\nkind = "{}"\nholder = "window"\n\n# 2\n'
BROKEN = {
    "a clerk denies": (
        with_step("deny", 'by = ["approver"]', 'by = ["approver", "clerk"]'),
        "window_refuses",
        line_of_step("deny"),
        "无否决权",
    ),
    "an authorised window refuses acceptance": (
        with_step("refuse_acceptance", 'by = ["officer"]', 'by = ["officer", "authorised_window"]'),
        "window_refuses",
        line_of_step("refuse_acceptance"),
        "无否决权",
    ),
    "a manager refuses acceptance": (
        with_step("refuse_acceptance", 'by = ["officer"]', 'by = ["hall_manager"]'),
        "window_refuses",
        line_of_step("refuse_acceptance"),
        "无否决权",
    ),
    "time stops without a lawful kind": (
        with_step("start_special", '"special_kind_has_basis"', '"tolerance_closed"'),
        "suspension_without_basis",
        line_of_step("start_special"),
        "行政许可法45",
    ),
    "time stops before the applicant was told": (
        with_step("start_special", 'served = ["D09"]\n', ""),
        "suspension_untold",
        line_of_step("start_special"),
        "行政许可法45",
    ),
    "a second notice": (
        with_step("give_notice", '"no_earlier_notice", ', ""),
        "second_notice",
        line_of_step("give_notice"),
        "32(1)(4)",
    ),
    "a second notice under another name": (
        with_step("ask_supplement", 'basis = "受理后不得扣除期限"', 'documents = ["D03"]\nbasis = "无"'),
        "second_notice",
        line_of_step("ask_supplement"),
        "32(1)(4)",
    ),
    "one person decides": (
        with_step("grant", '"approver_is_not_handler", ', ""),
        "one_person_decides",
        line_of_step("grant"),
        "审批分离",
    ),
    "a step without its article": (
        with_step("dispatch", 'basis = "行政许可法26"', 'basis = " "'),
        "no_basis",
        line_of_step("dispatch"),
        "依法行政",
    ),
    "two steps of one name": (
        with_step("overrule_escalation", 'guards = ["notice_given"]\n', "", 1),
        "ambiguous",
        line_of_step("overrule_escalation", 1),
        "完整性",
    ),
    "two steps with one selector": (
        with_step("overrule_escalation", '"notice_given"', '"notice_not_given"', 1),
        "ambiguous",
        line_of_step("overrule_escalation"),
        "完整性",
    ),
    "twins for different people": (
        with_step("overrule_escalation", 'by = ["officer"]', 'by = ["officer", "approver"]', 1),
        "twins_differ",
        line_of_step("overrule_escalation", 1),
        "完整性",
    ),
    "a clock that never ends": (
        changed(('reply = { n = 1, unit = "working_days" }\n', "")),
        "clock_without_limit",
        line_of_step("escalate") - 1,
        "36(1)",
    ),
    "a stage without a limit": (
        changed(('stage_limit = { n = 5, unit = "working_days", basis = "行政许可法55" }\n', "\n")),
        "clock_without_limit",
        line_of_step("start_site_check"),
        "36(1)",
    ),
    "a timer that a person may pull": (
        with_step("deem_accepted", 'by = ["system"]', 'by = ["system", "officer"]'),
        "timer_wrong",
        line_of_step("deem_accepted"),
        "完整性",
    ),
    "a denial without an article": (
        with_step("deny", ', title_en = "Article", required = true', ', title_en = "Article"'),
        "field_missing",
        line_of_step("deny"),
        "38",
    ),
    "a certificate without its paper": (
        with_step("make_certificate", 'documents = ["D17"]\n', ""),
        "field_missing",
        line_of_step("make_certificate"),
        "39",
    ),
    "a state that nothing leads to": (
        changed(("# 2\n", STATE.format("LONELY", "final"))),
        "unreachable",
        EVERY_FEATURE[: EVERY_FEATURE.index("# 2\n")].count("\n") + 1,
        "完整性",
    ),
    "a state that nothing leads out of": (
        changed(
            ("# 2\n", STATE.format("STUCK", "open")),
            (block("ask_supplement"), block("ask_supplement").replace('to = "="', 'to = "STUCK"')),
        ),
        "dead_end",
        EVERY_FEATURE[: EVERY_FEATURE.index("# 2\n")].count("\n") + 1,
        "行政许可法42",
    ),
    "an end that is never archived": (
        with_step("archive", '"TERMINATED", ', ""),
        "not_archived",
        EVERY_FEATURE[: EVERY_FEATURE.index('name = "TERMINATED"')].count("\n"),
        "42727",
    ),
}


@pytest.mark.parametrize("story", BROKEN)
def test_an_unlawful_flow_is_found_at_its_line_with_its_article(story: str) -> None:
    flow, code, line, basis = BROKEN[story]
    found = check(flow)
    assert {finding.code for finding in found} == {code}
    assert found[0].where == f"broken.toml:{line}"
    assert basis in found[0].basis


def test_every_lint_has_a_failing_example() -> None:
    found = {code for _, code, _, _ in BROKEN.values()}
    silent = {lint.__name__ for lint in LINTS if not any(list(lint(flow)) for flow, *_ in BROKEN.values())}
    assert silent == set()
    assert len(found) >= len(LINTS)


def test_publishing_names_every_breach_at_once() -> None:
    before, also = block("deny"), block("dispatch")
    flow = changed(
        (before, before.replace('by = ["approver"]', 'by = ["clerk"]')), (also, also.replace("行政许可法26", " "))
    )
    with pytest.raises(DefinitionError) as refused:
        require_lawful(flow)
    assert refused.value.code == "flow_unlawful"
    assert refused.value.extra["findings"] == ["window_refuses", "no_basis"]
    for line in (line_of_step("deny"), line_of_step("dispatch")):
        assert f"broken.toml:{line}: " in refused.value.zh
        assert f"broken.toml:{line}: " in refused.value.en
