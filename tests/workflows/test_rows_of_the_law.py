"""Every row of the transition table (1 to 43): what carries it out, and that the PERMIT flow has it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import pytest

from workflows.events import Act
from workflows.flow import SAME, packaged_flows

PERMIT = packaged_flows()["PERMIT"]


@dataclass(frozen=True)
class Row:
    """A row of the table: the steps ``from>act>to``, the watches and the functions that carry it out."""

    steps: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


ROWS: dict[int, Row] = {
    1: Row(functions=("engine.consulting.consult",)),
    2: Row(("NEW>submit>PRE_REVIEW",)),
    3: Row(("PRE_REVIEW>return_pre_review>PRE_RETURNED", "PRE_RETURNED>submit>RECEIVED")),
    4: Row(("PRE_REVIEW>pass_pre_review>PRE_PASSED",), functions=("engine.appointing.book_appointment",)),
    5: Row(
        ("NEW>receive>RECEIVED", "PRE_PASSED>receive>RECEIVED", "NEW>submit>RECEIVED"),
        functions=("engine.opening.open_case",),
    ),
    6: Row(("RECEIVED>correct_on_spot>=",)),
    7: Row(("RECEIVED>accept>ACCEPTED",)),
    8: Row(("RECEIVED>give_notice>CORRECTION",), ("notice_reminder",)),
    9: Row(("CORRECTION>supply>=",)),
    10: Row(("CORRECTION>accept>ACCEPTED", "CORRECTION>add_notice_lines>=")),
    11: Row(("CORRECTION>confirm_lapse>LAPSED",), ("correction_reminder", "correction_lapsed")),
    12: Row(("RECEIVED>deem_accepted>ACCEPTED", "ESCALATED>deem_accepted>ACCEPTED"), ("notice_missed",)),
    13: Row(("RECEIVED>escalate>ESCALATED", "CORRECTION>escalate>ESCALATED"), ("reply_overdue",)),
    14: Row(("ESCALATED>refuse_acceptance>NOT_ACCEPTED",)),
    15: Row(("ESCALATED>overrule_escalation>RECEIVED", "ESCALATED>overrule_escalation>CORRECTION")),
    16: Row(("RECEIVED>accept_with_tolerance>ACCEPTED",)),
    17: Row(("REVIEW>meet_tolerance>=", "VERIFY>meet_tolerance>=")),
    18: Row(
        ("REVIEW>end_tolerance>WITHDRAWN", "REVIEW>end_tolerance>TERMINATED"),
        ("tolerance_reminder", "tolerance_lapsed"),
    ),
    19: Row(("RECEIVED>grant_on_promise>GRANTED", "DELIVERED>check_promise>=", "DELIVERED>revoke>=")),
    20: Row(
        ("ACCEPTED>dispatch>DISPATCHED", "ACCEPTED>dispatch>PRE_EXAM", "PRE_EXAM>report_up>DISPATCHED"),
        ("handover_overdue",),
    ),
    21: Row(("DISPATCHED>sign_in>REVIEW", "REVIEW>reassign>="), ("stage_overdue",)),
    22: Row(("REVIEW>start_site_check>SITE_CHECK", "SITE_CHECK>finish_site_check>REVIEW")),
    23: Row(("REVIEW>tell_special>=", "REVIEW>serve>=", "REVIEW>start_special>SPECIAL")),
    24: Row(("SPECIAL>finish_special>REVIEW",), ("special_overrun",)),
    25: Row(
        (
            "DISPATCHED>extend>=", "REVIEW>extend>=", "SITE_CHECK>extend>=", "SPECIAL>extend>=", "VERIFY>extend>=",
            "ACCEPTED>convert_to_promise>=",
        )
    ),
    26: Row(("REVIEW>submit_review>VERIFY", "VERIFY>endorse>=")),
    27: Row(("VERIFY>send_back>REVIEW",)),
    28: Row(("REVIEW>ask_supplement>=", "REVIEW>supply_supplement>=")),
    29: Row(
        (
            "VERIFY>grant>GRANTED", "VERIFY>deny>DENIED", "ACCEPTED>grant>GRANTED", "VERIFY>deem_granted>GRANTED",
            "REVIEW>tell_hearing_right>=", "REVIEW>request_hearing>=", "REVIEW>waive_hearing>=",
            "REVIEW>schedule_hearing>=", "REVIEW>record_hearing>=", "REVIEW>tell_third_party>=",
            "REVIEW>record_statement>=", "REVIEW>ask_payment>=", "REVIEW>record_payment>=",
        ),
        ("statutory_yellow", "statutory_red", "promise_amber", "promise_yellow", "promise_red"),
    ),
    30: Row(
        (
            "GRANTED>make_certificate>CERT_MAKING", "CERT_MAKING>mark_ready>READY", "READY>record_contact>=",
            "READY>propose_certificate_change>=", "READY>void_certificate>=", "DELIVERED>reissue_certificate>=",
        ),
        ("custody_reminder",),
    ),
    31: Row(
        (
            "READY>deliver>DELIVERED", "READY>deliver_electronically>DELIVERED", "REVIEW>consent_electronic>=",
            "READY>renew_pickup_code>=", "DELIVERED>deliver>=",
        ),
        ("delivery_yellow", "delivery_red"),
    ),
    32: Row(("READY>send_by_post>IN_TRANSIT", "IN_TRANSIT>sign_off_post>DELIVERED", "IN_TRANSIT>return_post>READY")),
    33: Row(functions=("engine.issue.packaging.deliver_package",)),
    34: Row(("DENIED>deliver>DELIVERED",)),
    35: Row(("DELIVERED>invite_rating>=", "DELIVERED>rate>=")),
    36: Row(("DELIVERED>open_rectification>=", "DELIVERED>contact_rater>=", "DELIVERED>rectify>=")),
    37: Row(
        (
            "DELIVERED>archive>ARCHIVED", "NOT_ACCEPTED>archive>ARCHIVED", "LAPSED>archive>ARCHIVED",
            "WITHDRAWN>archive>ARCHIVED", "TERMINATED>archive>ARCHIVED", "VOID>archive>ARCHIVED",
        )
    ),
    38: Row(
        (
            "RECEIVED>withdraw>WITHDRAWN", "CORRECTION>withdraw>WITHDRAWN", "ESCALATED>withdraw>WITHDRAWN",
            "ACCEPTED>withdraw>WITHDRAWN", "REVIEW>withdraw>WITHDRAWN", "VERIFY>withdraw>WITHDRAWN",
        )
    ),
    39: Row(
        (
            "RECEIVED>terminate>TERMINATED", "CORRECTION>terminate>TERMINATED", "REVIEW>terminate>TERMINATED",
            "SPECIAL>terminate>TERMINATED", "VERIFY>terminate>TERMINATED",
        )
    ),
    40: Row(("RECEIVED>propose_void>=", "RECEIVED>void>VOID")),
    41: Row(
        (
            "REVIEW>urge>=", "REVIEW>supervise>=", "REVIEW>answer_supervision>=", "REVIEW>appeal_card>=",
            "REVIEW>lift_card>=", "REVIEW>uphold_card>=",
        ),
        functions=("engine.sweeping.sweep",),
    ),
    42: Row(("REVIEW>explain_overdue>=", "ARCHIVED>answer_supervision>=", "DELIVERED>explain_overdue>=")),
    43: Row(functions=("engine.redress.register_impasse", "engine.redress.move_impasse")),
}  # fmt: skip
"""Acts beside the rows: service, priority, intention and first-contact responsibility (D§6)."""

BESIDE = {Act.MARK_PRIORITY, Act.RECORD_INTENTION, Act.OFFER_HANDOVER, Act.TAKE_OVER}
BY_THE_ENGINE = {Act.OPEN, Act.REMIND, Act.RAISE_CARD}
OF_CHILDREN = {Act.GIVE_OPINION, Act.CANCEL_CHILD}


def test_the_table_is_whole() -> None:
    assert list(ROWS) == list(range(1, 44))
    assert all(row.steps or row.watches or row.functions for row in ROWS.values())


@pytest.mark.parametrize("number", ROWS)
def test_the_permit_flow_has_the_row(number: int) -> None:
    row = ROWS[number]
    found = {
        f"{source}>{step.definition.action}>{step.definition.to}"
        for step in PERMIT.steps
        for source in step.definition.sources
    }
    assert set(row.steps) - found == set()
    assert set(row.watches) - {watch.rule for watch in PERMIT.watches} == set()
    for name in row.functions:
        assert exists(name), name


def exists(name: str) -> bool:
    """Whether a function is where its dotted name says."""
    module, _, function = name.rpartition(".")
    return callable(getattr(import_module(module), function, None))


def test_no_act_of_the_flow_is_outside_the_table() -> None:
    named = {Act(step.split(">")[1]) for row in ROWS.values() for step in row.steps}
    assert set(Act) - named == BESIDE | BY_THE_ENGINE | OF_CHILDREN
    assert {step.definition.action for step in PERMIT.steps} >= named | BESIDE


def test_acts_that_change_no_state_stay_where_they_are() -> None:
    for row in ROWS.values():
        for step in row.steps:
            source, act, target = step.split(">")
            there = [one for one in PERMIT.steps_from(source) if one.definition.action == act]
            assert target in {one.definition.to for one in there}
            assert target == SAME or target in PERMIT.states


def test_every_watch_belongs_to_a_row() -> None:
    assert {watch.rule for watch in PERMIT.watches} == {rule for row in ROWS.values() for rule in row.watches}
