"""Breaches of the one-time notice, planted at known cases: each is listed with why, and no other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import asyncpg

from engine.compliance.complying import FIRST, Behind, list_breaches, read_case, read_compliance
from engine.context import Context
from engine.figures.asking import Asked
from engine.projecting import project
from engine.timing import fire_case
from storage.db import reading
from tests.databases import Database
from tests.engine.test_law_notice import CHANGED, lines
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import hall
from tests.factories import FOOD, LABOUR, PAYLOADS, START, Story, bring, firm
from tests.people import actor
from workflows.actor import Actor
from workflows.compliance import RULES
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.events import Act

MARCH = Asked(date(2026, 3, 1), date(2026, 3, 31))
NOW = hall("2026-03-20")


async def told(context: Context, number: int, *, served: bool = True, **opening: Any) -> Story:
    """A case with its one notice, given in time and, unless told otherwise, served."""
    story = await bring(context, "CORRECTION", who=firm(number), **opening)
    return await serve(story) if served else story


async def serve(story: Story) -> Story:
    paper = (await story.documents())["D03"]
    await story.go("clerk", Act.SERVE, document=paper, way="window", recipient="示例餐饮有限公司")
    return story


async def withdrawn(story: Story) -> Story:
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    return story


async def planted(context: Context, database: Database) -> dict[str, Story]:
    """Every kind of breach once, beside cases that break nothing."""
    stories = {name: await told(context, n) for n, name in enumerate(("clean", "twice", "claimed", "late", "blank"), 1)}
    stories["unserved"] = await told(context, 6, served=False)
    stories["other department"] = await told(context, 7, item=LABOUR)
    stories["accepted"] = await bring(context, "REVIEW", who=firm(8))
    twice, claimed = stories["twice"], stories["claimed"]
    await twice.go("officer", Act.ADD_NOTICE_LINES, at=hall("2026-03-04"), lines=lines("M03", "M01"))
    await serve(twice)
    await claimed.go("clerk", Act.ADD_NOTICE_LINES, at=hall("2026-03-05"), lines=lines("M03"), changed_fact=CHANGED)
    await serve(claimed)
    for name in ("clean", "twice", "claimed", "late"):
        await withdrawn(stories[name])
    silent = stories["silent"] = await bring(context, "ESCALATED", who=firm(9), at=START + timedelta(days=1))
    await fire_case(context, silent.number, hall("2026-03-12"))
    await spoil(database, stories["late"], "clocks", "{notice,due_at}", "2026-03-01T09:30:00+00:00")
    await spoil(database, stories["blank"], "data", "{payload,lines,0,basis}", " ")
    await project(seconds=60)
    return stories


async def spoil(database: Database, story: Story, column: str, place: str, value: str) -> None:
    """Write over the notice in the trail, as only somebody else's system could have written it."""
    connection = await asyncpg.connect(database.superuser)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(
                f"UPDATE events SET {column} = jsonb_set({column}, $2, to_jsonb($3::text))"
                " WHERE name = 'case:give_notice' AND case_id = (SELECT id FROM cases WHERE number = $1)",
                story.number,
                place.strip("{}").split(","),
                value,
            )
    finally:
        await connection.close()


async def every(context: Context, who: Actor, rule: str, asked: Asked = MARCH) -> list[dict[str, Any]]:
    """All pages of a list, one row at a time."""
    rows: list[dict[str, Any]] = []
    while True:
        after = Behind(rows[-1]["key"], rows[-1]["place"]) if rows else FIRST
        page = await list_breaches(context, who, rule, asked, after=after, limit=1)
        if not page:
            return rows
        rows += page


async def test_every_planted_breach_is_listed_with_its_reason_and_no_other(
    context: Context, database: Database
) -> None:
    stories = await planted(context, database)
    auditor = await actor("auditor")
    wanted = {
        "A1": ["claimed", "twice"],
        "A2": ["twice"],
        "A3": ["late"],
        "A5": ["silent"],
        "A6": ["blank"],
        "A7": ["unserved"],
    }
    names = {story.number: name for name, story in stories.items()}
    summary = {row["rule"]: row for row in (await read_compliance(context, auditor, MARCH))["rules"]}
    assert sorted(summary) == ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]
    assert summary["A4"]["broken"] is None
    found = {rule: await every(context, auditor, rule) for rule in RULES}
    for rule, rows in found.items():
        assert sorted(names[row["case"]] for row in rows) == wanted[rule], rule
        assert summary[rule]["broken"] == sum(row["amount"] for row in rows) > 0, rule
    assert summary["A2"]["broken"] == 2, "lines, not cases"

    (twice,) = found["A2"]
    first, second = twice["notices"]
    assert [(line["material"], line["standing"]) for line in second["lines"]] == [
        ("M03", "offending"), ("M01", "offending"),
    ]  # fmt: skip
    assert (len(first["lines"]), first["number"], second["given_by"]) == (1, 1, (await actor("officer")).name)
    (claimed,) = [row for row in found["A1"] if names[row["case"]] == "claimed"]
    assert [(one["changed_fact"], one["given_by"], one["breaches"]) for one in claimed["notices"]] == [
        ("", (await actor("officer")).name, []),
        (CHANGED, (await actor("clerk")).name, []),
    ]
    (late,) = found["A3"][0]["notices"]
    assert (late["in_time"], late["due_at"]) == (False, hall("2026-03-01", "17:30"))
    assert late["given_at"] > late["due_at"]
    assert [line["missing"] for line in found["A6"][0]["notices"][0]["lines"]] == [["basis"]]
    assert found["A7"][0]["notices"][0]["served_at"] is None

    lapse = found["A5"][0]["lapse"]
    assert [(one["clock"], one["due_at"]) for one in lapse["lapsed"]] == [
        ("reply", hall("2026-03-04", "17:30")), ("notice", hall("2026-03-10", "17:30")),
    ]  # fmt: skip
    assert (lapse["due_at"], lapse["recorded_at"]) == (hall("2026-03-10", "17:30"), hall("2026-03-12"))
    assert (lapse["state"], lapse["holder"], lapse["department"], lapse["last_act"]) == (
        "ESCALATED", "department", FOOD.department, "escalate",
    )  # fmt: skip
    row = await stories["silent"].row()
    assert lapse["received_at"] == row["received_at"] == row["accepted_at"]
    (card,) = [card for card in await stories["silent"].rows("cards") if card["rule"] == "notice_missed"]
    assert lapse["card"] == card["number"]
    await one_case_side_by_side(context, stories)
    await asked_otherwise(context, stories)


async def one_case_side_by_side(context: Context, stories: dict[str, Story]) -> None:
    """Also a case that is still open; the look is logged."""
    supervisor = await actor("supervisor")
    broken = {}
    for name, story in stories.items():
        seen = await read_case(context, supervisor, story.number, NOW)
        assert "applicant" not in seen["case"]
        broken[name] = seen["breaches"]
    assert broken == {
        "clean": [],
        "twice": ["A1", "A2"],
        "claimed": ["A1"],
        "late": ["A3"],
        "blank": ["A6"],
        "unserved": ["A7"],
        "other department": [],
        "accepted": [],
        "silent": ["A5"],
    }
    async with reading() as connection:
        looks = await connection.fetch("SELECT subject FROM access_log WHERE action = 'compliance.read'")
    assert {look["subject"] for look in looks} == {story.number for story in stories.values()}
    async with refused("role_not_allowed", Forbidden):
        await read_case(context, await actor("clerk"), stories["clean"].number, NOW)
    async with refused("case_not_found", NotFound):
        await read_case(context, await actor("officer.health"), stories["clean"].number, NOW)


async def asked_otherwise(context: Context, stories: dict[str, Story]) -> None:
    """Another department, another day, an earlier moment, and what cannot be asked."""
    auditor, health = await actor("auditor"), await actor("approver.health")
    for rule in RULES:
        assert await every(context, health, rule) == []
        assert await every(context, auditor, rule, Asked(date(2026, 2, 1), date(2026, 2, 28))) == []
        assert await every(context, auditor, rule, Asked(*_march(), where={"department": "health"})) == []
    assert [row["case"] for row in await every(context, await actor("approver"), "A2")] == [stories["twice"].number]
    before = Asked(*_march(), as_of=hall("2026-03-03", "23:00"))
    assert await every(context, auditor, "A2", before) == []
    assert [row["case"] for row in await every(context, auditor, "A7", before)] == [stories["unserved"].number]
    async with refused("role_not_allowed", Forbidden):
        await list_breaches(context, await actor("clerk"), "A1", MARCH)
    async with refused("rule_unknown", NotFound):
        await list_breaches(context, auditor, "A4", MARCH)
    async with refused("period_wrong", Malformed):
        await read_compliance(context, auditor, Asked(date(2026, 3, 31), date(2026, 3, 1)))
    async with refused("organisation_not_found", NotFound):
        await read_compliance(context, auditor, Asked(*_march(), where={"department": "nowhere"}))
    async with refused("moment_not_settled", Conflict):
        await list_breaches(context, auditor, "A1", Asked(*_march(), as_of=hall("2030-01-01")))


def _march() -> tuple[date, date]:
    return MARCH.since, MARCH.until
