"""Hearings and third parties: each condition at its edge. Sample day: Monday, 2 March 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.workflows.situations import NOW, PEOPLE, item_with, situation
from workflows.actor import Role
from workflows.errors import Forbidden, YichuangError
from workflows.guards import GUARDS
from workflows.hearing_terms import held_late
from workflows.situation import Colleague, HearingFacts, PaperFacts, Situation, SpecialFacts, ThirdPartyFacts

RIGHT, TO_OTHERS = "示市监听〔2026〕1号", "示市监利〔2026〕1号"
TOLD = HearingFacts(told_at=NOW, document=RIGHT)
REQUESTED = replace(TOLD, requested_at=NOW, requested_by="示例邻居")
WAIVED = replace(REQUESTED, waived_at=NOW, waived_by="示例邻居")
SCHEDULED = replace(REQUESTED, notified_at=NOW, held_on=date(2026, 3, 11), host=PEOPLE["cao"])
RECORDED = replace(SCHEDULED, recorded_at=NOW)
OTHERS = (ThirdPartyFacts("示例邻居", TO_OTHERS, NOW),)


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:30:00+08:00").astimezone(UTC)


def case(
    hearing: HearingFacts | None = None,
    others: tuple[ThirdPartyFacts, ...] = (),
    *,
    provided: str = "on_request",
    now: datetime = NOW,
    served: bool = True,
    **payload: Any,
) -> Situation:
    """A case in review; both notices were served on the sample day unless ``served`` says otherwise."""
    here = situation("REVIEW", item=item_with(hearing=provided), now=now, payload=payload)
    here.hearing, here.third_parties = hearing, others
    here.papers = tuple(
        PaperFacts(code, number, NOW if served else None) for code, number in (("D12", RIGHT), ("D13", TO_OTHERS))
    )
    return here


def refusal(name: str, here: Situation) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        GUARDS[name].check(here)
    assert found.value.zh
    assert found.value.en
    assert str(found.value.basis).startswith("行政许可法")
    return found.value


def passes(name: str, here: Situation) -> None:
    GUARDS[name].check(here)


def test_a_hearing_is_for_items_that_know_one_or_cases_that_concern_others() -> None:
    passes("hearing_possible", case())
    passes("hearing_possible", case(provided="mandatory"))
    passes("hearing_possible", case(provided="none", others=OTHERS))
    assert refusal("hearing_possible", case(provided="none")).code == "hearing_not_provided"


def test_the_right_is_told_once() -> None:
    passes("hearing_not_told", case())
    assert refusal("hearing_not_told", case(TOLD)).code == "hearing_already_told"


def test_a_hearing_is_requested_within_five_working_days_of_service() -> None:
    """Served on Monday, 2 March: the fifth working day after is Monday, the 9th."""
    passes("hearing_request_in_time", case(TOLD, now=at("2026-03-09")))
    assert refusal("hearing_request_in_time", case(TOLD, now=at("2026-03-10"))).code == "hearing_request_late"
    passes("hearing_request_in_time", case(TOLD, now=at("2026-05-10"), served=False))
    assert refusal("hearing_request_in_time", case()).code == "hearing_right_not_told"
    for hearing in (REQUESTED, replace(RECORDED, requested_at=None)):
        assert refusal("hearing_request_in_time", case(hearing)).code == "hearing_already_requested"
    passes("hearing_request_in_time", case(WAIVED))


def test_who_gave_the_hearing_up_does_not_ask_for_it_again() -> None:
    passes("hearing_not_given_up", case(TOLD, requested_by="示例邻居"))
    passes("hearing_not_given_up", case(WAIVED, requested_by="另一邻居"))
    assert refusal("hearing_not_given_up", case(WAIVED, requested_by="示例邻居")).code == "hearing_waived"


def test_only_what_was_told_can_be_given_up_and_by_whom_it_belongs_to() -> None:
    passes("hearing_told", case(REQUESTED))
    assert refusal("hearing_told", case()).code == "hearing_right_not_told"
    assert refusal("hearing_told", case(RECORDED)).code == "hearing_not_waivable"
    assert refusal("hearing_told", case(TOLD, provided="mandatory")).basis == "行政许可法46"
    passes("hearing_given_up_in_writing", case(TOLD, waived_by="示例申请人", signed=True))
    passes("hearing_given_up_in_writing", case(REQUESTED, waived_by="示例邻居", signed=True))
    unsigned = case(REQUESTED, waived_by="示例邻居", signed=False)
    assert refusal("hearing_given_up_in_writing", unsigned).code == "signature_missing"
    other = case(REQUESTED, waived_by="示例申请人", signed=True)
    assert refusal("hearing_given_up_in_writing", other).code == "not_who_requested"


@pytest.mark.parametrize(
    ("hearing", "provided", "code"),
    [
        (None, "on_request", "hearing_not_wanted"),
        (TOLD, "on_request", "hearing_not_wanted"),
        (WAIVED, "on_request", "hearing_not_wanted"),
        (RECORDED, "on_request", "hearing_already_held"),
        (REQUESTED, "on_request", None),
        (SCHEDULED, "on_request", None),
        (None, "mandatory", None),
    ],
)
def test_a_hearing_is_scheduled_where_one_is_wanted(
    hearing: HearingFacts | None, provided: str, code: str | None
) -> None:
    here = case(hearing, provided=provided)
    if code is None:
        passes("hearing_wanted", here)
    else:
        assert refusal("hearing_wanted", here).code == code


def test_time_and_place_are_told_seven_working_days_ahead() -> None:
    passes("hearing_told_early_enough", case(held_on="2026-03-11"))
    found = refusal("hearing_told_early_enough", case(held_on="2026-03-10"))
    assert (found.code, found.extra["earliest"]) == ("hearing_too_soon", "2026-03-11")


def test_a_hearing_is_held_within_twenty_working_days_of_the_request_or_as_early_as_can_be() -> None:
    """Requested on 2 March: the twentieth working day after is 30 March."""
    for held_on, late in (("2026-03-30", False), ("2026-03-31", True)):
        here = case(REQUESTED, held_on=held_on)
        assert held_late(here) is late
        if late:
            assert refusal("hearing_within_limit", here).extra["latest"] == "2026-03-30"
        else:
            passes("hearing_within_limit", here)
    # On 25 March seven working days end on 3 April only: later than that is refused still.
    passes("hearing_within_limit", case(REQUESTED, now=at("2026-03-25"), held_on="2026-04-03"))
    found = refusal("hearing_within_limit", case(REQUESTED, now=at("2026-03-25"), held_on="2026-04-07"))
    assert found.extra["latest"] == "2026-04-03"
    passes("hearing_within_limit", case(provided="mandatory", held_on="2026-06-30"))


def hosted(host: str, **facts: Any) -> Situation:
    """Ann, who handles the case, names a host; cao and bob are of the department, eve is a clerk."""
    here = situation("REVIEW", who="ann", handler=PEOPLE["ann"], payload={"host": host})
    roles = {"ann": Role.officer, "bob": Role.officer, "cao": Role.reviewer}
    here.colleagues = {name: Colleague(PEOPLE[name], name, frozenset({role})) for name, role in roles.items()}
    here.colleagues = {**here.colleagues, "eve": Colleague(PEOPLE["cao"], "eve", frozenset({Role.clerk}))}
    for name, value in facts.items():
        setattr(here, name, value)
    return here


def test_the_host_is_of_the_department_and_did_not_review() -> None:
    passes("host_is_not_reviewer", hosted("bob"))
    for stranger in ("eve", "dan"):
        assert refusal("host_is_not_reviewer", hosted(stranger)).code == "host_not_found"
    reviewed = frozenset({PEOPLE["bob"]})
    for here in (hosted("ann"), hosted("bob", signers=reviewed), hosted("bob", examiners=reviewed)):
        found = refusal("host_is_not_reviewer", here)
        assert (found.code, type(found), found.basis) == ("host_reviewed", Forbidden, "行政许可法48(1)(3)")


def test_the_host_does_not_review_afterwards() -> None:
    passes("reviewer_is_not_host", case(SCHEDULED))
    passes("reviewer_is_not_host", case())
    assert refusal("reviewer_is_not_host", case(replace(RECORDED, host=PEOPLE["ann"]))).code == "host_reviewed"


def test_a_record_is_of_a_hearing_whose_day_has_come() -> None:
    passes("hearing_scheduled", case(SCHEDULED, now=at("2026-03-11")))
    assert refusal("hearing_scheduled", case(SCHEDULED, now=at("2026-03-10"))).code == "hearing_not_held_yet"
    for hearing in (None, REQUESTED, RECORDED):
        found = refusal("hearing_scheduled", case(hearing, now=at("2026-03-12")))
        assert found.code == "hearing_not_scheduled"


def test_time_left_out_for_a_hearing_ends_with_its_record() -> None:
    special = SpecialFacts("hearing", "行政许可法45", date(2026, 3, 2), date(2026, 3, 20), "特", NOW, NOW, NOW)
    for hearing, kind, held in ((SCHEDULED, "hearing", False), (RECORDED, "hearing", True), (WAIVED, "hearing", True),
                                (SCHEDULED, "testing", True)):  # fmt: skip
        here = case(hearing)
        here.special = replace(special, kind=kind)
        if held:
            passes("hearing_was_held", here)
        else:
            assert refusal("hearing_was_held", here).code == "hearing_not_held"


@pytest.mark.parametrize(
    ("here", "code"),
    [
        (case(), None),
        (case(provided="mandatory"), "hearing_not_held"),
        (case(TOLD, provided="mandatory", now=at("2026-03-20")), "hearing_not_held"),
        (case(RECORDED, provided="mandatory"), None),
        (case(SCHEDULED, now=at("2026-03-20")), "hearing_not_held"),
        (case(RECORDED), None),
        (case(TOLD, now=at("2026-03-09")), "hearing_right_open"),
        (case(TOLD, now=at("2026-03-10")), None),
        (case(TOLD, now=at("2026-03-10"), served=False), "hearing_right_open"),
        (case(replace(TOLD, waived_at=NOW, waived_by="示例申请人")), None),
        (case(replace(TOLD, waived_at=NOW, waived_by="示例申请人"), OTHERS), "hearing_right_open"),
        (case(WAIVED, OTHERS, now=at("2026-03-10")), None),
        (case(others=OTHERS), "hearing_right_not_told"),
    ],
)
def test_the_right_to_a_hearing_is_met_before_a_decision(here: Situation, code: str | None) -> None:
    if code is None:
        passes("hearing_right_met", here)
    else:
        assert refusal("hearing_right_met", here).code == code


def test_third_parties_are_told_once_each() -> None:
    rows = [{"name": name, "interest": "相邻权"} for name in ("甲", "乙")]
    passes("third_parties_are_new", case(others=OTHERS, parties=rows))
    for again in ([*rows, rows[0]], [{"name": "示例邻居", "interest": "相邻权"}]):
        assert refusal("third_parties_are_new", case(others=OTHERS, parties=again)).code == "third_party_told"


def test_a_statement_is_of_somebody_who_was_told() -> None:
    passes("third_party_was_told", case(others=OTHERS, party="示例邻居"))
    assert refusal("third_party_was_told", case(others=OTHERS, party="甲")).code == "third_party_unknown"


def test_everybody_concerned_is_heard_or_lets_the_time_pass() -> None:
    passes("third_parties_heard", case())
    passes("third_parties_heard", case(others=(replace(OTHERS[0], heard_at=NOW),)))
    passes("third_parties_heard", case(others=OTHERS, now=at("2026-03-10")))
    for here, said in (
        (case(others=OTHERS, now=at("2026-03-09")), "2026-03-09"),
        (case(others=OTHERS, served=False), "送达"),
    ):
        found = refusal("third_parties_heard", here)
        assert found.code == "third_parties_unheard"
        assert said in found.zh
