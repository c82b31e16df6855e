"""The table that contractors are scored by, how a month adds up, and what its mean is worth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.assessment import AssessmentTable, packaged_table, packaged_text, parse_table
from workflows.assessment_pay import (
    months_between,
    pay_of_quarter,
    pay_of_year,
    percent_of,
    period_of,
    quarter_of,
    year_of_month,
)
from workflows.assessment_score import Scored, bound_of, check_entry, score
from workflows.errors import DefinitionError, Malformed

TABLE = packaged_table()
RULES = TABLE.pay
PRICE = Decimal(11265500)


def counts(*entries: tuple[str, int]) -> list[Scored]:
    """Entries of an item and how many times, with the points that the table gives."""
    return [Scored(code, times, TABLE.items[code].points) for code, times in entries]


def test_the_table_is_the_printed_one() -> None:
    assert [group.points for group in TABLE.group] == [10, 10, 50, 10, 10, 10, 5]
    assert sum(group.points for group in TABLE.group) == TABLE.total == 105
    assert [part.points for part in TABLE.group[2].part] == [30, 5, 15]
    assert [sum(len(part.items) for part in group.part) for group in TABLE.group] == [11, 9, 54, 4, 7, 4, 16]
    trail = {code for code, item in TABLE.items.items() if item.kind == "trail"}
    assert trail == {"2-9", "3-8", "3-9", "3-24", "3-32", "3-50", "5-改善1", "7-15"}
    partial = {code for code, item in TABLE.items.items() if item.kind == "partial"}
    assert partial == {
        "3-7", "3-36", "3-37", "3-38", "3-41", "3-42", "3-44", "5-1", "5-2", "5-改善2", "5-改善3", "7-2", "7-11", "7-14"
    }  # fmt: skip
    assert {code for code, item in TABLE.items.items() if item.points > 3} == {
        "3-23", "3-25", "3-46", "3-48", "3-49", "4-2", "7-10", "7-15", "7-16",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("total = 105", "total = 104", "total: 104, but the groups have 105"),
        ("number = 7", "number = 6", "group.number"),
        ('title = "评优创先"\ntitle_en = "Awards"\npoints = 5', 'title = "评优创先"\ntitle_en = "Awards"\npoints = 6',
         "group 3: its parts have 51 points"),
        ('code = "3-2"', 'code = "3-1"', "item 3-1: used twice"),
        ('code = "4-1"', 'code = "5-9"', "item 5-9: outside group 4"),
        ('check = "post_changed"', 'check = "guessed"', "item 3-24.check: unknown"),
        ('kind = "trail", check = "post_changed"', 'kind = "trail"', "item 3-24: a check belongs to"),
        ('clues = "best_ratings"', 'clues = "guessed"', "item 7-2.clues: unknown"),
        ('title_en = "A complaint found true", points = 2', 'title_en = "A complaint found true", points = 31',
         "item 3-8: more than the 30 points of its part"),
        ("least = 80, percent = 85", "least = 80, percent = 101", "percent"),
        ("least = 80, percent = 85", "least = 95, percent = 85", "pay.tiers"),
        ("points = 2, per = \"time\", kind = \"trail\", check = \"complaint_upheld\"",
         "points = 2, cap = 1, per = \"time\", kind = \"trail\", check = \"complaint_upheld\"", "item 3-8.cap"),
        ('effect = "malus"\n', "", "group 7: deductions beside bonuses"),
        ("report_due_working_days = 5", "report_due = 5", "report_due"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_add_up_is_refused_with_the_place(before: str, after: str, told: str) -> None:
    text = packaged_text()
    assert before in text
    with pytest.raises(DefinitionError) as refusal:
        parse_table(text.replace(before, after, 1), "hall.toml")
    assert refusal.value.code == "definition_not_wellformed"
    assert told in refusal.value.en


def test_a_month_without_entries_is_a_hundred_points() -> None:
    done = score(TABLE, [])
    assert (done.total, [group.score for group in done.groups]) == (100, [10, 10, 50, 10, 10, 10, 0])


def test_each_part_and_group_loses_no_more_than_its_points() -> None:
    done = score(
        TABLE, counts(("3-23", 3), ("3-25", 3), ("3-33", 4), ("3-34", 4), ("3-46", 1), ("3-48", 1), ("3-37", 2))
    )
    (third,) = [group for group in done.groups if group.number == 3]
    assert [(part.found, part.counted) for part in third.parts] == [(60, 30), (8, 5), (19, 15)]
    assert (third.deducted, third.score, done.total) == (50, 0, 50)
    shared = score(TABLE, counts(("2-1", 5), ("2-9", 5)))
    assert (shared.groups[1].score, shared.total) == (0, 90)


def test_what_counts_once_a_month_counts_once() -> None:
    assert bound_of(TABLE, "2-6") == 1
    assert score(TABLE, counts(("2-6", 1), ("2-6", 1))).total == 99


def test_bonus_and_malus_are_each_bounded_and_meet_in_the_middle() -> None:
    won = score(TABLE, counts(("7-4", 2), ("7-13", 2)))
    assert (won.groups[6].added, won.groups[6].score, won.total) == (5, 5, 105)
    lost = score(TABLE, counts(("7-15", 1), ("7-16", 1)))
    assert (lost.groups[6].deducted, lost.total) == (5, 95)
    both = score(TABLE, counts(("7-4", 2), ("7-13", 2), ("7-15", 1)))
    assert (both.groups[6].score, both.total) == (0, 100)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Scored("9-9", 1, 1), "item_unknown"),
        (Scored("3-9", 0, 2), "times_wrong"),
        (Scored("3-9", -1, 2), "times_wrong"),
        (Scored("3-9", 1, -2), "points_wrong"),
        (Scored("3-9", 1, 3), "points_wrong"),
        (Scored("3-9", 16, 2), "points_beyond_cap"),
        (Scored("2-6", 2, 1), "points_beyond_cap"),
        (Scored("7-10", 1, 4), "points_wrong"),
    ],
)
def test_entries_that_the_table_does_not_allow_are_refused(entry: Scored, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        check_entry(TABLE, entry)
    assert refusal.value.code == code


def test_an_item_with_grades_takes_each_of_them() -> None:
    assert {points for points in range(6) if points in TABLE.items["7-10"].rates} == {2, 3, 5}
    assert check_entry(TABLE, Scored("7-10", 1, 3)).code == "7-10"


ENTRIES = st.lists(
    st.sampled_from([item for item in TABLE.items.values() if not item.levels]).flatmap(
        lambda item: st.builds(Scored, st.just(item.code), st.integers(1, 12), st.just(item.points))
    ),
    max_size=25,
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_the_score_stays_within_the_form_and_order_does_not_matter(entries: list[Scored], random: object) -> None:
    done = score(TABLE, entries)
    assert -5 <= done.total <= TABLE.total
    assert done.total == sum(group.score for group in done.groups)
    for group, given_points in zip(done.groups, TABLE.group, strict=True):
        assert group.deducted <= given_points.points
        assert (-given_points.points if group.number == 7 else 0) <= group.score <= given_points.points
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert score(TABLE, shuffled) == done
    singly = [Scored(entry.item, 1, entry.points) for entry in entries for _ in range(entry.times)]
    assert score(TABLE, singly).total == done.total


@given(ENTRIES, st.sampled_from(sorted(code for code, item in TABLE.items.items() if code[0] != "7")))
def test_one_more_deduction_never_raises_the_score(entries: list[Scored], code: str) -> None:
    assert score(TABLE, [*entries, *counts((code, 1))]).total <= score(TABLE, entries).total


def test_the_worked_example_of_the_contract_is_exact() -> None:
    full = pay_of_year(RULES, PRICE, [95] * 11)
    assert (full.base, full.percent, full.due) == (Decimal("1126550.00"), 100, Decimal("1126550.00"))
    tier = pay_of_year(RULES, PRICE, [85] * 11)
    assert (tier.mean, tier.percent, tier.earned) == (Decimal("85.00"), 85, Decimal("957567.50"))
    short = pay_of_year(RULES, PRICE, [85] * 11, short=1)
    assert (short.withheld, short.due) == (Decimal("5632.75"), Decimal("951934.75"))
    assert pay_of_year(RULES, PRICE, [59] * 11, short=3).due == 0


@pytest.mark.parametrize(
    ("scores", "percent"),
    [([90], 100), ([105], 100), ([89], 85), ([90, 90, 89], 85), ([80], 85), ([79], 70), ([70], 70), ([69], 50),
     ([60], 50), ([59], 0), ([0], 0), ([-5], 0)],
)  # fmt: skip
def test_tiers_are_compared_without_rounding(scores: list[int], percent: int) -> None:
    assert percent_of(RULES, scores) == percent


def test_a_mean_is_never_shown_better_than_its_tier() -> None:
    pay = pay_of_year(RULES, PRICE, [90] * 999 + [89])
    assert (pay.mean, pay.percent) == (Decimal("89.99"), 85)


def test_no_month_is_no_pay_and_no_hundred_percent() -> None:
    pay = pay_of_year(RULES, PRICE, [])
    assert (pay.mean, pay.percent, pay.due) == (None, None, 0)


@pytest.mark.parametrize(("price", "short"), [(Decimal(-1), 0), (PRICE, -1)])
def test_amounts_below_nought_are_refused(price: Decimal, short: int) -> None:
    with pytest.raises(Malformed) as refusal:
        pay_of_year(RULES, price, [90], short)
    assert refusal.value.code == "amount_negative"


@given(st.integers(0, 10**12), st.lists(st.integers(-5, 105), min_size=1, max_size=13), st.integers(0, 300))
def test_pay_is_whole_fen_and_never_more_than_the_share(fen: int, scores: list[int], short: int) -> None:
    price = Decimal(fen) / 100
    pay = pay_of_year(RULES, price, scores, short)
    assert 0 <= pay.due <= pay.earned <= pay.base
    for amount in (pay.base, pay.earned, pay.withheld, pay.due):
        assert amount == amount.quantize(Decimal("0.01"))
    quarters = [pay_of_quarter(RULES, price, quarter, scores) for quarter in range(1, 5)]
    assert sum(quarter.base for quarter in quarters) == pay.base
    better = pay_of_year(RULES, price, [one + 1 for one in scores], short)
    assert better.due >= pay.due


def test_the_three_periods_of_a_contract_are_those_of_its_text() -> None:
    spans = [
        (period[0], period[-1], len(period)) for period in (period_of(2023, 3, year) for year in (2023, 2024, 2025))
    ]
    assert spans == [
        (date(2023, 1, 1), date(2023, 11, 1), 11),
        (date(2023, 12, 1), date(2024, 11, 1), 12),
        (date(2024, 12, 1), date(2025, 12, 1), 13),
    ]
    assert len(period_of(2026, 1, 2026)) == 12


@given(st.integers(2000, 2050), st.integers(1, 5))
def test_every_month_of_a_contract_counts_for_one_year(first: int, years: int) -> None:
    periods = {year: period_of(first, years, year) for year in range(first, first + years)}
    counted = [month for period in periods.values() for month in period]
    assert counted == list(months_between(date(first, 1, 1), date(first + years - 1, 12, 1)))
    assert all(year_of_month(first, years, month) == year for year, period in periods.items() for month in period)


def test_years_and_quarters_outside_are_refused() -> None:
    for call, code in (
        (lambda: period_of(2023, 3, 2026), "year_outside"),
        (lambda: quarter_of(2023, 5), "quarter_wrong"),
        (lambda: pay_of_quarter(RULES, PRICE, 0, []), "quarter_wrong"),
    ):
        with pytest.raises(Malformed) as refusal:
            call()
        assert refusal.value.code == code


def test_a_hall_writes_a_table_of_its_own() -> None:
    text = packaged_text().replace("version = 1", "version = 2", 1).replace("percent = 85", "percent = 80", 1)
    table: AssessmentTable = parse_table(text, "hall.toml")
    assert (table.version, percent_of(table.pay, [85])) == (2, 80)
