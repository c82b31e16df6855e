"""A simulated year: what the product says of it equals what is counted by hand, and each planted breach is found."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Any, Final

from engine.auditing import verify
from engine.compliance.complying import list_breaches, read_case
from engine.compliance.warning_board import list_warned
from engine.context import Context
from engine.figures.asking import Asked
from engine.invariants import check_case
from engine.projecting import project, rebuild
from tests.engine.test_projecting import everything
from tests.people import actor
from tests.year import days
from tests.year.cards_by_hand import CHECKED, cards_of
from tests.year.comparing import OF_CASES, asked_for, behind, broken_down, numbers, totals
from tests.year.history import history_of, raw_events
from tests.year.history_by_hand import History
from tests.year.plan import FIRST, LAST, YEAR
from tests.year.planted import LISTS, PLANTED, SHELVED, TWICE, WARNINGS
from tests.year.the_year import EVENING, Year, live
from workflows.compliance import RULES
from workflows.events import Act
from workflows.figure_catalogue import FIGURES
from workflows.light import Light

CASES: Final = int(os.environ.get("YEAR_CASES", "330"))
SEED: Final = int(os.environ.get("YEAR_SEED", "1"))
NO_HURRY: Final = 600.0
AFTERWARDS: Final = datetime(YEAR + 1, 1, 6, tzinfo=UTC)
"""Figures are asked in the new year."""
MIDSUMMER: Final = date(YEAR, 6, 30)
ADVENT: Final = date(YEAR, 11, 30)
"""What closed up to this day has come to rest before the year is over."""


async def june(context: Context, as_of: datetime | None = None) -> dict[str, Any]:
    """Every figure of June, by department."""
    figures = await asked_for(context, OF_CASES, date(YEAR, 6, 1), MIDSUMMER, by=("department",), as_of=as_of)
    return {figure["name"]: (numbers(figure["total"]), figure["cells"]) for figure in figures}


async def test_a_year_of_the_hall_counted_twice(context: Context) -> None:
    """Applications as they come to a hall, holidays, departments of different speed, and breaches among them."""
    told: list[tuple[datetime, dict[str, Any]]] = []

    async def each_evening(_: Year, at: datetime) -> None:
        if days.day_of(at) == MIDSUMMER:
            await project(seconds=NO_HURRY, now=at)
            told.append((at, await june(context)))

    year = await live(context, SEED, CASES, each_evening)
    assert len(year.lives) >= CASES
    await project(seconds=NO_HURRY, now=AFTERWARDS)
    history = await history_of(year)

    assert await totals(context, history) == []
    for by in ("department", "item", "hall", "channel", "kind"):
        assert await broken_down(context, history, by) == []
    ((asked_at, said),) = told
    assert await june(context, asked_at) == said
    assert await june(context) != said, "much of June came in after its last day"
    await every_breach_is_listed_and_no_other(context, year, history)
    await the_record_is_whole(context, year)


async def every_breach_is_listed_and_no_other(context: Context, year: Year, history: History) -> None:
    """By the cards that time left, and behind the figures that are about keeping the law."""
    number = {life.plan.name: life.number for life in year.lives if life.plan.name}
    raised: dict[str, set[str]] = {}
    for card in history.cards:
        if card.rule not in WARNINGS:
            raised.setdefault(card.case, set()).add(card.rule)
    on_time = {(card.case, card.rule, card.on) for card in history.cards if card.rule in CHECKED}
    assert on_time == set[Any]().union(*(cards_of(case, year.until) for case in history.cases))
    assert raised == {number[one.name]: set(one.cards) for one in PLANTED if one.cards}

    told_lawfully = {life.number for life in year.lives if life.plan.intake == "notified_twice"}
    for name in sorted(LISTS):
        stock = not any(measure.basis.day for measure in FIGURES[name].measures)
        until = LAST if stock else ADVENT
        expected = {number[one.name] for one in PLANTED if name in one.lists}
        listed = await behind(context, name, FIRST, until)
        assert listed - (told_lawfully if name == TWICE else set()) == expected, name
    shelved = await behind(context, SHELVED, date(YEAR, 10, 13), date(YEAR, 10, 13))
    assert number["long_in_custody"] in shelved
    await the_auditor_sees_why(context, number, history)


async def the_auditor_sees_why(context: Context, number: dict[str, str], history: History) -> None:
    """Each breach stands beside the first notice, or with the minute at which the duty to tell lapsed."""
    auditor, year = await actor("auditor"), Asked(FIRST, LAST)
    found = {rule: await list_breaches(context, auditor, rule, year) for rule in RULES}
    assert {rule: {row["case"] for row in found[rule]} for rule in ("A2", "A3", "A5", "A6", "A7")} == {
        "A2": {number["told_again"]},
        "A3": set(),
        "A5": {number["late_notice"], number["forgotten"]},
        "A6": set(),
        "A7": {number["never_served"]},
    }
    ((first, second),) = [row["notices"] for row in found["A2"]]
    assert [line["standing"] for line in first["lines"] + second["lines"]] == ["first", "offending"]
    minutes = {case.number: case.lapsed_duty for case in history.cases if case.lapsed_duty}
    assert {row["case"]: row["lapse"]["due_at"] for row in found["A5"]} == minutes
    supervisor = await actor("supervisor")
    red = await list_warned(context, supervisor, days.moment(LAST, EVENING), level=Light.red)
    assert {row["case"] for row in red} == {number["open_at_the_end"], number["never_collected"]}
    read = await read_case(context, auditor, number["told_again_for_a_reason"], AFTERWARDS)
    assert [line["standing"] for line in read["notices"][1]["lines"]] == ["changed"]


async def the_record_is_whole(context: Context, year: Year) -> None:
    """The chains fit, every case is lawful, the facts made anew are equal; the trail holds what the diary holds."""
    assert (await verify()).whole
    assert [await check_case(context, life.number, year.until) for life in year.lives] == [[]] * len(year.lives)
    kept = await everything()
    await rebuild(seconds=NO_HURRY)
    assert await everything() == kept
    acts = {act.value for act in Act}
    noted = {(deed.case, f"case:{deed.what}", deed.at) for deed in year.diary if deed.what in acts}
    by_people = [row for row in await raw_events() if row["name"].startswith("case:") and row["role"] != "system"]
    assert {(row["case"], row["name"], row["at"]) for row in by_people} == noted
    assert len(by_people) == sum(deed.what in acts for deed in year.diary)
