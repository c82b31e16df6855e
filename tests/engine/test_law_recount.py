"""A calendar year is announced or corrected: every clock that it moves is derived again, once, and told of one by one.

The year 2027 is invented here, as none is announced: 1 and 4 January are off, Saturday 9 January is worked.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from engine import recounting
from engine.auditing import verify
from engine.context import Context, open_context
from engine.invariants import check_case
from engine.jobs import run_row
from engine.operations import act
from engine.publishing import ImportedYear, import_calendar
from engine.recounting import carry_out, list_recounts, read_recount, recount_case
from engine.settings import Settings
from storage import calendars, recounts
from storage.db import reading
from tests.engine.test_refusals import refused
from tests.factories import Story, bring, table_counts
from tests.people import actor
from workflows.calendar import YearEdition, packaged_editions, parse_edition
from workflows.errors import DefinitionError, NotFound
from workflows.events import Act

INVENTED = """
year = 2027
version = 1
source = "示例：虚构的2027年放假安排"
published_on = 2026-12-30
holiday = [
  { name = "元旦", name_en = "New Year's Day", off = [2027-01-01, 2027-01-04], work = [2027-01-09] },
  { name = "春节", name_en = "Spring Festival", off = [2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11, 2027-02-12] },
  { name = "清明节", name_en = "Qingming Festival", off = [2027-04-05] },
  { name = "劳动节", name_en = "Labour Day", off = [2027-05-03] },
  { name = "端午节", name_en = "Dragon Boat Festival", off = [2027-06-09] },
  { name = "中秋节", name_en = "Mid-Autumn Festival", off = [2027-09-15] },
  { name = "国庆节", name_en = "National Day", off = [2027-10-01, 2027-10-04, 2027-10-05, 2027-10-06, 2027-10-07] },
]
"""
FRIDAY = datetime(2026, 12, 25, 1, 30, tzinfo=UTC)
"""Five working days on there are 28, 29, 30, 31 December and a day in January of a year that nobody has announced."""
TOLD = datetime(2026, 12, 25, 8, 0, tzinfo=UTC)


def year_2027() -> YearEdition:
    return parse_edition(INVENTED, "2027.toml")


def corrected_2026(**more: Any) -> YearEdition:
    """The year 2026 once more: Saturday 10 October is not worked after all."""
    (known,) = [edition for edition in packaged_editions() if edition.year == 2026]
    holidays = tuple(
        msgspec.structs.replace(one, work=tuple(day for day in one.work if day != date(2026, 10, 10)))
        for one in known.holiday
    )
    return msgspec.structs.replace(known, **({"version": 2, "holiday": holidays} | more))


async def imported(edition: YearEdition, at: datetime = TOLD) -> ImportedYear:
    done = await import_calendar(edition, at)
    assert done is not None
    return done


async def carried_out(context: Context, at: datetime = TOLD) -> int:
    """Do every step that waits in the outbox, as a worker would; how many steps there were."""
    steps = 0
    while True:
        async with reading() as connection:
            key = await connection.fetchval(
                "SELECT id FROM outbox WHERE topic LIKE ANY(ARRAY['calendar.%', 'appointments.%'])"
                " AND state = 'waiting' ORDER BY id LIMIT 1"
            )
        if key is None:
            return steps
        assert await run_row(context, key, lambda: at)
        steps += 1


async def totals(recount: UUID) -> tuple[int, int, bool]:
    """How many cases were looked at, how many changed, whether it is finished."""
    async with reading() as connection:
        row = await recounts.one(connection, recount)
    assert row is not None
    return row["looked_at"], row["changed"], row["finished_at"] is not None


async def recounted(story: Story) -> list[dict[str, Any]]:
    return [row for row in await story.rows("events", "seq") if row["name"] == "clock:recounted"]


async def index(story: Story, kind: str = "notice") -> dict[str, Any]:
    (row,) = [row for row in await story.rows("clocks") if row["kind"] == kind]
    return row


async def test_a_new_year_moves_the_day_and_clears_its_doubt(context: Context) -> None:
    story = await bring(context, "RECEIVED", at=FRIDAY)
    before, old = await story.row(), await index(story)
    assert (old["due_on"], old["provisional"]) == (date(2027, 1, 1), True)
    done = await imported(year_2027())
    assert done.cases == 1
    assert (await story.row())["version"] == before["version"]
    assert await carried_out(context) == 2
    new, row = await index(story), await story.row()
    assert (new["due_on"], new["provisional"]) == (date(2027, 1, 5), False)
    assert new["due_at"] == row["due_at"] == datetime(2027, 1, 5, 9, 30, tzinfo=UTC)
    assert new["next_at"] == datetime(2026, 12, 31, 0, 30, tzinfo=UTC)
    assert (row["version"], row["state"]) == (before["version"] + 1, "RECEIVED")
    (event,) = await recounted(story)
    assert event["data"]["changed"]["notice"] == {
        "before": {name: told(old[name]) for name in ("due_on", "due_at", "provisional", "next_at")},
        "after": {name: told(new[name]) for name in ("due_on", "due_at", "provisional", "next_at")},
    }
    assert (event["data"]["recount"], event["data"]["year"]) == (str(done.recount), 2027)
    assert event["data"]["edition"].endswith("+2027.1")
    notice = {name: event["clocks"]["notice"][name] for name in ("status", "due_on", "provisional", "limit", "elapsed")}
    assert notice == {"status": "running", "due_on": "2027-01-05", "provisional": False, "limit": 5, "elapsed": 0}
    assert (event["role"], event["actor"]) == ("system", None)
    assert await totals(done.recount) == (1, 1, True)
    assert await check_case(context, story.number, TOLD) == []
    assert (await verify(story.number)).whole


def told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


async def test_a_day_that_stays_only_loses_its_doubt(context: Context) -> None:
    story = await bring(context, "RECEIVED", at=datetime(2026, 12, 8, 1, 30, tzinfo=UTC))
    await story.give_notice()
    old = await index(story, "correction")
    assert (old["due_on"], old["provisional"]) == (date(2027, 1, 7), True)
    done = await imported(year_2027())
    await carried_out(context)
    new = await index(story, "correction")
    assert (new["due_on"], new["provisional"]) == (date(2027, 1, 7), False)
    (line,) = (await read_recount(await actor("hall_manager"), done.recount))["lines"]
    assert (line["before"], line["after"], line["provisional"]) == (date(2027, 1, 7), date(2027, 1, 7), False)


async def test_a_weekend_that_is_worked_lets_a_natural_limit_end_earlier(context: Context) -> None:
    """Thirty days from 10 December end on Saturday 9 January, which turns out to be worked."""
    story = await bring(context, "RECEIVED", at=datetime(2026, 12, 10, 1, 30, tzinfo=UTC))
    await story.give_notice()
    assert (await story.clocks())["correction"] == ("running", "2027-01-11")
    await imported(year_2027())
    await carried_out(context)
    assert (await story.clocks())["correction"] == ("running", "2027-01-09")
    new = await index(story, "correction")
    assert (new["due_on"], new["watched_until"]) == (date(2027, 1, 9), None)


async def test_a_case_that_the_year_does_not_touch_is_not_even_looked_at(context: Context) -> None:
    near, far = await bring(context, "RECEIVED", at=FRIDAY - timedelta(days=20)), await bring(context, "NEW")
    heads = [(await story.row())["head_seq"] for story in (near, far)]
    done = await imported(year_2027())
    assert done.cases == 0
    await carried_out(context)
    assert [(await story.row())["head_seq"] for story in (near, far)] == heads
    assert await totals(done.recount) == (0, 0, True)


async def test_a_correction_moves_what_runs_and_leaves_what_has_stopped(context: Context) -> None:
    """From Tuesday 29 September: 30; then 8, 9 and (worked by the first notice) Saturday 10, Monday 12 October."""
    running = await bring(context, "RECEIVED", at=datetime(2026, 9, 29, 1, 30, tzinfo=UTC))
    stopped = await bring(context, "ACCEPTED", at=datetime(2026, 9, 29, 1, 30, tzinfo=UTC))
    at = datetime(2026, 9, 29, 8, 0, tzinfo=UTC)
    assert (await index(running))["due_on"] == date(2026, 10, 12)
    done = await imported(corrected_2026(), at)
    assert done.cases == 2
    await carried_out(context, at)
    assert (await index(running))["due_on"] == date(2026, 10, 13)
    assert (await index(stopped))["due_on"] == date(2026, 10, 12)
    (event,) = await recounted(stopped)
    assert set(event["data"]["changed"]) == {"statutory", "promise"}
    await stopped.go("clerk", Act.DISPATCH, at=at + timedelta(minutes=1))
    assert await check_case(context, stopped.number, stopped.now) == []


async def test_what_is_owed_in_working_days_moves_with_the_year(context: Context) -> None:
    story = await bring(context, "REVIEW", at=FRIDAY)
    await story.go("supervisor", Act.SUPERVISE, reason="请说明进展。", reply_days=5)
    (owed,) = await story.rows("duties")
    assert owed["due_on"] == date(2027, 1, 1)
    done = await imported(year_2027())
    await carried_out(context)
    (owed,) = await story.rows("duties")
    assert owed["due_on"] == date(2027, 1, 5)
    assert owed["due_at"] == owed["next_at"] == datetime(2027, 1, 5, 9, 30, tzinfo=UTC)
    lines = (await read_recount(await actor("supervisor"), done.recount))["lines"]
    assert ("supervision_reply", date(2027, 1, 1), date(2027, 1, 5)) in [
        (line["kind"], line["before"], line["after"]) for line in lines
    ]
    await story.go("officer", Act.ANSWER_SUPERVISION, at=TOLD + timedelta(hours=1), answer="已补充核查。")
    (owed,) = await story.rows("duties")
    assert owed["done_at"] is not None


async def test_a_year_that_changes_no_day_has_nothing_to_recount(context: Context) -> None:
    await bring(context, "RECEIVED", at=FRIDAY)
    (same,) = [edition for edition in packaged_editions() if edition.year == 2026]
    done = await imported(msgspec.structs.replace(same, version=2, source="更正印刷错误"))
    assert (done.cases, await carried_out(context), await totals(done.recount)) == (0, 0, (0, 0, True))
    assert await import_calendar(msgspec.structs.replace(same, version=2), TOLD) is None
    async with refused("calendar_hole", DefinitionError):
        await import_calendar(msgspec.structs.replace(year_2027(), year=2029), TOLD)


async def test_a_step_that_was_cut_off_is_gone_on_with_and_nothing_is_counted_twice(context: Context) -> None:
    stories = [await bring(context, "RECEIVED", at=FRIDAY) for _ in range(6)]
    done = await imported(year_2027())
    step = asyncio.create_task(carry_out(context, done.recount, TOLD))
    async with asyncio.timeout(10):
        while not (first := await recounted(stories[0])):
            pass
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    assert len(first) == 1
    assert (await totals(done.recount))[2] is False
    await carried_out(context)
    assert await totals(done.recount) == (6, 6, True)
    assert [len(await recounted(story)) for story in stories] == [1] * 6
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM recount_lines") == 6


async def test_a_batch_goes_on_step_by_step_and_two_workers_do_it_once(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "BATCH", 2)
    stories = [await bring(context, "RECEIVED", at=FRIDAY) for _ in range(5)]
    done = await imported(year_2027())
    for _ in range(3):
        await asyncio.gather(*(carry_out(context, done.recount, TOLD) for _ in range(3)))
    assert await totals(done.recount) == (5, 5, True)
    assert [len(await recounted(story)) for story in stories] == [1] * 5
    await carried_out(context)
    assert await totals(done.recount) == (5, 5, True)


async def test_who_had_read_the_old_calendar_acts_under_the_new_one_at_once(
    context: Context, settings: Settings
) -> None:
    """No half minute passes: another process has the old calendar in hand when the year is imported and recounted."""
    story = await bring(context, "RECEIVED", at=FRIDAY)
    other = open_context(settings)
    assert (await other.calendar(TOLD)).edition.endswith("+2026.1")
    await imported(year_2027())
    await carried_out(context)
    command = await story.command("officer", Act.ACCEPT, {})
    await act(other, replace(command, now=TOLD + timedelta(seconds=1)))
    story.now = TOLD + timedelta(seconds=2)
    assert (await index(story, "promise"))["due_on"] == date(2027, 1, 5)
    assert await check_case(context, story.number, story.now) == []


async def test_an_act_between_import_and_recount_is_not_lost(context: Context) -> None:
    story = await bring(context, "RECEIVED", at=FRIDAY)
    done = await imported(year_2027())
    await story.go("officer", Act.ACCEPT, at=TOLD)
    await carried_out(context, TOLD + timedelta(minutes=1))
    assert await totals(done.recount) == (1, 0, True)
    assert {kind: status for kind, (status, _) in (await story.clocks()).items()} == {
        "notice": "stopped",
        "statutory": "running",
        "promise": "running",
    }
    assert (await index(story, "promise"))["due_on"] == date(2027, 1, 5)
    assert await check_case(context, story.number, story.now) == []


async def test_no_alarm_sounds_while_a_recount_is_under_way(context: Context) -> None:
    story = await bring(context, "RECEIVED", at=FRIDAY)
    await imported(year_2027())
    assert await check_case(context, story.number, TOLD) == []
    await carried_out(context)
    assert await check_case(context, story.number, TOLD) == []
    async with reading() as connection:
        await connection.execute("UPDATE clocks SET due_on = '2027-01-01'")
    assert await check_case(context, story.number, TOLD) == ["clock_index_stale"]


async def test_a_case_that_was_recounted_already_is_not_written_again(context: Context) -> None:
    story = await bring(context, "RECEIVED", at=FRIDAY)
    done = await imported(year_2027())
    await carried_out(context)
    async with reading() as connection:
        batch = await recounts.one(connection, done.recount)
    assert batch is not None
    before = await table_counts()
    assert await recount_case(context, batch, story.number, TOLD) is False
    assert await table_counts() == before


async def test_a_recount_tells_everybody_its_sums_and_each_only_their_own_cases(context: Context) -> None:
    story = await bring(context, "RECEIVED", at=FRIDAY)
    await bring(context, "NEW", at=FRIDAY)
    done = await imported(year_2027())
    await carried_out(context)
    listed = await list_recounts()
    assert [(row["year"], row["looked_at"], row["changed"]) for row in listed][-1] == (2027, 1, 1)
    assert len(listed) == 5
    for who in ("hall_manager", "auditor", "officer"):
        seen = await read_recount(await actor(who), done.recount)
        assert [(line["case"], line["kind"], line["before"], line["after"]) for line in seen["lines"]] == [
            (story.number, "notice", date(2027, 1, 1), date(2027, 1, 5))
        ]
    for who in ("clerk.town", "officer.hrss", "item_steward"):
        assert (await read_recount(await actor(who), done.recount))["lines"] == []
    async with refused("recount_not_found", NotFound):
        await read_recount(await actor("auditor"), UUID(int=9))


async def test_the_explanation_of_a_recounted_clock_rests_on_the_new_year(context: Context) -> None:
    story = await bring(context, "RECEIVED", at=FRIDAY)
    assert (await story.clocks())["notice"] == ("running", "2027-01-01")
    await imported(year_2027())
    assert (await story.clocks())["notice"] == ("running", "2027-01-05")


async def test_two_imports_of_the_same_year_at_once_make_one_batch(context: Context) -> None:
    await bring(context, "RECEIVED", at=FRIDAY)
    results = await asyncio.gather(*(import_calendar(year_2027(), TOLD) for _ in range(4)))
    assert len([one for one in results if one is not None]) == 1
    assert await calendars.stamp() == 5
