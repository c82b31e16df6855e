"""Anybody who has the population and the seed draws the same cases again; risks only add lots."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Malformed
from workflows.risk import RISKS, risks_of, weights
from workflows.sampling import Allocation, Member, allocate, canonical, digest_of, draw, parse, place_of

NUMBERS = [f"4601002603020000{n:02d}" for n in range(60)]
SPOTLESS: dict[str, Any] = {
    "statutory_in_time": True, "promise_in_time": True, "cards_red": 0, "notice_in_time": True, "notices": 1,
    "lines_offending": 0, "deemed_at": None, "same_minute": False, "reassignments": 0, "specials": 0, "extensions": 0,
    "tolerated": False, "promised": False, "outcome": "granted", "rating": None,
}  # fmt: skip


def test_the_rule_can_be_carried_out_with_a_hash_and_a_list_alone() -> None:
    """What the guide tells an auditor to do on another machine, in three lines."""
    by_hand = sorted(NUMBERS, key=lambda number: hashlib.sha256(f"2026-03|{number}|1".encode()).digest())[:5]
    assert [one.number for one in draw([Member(number) for number in NUMBERS], 5, "2026-03")] == by_hand
    assert by_hand == [
        "460100260302000053", "460100260302000016", "460100260302000059", "460100260302000001", "460100260302000051",
    ]  # fmt: skip


def test_more_lots_never_put_a_case_further_back_and_leave_the_others_where_they_were() -> None:
    for number in NUMBERS:
        places = [place_of("seed", Member(number, lots)) for lots in range(1, 20)]
        assert places == sorted(places, reverse=True)
    light = draw([Member(number) for number in NUMBERS], 60, "seed")
    heavy = draw([Member(number, 50 if number == NUMBERS[7] else 1) for number in NUMBERS], 60, "seed")
    assert [one.number for one in light if one.number != NUMBERS[7]] == [
        one.number for one in heavy if one.number != NUMBERS[7]
    ]


def test_a_case_with_nine_lots_comes_first_nine_times_as_often_as_one_with_one() -> None:
    pair = [Member("A", 9), Member("B", 1)]
    first = Counter(draw(pair, 1, f"seed {n}")[0].number for n in range(4000))
    assert 0.88 < first["A"] / 4000 < 0.92


@given(
    sizes=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40), min_size=1),
    size=st.integers(1, 200),
    how=st.sampled_from(Allocation),
)
def test_places_are_shared_out_wholly_and_nobody_gets_more_than_they_have(
    sizes: dict[str, int], size: int, how: Allocation
) -> None:
    shares = allocate(sizes, size, how)
    whole = sum(sizes.values())
    assert sum(shares.values()) == min(size, whole)
    for name, count in sizes.items():
        assert 0 <= shares[name] <= count
        if how is Allocation.proportional:
            assert abs(shares[name] - min(size, whole) * count / whole) < 1
    if how is Allocation.equal:
        open_ended = [shares[name] for name in sizes if shares[name] < sizes[name]]
        assert not open_ended or max(open_ended) - min(open_ended) <= 1


def test_strata_are_drawn_each_by_itself() -> None:
    members = [Member(number, 1, "amr" if n % 3 else "hrss") for n, number in enumerate(NUMBERS)]
    drawn = draw(members, 6, "x", Allocation.equal)
    assert [one.stratum for one in drawn] == ["amr"] * 3 + ["hrss"] * 3
    assert [one.stratum for one in draw(members, 6, "x")] == ["amr"] * 4 + ["hrss"] * 2
    alone = draw([one for one in members if one.stratum == "hrss"], 3, "x")
    assert drawn[3:] == alone


@given(st.permutations([Member(number, n + 1, "s") for n, number in enumerate(NUMBERS[:8])]))
def test_the_order_of_a_population_does_not_matter(population: list[Member]) -> None:
    kept = sorted(population)
    assert (draw(population, 3, "s"), digest_of(population)) == (draw(kept, 3, "s"), digest_of(kept))
    assert parse(canonical(population)) == kept


@pytest.mark.parametrize(
    ("seed", "size", "population", "code"),
    [
        ("", 1, 1, "seed_wrong"),
        ("x" * 101, 1, 1, "seed_wrong"),
        ("a\nb", 1, 1, "seed_wrong"),
        (" a", 1, 1, "seed_wrong"),
        ("a", 0, 1, "sample_size_wrong"),
        ("a", 1001, 1, "sample_size_wrong"),
        ("a", 1, 0, "population_empty"),
    ],
)
def test_a_draw_that_means_nothing_is_refused(seed: str, size: int, population: int, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        draw([Member(number) for number in NUMBERS[:population]], size, seed)
    assert refusal.value.code == code


def test_more_cases_than_there_are_means_all_of_them() -> None:
    assert len(draw([Member(number) for number in NUMBERS], 100, "s")) == len(NUMBERS)


def test_every_risk_is_found_by_what_makes_it_and_by_nothing_else() -> None:
    assert risks_of(SPOTLESS) == ()
    changed: dict[str, dict[str, Any]] = {
        "overdue": {"promise_in_time": False}, "red_card": {"cards_red": 1}, "late_notice": {"notice_in_time": False},
        "second_notice": {"notices": 2}, "deemed_acceptance": {"deemed_at": "2026-03-10"},
        "same_minute": {"same_minute": True}, "reassigned": {"reassignments": 1}, "special_procedure": {"specials": 1},
        "extended": {"extensions": 1}, "tolerance": {"tolerated": True}, "promise": {"promised": True},
        "denied": {"outcome": "denied"}, "bad_rating": {"rating": 4},
    }  # fmt: skip
    assert set(changed) == set(RISKS)
    for name, facts in changed.items():
        assert risks_of(SPOTLESS | facts) == (name,)
    unknown = dict.fromkeys(("statutory_in_time", "promise_in_time", "notice_in_time"))
    assert risks_of(SPOTLESS | unknown) == ()


def test_a_deployment_weighs_risks_as_it_sees_them() -> None:
    assert weights({})["second_notice"] == RISKS["second_notice"].weight
    assert weights({"second_notice": 0, "overdue": 100}) | {"x": 1} == {
        name: {"second_notice": 0, "overdue": 100}.get(name, risk.weight) for name, risk in RISKS.items()
    } | {"x": 1}
    for wrong, code in (({"nothing": 1}, "risk_unknown"), ({"overdue": 101}, "risk_weight_wrong")):
        with pytest.raises(Malformed) as refusal:
            weights(wrong)
        assert refusal.value.code == code
