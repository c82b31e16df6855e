"""A plan moves cases in flight to other versions: a dry run first, then two stewards, and no day that counts moves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from engine.auditing import verify
from engine.context import Context
from engine.documents.sources import source_of
from engine.invariants import check_case
from engine.jobs import run_row
from engine.moves import carrying_over
from engine.moves.carrying_over import go_on
from engine.moves.migrating import approve, cancel, carry_out, list_plans, read_plan
from engine.moves.planning_moves import Planning, plan
from engine.operations import act
from engine.publishing import publish_flow
from engine.work import Answer
from storage import papers
from storage.db import reading
from tests.databases import Database
from tests.engine.test_refusals import refused
from tests.factories import FOOD, PAYLOADS, START, STEPS, Story, bring, publish, table_counts
from tests.people import actor, also
from workflows.actor import Role
from workflows.errors import Forbidden, NotFound, Stale
from workflows.events import Act
from workflows.flow import packaged_flows, parse_flow

PERMIT = packaged_flows()["PERMIT"]
LATER = START + timedelta(hours=6)
WATCH = """
[[watch]]
rule = "promise_eve"
title = "承诺期限前两日"
title_en = "Two days before the promise"
clock = "promise"
level = "reminder"
before = { n = 2, unit = "working_days" }
notify = [{ to = "department", way = "task" }]
basis = "示例"
"""
FLOW_ONLY = Planning(flow="PERMIT", flow_from=2, flow_to=3, reason="新增期限提醒")
BOTH = msgspec.structs.replace(FLOW_ONLY, item=FOOD.code, item_from=1, item_to=2)


async def publish_next(at: datetime = START) -> None:
    """The permit flow in its third version: reviewers may sign in too, and a reminder comes earlier."""
    text = PERMIT.source.replace("version = 2", "version = 3", 1).replace(
        'to = "REVIEW"\nby = ["officer"]', 'to = "REVIEW"\nby = ["officer", "reviewer"]', 1
    )
    assert await publish_flow(parse_flow(text + WATCH, "permit.toml"), at) is True


async def worked(context: Context, at: datetime = LATER) -> int:
    """Do every step of a plan that waits in the outbox, as a worker would; how many there were."""
    steps = 0
    while True:
        async with reading() as connection:
            key = await connection.fetchval(
                "SELECT id FROM outbox WHERE topic = 'cases.move' AND state = 'waiting' ORDER BY id LIMIT 1"
            )
        if key is None:
            return steps
        assert await run_row(context, key, lambda: at)
        steps += 1


async def planned(context: Context, request: Planning = FLOW_ONLY, at: datetime = LATER) -> UUID:
    """A plan with its dry run."""
    answer = await plan(context, await actor("item_steward"), request, at)
    assert answer["state"] == "looking"
    await worked(context, at)
    return UUID(answer["plan"])


async def ordered(context: Context, request: Planning = FLOW_ONLY, at: datetime = LATER) -> UUID:
    """The same, approved by another steward and ordered to be carried out."""
    key = await planned(context, request, at)
    await approve(await actor("item_steward2"), key, at)
    await carry_out(context, await actor("item_steward"), key, at)
    return key


async def seen(key: UUID, only: str = "") -> dict[str, Any]:
    return await read_plan(await actor("item_steward"), key, only=only, limit=200)


async def lines(key: UUID, column: str = "verdict") -> dict[str, str]:
    """What the plan says of each case, by its number."""
    return {line["case"]: line[column] for line in (await seen(key))["lines"]}


def told(line: dict[str, Any], column: str = "reasons") -> list[str]:
    return [reason["code"] for reason in line[column]]


async def pins(story: Story) -> tuple[int, int]:
    row = await story.row()
    return row["flow_version"], row["item_version"]


async def moved_events(story: Story) -> list[dict[str, Any]]:
    return [row for row in await story.rows("events", "seq") if row["name"] == "case:migrated"]


async def test_a_plan_moves_what_may_move_and_the_moved_cases_walk_on_to_the_archive(context: Context) -> None:
    states = ("NEW", "RECEIVED", "CORRECTION", "ACCEPTED", "REVIEW", "READY", "DELIVERED")
    stories = {state: await bring(context, state) for state in states}
    await publish_next()
    # Shorter for the applicant, and still not for a case that was accepted under five days.
    await publish(FOOD, promise_limit=msgspec.structs.replace(FOOD.promise_limit, n=4))
    before = {state: await story.clocks() for state, story in stories.items()}
    counts = await table_counts()
    key = await planned(context, BOTH)
    written = {name for name, count in (await table_counts()).items() if count != counts[name]}
    assert written == {"migration_plans", "migration_plan_lines", "outbox"}
    assert await lines(key) == {
        stories[state].number: "stays" if state in {"ACCEPTED", "REVIEW"} else "moves" for state in states[:-1]
    }
    found = await seen(key, "stays")
    assert [told(line) for line in found["lines"]] == [["limit_changed"], ["limit_changed"]]
    assert "5个工作日" in found["lines"][0]["reasons"][0]["zh"]
    assert "4个工作日" in found["lines"][0]["reasons"][0]["zh"]
    assert (found["state"], found["cases"], found["movable"]) == ("looked_at", 6, 4)

    async with refused("same_person", Forbidden):
        await approve(await actor("item_steward"), key, LATER)
    async with refused("plan_not_ready"):
        await carry_out(context, await actor("item_steward"), key, LATER)
    assert (await approve(await actor("item_steward2"), key, LATER))["state"] == "approved"
    assert await worked(context) == 0
    assert {await pins(story) for story in stories.values()} == {(2, 1)}
    await carry_out(context, await actor("item_steward"), key, LATER)
    assert await worked(context) == 1
    done = await seen(key)
    assert (done["state"], done["moved"], done["refused"]) == ("finished", 4, 0)
    for state, story in stories.items():
        stays = state in {"ACCEPTED", "REVIEW", "DELIVERED"}
        assert await pins(story) == ((2, 1) if stays else (3, 2)), state
        assert await story.clocks() == before[state]
        assert (await story.row())["state"] == state
        assert await check_case(context, story.number, LATER) == []
    (event,) = await moved_events(stories["RECEIVED"])
    assert event["data"] == {
        "plan": str(key),
        "before": {"flow_version": 2, "item_version": 1},
        "after": {"flow_version": 3, "item_version": 2},
        "planned_by": "朱晓岚",
        "approved_by": "梁长风",
        "reason": "新增期限提醒",
    }
    assert (event["actor_name"], event["role"], event["from_state"]) == ("朱晓岚", "item_steward", event["to_state"])
    assert (event["flow_version"], event["item_version"]) == (3, 2)

    second = await ordered(context)
    await worked(context)
    assert await lines(second, "result") == {stories[state].number: "moved" for state in ("ACCEPTED", "REVIEW")}
    assert {await pins(stories[state]) for state in ("ACCEPTED", "REVIEW")} == {(3, 1)}
    for state in ("RECEIVED", "ACCEPTED", "READY"):
        await _walks_on(stories[state], state)
    assert (await stories["RECEIVED"].clocks())["promise"] == ("stopped", "2026-03-06")
    assert (await stories["ACCEPTED"].clocks())["promise"] == ("stopped", "2026-03-09")
    for story in stories.values():
        assert await check_case(context, story.number, story.now) == []
        assert (await verify(story.number)).whole


async def _walks_on(story: Story, state: str) -> None:
    """From its state to the archive, under the version to which it was moved."""
    story.now = max(story.now, LATER)
    reached = [name for name, _, _ in STEPS].index(state)
    for name, role, what in STEPS[reached + 1 :]:
        if name == "REVIEW":
            assert await story.allowed("reviewer") == {"sign_in"}
        await story.go(role, what, **PAYLOADS.get(what, {}))
        assert (await story.row())["state"] == name
    versions = {row["flow_version"] for row in await story.rows("events", "seq")}
    assert versions == {2, 3}
    assert (await story.rows("events", "seq"))[-1]["flow_version"] == 3


async def test_each_case_is_looked_at_again_when_its_turn_comes(context: Context) -> None:
    monday = START + timedelta(days=7)
    waiting, ended, late = [await bring(context, "RECEIVED") for _ in range(3)]
    doubtful, quiet = [await bring(context, "RECEIVED", at=monday) for _ in range(2)]
    await publish_next()
    await publish(FOOD, promise_limit=msgspec.structs.replace(FOOD.promise_limit, n=4))
    key, twin = await planned(context, BOTH), await planned(context, BOTH)
    assert set((await lines(key)).values()) == set((await lines(twin)).values()) == {"moves"}
    await waiting.go("officer", Act.ACCEPT)
    await ended.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    async with reading() as connection:
        await connection.execute(
            "UPDATE clocks SET due_on = due_on + 1 FROM cases c WHERE c.id = case_id AND c.number = $1", doubtful.number
        )
    for one in (key, twin):
        await approve(await actor("item_steward2"), one, monday)
        await carry_out(context, await actor("item_steward2"), one, monday)
        await worked(context, monday + timedelta(days=2))
    found = {line["case"]: line for line in (await seen(key))["lines"]}
    assert {number: (line["result"], told(line, "result_reasons")) for number, line in found.items()} == {
        waiting.number: ("refused", ["limit_changed", "rule_in_the_past"]),
        ended.number: ("gone", []),
        late.number: ("refused", ["limit_changed", "rule_in_the_past"]),
        doubtful.number: ("refused", ["deadline_would_move"]),
        quiet.number: ("moved", []),
    }
    # What time had to do on a case came first: nobody told this applicant in time.
    assert ((await late.row())["state"], await pins(late)) == ("ACCEPTED", (2, 1))
    assert await pins(quiet) == (3, 2)
    assert (await lines(twin, "result"))[quiet.number] == "gone"
    done = await seen(key)
    assert (done["moved"], done["refused"]) == (1, 4)
    assert [len(await moved_events(story)) for story in (quiet, late)] == [1, 0]
    command = await quiet.command("officer", Act.ACCEPT, {}, version=2)
    with pytest.raises(Stale):
        await act(context, command)


async def test_a_plan_goes_on_after_a_kill_and_two_workers_do_it_once(
    context: Context, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_over, "BATCH", 2)
    stories = [await bring(context, "RECEIVED") for _ in range(5)]
    await publish_next()
    key = UUID((await plan(context, await actor("item_steward"), FLOW_ONLY, LATER))["plan"])
    for _ in range(3):
        await asyncio.gather(*(go_on(context, key, LATER) for _ in range(3)))
    await worked(context)
    done = await seen(key)
    assert (done["state"], done["cases"], done["movable"], len(done["lines"])) == ("looked_at", 5, 5, 5)
    await approve(await actor("item_steward2"), key, LATER)
    await carry_out(context, await actor("item_steward"), key, LATER)
    numbers = [line["case"] for line in done["lines"]]
    holder = await asyncpg.connect(database.superuser)
    async with holder.transaction():
        await holder.execute("SELECT FROM cases WHERE number = $1 FOR UPDATE", numbers[1])
        step = asyncio.create_task(go_on(context, key, LATER))
        async with asyncio.timeout(10):
            while (await lines(key, "result"))[numbers[0]] != "moved":
                pass
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)
    await holder.close()
    assert sorted((await lines(key, "result")).values()) == ["", "", "", "", "moved"]
    for _ in range(3):
        await asyncio.gather(*(go_on(context, key, LATER) for _ in range(3)))
    await worked(context)
    done = await seen(key)
    assert (done["state"], done["moved"], done["refused"]) == ("finished", 5, 0)
    assert [len(await moved_events(story)) for story in stories] == [1] * 5
    assert {await pins(story) for story in stories} == {(3, 1)}
    assert (await verify()).whole


async def test_a_plan_that_is_given_up_moves_nothing_more(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying_over, "BATCH", 1)
    stories = [await bring(context, "RECEIVED") for _ in range(2)]
    await publish_next()
    key = await ordered(context)
    await go_on(context, key, LATER)
    steward = await actor("item_steward")
    answers: list[Answer] = [await cancel(steward, key, LATER, "k-1") for _ in range(2)]
    assert answers == [{"plan": str(key), "state": "cancelled"}] * 2
    await worked(context)
    assert sorted((await lines(key, "result")).values()) == ["", "moved"]
    assert sorted([await pins(story) for story in stories]) == [(2, 1), (3, 1)]
    async with refused("plan_not_ready"):
        await cancel(steward, key, LATER)
    listed = await list_plans(steward)
    assert [(row["id"], row["state"], row["cancelled_by_name"]) for row in listed] == [(key, "cancelled", "朱晓岚")]


async def test_a_plan_is_for_one_place_and_takes_two_stewards(context: Context) -> None:
    """Stewards elsewhere neither see it nor find their cases in it; who stands in for the maker is not another one."""
    ours = await bring(context, "RECEIVED")
    await publish_next()
    await also("officer.health", "item_steward", "health")
    stranger = await actor("officer.health")
    key = await planned(context)
    assert list(await lines(key)) == [ours.number]
    for asked in (approve(stranger, key, LATER), carry_out(context, stranger, key, LATER), read_plan(stranger, key)):
        async with refused("plan_not_found", NotFound):
            await asked
    assert await list_plans(stranger) == []
    theirs = await plan(context, stranger, FLOW_ONLY, LATER)
    await worked(context)
    mine = await read_plan(stranger, UUID(theirs["plan"]))
    assert (mine["organisation"], mine["cases"]) == ("health", 0)
    maker, checker = await actor("item_steward"), await actor("item_steward2")
    standing_in = replace(
        checker, grants=tuple(replace(grant, acting_for=maker.person, principal=maker.name) for grant in checker.grants)
    )
    async with refused("same_person", Forbidden):
        await approve(standing_in, key, LATER)
    watching = await read_plan(await actor("auditor"), key)
    assert (watching["allowed"], len(watching["lines"])) == ([], 1)
    async with refused("role_not_allowed", Forbidden):
        await cancel(await actor("auditor"), key, LATER)
    for who in ("clerk", "officer", "system_admin", "auditor"):
        async with refused("role_not_allowed", Forbidden):
            await plan(context, await actor(who), FLOW_ONLY, LATER)
    stay = UUID((await plan(context, maker, msgspec.structs.replace(FLOW_ONLY, organisation="health"), LATER))["plan"])
    await worked(context)
    async with refused("nothing_moves"):
        await approve(checker, stay, LATER)
    assert {grant.role for grant in checker.grants} == {Role.item_steward}


async def test_documents_of_the_time_before_are_made_as_they_were_issued(context: Context) -> None:
    """The receipt waits for a worker while its case is moved to a version with another text for it."""
    story = await bring(context, "RECEIVED")
    await publish_next()
    await publish(FOOD, name="改名后的许可", document_texts={"D01": ("新版本的正文。",)})
    await ordered(context, BOTH)
    await worked(context)
    assert (await story.row())["item_name"] == "改名后的许可"
    row = await story.row()
    (receipt,) = await papers.unprinted(story.number)
    source = await source_of(context, row, receipt)
    assert (source.item.version, source.case["item_name"], source.item.document_texts) == (1, FOOD.name, {})
    await story.go("officer", Act.ACCEPT, at=LATER)
    _, acceptance = await papers.unprinted(story.number)
    assert (await source_of(context, row, acceptance)).item.name == "改名后的许可"
