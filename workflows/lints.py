"""What makes a flow unlawful, each with its article. ``yichuang flow check`` and publishing run the same list."""

from __future__ import annotations

from typing import Final

from workflows.errors import DefinitionError
from workflows.flow import Flow
from workflows.lint_words import LINT_WORDS
from workflows.linting import WINDOW_ROLES, Finding, Lint
from workflows.lints_of_clocks import (
    closing_stops_the_clocks,
    every_clock_is_watched,
    extension_is_the_heads,
    limits_are_set_anew_openly,
    missed_limits_are_red,
    notice_comes_in_time,
    started_clocks_have_limits,
    suspended_time_resumes,
    suspension_has_basis,
    timers_are_the_systems,
)
from workflows.lints_of_form import (
    acts_ask_for_what_they_write,
    every_basis_is_of_this_law,
    every_end_is_archived,
    every_state_ends,
    every_state_is_reached,
    every_step_cites_its_basis,
    steps_are_unambiguous,
    twins_ask_the_same,
    words_are_used,
)
from workflows.lints_of_law import (
    acts_keep_their_conditions,
    decision_follows_acceptance,
    decision_takes_two,
    decision_waits_for_what_is_open,
    notice_is_given_once,
    open_cases_can_be_withdrawn,
    refusals_are_written,
    silence_decides_only_by_law,
    silence_is_acceptance,
    void_takes_supervisor_and_auditor,
)
from workflows.lints_of_people import (
    administrators_take_no_part,
    agents_stand_in_for_applicants,
    issuer_keeps_the_result,
    oversight_changes_no_case,
    window_accepts_only_by_authority,
    window_cannot_close,
    window_cannot_decide,
    window_cannot_refuse,
    window_cannot_touch_time,
)

__all__ = ["LINTS", "WINDOW_ROLES", "Finding", "check", "require_lawful"]

LINTS: Final[tuple[Lint, ...]] = (
    window_cannot_refuse,
    window_cannot_decide,
    window_cannot_close,
    window_cannot_touch_time,
    window_accepts_only_by_authority,
    issuer_keeps_the_result,
    agents_stand_in_for_applicants,
    administrators_take_no_part,
    oversight_changes_no_case,
    notice_is_given_once,
    silence_is_acceptance,
    silence_decides_only_by_law,
    decision_takes_two,
    decision_follows_acceptance,
    decision_waits_for_what_is_open,
    acts_keep_their_conditions,
    void_takes_supervisor_and_auditor,
    open_cases_can_be_withdrawn,
    refusals_are_written,
    suspension_has_basis,
    suspended_time_resumes,
    extension_is_the_heads,
    limits_are_set_anew_openly,
    started_clocks_have_limits,
    notice_comes_in_time,
    closing_stops_the_clocks,
    timers_are_the_systems,
    every_clock_is_watched,
    missed_limits_are_red,
    every_state_is_reached,
    every_state_ends,
    every_end_is_archived,
    every_step_cites_its_basis,
    every_basis_is_of_this_law,
    words_are_used,
    steps_are_unambiguous,
    twins_ask_the_same,
    acts_ask_for_what_they_write,
)
"""Every check that a flow must pass."""


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
        listed_zh = "\n".join(f"{found.where}: {LINT_WORDS[found.code]}（{found.basis}）" for found in findings)
        raise DefinitionError(
            "flow_unlawful",
            f"流程不合法，不能发布：\n{listed_zh}",
            f"The flow is not lawful and cannot be published:\n{listed}",
            findings=[found.code for found in findings],
        )
