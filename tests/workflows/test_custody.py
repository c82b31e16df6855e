"""Paper custody as rules: codes, choices, two people, sealed counts against what is found, settlements."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from workflows.actor import Actor, Grant, Role
from workflows.counting import (
    OUTCOMES,
    WORDS,
    Counted,
    Difference,
    Discrepancy,
    Outcome,
    arrives,
    check_outcome,
    check_sealed,
    check_word,
    compare,
)
from workflows.custody import (
    TITLES,
    BatchState,
    BatchStep,
    Papers,
    PlaceKind,
    Wished,
    batch_code,
    check_step,
    check_two_people,
    choose,
    kind_of,
    place_of,
    place_words,
    read_batch_code,
    steps_from,
)
from workflows.errors import Conflict, Forbidden, Malformed, YichuangError
from workflows.figures import CompletenessFacts, PaperLine, check_period, tally
from workflows.numbers import case_number

DAY = date(2026, 3, 2)
CODE = batch_code("460100", DAY, 17)
A, B = ("4601002603020000015", "M01"), ("4601002603020000015", "M03")
SEALED = {A: Papers(1, 0, 4), B: Papers(1, 2, 9)}


def refused(code: str, kind: type[YichuangError] = Conflict) -> pytest.RaisesExc[YichuangError]:
    return pytest.raises(kind, match=rf"^{code}:")


def test_a_code_is_read_as_it_was_printed_and_as_people_type_it() -> None:
    assert CODE.startswith("P4601002603020017")
    assert read_batch_code(f" {CODE[:9].lower()} {CODE[9:]}\n") == CODE
    assert len({batch_code("460100", DAY, seq) for seq in range(1, 50)}) == 49


@pytest.mark.parametrize("place", range(1, len(CODE)))
def test_one_wrong_character_is_found(place: int) -> None:
    for wrong in string.digits:
        typed = CODE[:place] + wrong + CODE[place + 1 :]
        if typed != CODE:
            with refused("batch_code_malformed", Malformed):
                read_batch_code(typed)


def test_another_kind_of_code_is_named_for_what_it_is() -> None:
    with refused("batch_code_malformed", Malformed) as found:
        read_batch_code(case_number("460100", DAY, 1))
    assert "办件编号" in found.value.zh
    for foreign in ("", "7KQ2M9XW4T0B", "P", "示政服移〔2026〕1号", CODE + "1", "http://hall.test/status/7KQ2M9XW4T0B"):
        with refused("batch_code_malformed", Malformed):
            read_batch_code(foreign)
    for region, seq in (("46010", 1), ("460100", 0), ("460100", 10_000)):
        with refused("number_part_wrong", Malformed):
            batch_code(region, DAY, seq)


def test_what_moves_is_there() -> None:
    here = Papers(2, 1, 12)
    assert choose("M01", here, Wished()) == here
    assert choose("M01", here, Wished(1, 0, 5)) == Papers(1, 0, 5)
    for wished in (Wished(3, 0, 1), Wished(0, 2, 1), Wished(2, 1, 13), Wished(0, 0, 0)):
        with refused("paper_not_here") as found:
            choose("M01", here, wished)
    assert "原件2份" in found.value.zh
    with refused("sheets_needed", Malformed):
        choose("M01", here, Wished(1))
    with refused("paper_not_here"):
        choose("M02", Papers(), Wished())


def test_every_step_has_one_state_to_begin_from_and_every_word_its_english() -> None:
    found = {state: steps_from(state) for state in BatchState}
    assert found[BatchState.packed] == [BatchStep.unpack, BatchStep.send]
    assert found[BatchState.sent] == [BatchStep.receive, BatchStep.refuse]
    assert found[BatchState.refused] == [BatchStep.take_back]
    assert found[BatchState.received_with_discrepancy] == [BatchStep.settle]
    assert [found[one] for one in (BatchState.received, BatchState.settled, BatchState.unpacked)] == [[], [], []]
    assert set(TITLES) == {*BatchState, *BatchStep}
    assert set(WORDS) == {*Discrepancy, *Outcome}
    for state in BatchState:
        for step in BatchStep:
            if step in found[state]:
                check_step(step, state)
            else:
                with refused("batch_step_not_allowed") as refusal:
                    check_step(step, state)
                assert refusal.value.extra["allowed"] == [one.value for one in found[state]]


def test_places_are_written_and_told() -> None:
    assert place_of("hall", "hall") == "hall:"
    assert kind_of(place_of(PlaceKind.department, "amr")) is PlaceKind.department
    assert place_words(PlaceKind.batch, CODE, CODE)[0] == f"在途，批次{CODE}"
    assert all(place_words(kind, "某局", "") for kind in PlaceKind)


def test_who_packed_does_not_receive_nor_does_who_stands_in_for_them() -> None:
    packer, other = uuid4(), uuid4()
    stand_in = Actor(other, "示例", (Grant(Role.officer, uuid4(), "amr", acting_for=packer),))
    for actor in (Actor(packer, "示例"), stand_in):
        with refused("same_person", Forbidden):
            check_two_people(actor, [packer, None])
    check_two_people(Actor(other, "示例", (Grant(Role.officer, uuid4(), "amr"),)), [packer, None])


def test_a_batch_that_agrees_has_no_discrepancies() -> None:
    check_sealed(4, 4)
    check_sealed(None, 4)
    with refused("sealed_count_wrong"):
        check_sealed(5, 4)
    assert compare(SEALED, {}, 4) == []
    assert arrives(SEALED[A], None) == SEALED[A]


def test_missing_extra_and_damaged_are_told_apart() -> None:
    found = {A: Counted(Papers(0, 0, 0)), B: Counted(Papers(1, 3, 11), damaged=1, note="封面撕裂")}
    assert compare(SEALED, found, 4) == [
        Difference(A, Discrepancy.missing, Papers(1, 0, 4), ""),
        Difference(B, Discrepancy.extra, Papers(0, 1, 2), "封面撕裂"),
        Difference(B, Discrepancy.damaged, Papers(1), "封面撕裂"),
    ]
    assert arrives(SEALED[A], found[A]) == Papers()
    assert arrives(SEALED[B], found[B]) == SEALED[B]
    other = (A[0], "M05")
    assert compare(SEALED, {other: Counted(Papers(1, 0, 1))}, 5)[0].kind is Discrepancy.extra
    assert compare(SEALED, {B: Counted(Papers(1, 2, 8))}, 4) == [
        Difference(B, Discrepancy.missing, Papers(0, 0, 1), "")
    ]


def test_a_count_that_nobody_explains_is_refused() -> None:
    with refused("count_differs") as found:
        compare(SEALED, {}, 3)
    assert found.value.extra["listed"] == 4
    with refused("line_not_in_batch"):
        compare(SEALED, {("4601002603020000023", "M01"): Counted(Papers(1))}, 5)
    with refused("damaged_wrong", Malformed):
        compare(SEALED, {A: Counted(SEALED[A], damaged=2, note="封面撕裂")}, 4)
    with refused("note_needed", Malformed):
        compare(SEALED, {A: Counted(SEALED[A], damaged=1)}, 4)


def test_how_a_discrepancy_is_settled_and_by_whom() -> None:
    for kind, outcomes in OUTCOMES.items():
        for outcome in Outcome:
            if outcome not in outcomes:
                with refused("outcome_does_not_fit"):
                    check_outcome(kind, outcome, by_sender=False, word="双方确认")
            else:
                check_outcome(kind, outcome, by_sender=False, word="双方确认")
    for outcome in (Outcome.lost, Outcome.found):
        with refused("role_not_allowed", Forbidden):
            check_outcome(Discrepancy.missing, outcome, by_sender=True, word="双方确认")
    with refused("reason_needed", Malformed):
        check_outcome(Discrepancy.missing, Outcome.left_behind, by_sender=True, word=" 是 ")
    with refused("reason_needed", Malformed):
        check_word("")


NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


CASE = CompletenessFacts(NOON, NOON)


def test_figures_count_what_they_should_and_say_nothing_without_data() -> None:
    empty = tally([])
    assert {name: one.value for name, one in empty.items()} == dict.fromkeys(empty)
    good = replace(
        CASE,
        lines=(PaperLine("M01", 4, 4), PaperLine("M02", 0, 1)),
        receipts=frozenset({"D01", "D05"}),
        handover=(NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)),
    )
    bad = replace(
        CASE,
        lines=(PaperLine("M01", 4, 3), PaperLine("M02", 1, 1)),
        receipts=frozenset({"D01"}),
        handover=(NOON, NOON + timedelta(hours=3), NOON + timedelta(hours=2)),
    )
    never = replace(CASE, lines=(PaperLine("M01", 0, 0),), handover=(NOON, None, NOON))
    uncounted = CompletenessFacts(None, None)
    on_the_spot = replace(CASE, promised=True)
    found = tally([good, bad, never, uncounted, uncounted, on_the_spot])
    assert {name: (one.numerator, one.denominator) for name, one in found.items()} == {
        "scan_completeness": (1, 3), "receipt_given": (1, 3), "handover_in_time": (1, 3),
    }  # fmt: skip
    assert found["scan_completeness"].value == 0.3333


def test_a_period_has_a_beginning_and_an_end() -> None:
    check_period(DAY, DAY)
    for since, until in ((DAY, DAY - timedelta(days=1)), (DAY, DAY + timedelta(days=400))):
        with refused("period_wrong", Malformed):
            check_period(since, until)
