"""The facts follow the trail: in any portions, through a crash, beside a second projector, and equal when made anew."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.context import Context
from engine.figures.as_of import facts_as_of
from engine.projecting import Projected, derive, project, rebuild
from engine.ratings.rating import rate
from engine.sweeping import sweep
from engine.timing import fire_case
from storage import audit, cases
from storage.db import close_pool, open_pool, reading
from storage.migrate import migrate
from tests.databases import Database
from tests.engine.test_any_order import AnyOrder
from tests.factories import FOOD, START, bring, defects, open_story
from workflows.errors import Unavailable
from workflows.events import Act
from workflows.fact import CaseFact, NoticeFact

NO_HURRY = 60.0
DAY = timedelta(days=1)
Everything = tuple[list[str], list[str]]


async def rows(struct: type[CaseFact | NoticeFact], table: str, order: str) -> list[str]:
    """A table of facts as text, byte for byte."""
    names = ", ".join(f'f."{name}"' for name in struct.__struct_fields__)
    async with reading() as connection:
        found = await connection.fetch(f"SELECT ({names})::text AS line FROM {table} f ORDER BY {order}")
    return [row["line"] for row in found]


async def everything(cases: str = "case_facts", notices: str = "notice_facts") -> Everything:
    return await rows(CaseFact, cases, "case_id"), await rows(NoticeFact, notices, "case_id, number")


async def everything_as_of(moment: datetime | None = None, portion: int = 500) -> tuple[datetime, Everything]:
    async with facts_as_of(moment, portion=portion) as then:
        return then.moment, await everything(then.cases, then.notices)


async def settled_again(kept: dict[datetime, Everything], portion: int = 500) -> None:
    """Every moment that was asked about is told the same again."""
    for moment, facts in kept.items():
        assert await everything_as_of(moment, portion) == (moment, facts), moment


async def fact(number: str) -> dict[str, Any]:
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM case_facts WHERE number = $1", number)
    return dict(row) if row else {}


async def notices(number: str) -> list[dict[str, Any]]:
    query = "SELECT n.* FROM notice_facts n JOIN cases c ON c.id = n.case_id WHERE c.number = $1 ORDER BY n.number"
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(query, number)]


async def caught_up() -> Projected:
    done = await project(seconds=NO_HURRY)
    assert done.whole
    return done


async def test_the_stories_of_a_day_become_facts(context: Context, database: Database) -> None:
    delivered = await bring(context, "DELIVERED")
    await rate(context, (await delivered.row())["query_code"], 5, "等了很久", delivered.now)
    told = await bring(context, "CORRECTION", at=START)
    await told.go("officer", Act.ADD_NOTICE_LINES, at=told.now + DAY, lines=[another(told.item)])
    forgotten = await bring(context, "RECEIVED")
    assert (await caught_up()).cases == 3
    await fire_case(context, forgotten.number, START + 20 * DAY)
    withdrawn = await bring(context, "WITHDRAWN")
    assert (await caught_up()).cases == 2
    assert await caught_up() == Projected(0, whole=True)

    row = await delivered.row()
    good = await fact(delivered.number)
    for name in ("received_at", "accepted_at", "decided_at", "closed_at", "state", "flags", "item_version"):
        assert good[name] == row[name], name
    assert (good["hall"], good["department"], good["handler"]) == (row["hall_id"], "amr", row["handler_id"])
    assert (good["outcome"], good["accepted_as"], good["delivered_way"]) == ("granted", "normal", "window")
    assert (good["receipt_given"], good["acceptance_given"], good["service_proven"]) == (True, True, True)
    assert all(good[f"{kind}_in_time"] for kind in ("notice", "promise", "statutory", "handover", "delivery"))
    assert (good["rating"], good["counted"], good["visits"] >= 1) == (5, True, True)
    assert good["statutory_limit"] == FOOD.statutory_limit.n if FOOD.statutory_limit else False

    first, second = await notices(told.number)
    assert (first["kind"], first["in_time"], first["offending"], first["told"]) == ("notice", True, [], 1)
    assert (second["kind"], second["in_time"], second["offending"]) == ("added", None, [2])
    assert first["complete"] == second["complete"] == 1
    told_fact = await fact(told.number)
    assert (told_fact["notices"], told_fact["lines_told"], told_fact["lines_offending"]) == (2, 2, 1)
    assert (told_fact["cards_red"], told_fact["closed_at"]) == (1, None)

    late = await fact(forgotten.number)
    assert (late["accepted_as"], late["accepted_at"]) == ("deemed", late["received_at"])
    assert late["deemed_at"] == late["notice_due_at"]
    assert (await fact(withdrawn.number))["outcome"] == "withdrawn"
    before = await everything()
    assert (await rebuild(seconds=NO_HURRY)).cases == 4
    assert await everything() == before

    await what_the_trail_does_not_tell_goes(database, forgotten.number)
    await crash_and_wait(database, delivered.number)
    await no_commit_is_missed(context, database)


_INVENT = """
CREATE TEMPORARY TABLE i AS SELECT * FROM case_facts LIMIT 1;
UPDATE i SET case_id = '{key}'; INSERT INTO case_facts SELECT * FROM i; DROP TABLE i;
CREATE TEMPORARY TABLE i AS SELECT * FROM notice_facts LIMIT 1;
UPDATE i SET case_id = '{key}', id = uuidv7(); INSERT INTO notice_facts SELECT * FROM i; DROP TABLE i;
"""


async def what_the_trail_does_not_tell_goes(database: Database, number: str) -> None:
    """Facts of no case, wherever their keys are, and notices that no trail tells of are not there after a rebuild."""
    before = await everything()
    admin = await asyncpg.connect(database.superuser)
    try:
        await admin.execute("SET session_replication_role = replica")
        between = await admin.fetchval("SELECT uuidv7(interval '-1 second')::text")
        for key in ("00000000-0000-0000-0000-000000000000", between, "ffffffff-ffff-ffff-ffff-ffffffffffff"):
            await admin.execute(_INVENT.format(key=key))
        await admin.execute("UPDATE case_facts SET last_at = '2100-01-01' WHERE number = $1", number)
        await admin.execute("UPDATE projections SET settled_at = '2100-01-01'")
    finally:
        await admin.close()
    assert len((await everything())[0]) == len(before[0]) + 3
    now = START + 60 * DAY
    assert await rebuild(seconds=0, now=now) == Projected(len(before[0]), whole=False)
    assert (await project(seconds=NO_HURRY, now=now, cases=1)).whole
    assert await everything() == before
    assert (await everything_as_of())[0] <= now + timedelta(minutes=1)


def another(item: Any) -> dict[str, Any]:
    """A line about something that the first notice did not name."""
    return {**defects(item, 2)[0], "defect": "漏盖公章"}


async def test_a_dump_that_is_loaded_into_another_cluster_is_read_on(context: Context, database: Database) -> None:
    """Transactions count from the beginning again; whoever reads in the order of commits goes on behind the last."""
    first = await bring(context, "RECEIVED")
    await caught_up()
    elsewhere = "(txid::text::bigint + 5000000000)"
    owner = await asyncpg.connect(database.superuser)
    try:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute(
            f"UPDATE events SET txid = {elsewhere}::text::xid8; UPDATE projections SET txid = {elsewhere}"
        )
        await close_pool()
        for _ in range(2):
            await migrate(database.owner, database.app)
        await open_pool(database.app)
        second = await open_story(context)
        await first.go("officer", Act.ACCEPT, at=first.now)
        assert (await caught_up()).cases == 2
        assert [(await fact(story.number))["state"] for story in (first, second)] == ["ACCEPTED", "NEW"]
        await no_commit_is_missed(context, database)
    finally:
        await owner.close()


_BARRED = (
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO case_facts%'"
    " AND datname = current_database()"
)
_PROJECTOR = """
import asyncio, sys
from engine.projecting import project
from storage.db import connected
async def main():
    async with connected(sys.argv[1]):
        await project(seconds=60)
asyncio.run(main())
"""


async def crash_and_wait(database: Database, number: str) -> None:
    """A projector dies between reading and writing: its process is killed, or its connection is lost."""
    wanted = await everything()
    admin = await asyncpg.connect(database.superuser)
    holder = await asyncpg.connect(database.superuser)
    try:
        for die in (killed, cut_off):
            await admin.execute("UPDATE projections SET version = 0")
            await admin.execute("UPDATE case_facts SET state = '' WHERE number = $1", number)
            async with holder.transaction():
                await holder.execute("SELECT FROM case_facts WHERE number = $1 FOR UPDATE", number)
                await die(database, admin)
            both = await asyncio.gather(*(project(seconds=NO_HURRY, wait=True, cases=1) for _ in range(2)))
            assert sum(one.cases for one in both) == len(wanted[0])
            assert await everything() == wanted
    finally:
        await holder.close()
        await admin.close()


async def killed(database: Database, admin: asyncpg.Connection[asyncpg.Record]) -> None:
    """The process is killed while it writes."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _PROJECTOR, database.app)
    try:
        while await admin.fetchval(_BARRED) is None:
            assert process.returncode is None
            await asyncio.sleep(0.05)
    finally:
        process.kill()
        await process.wait()
    assert await admin.fetchval("SELECT version FROM projections") == 0


async def cut_off(_: Database, admin: asyncpg.Connection[asyncpg.Record]) -> None:
    """The connection is lost while it writes; a second projector meanwhile does nothing."""
    dying = asyncio.create_task(project(seconds=NO_HURRY))
    pid = None
    while pid is None:
        await asyncio.sleep(0.01)
        pid = await admin.fetchval(_BARRED)
    assert await project(seconds=NO_HURRY) == Projected(0, whole=False)
    await admin.execute("SELECT pg_terminate_backend($1)", pid)
    with pytest.raises(Unavailable):
        await dying
    assert await admin.fetchval("SELECT version FROM projections") == 0


async def no_commit_is_missed(context: Context, database: Database) -> None:
    """What is committed while an older transaction is open waits for that one, and is then read."""
    older = await asyncpg.connect(database.superuser)
    try:
        opened = older.transaction()
        await opened.start()
        await older.fetchval("SELECT pg_current_xact_id()")
        story = await open_story(context)
        assert await project(seconds=NO_HURRY) == Projected(0, whole=True)
        assert await fact(story.number) == {}
        await opened.rollback()
        assert await project(seconds=NO_HURRY) == Projected(1, whole=True)
        assert (await fact(story.number))["state"] == "NEW"
    finally:
        await older.close()


async def test_after_whatever_people_did_the_facts_made_anew_are_equal_to_the_byte(context: Context) -> None:
    numbers: set[str] = set()
    known = {"context": context, "loop": asyncio.get_running_loop(), "reached": set(), "numbers": numbers}
    machine = type("Machine", (AnyOrder,), known)
    chosen = settings(
        max_examples=8,
        stateful_step_count=20,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    told: dict[datetime, Everything] = {}
    following = asyncio.create_task(follow(told))
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    await project(seconds=NO_HURRY, wait=True)
    settled, _ = await everything_as_of()
    asked = [START + Random(n).random() * (settled - START) for n in range(4)]
    told |= {moment: (await everything_as_of(moment))[1] for moment in asked}
    await sweep(context, START + 300 * DAY, seconds=20)
    await project(seconds=NO_HURRY, wait=True, events=7)
    kept = await everything()
    await rebuild(seconds=NO_HURRY)
    assert await everything() == kept
    assert len(kept[0]) >= len(numbers) > 4
    await settled_again(told, portion=3)
    for moment in (*asked, settled):
        await is_made_of_what_was_known(moment)
    for number in sorted(numbers):
        await the_time_is_split_whole(number)


async def follow(told: dict[datetime, Everything]) -> None:
    """A projector beside the people, in small portions; now and then somebody asks for what is settled."""
    made = 0
    for turn in count():
        done = await project(seconds=0, events=5, cases=1)
        made += done.cases
        if made and done.whole and turn % 2 == 0:
            moment, facts = await everything_as_of()
            told.setdefault(moment, facts)
        await asyncio.sleep(0.05)


async def is_made_of_what_was_known(moment: datetime) -> None:
    """The facts as of a moment, beside those of a trail that is cut where something was not known yet."""
    async with reading() as connection:
        listed = await connection.fetch(
            "SELECT e.case_id, c.number, e.seq FROM events e JOIN cases c ON c.id = e.case_id"
            " LEFT JOIN late_events l ON l.event_id = e.id WHERE e.at > $1 OR l.known_at > $1 ORDER BY e.seq DESC",
            moment,
        )
    cut = {row["case_id"]: row["seq"] for row in listed}
    async with facts_as_of(moment) as then:
        stored = [dict(row) for row in await then.connection.fetch(f"SELECT f.* FROM {then.cases} f")]
    assert any(key in cut for key in (row["case_id"] for row in stored))
    for row in stored:
        trail = await audit.of_case(row["number"], limit=1000)
        known = [{**event, "case_id": row["case_id"]} for event in trail[: cut.get(row["case_id"], 1001) - 1]]
        ((derived,), _) = derive(known)
        assert msgspec.structs.asdict(derived) == {name: row[name] for name in CaseFact.__struct_fields__}
    held = {row["case_id"] for row in stored}
    assert held.isdisjoint(key for key, seq in cut.items() if seq == 1)


async def the_time_is_split_whole(number: str) -> None:
    """Derived from the trail alone; who held a closed case when adds up to the days between receipt and closing."""
    case = await cases.read(number)
    assert case is not None
    trail = [{**row, "case_id": case["id"]} for row in await audit.of_case(number, limit=1000)]
    ((derived,), _) = derive(trail)
    stored = await fact(number)
    assert {name: stored[name] for name in ("state", "outcome", "visits", "last_seq", "held_by_window")} == {
        name: getattr(derived, name) for name in ("state", "outcome", "visits", "last_seq", "held_by_window")
    }
    for name in ("received_at", "accepted_at", "decided_at", "closed_at", "flags"):
        assert stored[name] == case[name], (name, number)
    assert derive([{**row, "clocks": msgspec.json.encode(row["clocks"]).decode()} for row in trail])[0] == [derived]
    assert derive([*trail[:1], *trail[2:]]) == derive(trail[:1])
    assert derive(trail[1:]) == ([], [])
    assert derived.last_at <= datetime(2027, 1, 1, tzinfo=UTC)
    assert derived.opened_on >= date(2026, 1, 1)
