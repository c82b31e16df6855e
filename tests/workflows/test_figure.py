"""Every figure says what it counts; a period falls into parts that cover it once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.errors import Malformed, NotFound
from workflows.figure import TIMES, Figure, definition_of, value_of
from workflows.figure_catalogue import EDITION, FIGURES, figures_named
from workflows.figure_period import LONGEST, check_asked, parts
from workflows.figures import FIGURES as COMPLETENESS

CHINA = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
LATER = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))
def test_a_figure_is_defined_in_both_languages_and_names_its_source(figure: Figure) -> None:
    told = definition_of(figure)
    always = {"title", "numerator", "source"} | ({"period", "exclusions"} if figure.measures else {"exclusions"})
    if figure.kind == "count":
        assert (told["denominator"], bool(told["unit"])) == ("", True)
    else:
        always |= {"denominator"}
    tickets_or_items = any(measure.basis.table in {"tickets", "items"} for measure in figure.measures)
    for name in always - ({"exclusions"} if tickets_or_items else set()):
        assert told[name], name
        assert told.get(f"{name}_en", name), name
    for name, text in told.items():
        if f"{name}_en" in told:
            assert bool(text) == bool(told[f"{name}_en"]), name


def test_the_figures_of_completeness_keep_their_names_and_titles() -> None:
    assert {name: (one.title, one.title_en) for name, one in COMPLETENESS.items()} == {
        name: tuple(FIGURES[name].title) for name in COMPLETENESS
    }


def test_what_stands_at_a_moment_is_no_sum_of_days() -> None:
    stocks = {name for name, figure in FIGURES.items() if not figure.additive}
    assert stocks == {
        "in_progress", "overdue_rate", "overdue_open", "undelivered_overdue", "uncollected", "promise_compression",
        "instant_item_share", "average_wait",
    }  # fmt: skip


def test_without_a_denominator_there_is_no_value() -> None:
    assert value_of("rate", 0, 0) is None
    assert value_of("mean", 0, None) is None
    assert (value_of("rate", 2, 3), value_of("count", 0, None), value_of("share", -1, 4)) == (0.6667, 0, -0.25)


def test_figures_are_found_by_name() -> None:
    assert [one.name for one in figures_named(["closed", "accepted", "closed"])] == ["closed", "accepted"]
    with pytest.raises(NotFound, match="figure_unknown"):
        figures_named(["closed", "speed"])
    assert len(EDITION) == 64


@given(
    since=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    days=st.integers(0, 800),
    unit=st.sampled_from(["", *TIMES]),
)
@settings(max_examples=60, deadline=None)
def test_the_parts_of_a_period_cover_it_once(since: date, days: int, unit: str) -> None:
    until = since + timedelta(days=days)
    found = parts(since, until, unit, CHINA, LATER)
    assert (found[0].since, found[-1].last) == (since, until)
    assert all(after.since == before.last + DAY for before, after in pairwise(found))
    for part in found:
        assert part.begin <= part.since <= part.last
        assert part.moment == datetime.combine(part.last + DAY, time(), CHINA)
        if unit == "week":
            assert (part.begin.weekday(), (part.last - part.begin).days <= 6) == (0, True)
        if unit in {"month", "year"}:
            assert part.begin == part.last.replace(day=1, month=1 if unit == "year" else part.last.month)


def test_no_part_ends_after_the_data() -> None:
    moment = datetime(2026, 3, 10, 4, tzinfo=UTC)
    found = parts(date(2026, 2, 1), date(2026, 12, 31), "month", CHINA, moment)
    assert [part.begin.month for part in found] == [2, 3]
    assert (found[1].last, found[1].moment) == (date(2026, 3, 31), moment)
    with pytest.raises(Malformed, match="period_not_begun"):
        parts(date(2026, 3, 11), date(2026, 3, 31), "", CHINA, moment)


def test_a_period_runs_forward_and_is_not_endless() -> None:
    day = date(2026, 3, 2)
    check_asked(day, day)
    check_asked(day, day + LONGEST)
    with pytest.raises(Malformed, match="period_wrong"):
        check_asked(day, day - DAY)
    with pytest.raises(Malformed, match="period_too_long"):
        check_asked(day, day + LONGEST + DAY)
