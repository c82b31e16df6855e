"""Figures by hand over a few cases, and the rows behind every figure over whatever people did: they add up to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.context import Context
from engine.figures.asking import FILTERS, Asked
from engine.figures.drilling import FIRST, Behind, list_behind
from engine.figures.figuring import read_figures
from engine.projecting import project
from engine.ratings.rating import rate
from engine.redress import Registering, register_impasse
from engine.timing import fire_case
from storage import facts
from storage.figure_relations import SOURCES
from tests.databases import Database
from tests.engine.test_any_order import AnyOrder
from tests.factories import FOOD, LABOUR, START, Story, bring, defects
from tests.people import actor
from workflows.actor import Actor
from workflows.errors import YichuangError
from workflows.events import Act
from workflows.fact import CaseFact, NoticeFact
from workflows.figure import DIMENSIONS, TIMES, Figure
from workflows.figure_catalogue import FIGURES

DAY = timedelta(days=1)
NO_HURRY = 60.0
YEAR = Asked(date(2026, 1, 1), date(2026, 12, 31))
MARCH = Asked(date(2026, 3, 1), date(2026, 3, 31))
AFTER = datetime(2027, 1, 1, tzinfo=UTC)


async def figure(context: Context, name: str, asked: Asked = MARCH, who: str = "hall_manager") -> dict[str, Any]:
    (found,) = (await read_figures(context, await actor(who), [name], asked))["figures"]
    return dict(found)


async def total(context: Context, name: str, asked: Asked = MARCH, who: str = "hall_manager") -> tuple[Any, Any]:
    found = (await figure(context, name, asked, who))["total"]
    return found["numerator"], found["denominator"]


async def test_what_is_counted_in_a_month_is_what_was_done(context: Context) -> None:
    delivered = await bring(context, "DELIVERED")
    await rate(context, (await delivered.row())["query_code"], 5, "等了很久", delivered.now)
    told = await bring(context, "CORRECTION")
    another = {**defects(told.item, 2)[0], "defect": "漏盖公章"}
    await told.go("officer", Act.ADD_NOTICE_LINES, at=told.now + DAY, lines=[another])
    forgotten = await bring(context, "RECEIVED")
    await fire_case(context, forgotten.number, START + 20 * DAY)
    await bring(context, "WITHDRAWN", LABOUR, at=START + DAY)
    await register_impasse(context, await actor("impasse_handler"), TICKET, START)
    await project(seconds=NO_HURRY, now=START + 29 * DAY)

    expected = {
        "received": (4, None), "accepted": (2, None), "closed": (2, None), "in_progress": (1, None),
        "on_time_rate": (1, 1), "early_rate": (1, 1), "overdue_open": (1, None), "overdue_rate": (1, 2),
        "notice_once_rate": (2, 2), "offending_lines": (1, None), "notice_on_time_rate": (1, 1),
        "notice_same_day_rate": (1, 1), "deemed_acceptances": (1, None), "notice_lines_complete": (2, 2),
        "notice_served_rate": (0, 2), "good_rate": (0, 1), "bad_rate": (1, 1), "rated_rate": (1, 2),
        "rectified_rate": (0, 1), "delivery_on_time_rate": (1, 1), "service_proof_rate": (1, 1),
        "receipt_given": (1, 1), "scan_completeness": (0, 2), "withdrawal_rate": (1, 2), "return_rate": (0, 2),
        "material_free_rate": (2, 2), "tolerance_kept_rate": (0, 0), "impasse_solved_rate": (0, 1),
        "average_wait": (None, None),
    }  # fmt: skip
    assert {name: await total(context, name) for name in expected} == expected
    assert (await figure(context, "tolerance_kept_rate"))["total"]["value"] is None
    assert (await figure(context, "received"))["total"]["value"] == 4
    assert (await total(context, "red_cards"))[0] >= 2
    assert (await total(context, "instant_item_share"))[1] == 30

    await who_sees_what(context)
    await by_department_and_month(context)
    await the_cases_behind(context, told.number, forgotten.number)
    await as_of_an_earlier_day(context, delivered)
    await refusals(context)


TICKET = Registering(person="示例反映人", contact="13800001234", matter="窗口不收材料，也不说明理由。")


async def who_sees_what(context: Context) -> None:
    """Halls see their own cases, departments what is theirs, and who has no business with figures sees none."""
    assert await total(context, "received", who="officer.hrss") == (1, None)
    assert await total(context, "received", who="officer") == (3, None)
    assert await total(context, "received", who="assessor") == (4, None)
    assert await total(context, "received", replace(MARCH, where={"hall": "town-hall"}), "auditor") == (0, None)
    for who, where in (("hall_manager", {"hall": "town-hall"}), ("officer", {"department": "hrss"})):
        assert await refused(context, "received", replace(MARCH, where=where), who) == "organisation_not_found"
    assert await refused(context, "received", MARCH, "clerk.town") == "role_not_allowed"


async def by_department_and_month(context: Context) -> None:
    quarter = Asked(date(2026, 2, 15), date(2026, 3, 31), by=("department", "month"))
    cells = (await figure(context, "received", quarter))["cells"]
    assert [(cell["at"]["department"], cell["numerator"]) for cell in cells] == [("amr", 3), ("hrss", 1)]
    assert cells[0]["labels"]["department"]["name_en"] == "Sample City Market Regulation Bureau"
    assert (cells[0]["since"], cells[0]["until"]) == (date(2026, 3, 1), date(2026, 3, 31))
    months = (await figure(context, "in_progress", replace(quarter, by=("month",))))["cells"]
    assert [(cell["at"]["month"], cell["since"], cell["numerator"]) for cell in months] == [
        ("2026-02-01", date(2026, 2, 15), 0),
        ("2026-03-01", date(2026, 3, 1), 1),
    ]
    people = (await figure(context, "closed", replace(MARCH, by=("handler",))))["cells"]
    assert {cell["at"]["handler"]: cell["numerator"] for cell in people} == {"-": 1, "officer": 1}
    assert await total(context, "closed", replace(MARCH, where={"handler": "-"})) == (1, None)
    both = await read_figures(context, await actor("auditor"), ["received", "offending_lines"], MARCH)
    assert [one["total"]["value"] for one in both["figures"]] == [4, 1]
    assert [row["year"] for row in both["calendars"]] == [2026]
    assert both["figures"][1]["definition"]["source"] == "行政许可法32(1)(4), 72(4)"


async def the_cases_behind(context: Context, told: str, forgotten: str) -> None:
    manager = await actor("hall_manager")
    (line,) = await list_behind(context, manager, "offending_lines", "numerator", MARCH)
    assert (line["case"], line["place"], line["amount"], line["day"]) == (told, 2, 1, date(2026, 3, 3))
    assert line["item_name"] == FOOD.name
    (late,) = await list_behind(context, manager, "overdue_rate", "numerator", MARCH)
    assert late["case"] == forgotten
    assert await list_behind(context, await actor("officer.hrss"), "overdue_rate", "numerator", MARCH) == []
    unserved = await list_behind(context, manager, "notice_served_rate", "rest", MARCH, limit=1)
    (second,) = await list_behind(
        context, manager, "notice_served_rate", "rest", MARCH, after=Behind(unserved[0]["key"], unserved[0]["place"])
    )
    assert [unserved[0]["place"], second["place"]] == [1, 2]


async def as_of_an_earlier_day(context: Context, delivered: Story) -> None:
    """Asked again as of a day that is past, a figure is what it was then."""
    known = await total(context, "closed"), await total(context, "bad_rate")
    earlier = replace(MARCH, as_of=START + 29 * DAY)
    later = await bring(context, "DELIVERED", at=START + 29 * DAY + timedelta(hours=1))
    await rate(context, (await later.row())["query_code"], 1, "", later.now)
    await project(seconds=NO_HURRY, now=START + 40 * DAY)
    assert (await total(context, "closed"), await total(context, "bad_rate")) == ((3, None), (1, 2))
    assert (await total(context, "closed", earlier), await total(context, "bad_rate", earlier)) == known
    then = replace(MARCH, as_of=delivered.now + timedelta(minutes=1))
    assert await total(context, "in_progress", then) == (0, None)
    assert await total(context, "closed", then) == (1, None)


async def refused(context: Context, name: str, asked: Asked, who: str = "auditor") -> str:
    with pytest.raises(YichuangError) as problem:
        await figure(context, name, asked, who)
    return problem.value.code


async def refusals(context: Context) -> None:
    day = date(2026, 3, 2)
    wrong: dict[str, tuple[str, Asked]] = {
        "figure_unknown": ("nothing", MARCH),
        "period_wrong": ("closed", Asked(day, day - DAY)),
        "period_too_long": ("closed", Asked(date(2015, 1, 1), day)),
        "period_not_begun": ("closed", Asked(date(2026, 8, 1), date(2026, 8, 31))),
        "dimension_unknown": ("closed", replace(MARCH, by=("applicant",))),
        "too_many_dimensions": ("closed", replace(MARCH, by=("month", "week"))),
        "dimension_not_of_figure": ("impasse_solved_rate", replace(MARCH, by=("channel",))),
        "dimension_value_unknown": ("closed", replace(MARCH, where={"kind": "slow"})),
        "too_many_cells": ("instant_item_share", Asked(date(2025, 1, 1), day, by=("item", "day"))),
        "item_not_found": ("closed", replace(MARCH, where={"item": "1"})),
        "person_not_found": ("closed", replace(MARCH, where={"receiver": "nobody"})),
        "moment_without_zone": ("closed", replace(MARCH, as_of=datetime(2026, 3, 2))),  # noqa: DTZ001  # is refused
        "moment_not_settled": ("closed", replace(MARCH, as_of=AFTER)),
    }
    assert {code: await refused(context, *asked) for code, asked in wrong.items()} == {code: code for code in wrong}
    with pytest.raises(YichuangError, match="part_unknown"):
        await list_behind(context, await actor("auditor"), "closed", "rest", MARCH)


async def test_every_figure_is_the_sum_of_what_is_behind_it(context: Context, database: Database) -> None:
    known = {"context": context, "loop": asyncio.get_running_loop(), "reached": set(), "numbers": set()}
    chosen = settings(
        max_examples=3,
        stateful_step_count=15,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    machine = type("Machine", (AnyOrder,), known)
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
    await register_impasse(context, await actor("impasse_handler"), TICKET, START)
    await project(seconds=NO_HURRY, now=AFTER)
    chance = Random(6)
    await invent(database, chance)
    auditor = await actor("auditor")
    seen = 0
    for by in WAYS:
        names = [name for name, one in FIGURES.items() if {*by} <= {*dimensions_of(one)}]
        assert len(names) > 40
        for answer in (await read_figures(context, auditor, names, replace(YEAR, by=by)))["figures"]:
            one = FIGURES[answer["name"]]
            assert_total(one, answer, by)
            for cell in chance.sample(answer["cells"], min(1, len(answer["cells"]))):
                seen += await adds_up(context, auditor, one, cell, chance)
    assert seen > 1000


WAYS = [*((name,) for name in DIMENSIONS), ("department", "month"), ("item", "week"), ("handler", "year")]


def dimensions_of(one: Figure) -> list[str]:
    """What a figure may be broken down by."""
    tables = [SOURCES[measure.basis.table].columns for measure in one.measures]
    return [name for name in DIMENSIONS if tables and (name in TIMES or all(name in columns for columns in tables))]


def assert_total(one: Figure, answer: dict[str, Any], by: tuple[str, ...]) -> None:
    """Cells that cannot overlap add up to the whole; what stands at a moment is not added over time."""
    if one.additive or by[-1] not in TIMES:
        for part in ("numerator", "denominator"):
            if answer["total"][part] is not None:
                assert sum(cell[part] for cell in answer["cells"]) == answer["total"][part], (one.name, by, part)


async def adds_up(context: Context, who: Actor, one: Figure, cell: dict[str, Any], chance: Random) -> int:
    """The rows behind one of a cell's numbers, page by page, add up to it; how many rows there were."""
    where = {name: value for name, value in cell["at"].items() if name in FILTERS}
    asked = Asked(cell["since"], cell["until"], where=where)
    numbers = {part: cell[part] for part in ("numerator", "denominator") if cell[part] is not None}
    if one.kind in {"rate", "share"}:
        numbers["rest"] = cell["denominator"] - cell["numerator"]
    part = chance.choice(list(numbers))
    rows: list[dict[str, Any]] = []
    after, limit = FIRST, chance.choice((7, 40, 200))
    while len(rows) % limit == 0:
        page = await list_behind(context, who, one.name, part, asked, after=after, limit=limit)
        if not page:
            break
        rows += page
        after = Behind(page[-1]["key"], page[-1]["place"])
    assert sum(row["amount"] for row in rows) == numbers[part], (one.name, cell, part)
    assert len({(row["key"], row["place"]) for row in rows}) == len(rows)
    return len(rows)


async def invent(database: Database, chance: Random) -> None:
    """Facts, cards and tickets of every kind, as no history of a few steps would leave them."""
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute("SET session_replication_role = replica")
        places = await connection.fetch("SELECT id, kind, code FROM organisations")
        items = await connection.fetch("SELECT code, version FROM item_versions LIMIT 6")
        people = [row["id"] for row in await connection.fetch("SELECT id FROM people LIMIT 4")]
        here = {kind: [row["id"] for row in places if row["kind"] == kind] for kind in ("hall", "window")}
        codes = [row["code"] for row in places if row["kind"] == "department"][:4]
        cases, notices = [], []
        for _ in range(120):
            item = chance.choice(items)
            fixed = {
                "hall": chance.choice(here["hall"]), "window": chance.choice([None, *here["window"][:2]]),
                "department": chance.choice(["", *codes]), "item": item["code"], "item_version": item["version"],
                "receiver": chance.choice([None, *people]), "handler": chance.choice([None, *people]),
                "channel": chance.choice(["window", "online", "mobile"]), "kind": chance.choice(["instant", "promise"]),
                "counted": chance.random() < 0.9, "parent": chance.choice(["", "", "", "1"]),
                "outcome": chance.choice(["granted", "granted", "denied", "withdrawn", "lapsed", "not_accepted", ""]),
                "last_at": datetime(2026, 12, 30, tzinfo=UTC), "case_id": uuid4(), "situation": [],
                "rating": chance.choice([None, 1, 3, 5]), "lines_spared": ["M01"],
                "statutory_unit": "working_days", "promise_unit": "working_days", **closing(chance),
            }  # fmt: skip
            cases.append(made(CaseFact, chance, fixed))
            for number in range(1, chance.randint(1, 3)):
                own = {name: fixed[name] for name in ("case_id", "hall", "window", "department", "item")}
                notices.append(made(NoticeFact, chance, {**own, "number": number, "lines": [], "kind": "notice"}))
        async with connection.transaction():
            await facts.write(connection, cases, notices)
            await connection.executemany(_CARD, [card(one, chance) for one in cases])
    finally:
        await connection.close()


_CARD = """
INSERT INTO cards (id, number, case_id, seq, rule, level, clock, raised_at, recorded_at, state, appeal, settlement,
  settled_at) VALUES (uuidv7(), $1, $2, 1, 'invented', $3, '', $4, $4, $5, '', '', $4)
"""


def card(one: CaseFact, chance: Random) -> tuple[Any, ...]:
    at = datetime(2026, 1, 1, tzinfo=UTC) + chance.random() * 350 * DAY
    return f"{one.case_id}", one.case_id, chance.choice(["red", "yellow"]), at, chance.choice(["standing", "lifted"])


def closing(chance: Random) -> dict[str, Any]:
    """The day of closing and its moment belong together."""
    on = chance.choice([None, date(2026, 1, 1) + chance.randint(0, 360) * DAY])
    return {"closed_on": on, "closed_at": None if on is None else datetime.combine(on, time(2), UTC)}


def made(struct: Any, chance: Random, fixed: dict[str, Any]) -> Any:
    """A row of facts by chance, but for some of its columns."""
    day = date(2026, 1, 1) + timedelta(days=chance.randint(0, 330))

    def value(hint: Any) -> Any:
        kinds = [one for one in (get_args(hint) or (hint,)) if one is not type(None)]
        if type(None) in get_args(hint) and chance.random() < 0.3:
            return None
        if get_origin(hint) is list:
            return [chance.randint(1, 9)] * chance.randint(0, 2) if get_args(hint) == (int,) else []
        simple = {int: chance.randint(0, 9), bool: chance.random() < 0.6, str: "", UUID: uuid4()}
        later = day + timedelta(days=chance.randint(0, 30))
        moments = {date: later, datetime: datetime.combine(later, time(chance.randint(1, 9)), UTC)}
        return (simple | moments)[kinds[0]]

    hints = get_type_hints(struct)
    return struct(**{name: fixed[name] if name in fixed else value(hint) for name, hint in hints.items()})
