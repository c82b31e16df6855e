"""Facts of cases and notices, from trails that are written down here event by event."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from workflows.calendar import load_calendar
from workflows.clock import ClockAct, ClockKind, Entry, Unit, derive
from workflows.fact import CaseFact
from workflows.fact_case import case_facts
from workflows.fact_clock import elapsed
from workflows.fact_events import upcast
from workflows.fact_notice import notice_facts, offending
from workflows.hall_hours import HallHours

CASE, HALL, CLERK, OFFICER = (UUID(int=n) for n in range(1, 5))
LINE = {"material": "M01", "defect": "未盖章", "requirement": "加盖公章", "basis": "食品安全法35"}
OTHER = {"material": "M02", "defect": "缺页", "requirement": "提交全本", "basis": "食品安全法35"}
PAPER = {"document": "示例受〔2026〕1号", "way": "window", "recipient": "张*"}


class Trail:
    """A trail, written one event at a time; hall days in March 2026, times by the hall's clock."""

    def __init__(self, *, old: bool = False) -> None:
        self.events: list[dict[str, Any]] = []
        self.state, self.old, self.days = "", old, 0

    def add(
        self,
        act: str,
        state: str = "",
        *,
        at: str = "03-02T09:30",
        days: int | None = None,
        holder: str = "window",
        changes: dict[str, Any] | None = None,
        clocks: dict[str, Any] | None = None,
        role: str = "officer",
        name: str = "",
        **data: Any,
    ) -> Trail:
        moment = datetime.fromisoformat(f"2026-{at}:00+08:00").astimezone(UTC)
        before, self.state, self.days = self.state, state or self.state, self.days if days is None else days
        standing = {"holder": holder, "working_days": self.days, "changes": changes or {}}
        if act == "open":
            standing |= {"kind": "promise", "department": "amr", "zone": "Asia/Shanghai"}
            standing["changes"] = {"hall_id": str(HALL), "owner_id": str(CLERK)}
        if not self.old and not name:
            data["standing"] = standing
        self.events.append(
            {
                "case": "46010726030200001",
                "seq": len(self.events) + 1,
                "name": name or f"case:{act}",
                "at": moment,
                "claimed_at": None,
                "actor": CLERK if role == "clerk" else OFFICER,
                "role": role,
                "organisation": HALL,
                "window": None,
                "from_state": before,
                "to_state": self.state,
                "data": data,
                "item_version": 1,
                "flow": "PERMIT",
                "flow_version": 2,
                "clocks": clocks or {},
            }
        )
        return self

    @property
    def fact(self) -> CaseFact:
        return case_facts(CASE, self.events)


def opened(*, old: bool = False) -> Trail:
    """Registered and received on Monday 2 March at the window."""
    trail = Trail(old=old)
    trail.add("open", "NEW", role="clerk", item="X", channel="window", applicant={"kind": "person"})
    materials = [{"line": "M01", "originals": 1}, {"line": "M02", "exempt": "e_cert"}]
    changes = {"received_at": "2026-03-02T02:00:00+00:00", "receiver_id": str(CLERK)}
    sent, papers = {"materials": materials}, [{"code": "D01", "number": "示例收〔2026〕1号"}]
    trail.add(
        "receive", "RECEIVED", at="03-02T10:00", role="clerk", changes=changes, payload=sent, documents=papers
    )  # fmt: skip
    return trail


def clock(**known: Any) -> dict[str, Any]:
    """A clock as an event keeps it."""
    return {
        "status": "stopped", "due_on": "2026-03-09", "due_at": "2026-03-09T09:30:00+00:00", "provisional": False,
        "started_at": "2026-03-02T02:00:00+00:00", "stopped_at": "2026-03-04T02:00:00+00:00", "unit": "working_days",
        "limit": 5, "extended": 0, "excluded": 0, "elapsed": 2,
    } | known  # fmt: skip


def test_a_case_that_was_only_received_knows_what_it_knows() -> None:
    fact = opened().fact
    assert (fact.state, fact.outcome, fact.counted, fact.last_seq) == ("RECEIVED", "", True, 2)
    assert (fact.received_on, fact.accepted_at, fact.closed_on) == (date(2026, 3, 2), None, None)
    assert (fact.hall, fact.department, fact.owner, fact.receiver) == (HALL, "amr", CLERK, CLERK)
    assert (fact.lines_on_paper, fact.lines_exempt, fact.lines_scanned) == (1, 1, 0)
    assert (fact.receipt_given, fact.acceptance_given, fact.visits) == (True, False, 1)
    assert (fact.statutory_in_time, fact.promise_limit, fact.rating) == (None, None, None)


def test_the_time_is_given_to_whoever_held_the_case_and_adds_up() -> None:
    trail = opened()
    trail.add("give_notice", "CORRECTION", at="03-04T09:00", days=2, holder="applicant", payload={"lines": [LINE]})
    trail.add("accept", "ACCEPTED", at="03-09T09:00", days=5, changes={"accepted_at": "2026-03-09T01:00:00+00:00"})
    trail.add("sign_in", "REVIEW", at="03-10T09:00", days=6, holder="department")
    trail.add("start_special", "SPECIAL", at="03-12T09:00", days=8, holder="third_party", payload={"kind": "检验"})
    trail.add("finish_special", "REVIEW", at="03-17T09:00", days=11, holder="department")
    trail.add("grant", "GRANTED", at="03-19T09:00", days=13, changes={"closed_at": "2026-03-19T01:00:00+00:00"})
    trail.add("deliver", "DELIVERED", at="03-27T09:00", days=19, role="issuer", payload={"recipient": {}})
    fact = trail.fact
    held = fact.held_by_window, fact.held_by_applicant, fact.held_by_department, fact.held_by_third_party
    assert held == (3, 3, 4, 3)
    between = load_calendar().working_days_between(date(2026, 3, 2), date(2026, 3, 19))
    assert sum(days for days in held if days is not None) == between
    assert (fact.outcome, fact.specials, fact.special_kinds, fact.notices) == ("granted", 1, ["检验"], 1)
    assert (fact.delivered_way, fact.delivered_on, fact.visits) == ("window", date(2026, 3, 27), 2)


def test_several_errands_on_one_day_are_one_visit_and_a_case_from_afar_has_none() -> None:
    trail = opened()
    trail.add("correct_on_spot", at="03-02T10:05", role="clerk")
    trail.add("supply", at="03-03T23:59", role="clerk", payload={"lines": [1]})
    trail.add("withdraw", "WITHDRAWN", at="03-04T00:01", role="agent", principal={"name": "王*"}, payload={})
    fact = trail.fact
    assert (fact.visit_days, fact.corrected_on_spot) == ([date(2026, 3, 2), date(2026, 3, 3)], 1)
    assert fact.proxied


@pytest.mark.parametrize(
    ("channel", "materials", "visits"),
    [
        ("window", [], 2),
        ("online", [{"line": "M01", "originals": 1}], 1),
        ("mobile", [{"line": "M01", "copies": 1}], 1),
        ("online", [{"line": "M01", "exempt": "e_cert"}, {"line": "M02", "originals": 0, "copies": 0}], 0),
        ("post", [{"line": "M01", "originals": 1}], 0),
    ],
)
def test_who_applied_from_afar_came_once_paper_was_handed_in_at_the_counter(
    channel: str, materials: list[dict[str, Any]], visits: int
) -> None:
    trail = Trail().add("open", "NEW", role="clerk", item="X", channel=channel, applicant={"kind": "person"})
    trail.add("receive", "RECEIVED", at="03-03T10:00", role="clerk", payload={"materials": materials})
    trail.add("supply", at="03-05T10:00", role="officer", payload={"materials": [{"line": "M01", "originals": 1}]})
    assert trail.fact.visits == visits
    trail.add("", name="paper:returned", at="03-20T10:00", role="hall_manager", papers=[])
    assert trail.fact.visits == visits + 1


SCAN, NEWER, BATCH = "scan-1", "scan-2", "scan-3"


def test_pages_of_a_line_are_those_that_stand_in_it_after_filing_editing_and_replacing() -> None:
    trail = opened()
    counted = [{"line": "M01", "originals": 1, "pages": 2}, {"line": "M03", "copies": 1, "pages": 0}]
    trail.add("supply", at="03-03T09:00", role="clerk", payload={"materials": counted})
    assert (trail.fact.lines_on_paper, trail.fact.lines_scanned, trail.fact.lines_whole) == (2, 0, 0)
    trail.add("", name="scan:received", scan=SCAN, line="M01")
    trail.add("", name="scan:stored", scan=SCAN, line="M01", pages=3)
    assert (trail.fact.lines_scanned, trail.fact.lines_whole) == (1, 0)
    edits = [
        {"action": "turn", "line": "M01", "scan": SCAN, "page": 1, "to_line": ""},
        {"action": "move", "line": "M01", "scan": SCAN, "page": 3, "to_line": "M03"},
    ]
    trail.add("", name="scan:edited", edits=edits)
    assert (trail.fact.lines_scanned, trail.fact.lines_whole) == (2, 2)
    trail.add(
        "", name="scan:edited", edits=[{"action": "remove", "line": "M01", "scan": SCAN, "page": 2, "to_line": ""}]
    )
    assert trail.fact.lines_whole == 1
    trail.add("", name="scan:filed", files=[{"scan": BATCH, "line": "M01", "pages": [4]}])
    assert trail.fact.lines_whole == 2
    trail.add("", name="scan:received", scan=NEWER, line="M01", replaces=SCAN)
    trail.add("", name="scan:stored", scan=NEWER, line="M01", pages=2)
    assert (trail.fact.lines_scanned, trail.fact.lines_whole) == (2, 1)


def test_a_certificate_spares_a_line_until_it_no_longer_stands_in() -> None:
    trail = opened()
    assert (trail.fact.lines_spared, trail.fact.lines_exempt) == (["M02"], 1)
    trail.add("", name="material:reused", line="M04", kind="licence", exempt="e_cert")
    trail.add("", name="material:reused", line="M05", kind="scan", exempt="verified_before")
    trail.add("", name="scan:stored", scan=SCAN, line="M04", pages=1)
    assert (trail.fact.lines_spared, trail.fact.lines_exempt, trail.fact.lines_on_paper) == (["M02", "M04"], 3, 1)
    trail.add("", name="material:reuse_ended", line="M04", kind="licence")
    assert (trail.fact.lines_spared, trail.fact.lines_on_paper, trail.fact.lines_scanned) == (["M02"], 1, 0)
    paper = [{"line": "M04", "originals": 1}, {"line": "M02", "originals": 1}]
    trail.add("supply", at="03-03T09:00", role="clerk", payload={"materials": paper})
    assert (trail.fact.lines_spared, trail.fact.lines_on_paper, trail.fact.lines_exempt) == ([], 3, 1)


def test_what_was_answered_met_deemed_and_revoked_is_told() -> None:
    trail = Trail().add("open", "NEW", item="X", channel="window", situation=["a"], applicant={"kind": "person"})
    assert trail.fact.situation == ["a"]
    trail.add("", name="situation:changed", before=["a"], situation=["a", "b"])
    trail.add("accept_with_tolerance", "ACCEPTED", at="03-03T09:00")
    assert (trail.fact.tolerated, trail.fact.tolerance_met, trail.fact.situation) == (True, False, ["a", "b"])
    trail.add("meet_tolerance", at="03-04T09:00")
    trail.add("mark_ready", "READY", at="03-05T23:30")
    trail.add("revoke", "TERMINATED", at="03-06T09:00")
    trail.add("remind", at="03-05T09:00")
    fact = trail.fact
    assert (fact.tolerance_met, fact.ready_on, fact.revoked) == (True, date(2026, 3, 5), True)
    assert (fact.revoked_at, fact.last_seq) == (fact.last_at, 7)
    assert opened().add("deem_accepted", "ACCEPTED", at="03-09T00:30").fact.deemed_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, True),
        ({"stopped_at": "2026-03-09T09:30:00+00:00"}, True),
        ({"stopped_at": "2026-03-09T09:30:01+00:00"}, False),
        ({"stopped_at": None}, None),
        ({"due_at": None, "elapsed": 5}, True),
        ({"due_at": None, "elapsed": 6}, False),
        ({"due_at": None, "elapsed": 6, "extended": 1}, True),
    ],
)
def test_in_time_is_up_to_the_last_moment_and_open_while_it_runs(known: dict[str, Any], expected: bool | None) -> None:
    trail = opened().add("accept", "ACCEPTED", clocks={"statutory": clock(**known)})
    trail.add("remind", at="03-05T09:00")
    assert (trail.fact.statutory_in_time, trail.fact.statutory_due_on) == (expected, date(2026, 3, 9))


def test_silence_accepts_from_the_minute_at_which_the_duty_lapsed() -> None:
    lapsed = "2026-03-09T09:30:00+00:00"
    cards = [{"number": "1", "rule": "deemed", "level": "red"}]
    received = {"accepted_at": "2026-03-02T02:00:00+00:00", "flags": ["deemed"]}
    trail = opened().add(
        "deem_accepted", "ACCEPTED", at="03-12T03:00", role="system", changes=received, cards=cards,
        effective_at=lapsed,
    )  # fmt: skip
    fact = trail.fact
    assert (fact.accepted_as, fact.deemed_at) == ("deemed", datetime.fromisoformat(lapsed))
    assert (fact.accepted_on, fact.flags, fact.cards_red) == (date(2026, 3, 2), ["deemed"], 1)
    trail.add("lift_card", payload={"card": "1"}, role="supervisor")
    assert trail.fact.cards_lifted == 1


def test_a_line_that_was_not_told_at_first_offends_unless_a_fact_has_changed() -> None:
    trail = opened()
    served = [{"code": "D03", "number": PAPER["document"]}]
    stopped = {"notice": clock()}
    trail.add(
        "give_notice", "CORRECTION", at="03-04T10:00", payload={"lines": [LINE]}, documents=served, clocks=stopped
    )  # fmt: skip
    trail.add("serve", at="03-05T10:00", payload=PAPER)
    trail.add("add_notice_lines", at="03-06T10:00", payload={"lines": [OTHER, {**LINE, "basis": ""}]})
    trail.add("add_notice_lines", at="03-07T10:00", payload={"lines": [OTHER], "changed_fact": "场所已搬迁"})
    first, second, third = notice_facts(CASE, trail.events)
    assert (first.kind, first.in_time, first.working_days, first.offending) == ("notice", True, 2, [])
    assert (first.served_way, first.served_at) == ("window", datetime(2026, 3, 5, 2, tzinfo=UTC))
    assert (second.kind, second.in_time, second.offending) == ("added", None, [2])
    assert (second.told, second.complete, [line["line"] for line in second.lines]) == (2, 1, [2, 3])
    assert (third.offending, third.changed_fact, third.number) == ([], "场所已搬迁", 3)
    assert (trail.fact.lines_told, trail.fact.lines_offending, trail.fact.notices) == (4, 1, 3)


def test_another_basis_for_the_same_defect_is_no_new_demand() -> None:
    assert offending([{**LINE, "basis": "行政许可法31", "line": 2}], [LINE], "") == []
    assert offending([{**LINE, "defect": "印章不清", "line": 2}], [LINE], " ") == [2]


def test_a_refusal_on_the_spot_that_lists_what_is_lacking_is_a_notice_and_one_without_a_list_is_none() -> None:
    refused = opened().add("refuse_acceptance", "NOT_ACCEPTED", payload={"lines": [LINE]}, clocks={"notice": clock()})
    (told,) = notice_facts(CASE, refused.events)
    assert (told.kind, told.in_time) == ("refusal", True)
    assert notice_facts(CASE, opened().add("refuse_acceptance", "NOT_ACCEPTED", payload={}).events) == ()


def test_a_rating_is_followed_to_its_end_and_one_set_aside_owes_nothing() -> None:
    trail = opened().add("rate", role="applicant", at="03-10T10:00", payload={"level": 5})
    trail.add("open_rectification", changes={"flags": ["rectifying"]}, contact_by="2026-03-11", rectify_by="2026-03-17")
    trail.add("contact_rater", at="03-12T09:00", rectify_by="2026-03-31", payload={"complex": True})
    trail.add("rectify", at="03-31T17:00", payload={})
    trail.add("", name="rating:followed_up", reached=True)
    fact = trail.fact
    assert (fact.rating, fact.contact_in_time, fact.rectified_in_time, fact.followed_up) == (5, False, True, True)
    trail.add("", name="rating:set_aside")
    assert (trail.fact.rating_set_aside, trail.fact.flags) == (True, [])


def test_a_void_case_does_not_count() -> None:
    closed = {"closed_at": "2026-03-03T02:00:00+00:00", "flags": ["not_counted"]}
    fact = opened().add("void", "VOID", at="03-03T10:00", changes=closed, result_code="3").fact
    assert (fact.counted, fact.outcome, fact.result_code) == (False, "void", "3")


def test_events_of_before_tell_what_they_know_and_leave_the_rest_unknown() -> None:
    trail = opened(old=True)
    trail.add("accept", "ACCEPTED", at="03-04T09:00")
    trail.add("submit_review", "VERIFY", at="03-05T09:00")
    trail.add("grant", "GRANTED", at="03-06T09:00")
    fact = trail.fact
    assert (fact.hall, fact.receiver, fact.handler, fact.outcome) == (HALL, CLERK, OFFICER, "granted")
    assert (fact.received_on, fact.accepted_on, fact.closed_on) == (
        date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 6),
    )  # fmt: skip
    assert (fact.held_by_window, fact.kind, fact.holder) == (None, "", "")


def test_events_of_before_have_clocks_without_limit_or_elapsed_time() -> None:
    old = {"status": "stopped", "due_on": "2026-03-09", "provisional": True}
    fact = opened(old=True).add("accept", "ACCEPTED", clocks={"statutory": old}).fact
    assert (fact.statutory_due_on, fact.statutory_elapsed, fact.statutory_in_time) == (date(2026, 3, 9), None, None)
    assert (fact.statutory_unit, fact.provisional) == ("", True)


def test_a_trail_that_began_before_and_goes_on_now_is_read_whole() -> None:
    trail = opened(old=True)
    trail.old = False
    trail.add("accept", "ACCEPTED", at="03-04T09:00", days=2, changes={"accepted_at": "2026-03-04T01:00:00+00:00"})
    fact = trail.fact
    assert (fact.received_on, fact.accepted_on, fact.held_by_window) == (date(2026, 3, 2), date(2026, 3, 4), None)
    assert upcast(trail.events[-1]) is trail.events[-1]["data"]


@pytest.mark.parametrize(("unit", "expected"), [("working_days", 7), ("natural_days", 9), ("hours", 216)])
def test_what_has_run_of_a_limit_leaves_out_the_time_that_does_not_count(unit: str, expected: int) -> None:
    """From Monday 2 to Friday 13 March, without Wednesday 4 to Friday 6."""

    def entry(act: ClockAct, day: int, **size: Any) -> Entry:
        return Entry(ClockKind.statutory, act, datetime(2026, 3, day, 2, tzinfo=UTC), **size)

    start = entry("start", 2, amount=300, unit=Unit(unit))
    entries = [start, entry("suspend", 4), entry("resume", 6), entry("stop", 13)]
    calendar, hall = load_calendar(), HallHours()
    state = derive(entries, calendar, hall, datetime(2026, 3, 20, 2, tzinfo=UTC))[ClockKind.statutory]
    assert elapsed(state, calendar, hall) == expected
