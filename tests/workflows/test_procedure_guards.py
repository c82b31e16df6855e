"""Special procedures, site checks, extensions: each condition at its edge. Sample day: Monday, 2 March 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.workflows.situations import FOOD, NOW, PEOPLE, item_with, situation, started
from workflows.actor import Role
from workflows.clock import ClockKind, Entry, Unit
from workflows.errors import Forbidden, Malformed, YichuangError
from workflows.guards import GUARDS, selected
from workflows.item import EXCLUDED_KINDS, Extension, SpecialProcedure
from workflows.procedure_guards import DEFAULT_MAX_DAYS, assigned_late, special_procedure
from workflows.situation import Colleague, HearingFacts, Situation, SpecialFacts

SITE = SpecialProcedure(kind="site_check", name="核查", name_en="check", excluded=False, max_days=3, basis="办法1")
OWN_SITE = SpecialProcedure(kind="site_check", name="核查", name_en="check", excluded=True, max_days=3, basis="条例9")
TESTING = SpecialProcedure(kind="testing", name="检测", name_en="testing", excluded=True, max_days=10, basis="许可法45")
TOLD = SpecialFacts("testing", "许可法45", date(2026, 3, 2), date(2026, 3, 13), "示市监特〔2026〕1号", NOW, NOW)


def refusal(name: str, here: Situation) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        GUARDS[name].check(here)
    assert found.value.zh
    assert found.value.en
    return found.value


def passes(name: str, here: Situation) -> None:
    GUARDS[name].check(here)


def told(special: SpecialFacts | None = TOLD, now: datetime = NOW, **payload: Any) -> Situation:
    here = situation("REVIEW", item=item_with(special_procedures=(SITE, TESTING)), now=now, payload=payload)
    here.special = special
    return here


def officers(*logins: str, who: str = "ann", **payload: Any) -> Situation:
    """Officers are named; ann and bob are officers of the department, cao is a reviewer."""
    rows = [{"login": login, "card": "琼-001"} for login in logins]
    here = situation("REVIEW", who=who, payload={"officers": rows, **payload})
    roles = {"ann": Role.officer, "bob": Role.officer, "cao": Role.reviewer}
    here.colleagues = {name: Colleague(PEOPLE[name], name, frozenset({role})) for name, role in roles.items()}
    return here


def test_time_is_left_out_only_for_the_eight_kinds_or_by_the_items_own_law() -> None:
    for kind in EXCLUDED_KINDS:
        passes("special_kind_has_basis", told(kind=kind, special=None))
    for kind in ("site_check", "payment", "public_notice"):
        found = refusal("special_kind_has_basis", told(kind=kind))
        assert (found.code, found.basis) == ("special_kind_without_basis", "行政许可法45")
        assert set(found.extra["kinds"]) == set(EXCLUDED_KINDS)
    own = situation("REVIEW", item=item_with(special_procedures=(OWN_SITE,)), payload={"kind": "site_check"})
    passes("special_kind_has_basis", own)


def test_the_eight_kinds_are_those_of_the_licensing_law_only() -> None:
    item = item_with(procedure_law="GENERIC", type="05", special_procedures=(TESTING,))
    passes("special_kind_has_basis", situation("REVIEW", item=item, payload={"kind": "testing"}))
    found = refusal("special_kind_has_basis", situation("REVIEW", item=item, payload={"kind": "hearing"}))
    assert found.extra["kinds"] == ["testing"]


def test_what_an_item_does_not_say_of_a_kind_is_the_default() -> None:
    found = special_procedure(FOOD, "appraisal")
    assert found is not None
    assert (found.name, found.max_days, found.basis) == ("鉴定", DEFAULT_MAX_DAYS, "行政许可法45")
    kept = replace_excluded(TESTING, excluded=False)
    assert special_procedure(item_with(special_procedures=(kept,)), "testing") == kept


def replace_excluded(one: SpecialProcedure, *, excluded: bool) -> SpecialProcedure:
    return SpecialProcedure(
        kind=one.kind, name=one.name, name_en=one.name_en, excluded=excluded, max_days=one.max_days, basis=one.basis
    )


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2026-03-02", "2026-03-16", None),  # ten working days
        ("2026-03-02", "2026-03-15", None),  # a Sunday takes no working day
        ("2026-03-02", "2026-03-02", None),
        ("2026-03-02", "2026-03-17", "special_too_long"),
        ("2026-03-01", "2026-03-03", "special_plan_wrong"),
        ("2026-03-05", "2026-03-04", "special_plan_wrong"),
    ],
)
def test_the_expected_time_lies_ahead_and_is_no_longer_than_allowed(start: str, end: str, code: str | None) -> None:
    here = told(kind="testing", planned_start=start, planned_end=end)
    if code is None:
        passes("special_within_limit", here)
    else:
        found = refusal("special_within_limit", here)
        assert (found.code, isinstance(found, Malformed)) == (code, code == "special_plan_wrong")


def test_one_special_procedure_at_a_time() -> None:
    for fine in (None, TOLD, replace(TOLD, started_at=NOW, finished_at=NOW)):
        passes("no_special_open", told(fine))
    assert refusal("no_special_open", told(replace(TOLD, started_at=NOW))).code == "special_open"


@pytest.mark.parametrize(
    ("special", "code"),
    [
        (None, "special_not_told"),
        (replace(TOLD, started_at=NOW, finished_at=NOW), "special_not_told"),
        (replace(TOLD, served_at=None), "special_notice_not_served"),
        (replace(TOLD, served_at=NOW + timedelta(days=30)), "special_notice_not_served"),
        (replace(TOLD, planned_start=date(2026, 3, 3)), "special_not_planned_now"),
        (replace(TOLD, planned_end=date(2026, 3, 1)), "special_not_planned_now"),
    ],
)
def test_no_time_is_left_out_before_the_notice_was_served(special: SpecialFacts | None, code: str) -> None:
    passes("special_notice_served", told())
    found = refusal("special_notice_served", told(special))
    assert (found.code, found.basis) == (code, "行政许可法45")


def test_what_begins_is_what_was_told() -> None:
    passes("special_kind_was_told", told(kind="testing"))
    site = replace(TOLD, kind="site_check")
    for here in (told(kind="hearing"), told(None, kind="testing"), told(site, kind="site_check")):
        assert refusal("special_kind_was_told", here).code == "special_kind_not_told"
    passes("site_check_was_told", told(site))
    for other in (None, TOLD):
        assert refusal("site_check_was_told", told(other)).code == "special_kind_not_told"


def test_a_hearing_takes_time_only_where_there_is_to_be_one() -> None:
    passes("special_hearing_is_wanted", told(kind="testing"))
    assert refusal("special_hearing_is_wanted", told(kind="hearing")).code == "hearing_not_wanted"
    here = told(kind="hearing")
    here.hearing = HearingFacts(NOW, "D12", requested_at=NOW, requested_by="某")
    passes("special_hearing_is_wanted", here)


def test_an_inspection_is_carried_out_by_an_institution_or_two_officers() -> None:
    passes("inspectors_named", told(kind="hearing"))
    passes("inspectors_named", told(kind="testing", institution="示例检测中心"))
    passes("inspectors_named", officers("ann", "bob", who="cao", kind="quarantine"))
    for alone in (officers("ann", kind="inspection"), told(kind="inspection"), told(kind="testing", institution=" ")):
        found = refusal("inspectors_named", alone)
        assert (found.code, found.basis) == ("two_officers_needed", "行政许可法28、55(2)")


def test_inspectors_are_assigned_within_five_working_days() -> None:
    """Accepted on Friday, 6 March: the fifth working day after is Friday, the 13th."""
    accepted = datetime(2026, 3, 6, 2, tzinfo=UTC)
    for day, late in ((13, False), (16, True)):
        here = situation("REVIEW", accepted_at=accepted, payload={"kind": "testing"})
        here.now = datetime(2026, 3, day, 2, tzinfo=UTC)
        assert assigned_late(here) is late
    assert not assigned_late(situation("REVIEW", accepted_at=accepted, payload={"kind": "hearing"}))


def test_a_site_check_stops_the_clock_only_by_the_items_own_law() -> None:
    for procedures, stops in (((), False), ((SITE,), False), ((OWN_SITE,), True)):
        here = situation("REVIEW", item=item_with(special_procedures=procedures))
        assert selected(["site_check_stops_clock"], here) is stops
        assert selected(["site_check_keeps_clock"], here) is not stops


def test_a_site_check_is_planned_ahead() -> None:
    for day in ("2026-03-02", "2026-03-06"):
        passes("site_check_lies_ahead", situation("REVIEW", payload={"planned_on": day}))
    past = situation("REVIEW", payload={"planned_on": "2026-03-01"})
    assert refusal("site_check_lies_ahead", past).code == "site_check_day_past"


@pytest.mark.parametrize(
    ("logins", "strange"),
    [(["ann"], []), (["ann", "ann"], []), (["ann", "cao"], ["cao"]), (["ann", "bob", "dan"], ["dan"])],
)
def test_two_different_officers_of_the_department_check_on_site(logins: list[str], strange: list[str]) -> None:
    passes("two_officers_named", officers("ann", "bob"))
    found = refusal("two_officers_named", officers(*logins))
    assert (found.code, found.basis) == ("two_officers_needed", "行政许可法34(3)")
    assert found.extra["not_officers"] == strange


def test_who_records_a_site_check_was_there() -> None:
    found = refusal("two_officers_named", officers("ann", "bob", who="cao"))
    assert (found.code, type(found)) == ("not_one_of_the_officers", Forbidden)


def test_a_record_is_signed_or_says_why_not() -> None:
    passes("party_signed_or_refused", situation(payload={"signed": True}))
    passes("party_signed_or_refused", situation(payload={"signed": False, "refusal": "当事人拒绝签字，有录像。"}))
    for unsigned in ({"signed": False}, {"signed": False, "refusal": " "}, {}):
        assert refusal("party_signed_or_refused", situation(payload=unsigned)).code == "signature_missing"


TEN = Extension(n=10, unit=Unit.working_days, approver="authority_head", basis="行政许可法42(1)")
TWENTY = started(ClockKind.statutory, 20)


def test_an_extension_is_for_the_head_that_the_law_names() -> None:
    here = situation("REVIEW", role=Role.authority_head, item=item_with(extension=TEN))
    passes("extension_by_right_approver", here)
    wrong = situation("REVIEW", role=Role.government_head, item=item_with(extension=TEN))
    assert refusal("extension_by_right_approver", wrong).extra["roles"] == ["authority_head"]
    none = situation("REVIEW", role=Role.authority_head, item=item_with(extension=None))
    assert refusal("extension_by_right_approver", none).code == "extension_not_provided"


def test_a_limit_is_extended_once_and_before_it_has_passed() -> None:
    """Twenty working days from 2 March end on 30 March, when the hall closes at 17:30."""
    item, closing = item_with(extension=TEN), datetime(2026, 3, 30, 9, 30, tzinfo=UTC)
    done = Entry(ClockKind.statutory, "extend", NOW + timedelta(days=1), 10, Unit.working_days)
    stopped = Entry(ClockKind.statutory, "stop", NOW + timedelta(days=1))
    passes("extension_in_time", situation("REVIEW", item=item, entries=(TWENTY,), now=closing))
    for entries, now, code in (
        ((TWENTY,), closing + timedelta(seconds=1), "clock_overdue"),
        ((TWENTY, done), closing, "already_extended"),
        ((TWENTY, stopped), closing, "clock_not_running"),
        ((), closing, "clock_not_running"),
    ):
        here = situation("REVIEW", item=item, entries=entries, now=now)
        assert refusal("extension_in_time", here).code == code
