"""Many people at once, and the same request twice: nothing doubled, nothing lost, no number skipped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from engine import trail
from engine.context import Context
from engine.invariants import check_case
from engine.opening import Opening, open_case
from engine.operations import act
from storage.db import reading, transaction
from tests.conftest import Database
from tests.factories import FOOD, LABOUR, OPINION, PAYLOADS, START, bring, complete, firm, open_story
from tests.people import actor
from workflows.errors import Conflict, Malformed, Stale, YichuangError
from workflows.events import Act, EventName


async def test_a_repeated_request_gets_the_first_answer(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    command = await story.command("officer", Act.ACCEPT, {}, key="k-1")
    first = await act(context, command)
    assert await act(context, command) == first
    assert (await story.events()).count("accept") == 1
    assert len([row for row in await story.rows("documents") if row["code"] == "D05"]) == 1
    other = await story.command("officer", Act.CORRECT_ON_SPOT, {"note": "别的请求"}, key="k-1")
    with pytest.raises(Malformed) as found:
        await act(context, other)
    assert found.value.code == "key_reused"
    stranger = await story.command("clerk", Act.DISPATCH, {}, key="k-1")
    assert (await act(context, stranger))["state"] == "DISPATCHED"


async def test_a_repeated_opening_opens_one_case(context: Context) -> None:
    clerk = await actor("clerk")
    request = Opening(item=FOOD.code, applicant=firm())
    answers = await asyncio.gather(*(open_case(context, clerk, request, START, "k-1") for _ in range(5)))
    assert len({answer["case"] for answer in answers}) == 1
    with pytest.raises(Malformed) as found:
        await open_case(context, clerk, Opening(item=FOOD.code, applicant=firm(2)), START, "k-1")
    assert found.value.code == "key_reused"
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM cases") == 1


async def test_identical_requests_at_the_same_moment_leave_one_event(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    commands = [await story.command("officer", Act.ACCEPT, {}, key="k-1") for _ in range(6)]
    answers = await asyncio.gather(*(act(context, command) for command in commands))
    assert all(answer == answers[0] for answer in answers)
    assert (await story.events()).count("accept") == 1


async def test_a_request_that_waited_is_carried_out_after_what_it_waited_for(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    arrived = story.now
    await story.go("officer", Act.ACCEPT, at=arrived + timedelta(seconds=2))
    accepted = story.now
    late = replace(await story.command("clerk", Act.DISPATCH, {}), now=arrived)
    assert (await act(context, late))["state"] == "DISPATCHED"
    (dispatched,) = [row["at"] for row in await story.rows("events") if row["name"] == "case:dispatch"]
    assert dispatched == accepted, "not before the acceptance that it rests on"
    assert await check_case(context, story.number, accepted) == []


async def test_an_event_that_waited_does_not_turn_the_time_of_the_case_back(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    arrived = story.now
    await story.go("officer", Act.ACCEPT, at=arrived + timedelta(seconds=2))
    async with transaction() as connection:
        case = await trail.lock(connection, story.number)
        await trail.append(context, connection, case, EventName.SCAN_REFUSED, {"verdict": "empty_file"}, arrived)
    assert (await story.row())["changed_at"] == story.now
    assert await check_case(context, story.number, story.now) == []


async def test_of_two_decisions_at_the_same_moment_one_stands(context: Context) -> None:
    story = await bring(context, "VERIFY")
    grant = await story.command("approver", Act.GRANT, {"opinion": OPINION})
    deny = await story.command("approver2", Act.DENY, PAYLOADS[Act.DENY])
    results = await asyncio.gather(act(context, grant), act(context, deny), return_exceptions=True)
    (won,) = [result for result in results if isinstance(result, dict)]
    (lost,) = [result for result in results if isinstance(result, YichuangError)]
    assert (lost.code, (await story.row())["state"]) == ("action_not_allowed", won["state"])
    assert len([row for row in await story.rows("decisions") if row["kind"] == "decision"]) == 1


async def test_of_two_who_saw_the_same_version_one_is_told_to_look_again(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    commands = [
        await story.command(who, Act.CORRECT_ON_SPOT, {"note": f"由{who}更正"}, version=2)
        for who in ("clerk", "clerk2")
    ]
    results = await asyncio.gather(*(act(context, command) for command in commands), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Stale", "dict"]
    assert isinstance(next(result for result in results if not isinstance(result, dict)), Stale)
    assert (await story.row())["version"] == 3


async def queued(database: Database, case: str, acts: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Let these acts wait for the case one behind the other, then let them through in this order."""
    holder, watcher = [await asyncpg.connect(database.superuser) for _ in range(2)]
    tasks = []
    try:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM cases WHERE number = $1 FOR UPDATE", case)
            for place, one in enumerate(acts, 1):
                tasks.append(asyncio.create_task(one))
                await waiting(watcher, place)
        return await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await holder.close()
        await watcher.close()


async def waiting(watcher: asyncpg.Connection[asyncpg.Record], sessions: int) -> None:
    """Until so many sessions wait for a lock in this database; the watcher is in no transaction, so it sees news."""
    async with asyncio.timeout(10):
        while await watcher.fetchval(_WAITING) < sessions:
            pass


_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND pid <> pg_backend_pid()"
)


async def test_who_waited_for_the_case_sees_its_clocks_as_they_are(context: Context, database: Database) -> None:
    """A withdrawal that waits behind the acceptance also stops the clocks that the acceptance started."""
    story = await bring(context, "RECEIVED")
    accept = await story.command("officer", Act.ACCEPT, {})
    withdraw = await story.command("clerk", Act.WITHDRAW, PAYLOADS[Act.WITHDRAW])
    results = await queued(database, story.number, [act(context, accept), act(context, withdraw)])
    assert [result["state"] for result in results] == ["ACCEPTED", "WITHDRAWN"]
    assert {kind: status for kind, (status, _) in (await story.clocks()).items()} == {
        "notice": "stopped",
        "statutory": "stopped",
        "promise": "stopped",
    }
    assert (await story.row())["due_at"] is None
    assert await check_case(context, story.number, story.now) == []


async def test_a_check_that_waited_raises_no_false_alarm(context: Context, database: Database) -> None:
    story = await bring(context, "RECEIVED")
    accept = act(context, await story.command("officer", Act.ACCEPT, {}))
    results = await queued(database, story.number, [accept, check_case(context, story.number, story.now)])
    assert (results[0]["state"], results[1]) == ("ACCEPTED", [])


async def test_the_same_request_that_waited_behind_itself_is_answered_once(
    context: Context, database: Database
) -> None:
    story = await bring(context, "RECEIVED")
    command = await story.command("officer", Act.ACCEPT, {}, key="k-1")
    first, second = await queued(database, story.number, [act(context, command), act(context, command)])
    assert first == second
    assert (await story.events()).count("accept") == 1


async def test_fifty_acceptances_at_once_are_numbered_without_gaps(context: Context) -> None:
    stories = [await bring(context, "RECEIVED") for _ in range(25)]
    stories += [await bring(context, "RECEIVED", LABOUR) for _ in range(25)]
    commands = [await story.command("officer", Act.ACCEPT, {}) for story in stories]
    await asyncio.gather(*(act(context, command) for command in commands))
    async with reading() as connection:
        rows = await connection.fetch("SELECT agency, ordinal FROM documents WHERE code = 'D05' ORDER BY 1, 2")
    for agency in ("示市监", "示人社"):
        assert [row["ordinal"] for row in rows if row["agency"] == agency] == list(range(1, 26))
    numbers = [story.number for story in stories]
    assert len(set(numbers)) == 50
    assert sorted(int(number[12:18]) for number in numbers) == list(range(1, 51))


async def test_an_act_that_fails_in_the_database_skips_no_number(context: Context) -> None:
    """The row is refused by a constraint after the document had its number: the number goes to the next case."""
    broken, sound = await bring(context, "RECEIVED"), await bring(context, "RECEIVED")
    async with reading() as connection:
        await connection.execute("UPDATE cases SET received_at = '2026-06-01' WHERE number = $1", broken.number)
    with pytest.raises(asyncpg.CheckViolationError):
        await broken.go("officer", Act.ACCEPT)
    await sound.go("officer", Act.ACCEPT)
    assert (await sound.documents())["D05"] == "示市监受〔2026〕1号"
    assert (await broken.row())["state"] == "RECEIVED"
    assert "accept" not in await broken.events()


async def test_a_refused_act_leaves_its_number_to_the_next(context: Context) -> None:
    one, two = await open_story(context), await open_story(context)
    with pytest.raises(Conflict):
        await one.go("clerk", Act.RECEIVE, materials=[{"line": "M01", "originals": 1}])
    await two.file_scans()
    await two.go("clerk", Act.RECEIVE, materials=complete(FOOD))
    assert (await two.documents())["D01"] == "示政服收〔2026〕1号"
