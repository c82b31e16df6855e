"""The PERMIT flow, made unlawful in one way at a time: by who acts, by what the law asks, by clocks, by its form."""

from __future__ import annotations

import re

from tests.workflows.law_texts import (
    SOURCE,
    changed,
    left_out,
    line_set,
    pieces,
    place,
    place_of_step,
    step,
    with_line,
    without_guard,
)
from workflows.flow import Flow, packaged_flows

Story = tuple[Flow, str, str, str]
"""A flow that breaks the law, the code of the breach, its place, and what its article says."""


def by(action: str, roles: str, code: str, basis: str, nth: int = 0) -> Story:
    """An act that is given to other people."""
    listed = ", ".join(f'"{role}"' for role in roles.split())
    return with_line(action, "by", f"[{listed}]", nth), code, place_of_step(action, nth), basis


def unguarded(action: str, guard: str, code: str, basis: str) -> Story:
    """An act that lost a condition."""
    nth = next(n for n, one in enumerate(pieces("transition", "action", action)) if f'"{guard}"' in one)
    return without_guard(action, guard), code, place_of_step(action, nth), basis


def line(action: str, key: str, value: str | None, code: str, basis: str, nth: int = 0) -> Story:
    """An act of which one line says something else."""
    return with_line(action, key, value, nth), code, place_of_step(action, nth), basis


def watch(rule: str, key: str, value: str | None, code: str, basis: str) -> Story:
    """A watch of which one line says something else."""
    before = pieces("watch", "rule", rule)[0]
    return changed((before, line_set(before, key, value))), code, place("watch", "rule", rule), basis


def without(piece: str, code: str, where: str, basis: str) -> Story:
    """A flow from which a piece was left out."""
    return changed((piece, left_out(piece))), code, where, basis


def head(old: str, new: str, code: str, where: str, basis: str) -> Story:
    """A flow whose head says something else."""
    return changed((old, new)), code, where, basis


def plus(piece: str, code: str, where: str, basis: str, *more: tuple[str, str]) -> Story:
    """A flow with another piece at its beginning."""
    return changed(("[limits]\n", f"{piece}[limits]\n"), *more), code, where, basis


LONELY = '[[state]]\nname = "{}"\ntitle = "孤"\ntitle_en = "Lonely"\nkind = "{}"\nholder = "window"\n\n'
STRAY = (
    '[[transition]]\naction = "mark_ready"\ntitle = "误放"\ntitle_en = "Mislay"\n'
    'from = "READY"\nto = "STUCK"\nby = ["issuer"]\nbasis = "无"\n\n'
)
LONELY_LINE = f"permit.toml:{SOURCE[: SOURCE.index('[limits]')].count(chr(10)) + 1}"
TWIN, TOLERANT, DEEMED = step("end_tolerance", 1), step("accept_with_tolerance"), step("deem_granted")
VERIFY, STAGES = pieces("state", "name", "VERIFY")[0], pieces("watch", "rule", "stage_overdue")[0]
HANDOVER = re.findall(r"^handover = .*\n", SOURCE, re.MULTILINE)[0]
OPEN_STATES = [name for name, state in packaged_flows()["PERMIT"].states.items() if state.kind in {"initial", "open"}]
VETO, ROLES = "无否决权", "岗位权限"

PEOPLE: dict[str, Story] = {
    "a clerk denies": by("deny", "approver clerk", "window_refuses", VETO),
    "an authorised window refuses acceptance": by(
        "refuse_acceptance", "officer authorised_window", "window_refuses", VETO
    ),
    "a hall manager refuses acceptance": by("refuse_acceptance", "hall_manager", "window_refuses", VETO),
    "a clerk grants": by("grant", "approver clerk", "window_decides", "行政许可法37"),
    "a hall manager grants at once": by("grant", "approver hall_manager", "window_decides", "行政许可法37", 1),
    "a clerk grants on promise": by("grant_on_promise", "clerk", "window_decides", "行政许可法37"),
    "a clerk terminates": by("terminate", "approver clerk", "window_closes", VETO),
    "an authorised window confirms a lapse": by("confirm_lapse", "authorised_window", "window_closes", VETO),
    "a clerk suspends": by("start_special", "officer clerk", "window_edits_clocks", VETO),
    "a hall manager sets a promise anew": by("convert_to_promise", "officer hall_manager", "window_edits_clocks", VETO),
    "a clerk accepts unauthorised": by("accept", "officer clerk", "window_unauthorised", "32(2)"),
    "a hall manager gives the notice": by("give_notice", "officer hall_manager", "window_unauthorised", "32(2)"),
    "an issuer signs in": by("sign_in", "officer issuer", "issuer_changes_result", ROLES),
    "an agent receives": by("receive", "clerk agent", "agent_oversteps", "帮办代办"),
    "an agent marks priority": by("mark_priority", "clerk agent", "agent_oversteps", "帮办代办"),
    "a guide receives": by("receive", "clerk guide", "agent_oversteps", "帮办代办"),
    "a system administrator sends back": by("send_back", "reviewer system_admin", "administrator_acts", "22239"),
    "a security administrator serves": by("serve", "clerk security_admin", "administrator_acts", "22239"),
    "an auditor sends back": by("send_back", "reviewer auditor", "administrator_acts", "22239"),
    "an assessor urges": by("urge", "supervisor assessor", "administrator_acts", "22239"),
    "a project director urges": by("urge", "supervisor project_director", "administrator_acts", "22239"),
    "an item steward extends nothing": by("reassign", "reviewer item_steward", "administrator_acts", "22239"),
    "an archivist sends back": by("send_back", "reviewer archivist", "administrator_acts", "22239"),
    "a supervisor sends back": by("send_back", "reviewer supervisor", "oversight_changes_case", ROLES),
    "a complaint handler terminates": by("terminate", "complaint_handler", "oversight_changes_case", ROLES),
    "a supervisor stops a clock": line(
        "urge", "clocks", '{ stop = ["promise"] }', "oversight_changes_case", ROLES
    ),
}  # fmt: skip

LAW: dict[str, Story] = {
    "a second notice": unguarded("give_notice", "no_earlier_notice", "second_notice", "32(1)(4)"),
    "a second notice under another name": line("ask_supplement", "documents", '["D03"]', "second_notice", "32(1)(4)"),
    "silence while the window waits for an answer": (
        with_line("deem_accepted", "from", '"RECEIVED"'),
        "silence_not_acceptance",
        place("state", "name", "ESCALATED"),
        "32(1)(4)",
    ),
    "silence that accepts from the day of silence": (
        with_line("deem_accepted", "clocks", '{ stop = ["notice"], start = ["statutory", "promise"] }'),
        "silence_not_acceptance",
        place("state", "name", "ESCALATED"),
        "32(1)(4)",
    ),
    "silence that leaves no paper": (
        with_line("deem_accepted", "documents", None),
        "silence_not_acceptance",
        place("state", "name", "ESCALATED"),
        "32(1)(4)",
    ),
    "silence grants everything": unguarded("deem_granted", "silence_grants", "silence_decides", "行政许可法50"),
    "silence denies": by("deny", "system", "silence_decides", "行政许可法50"),
    "one person decides": unguarded("grant", "approver_is_not_handler", "one_person_decides", "审批分离"),
    "a grant before acceptance": line("grant", "from", '["RECEIVED", "VERIFY"]', "decides_unaccepted", "42号"),
    "a grant while materials are owed": unguarded("grant", "tolerance_closed", "decides_too_early", "容缺"),
    "a denial while materials are owed": unguarded("deny", "tolerance_closed", "decides_too_early", "容缺"),
    "a denial without the hearing": unguarded("deny", "hearing_right_met", "decides_too_early", "46、47"),
    "a grant over a neighbour's head": unguarded("grant", "third_parties_heard", "decides_too_early", "36"),
    "a grant before the others have answered": unguarded("grant", "children_closed", "decides_too_early", "26"),
    "a grant before the fee": unguarded("grant", "fee_paid", "decides_too_early", "58"),
    "a proposal to void by the window": by("propose_void", "supervisor hall_manager", "void_alone", "监督和审计"),
    "a void that nobody proposed": without(
        step("propose_void"), "void_alone", place_of_step("void"), "监督和审计"
    ),
    "an applicant who cannot withdraw": (
        with_line("withdraw", "from", str([name for name in OPEN_STATES if name != "VERIFY"]).replace("'", '"')),
        "no_withdrawal",
        place("state", "name", "VERIFY"),
        "撤回",
    ),
    "a denial by word of mouth": line("deny", "documents", None, "refusal_unwritten", "38(2)"),
}  # fmt: skip

CLOCKS: dict[str, Story] = {
    "time stops without a lawful kind": unguarded(
        "start_special", "special_kind_has_basis", "suspension_without_basis", "行政许可法45"
    ),
    "time stops before the applicant was told": unguarded(
        "start_special", "special_notice_served", "suspension_untold", "行政许可法45"
    ),
    "time stops for good": (
        with_line("finish_special", "clocks", '{ start = ["stage"] }'),
        "suspension_endless",
        place_of_step("start_special"),
        "行政许可法45",
    ),
    "an approver extends": by("extend", "authority_head approver", "extension_unlawful", "行政许可法42"),
    "an extension without paper": line("extend", "documents", None, "extension_unlawful", "行政许可法42"),
    "an extension by whichever head": unguarded(
        "extend", "extension_by_right_approver", "extension_unlawful", "行政许可法42"
    ),
    "a statutory limit set anew": line(
        "convert_to_promise", "clocks", '{ amend = ["statutory"] }', "limit_edited", "36(2)"
    ),
    "a promise set anew in silence": line("convert_to_promise", "notify", None, "limit_edited", "36(2)"),
    "a clock that never ends": (
        changed((HANDOVER, "")),
        "clock_without_limit",
        place_of_step("dispatch"),
        "36(1)",
    ),
    "a stage without a limit": (
        changed((VERIFY, line_set(VERIFY, "stage_limit", None))),
        "clock_without_limit",
        place_of_step("submit_review"),
        "36(1)",
    ),
    "six days for the notice": head("notice = { n = 5", "notice = { n = 6", "notice_too_long", "permit.toml:1", "32"),
    "a notice in hours": head(
        'notice = { n = 5, unit = "working_days"', 'notice = { n = 5, unit = "hours"', "notice_too_long",
        "permit.toml:1", "32",
    ),
    "a denial that leaves a clock": line(
        "deny", "clocks", '{ stop = ["statutory", "promise"] }', "clock_left_running", "42"
    ),
    "a withdrawal that leaves a clock": line("withdraw", "clocks", None, "clock_left_running", "42"),
    "a delivery that leaves a clock": line(
        "deliver", "clocks", '{ stop = ["delivery"] }', "clock_left_running", "44"
    ),
    "a timer that a person may pull": by("deem_accepted", "system officer", "timer_wrong", "完整性"),
    "a timer on a clock that nothing starts": (
        changed(
            (TOLERANT, TOLERANT.replace(', "tolerance"]', "]")),
            (DEEMED, line_set(DEEMED, "timer", '{ clock = "tolerance" }')),
        ),
        "timer_wrong",
        place_of_step("deem_granted"),
        "完整性",
    ),
    "an answer that nobody waits for": without(
        pieces("watch", "rule", "reply_overdue")[0], "clock_unwatched", place_of_step("escalate"), "36"
    ),
    "a stage that nobody watches": (
        changed((STAGES, STAGES.replace(', "?VERIFY"', ""))),
        "clock_unwatched",
        place_of_step("submit_review"),
        "36",
    ),
    "a missed limit that is amber": watch("delivery_red", "level", '"amber"', "overrun_not_red", "36"),
    "an overrun that nobody explains": watch("promise_red", "duty", None, "overrun_unexplained", "36(2)"),
}  # fmt: skip

FORM: dict[str, Story] = {
    "a state that nothing leads to": plus(LONELY.format("LONELY", "final"), "unreachable", LONELY_LINE, "完整性"),
    "a state that nothing leads out of": plus(
        LONELY.format("STUCK", "decided") + STRAY, "dead_end", LONELY_LINE, "行政许可法42"
    ),
    "an end that is never archived": (
        with_line("archive", "from", '["DELIVERED", "NOT_ACCEPTED", "LAPSED", "WITHDRAWN", "VOID"]'),
        "not_archived",
        place("state", "name", "TERMINATED"),
        "42727",
    ),
    "a step without its article": line("sign_in", "basis", '" "', "no_basis", "依法行政"),
    "an article of another law": (
        changed(('law = "行政许可法（2019修正）"', 'law = "森林法"')),
        "foreign_law",
        place_of_step("submit", 1),
        "行政许可法2",
    ),
    "a word for what nobody says": plus(
        '[words]\n"没有人这样说" = "别的话"\n\n', "word_unused", "permit.toml:1", "完整性"
    ),
    "two steps of one name": (
        without_guard("end_tolerance", "overdue_tolerance_terminates"), "ambiguous", place_of_step("end_tolerance", 1),
        "完整性",
    ),
    "two steps with one selector": (
        changed((TWIN, TWIN.replace("overdue_tolerance_terminates", "overdue_tolerance_withdraws"))),
        "ambiguous",
        place_of_step("end_tolerance"),
        "完整性",
    ),
    "twins for different people": by("overrule_escalation", "officer approver", "twins_differ", "完整性", 1),
    "a denial without an article": (
        changed((step("deny"), re.sub("article = .*\n", "", step("deny")))),
        "field_missing",
        place_of_step("deny"),
        "38",
    ),
    "a certificate without its paper": line("make_certificate", "documents", None, "field_missing", "39"),
}  # fmt: skip

BROKEN = PEOPLE | LAW | CLOCKS | FORM
