"""A case moves to another version only where nothing that somebody relies on would change; every reason is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.workflows.situations import CALENDAR, FOOD, HOURS, NOW, item_with, notice, situation, started
from workflows.clock import ClockKind, Entry, Unit, derive
from workflows.flow import Flow, packaged_flows, parse_flow
from workflows.item import Extension, Fee, ItemVersion, PromiseLimit, SpecialProcedure, StatutoryLimit
from workflows.material import MaterialLine, Necessity
from workflows.moving import Move, MovingCase, verdict
from workflows.situation import (
    CardFacts,
    CertificateFacts,
    DutyFacts,
    HearingFacts,
    MaterialFacts,
    PostingFacts,
    SpecialFacts,
    ThirdPartyFacts,
)

PERMIT = packaged_flows()["PERMIT"]
RECEIVED = {"received_at": NOW}
ACCEPTED = {"received_at": NOW, "accepted_at": NOW}
ONE = UUID(int=7)


def changed(*changes: tuple[str, str], source: str = PERMIT.source) -> Flow:
    """The next version of the permit flow, with some of its text replaced wherever it stands."""
    for old, new in (("version = 2", "version = 3"), *changes):
        assert old in source, old
        source = source.replace(old, new)
    return parse_flow(source, "permit.toml")


def without(*actions: str) -> Flow:
    """The next version of the permit flow without these acts."""
    blocks = re.split(r"(?m)^(?=\[\[)", PERMIT.source)
    kept = [block for block in blocks if not any(f'action = "{action}"' in block for action in actions)]
    assert len(kept) < len(blocks)
    return changed(source="".join(kept))


NEXT = changed()


def codes(case: MovingCase, flow: Flow = NEXT, item: ItemVersion | None = None) -> list[str]:
    """Why a case stays; empty where it moves."""
    old = case.situation.item
    found = verdict(case, Move(PERMIT, flow, old, item or old))
    assert found.moves == (not found.reasons)
    for reason in found.reasons:
        assert reason.zh
        assert reason.en
    return [reason.code for reason in found.reasons]


def case(state: str = "REVIEW", **more: Any) -> MovingCase:
    """An accepted case, its statutory and promised limits running, unless it says otherwise."""
    beside = {name: more.pop(name) for name in _BESIDE & set(more)}
    entries = more.pop("entries", (limit("statutory", 10), limit("promise", 5)))
    demanded = more.pop("demanded", frozenset())
    seen = situation(state, entries=entries, **{**ACCEPTED, **more})
    return MovingCase(replace(seen, **beside), demanded=demanded)


_BESIDE = {
    "special", "hearing", "third_parties", "duties", "cards", "posting", "certificates", "children_open",
}  # fmt: skip


def limit(kind: str, days: int) -> Entry:
    return started(ClockKind(kind), days)


def promised(days: int) -> ItemVersion:
    return item_with(version=2, promise_limit=PromiseLimit(n=days, unit=Unit.working_days))


def line_with(code: str, **changes: Any) -> ItemVersion:
    """The next version of the item, with something else said of one line of its list."""
    lines = tuple(msgspec.structs.replace(one, **changes) if one.code == code else one for one in FOOD.materials)
    return item_with(version=2, materials=lines)


def without_line(code: str) -> ItemVersion:
    return item_with(version=2, materials=tuple(one for one in FOOD.materials if one.code != code))


def with_line(**changes: Any) -> ItemVersion:
    new = msgspec.structs.replace(FOOD.materials[0], code="M99", name="另一材料", **changes)
    return item_with(version=2, materials=(*FOOD.materials, new))


def told(**more: Any) -> SpecialFacts:
    day = NOW.date()
    return SpecialFacts("inspection", "行政许可法45", day, day, "D09-1", NOW, **more)


@pytest.mark.parametrize("state", [name for name, one in PERMIT.states.items() if one.kind in {"initial", "open"}])
def test_a_case_moves_where_nothing_else_is_said(state: str) -> None:
    fresh = PERMIT.states[state].phase in {"preparing", "receipt"}
    seen = {"entries": (), "received_at": None, "accepted_at": None} if fresh else {}
    assert codes(case(state, **seen), item=item_with(version=2, retention_years=30)) == []


@pytest.mark.parametrize("state", ["DELIVERED", "ARCHIVED", "WITHDRAWN", "NOT_ACCEPTED", "VOID"])
def test_a_case_that_is_over_keeps_its_versions(state: str) -> None:
    assert codes(case(state)) == ["case_over"]


def test_a_state_that_is_gone_or_means_another_thing_is_all_that_is_said() -> None:
    assert codes(case(), changed(("REVIEW", "EXAMINATION"))) == ["state_missing"]
    head, _, tail = PERMIT.source.partition('name = "REVIEW"')
    otherwise = head + 'name = "REVIEW"' + tail.replace('phase = "handling"', 'phase = "receipt"', 1)
    assert codes(case(), changed(source=otherwise)) == ["state_otherwise"]


@pytest.mark.parametrize(
    ("entries", "flow", "item", "values"),
    [
        ((limit("promise", 5),), NEXT, promised(4), ("5个工作日", "4个工作日")),
        ((limit("promise", 5),), NEXT, promised(7), ("5个工作日", "7个工作日")),
        (
            (limit("statutory", 10),),
            NEXT,
            item_with(version=2, statutory_limit=StatutoryLimit(n=9, unit=Unit.working_days, basis="行政许可法42(1)")),
            ("10个工作日", "9个工作日"),
        ),
        ((limit("statutory", 10),), NEXT, item_with(version=2, statutory_limit=None), ("10个工作日", "无")),
        (
            (limit("correction", 30),),
            changed(("correction = { n = 30", "correction = { n = 60")),
            FOOD,
            ("30个自然日", "60个自然日"),
        ),
        (
            (limit("tolerance", 5),),
            changed(("tolerance = { n = 20", "tolerance = { n = 3")),
            FOOD,
            ("5个工作日", "3个工作日"),
        ),
        ((limit("delivery", 10),), changed(("delivery = { n = 10", "delivery = { n = 5")), FOOD, ("10个", "5个")),
        ((limit("notice", 5),), NEXT, item_with(version=2, notice_days=3), ("5个工作日", "3个工作日")),
    ],
)
def test_no_limit_that_runs_is_changed_not_even_for_a_shorter_one(
    entries: tuple[Entry, ...], flow: Flow, item: ItemVersion, values: tuple[str, str]
) -> None:
    old = item_with(extension=None)
    found = verdict(
        case(entries=entries, item=old), Move(PERMIT, flow, old, msgspec.structs.replace(item, extension=None))
    )
    (reason,) = found.reasons
    assert reason.code == "limit_changed"
    assert values[0] in reason.zh
    assert values[1] in reason.zh
    (kind,) = {entry.kind for entry in entries}
    due = derive(entries, CALENDAR, HOURS, NOW)[kind].due_on
    assert str(due) in reason.zh
    assert str(due) in reason.en


def test_a_limit_that_has_stopped_is_nobodys_any_more() -> None:
    over = (limit("promise", 5), Entry(ClockKind.promise, "stop", NOW + timedelta(minutes=1)))
    assert codes(case(entries=over, now=NOW + timedelta(hours=1)), item=promised(4)) == []


def test_who_has_handed_in_is_not_given_a_longer_wait_but_may_be_given_a_shorter_one() -> None:
    waiting = case("RECEIVED", entries=(), accepted_at=None)
    assert codes(waiting, item=promised(9)) == ["limit_changed"]
    assert codes(waiting, item=promised(4)) == []
    assert codes(case("NEW", entries=(), received_at=None, accepted_at=None), item=promised(9)) == []


def test_what_may_become_of_an_accepted_limit_is_settled() -> None:
    longer = Extension(n=3, unit=Unit.working_days, approver="authority_head", basis="行政许可法42(1)")
    assert codes(case(), item=item_with(version=2, extension=longer)) == ["extension_changed"]
    silent = item_with(version=2, on_overdue="deemed_approved", on_overdue_basis="示例条例1")
    assert codes(case(), item=silent) == ["silence_changed"]
    assert codes(case("RECEIVED", entries=(), accepted_at=None), item=silent) == []


def test_a_running_clock_that_the_new_flow_does_not_know_keeps_the_case() -> None:
    joined = changed(('clocks = { start = ["handover"] }', 'clocks = { stop = ["handover"] }'))
    assert codes(case("DISPATCHED", entries=(limit("handover", 1),)), joined) == []
    alone = (
        without("report_up")
        .source.replace('clocks = { start = ["handover"] }', "")
        .replace("version = 3", "version = 2")
    )
    assert codes(case("DISPATCHED", entries=(limit("handover", 1),)), changed(source=alone)) == ["clock_unknown"]


def test_a_clock_that_stands_still_needs_a_step_that_lets_it_run_again() -> None:
    entries = (limit("statutory", 10), Entry(ClockKind.statutory, "suspend", NOW + timedelta(minutes=1), basis="x"))
    stands = case("SPECIAL", entries=entries, now=NOW + timedelta(hours=1))
    assert codes(stands) == []
    never = changed(
        ('clocks = { resume = ["statutory", "promise"], start = ["stage"] }', 'clocks = { start = ["stage"] }')
    )
    assert codes(stands, never) == ["suspension_without_end"]


def test_no_rule_of_the_new_flow_reaches_back() -> None:
    late = case(now=NOW + timedelta(days=4), entries=(limit("promise", 5),))
    rule = '\n[[watch]]\nrule = "half_way"\ntitle = "过半"\ntitle_en = "Half"\nclock = "promise"\nshare = 2\n'
    half = changed(source=PERMIT.source + rule + 'level = "amber"\nbasis = "示例"\n')
    assert codes(late, half) == ["rule_in_the_past"]
    assert codes(case(entries=(limit("promise", 5),)), half) == []
    (mark,) = {("half_way", NOW, derive(late.situation.clocks[ClockKind.promise].entries, CALENDAR, HOURS, NOW)[
        ClockKind.promise].due_on)}  # fmt: skip
    assert codes(replace(late, done={mark}), half) == []


def test_what_waits_to_be_done_under_the_old_flow_is_no_reason() -> None:
    assert codes(case(now=NOW + timedelta(days=30), entries=(limit("promise", 5),))) == []


@pytest.mark.parametrize(
    ("beside", "gone"),
    [
        ({"state": "CORRECTION", "told": notice(None), "accepted_at": None, "entries": ()}, "supply"),
        ({"flags": frozenset({"tolerance"})}, "meet_tolerance"),
        ({"special": told()}, "start_special"),
        ({"hearing": HearingFacts(told_at=NOW)}, "request_hearing"),
        ({"third_parties": (ThirdPartyFacts("某人", "D13-1", NOW),)}, "record_statement"),
        ({"flags": frozenset({"fee_asked"})}, "record_payment"),
        ({"flags": frozenset({"void_proposed"})}, "void"),
        ({"flags": frozenset({"electronic_delivery"})}, "deliver_electronically"),
        ({"offered_to": ONE}, "take_over"),
        ({"state": "IN_TRANSIT", "posting": PostingFacts("示例", "W1", NOW), "entries": ()}, "return_post"),
        (
            {"state": "READY", "certificates": (CertificateFacts("C1", "in_force", "void", ONE),), "entries": ()},
            "void_certificate",
        ),
        ({"cards": (CardFacts("K1", "red", "promise_red", "appealed", ONE),)}, "uphold_card"),
        ({"duties": (DutyFacts("supervision_reply", date(2026, 3, 5)),)}, "answer_supervision"),
        ({"duties": (DutyFacts("overdue_explanation", date(2026, 3, 5)),)}, "explain_overdue"),
        ({"state": "GRANTED", "duties": (DutyFacts("post_check", date(2026, 5, 5)),), "entries": ()}, "check_promise"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_begun_can_be_brought_to_its_end(beside: dict[str, Any], gone: str) -> None:
    begun = case(beside.pop("state", "REVIEW"), **beside)
    assert codes(begun) == []
    assert "act_lost" in codes(begun, without(gone))
    assert codes(case(begun.state, entries=()), without(gone)) == []


def test_what_is_done_with_leaves_no_claim() -> None:
    met = case("CORRECTION", told=notice(NOW), entries=(), accepted_at=None)
    assert codes(met, without("supply")) == []
    paid = case(flags=frozenset({"fee_asked", "fee_paid"}))
    assert codes(paid, without("record_payment")) == ["flag_unknown"]


def test_no_step_ahead_asks_for_what_could_only_be_done_before() -> None:
    asks = item_with(version=2, asks_intention=True)
    guarded = changed(
        ('guards = ["children_closed", "reviewer_is_not_host"]',
         'guards = ["children_closed", "reviewer_is_not_host", "intention_recorded"]')
    )  # fmt: skip
    old = case(situation=frozenset(), flags=frozenset({"elderly"}))
    assert codes(old, guarded) == []
    assert codes(old, guarded, asks) == ["step_never_taken"]
    recorded = case(flags=frozenset({"elderly", "intention_recorded"}))
    assert codes(recorded, guarded, asks) == []
    early = case("RECEIVED", flags=frozenset({"elderly"}), entries=(), accepted_at=None)
    assert codes(early, guarded, asks) == []


def test_a_mark_that_the_new_flow_does_not_know_keeps_the_case() -> None:
    marked = case(flags=frozenset({"converted", "elderly", "proxy"}))
    assert codes(marked) == []
    assert codes(marked, without("convert_to_promise")) == ["flag_unknown"]


def test_a_case_is_not_handed_to_another_authority_by_moving_it() -> None:
    early = case("NEW", entries=(), received_at=None, accepted_at=None)
    assert codes(early, item=item_with(version=2, department="health")) == ["authority_changed"]
    joint = item_with(version=2, joint=("health",))
    assert codes(case(), item=joint) == ["departments_changed"]
    assert codes(early, item=joint) == []


def test_a_joint_case_and_its_children_stay_under_one_item_version() -> None:
    again = item_with(version=2)
    assert codes(case(children_open=1), item=again) == ["children_open"]
    assert codes(case(parent=ONE), item=again) == ["child_of_a_case"]
    assert codes(case(children_open=1)) == codes(case(parent=ONE)) == []


def test_circumstances_that_the_new_version_does_not_know_keep_the_case() -> None:
    flag = FOOD.situations[0].flag
    lines = tuple(one for one in FOOD.materials if one.condition.removeprefix("!") != flag)
    fewer = item_with(version=2, situations=FOOD.situations[1:], materials=lines)
    assert "situation_unknown" in codes(case(situation=frozenset({flag})), item=fewer)
    assert codes(case(), item=fewer) == []


ALWAYS = [line for line in FOOD.materials if not line.condition]
LAST = ALWAYS[-1]


@pytest.mark.parametrize(
    "beside",
    [
        {"materials": (MaterialFacts(LAST.code, originals=1),)},
        {"materials": (MaterialFacts(LAST.code, scans_stored=1),)},
        {"demanded": frozenset({LAST.code})},
    ],
)
def test_what_was_handed_in_or_asked_for_keeps_its_place_on_the_list(beside: dict[str, Any]) -> None:
    seen = case(**beside)
    assert codes(seen, item=without_line(LAST.code)) == ["material_missing"]
    assert codes(seen, item=line_with(LAST.code, name="另一材料")) == ["material_missing"]
    assert codes(seen, item=line_with(LAST.code, how_to_obtain="在窗口领取样表")) == []
    assert codes(case(), item=without_line(LAST.code)) == []


def test_a_noticed_line_and_one_owed_under_tolerance_keep_their_place_too() -> None:
    told_of = case("CORRECTION", told=notice(None), entries=(), accepted_at=None)
    assert codes(told_of, item=without_line("M01")) == ["material_missing"]
    owed = item_with(
        tolerance=True,
        materials=tuple(
            msgspec.structs.replace(one, necessity=Necessity.deferrable) if one == LAST else one
            for one in FOOD.materials
        ),
    )
    seen = case(item=owed, flags=frozenset({"tolerance"}))
    gone = msgspec.structs.replace(owed, version=2, materials=without_line(LAST.code).materials)
    assert codes(seen, item=gone) == ["material_missing"]
    assert codes(seen, item=msgspec.structs.replace(owed, version=2, tolerance_overdue="terminated")) == [
        "tolerance_end_changed"
    ]


def stricter(line: MaterialLine) -> list[dict[str, Any]]:
    return [{"originals": line.originals + 1}, {"copies": line.copies + 1}]


def test_the_list_does_not_grow_after_receipt() -> None:
    waiting = case("RECEIVED", entries=(), accepted_at=None)
    fresh = case("NEW", entries=(), received_at=None, accepted_at=None)
    decided = case("GRANTED", entries=())
    for seen, found in (
        (waiting, ["material_never_asked"]),
        (case(), ["material_never_asked"]),
        (fresh, []),
        (decided, []),
    ):
        assert codes(seen, item=with_line(necessity=Necessity.required)) == found
    assert codes(waiting, item=with_line(necessity=Necessity.optional)) == []
    for change in stricter(LAST):
        assert codes(waiting, item=line_with(LAST.code, **change)) == ["material_stricter"]
        assert codes(fresh, item=line_with(LAST.code, **change)) == []
    e_cert = next(one for one in FOOD.materials if one.e_cert)
    assert codes(waiting, item=line_with(e_cert.code, e_cert=False)) == ["material_stricter"]


def test_what_it_costs_is_settled_by_receipt_and_what_is_handed_out_by_the_decision() -> None:
    fee = item_with(version=2, fee=Fee(amount="10.00", basis="示例条例2"))
    assert codes(case("RECEIVED", entries=(), accepted_at=None), item=fee) == ["fee_changed"]
    assert codes(case("NEW", entries=(), received_at=None, accepted_at=None), item=fee) == []
    longer = item_with(version=2, result=msgspec.structs.replace(FOOD.result, validity_months=12))
    assert codes(case("GRANTED", entries=()), item=longer) == ["result_changed"]
    assert codes(case(), item=longer) == []


def test_what_was_told_of_a_special_procedure_holds() -> None:
    own = SpecialProcedure(
        kind="inspection", name="检验", name_en="inspection", excluded=True, max_days=7, basis="行政许可法45"
    )
    shorter = item_with(version=2, special_procedures=(own,))
    assert codes(case(special=told()), item=shorter) == ["special_changed"]
    assert codes(case(special=told(finished_at=NOW)), item=shorter) == []


def test_tolerance_is_not_taken_back() -> None:
    kept = item_with(tolerance=True)
    owing = case(item=kept, flags=frozenset({"tolerance"}))
    assert codes(owing, item=msgspec.structs.replace(kept, version=2, tolerance=False)) == ["tolerance_lost"]


def test_every_reason_is_told_at_once() -> None:
    item = item_with(
        version=2, department="health", promise_limit=PromiseLimit(n=1, unit=Unit.working_days), joint=("x",)
    )
    assert codes(case(flags=frozenset({"converted"})), without("convert_to_promise"), item) == [
        "limit_changed", "flag_unknown", "authority_changed", "departments_changed",
    ]  # fmt: skip
