"""What time does: reminders, cards, steps by silence, once each, with the moment that the law names (rows 12, 41)."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from api.cli.machine import environment_of
from engine.context import Context
from engine.invariants import check_case
from engine.operations import act
from engine.reading import list_clocks
from engine.settings import Settings
from engine.sweeping import Swept, sweep
from engine.timing import fire_case
from storage import audit, clocks, notifications
from storage.db import reading
from tests.conftest import Database
from tests.engine.reviews import BY_INSTITUTION
from tests.engine.test_concurrency import waiting
from tests.engine.test_law_special import told_and_served
from tests.engine.test_straight_path import hall
from tests.factories import FOOD, LABOUR, START, Story, bring, defects, open_story
from tests.people import actor
from workflows.errors import Conflict, Forbidden, NotFound, Stale
from workflows.events import Act

CLOSING = hall("2026-03-09", "17:30")
"""The last moment for the notice of a case received on Monday, 2 March: five working days."""


async def cards(story: Story) -> list[tuple[str, str, datetime]]:
    """Rule, level and moment of every card, in the order in which they were left."""
    return [(row["rule"], row["level"], row["raised_at"]) for row in await story.rows("cards", "seq, number")]


async def by_time(story: Story) -> list[dict[str, Any]]:
    """The events that time left."""
    return [row for row in await audit.of_case(story.number, limit=1000) if "effective_at" in row["data"]]


async def whole(story: Story) -> None:
    """The case is as its trail and its ledger say, and nothing waits to be looked at before now."""
    assert await check_case(story.context, story.number, story.now) == []
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM alarms") == 0


async def test_an_amber_card_reminds_the_authority_a_working_day_before_the_notice_is_due(context: Context) -> None:
    """41 催办: in writing to the department; the case stays as it is, in the version that people have seen."""
    story = await bring(context, "RECEIVED")
    before, opening = await story.row(), hall("2026-03-06", "08:30")
    assert await fire_case(context, story.number, opening) == 0
    seen_at = opening + timedelta(seconds=30)
    assert await sweep(context, seen_at) == Swept(1, 0, whole=True)
    case = await story.row()
    assert (case["state"], case["version"], case["due_at"]) == ("RECEIVED", before["version"], CLOSING)
    (card,) = await story.rows("cards")
    assert card["number"] == f"{story.number}-{case['head_seq']}"
    assert (card["rule"], card["level"], card["clock"], card["state"]) == (
        "notice_reminder", "amber", "notice", "standing")  # fmt: skip
    assert (card["raised_at"], card["recorded_at"]) == (opening, seen_at)
    assert (card["started_at"], card["due_on"]) == (story.now, date(2026, 3, 9))
    (event,) = await by_time(story)
    assert (event["name"], event["at"], event["role"], event["actor"], event["actor_name"]) == (
        "case:raise_card", seen_at, "system", None, "系统")  # fmt: skip
    assert {name: event["data"][name] for name in ("rule", "clock", "due_on", "effective_at")} == {
        "rule": "notice_reminder", "clock": "notice", "due_on": "2026-03-09",
        "effective_at": "2026-03-06T00:30:00+00:00",
    }  # fmt: skip
    (told,) = await notifications.of_case(story.number)
    assert (told["recipient"], told["way"], told["event"], told["data"]["card"]) == (
        "department", "task", "notice_reminder", card["number"])  # fmt: skip
    assert await sweep(context, seen_at + timedelta(hours=1)) == Swept(0, 0, whole=True)
    story.now = seen_at
    await whole(story)


@pytest.mark.parametrize("state", ["RECEIVED", "ESCALATED"])
async def test_who_is_not_told_in_time_is_deemed_accepted_as_of_receipt(context: Context, state: str) -> None:
    """12 视为受理: also while the department looks at a proposal to refuse; D05 is drafted and the card is red."""
    story = await bring(context, state, LABOUR)
    received_at = (await story.row())["received_at"]
    assert await fire_case(context, story.number, CLOSING) == (1 if state == "RECEIVED" else 2)
    assert (await story.row())["state"] == state, "at the last moment the notice may still be given"
    story.now = CLOSING + timedelta(minutes=5)
    assert await fire_case(context, story.number, story.now) == 2
    case = await story.row()
    assert (case["state"], case["accepted_at"], case["flags"]) == ("ACCEPTED", received_at, ["deemed"])
    running = {"notice": ("stopped", "2026-03-09"), "promise": ("running", "2026-03-11"),
               "statutory": ("running", "2026-03-30")}  # fmt: skip
    late = {"reply": ("stopped", "2026-03-03")} if state == "ESCALATED" else {}
    assert await story.clocks() == running | late
    stopped = next(row for row in await story.rows("clocks") if row["kind"] == "notice")
    assert (stopped["stopped_at"], stopped["next_at"]) == (CLOSING, None)
    (paper,) = [row for row in await story.rows("documents") if row["code"] == "D05"]
    assert (paper["number"], paper["issued_by"], paper["issued_at"]) == ("示人社受〔2026〕1号", None, story.now)
    assert paper["data"] == {"mode": "deemed", "accepted_at": received_at.isoformat()}
    red, deemed = (await by_time(story))[-2:]
    assert (red["name"], red["data"]["rule"], deemed["name"]) == (
        "case:raise_card", "notice_missed", "case:deem_accepted")  # fmt: skip
    assert (deemed["at"], deemed["data"]["effective_at"]) == (story.now, CLOSING.isoformat())
    assert (await cards(story))[-1] == ("notice_missed", "red", CLOSING)
    told = {(row["recipient"], row["way"], row["event"]) for row in await notifications.of_case(story.number)}
    assert told >= {("department", "task", "deem_accepted"), ("applicant", "sms", "deem_accepted"),
                    ("supervisor", "task", "notice_missed")}  # fmt: skip
    await whole(story)


async def test_the_officer_who_comes_on_monday_is_not_helped_past_friday(context: Context) -> None:
    """The limit ended on Friday at closing; no sweep ran over the weekend, and still the notice is refused."""
    story = await open_story(context, at=hall("2026-02-28"))
    await story.receive_incomplete()
    assert (await story.clocks())["notice"] == ("running", "2026-03-06")
    seen = (await story.row())["version"]
    story.now = hall("2026-03-09", "08:31")
    late = await story.command("officer", Act.GIVE_NOTICE, {"lines": defects(FOOD)}, version=seen)
    with pytest.raises(Stale) as moved:
        await act(context, late)
    assert moved.value.extra["state"] == "ACCEPTED"
    with pytest.raises(Conflict) as refused:
        await story.go("officer", Act.GIVE_NOTICE, lines=defects(FOOD))
    assert refused.value.code == "action_not_allowed"
    assert await story.rows("notices") == []
    assert (await story.documents())["D05"]
    await whole(story)


async def test_cards_only_do_not_make_what_people_have_seen_stale(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    seen = (await story.row())["version"]
    story.now = hall("2026-03-09", "10:00")
    answer = await act(context, await story.command("officer", Act.ACCEPT, {}, version=seen, key="k-1"))
    assert (answer["state"], answer["version"]) == ("ACCEPTED", seen + 1)
    assert [row["name"] for row in await audit.of_case(story.number)][-2:] == ["case:raise_card", "case:accept"]
    assert await act(context, await story.command("officer", Act.ACCEPT, {}, version=seen, key="k-1")) == answer


async def test_a_promise_that_began_in_the_past_gets_its_cards_with_their_own_moments(context: Context) -> None:
    """Deemed accepted as of receipt, the promise of five days ended with the time for the notice itself."""
    story = await bring(context, "RECEIVED")
    story.now = hall("2026-03-09", "17:31")
    assert await fire_case(context, story.number, story.now) == 6
    opening = hall("2026-03-06", "08:30")
    assert [(row["data"]["rule"], row["data"]["effective_at"]) for row in await by_time(story)] == [
        ("notice_reminder", opening.isoformat()),
        ("notice_missed", CLOSING.isoformat()),
        ("deem_accepted", CLOSING.isoformat()),
        ("promise_amber", opening.isoformat()),
        ("promise_yellow", opening.isoformat()),
        ("promise_red", CLOSING.isoformat()),
    ]
    (duty,) = await story.rows("duties")
    assert (duty["kind"], duty["opened_at"], duty["due_on"]) == ("overdue_explanation", CLOSING, date(2026, 3, 12))
    await whole(story)


Way = Callable[[Context], Awaitable[Story]]


def at(state: str) -> Way:
    return lambda context: bring(context, state)


LAWFUL: dict[str, tuple[Way, str, list[tuple[str, str, str]]]] = {
    "stage of pre-review": (at("PRE_REVIEW"), "stage", [("stage_overdue", "red", "2026-03-03T17:30")]),
    "correction": (at("CORRECTION"), "correction", [
        ("correction_reminder", "reminder", "2026-03-27T08:30"), ("correction_lapsed", "reminder", "2026-04-01T17:30"),
    ]),
    "reply to the window": (at("ESCALATED"), "reply", [("reply_overdue", "yellow", "2026-03-03T17:30")]),
    "promise": (at("ACCEPTED"), "promise", [
        ("promise_amber", "amber", "2026-03-06T08:30"), ("promise_yellow", "yellow", "2026-03-06T08:30"),
        ("promise_red", "red", "2026-03-09T17:30"),
    ]),
    "statutory": (at("ACCEPTED"), "statutory", [
        ("statutory_yellow", "yellow", "2026-03-13T08:30"), ("statutory_red", "red", "2026-03-16T17:30"),
    ]),
    "handover": (at("DISPATCHED"), "handover", [("handover_overdue", "yellow", "2026-03-03T17:30")]),
    "stage of review": (at("REVIEW"), "stage", [("stage_overdue", "red", "2026-03-05T17:30")]),
    "stage of endorsement": (at("VERIFY"), "stage", [("stage_overdue", "red", "2026-03-04T17:30")]),
    "delivery": (at("GRANTED"), "delivery", [
        ("delivery_yellow", "yellow", "2026-03-13T08:30"), ("delivery_red", "red", "2026-03-16T17:30"),
    ]),
    "custody": (at("READY"), "stage", [("custody_reminder", "reminder", "2026-03-17T17:30")]),
}  # fmt: skip
"""Which clock, brought about how on Monday, 2 March: what time does under it, by the hall's clock."""


@pytest.mark.parametrize("name", LAWFUL)
async def test_each_clock_is_watched_at_the_moments_of_the_law(context: Context, name: str) -> None:
    """41 催办、亮牌: after a month without sweeps, each with its own moment, under the right level."""
    way, kind, expected = LAWFUL[name]
    story = await way(context)
    story.now = hall("2026-04-03", "12:00")
    await sweep(context, story.now)
    found = [row["data"] for row in await by_time(story) if row["data"]["clock"] == kind]
    written = {row["rule"]: row["level"] for row in await story.rows("cards")}
    assert [
        (row["rule"], written.get(row["rule"], "reminder"), local(row["effective_at"])) for row in found
    ] == expected
    assert all(row["name"] == ("case:raise_card" if row["data"]["rule"] in written else "case:remind")
               for row in await by_time(story) if row["data"]["clock"] == kind)  # fmt: skip
    await whole(story)


def local(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")


async def test_a_red_card_asks_in_writing_for_a_public_word_and_a_second_one_when_none_comes(context: Context) -> None:
    """41、42: D24 names the rule, the day and the reply; three working days later the silence is a card of its own."""
    story = await bring(context, "ACCEPTED")
    story.now = hall("2026-03-10")
    await sweep(context, story.now)
    papers = [row["data"] for row in await story.rows("documents", "seq") if row["code"] == "D24"]
    assert [(row["rule"], row["level"], row["due_on"], row.get("reply_due_on")) for row in papers] == [
        ("promise_yellow", "yellow", "2026-03-09", None),
        ("promise_red", "red", "2026-03-09", "2026-03-12"),
    ]
    assert (await story.clocks())["promise"] == ("running", "2026-03-09"), "the clock goes on"
    story.now = hall("2026-03-13", "08:00")
    await sweep(context, story.now)
    assert (await cards(story))[-1] == ("explanation_missing", "red", hall("2026-03-12", "17:30"))
    (duty,) = await story.rows("duties")
    assert (duty["done_at"], duty["next_at"]) == (None, None)
    told = {(row["recipient"], row["event"]) for row in await notifications.of_case(story.number)}
    assert told >= {("department", "promise_red"), ("supervisor", "promise_red"), ("supervisor", "explanation_missing")}
    assert await sweep(context, story.now + timedelta(minutes=10)) == Swept(0, 0, whole=True)
    await whole(story)


async def test_a_hall_that_was_switched_off_for_weeks_records_the_same_as_one_that_was_not(context: Context) -> None:
    watched, asleep = await bring(context, "RECEIVED"), await bring(context, "RECEIVED")
    moment, end = START, hall("2026-03-25")
    while moment < end:
        moment += timedelta(hours=6)
        await fire_case(context, watched.number, moment)
    await fire_case(context, asleep.number, end)
    assert await cards(watched) == await cards(asleep)
    assert len(await cards(watched)) == 8
    for table, columns in (("duties", "kind opened_at due_on next_at"), ("clocks", "kind stopped_at due_on next_at")):
        one, other = [
            sorted(tuple(row[name] for name in columns.split()) for row in await story.rows(table))
            for story in (watched, asleep)
        ]
        assert one == other
    late = [row["recorded_at"] for row in await asleep.rows("cards")]
    assert set(late) == {end}, "when it was seen to is kept as well"
    for story in (watched, asleep):
        story.now = end
        await whole(story)


async def test_an_extension_moves_the_moments_that_have_not_come(context: Context) -> None:
    """25 延期: the promise has its cards for the new day; what was left for the old day stands."""
    story = await bring(context, "REVIEW")
    await fire_case(context, story.number, hall("2026-03-06", "12:00"))
    await story.go("authority_head", Act.EXTEND, at=hall("2026-03-06", "15:00"), reason="需要进一步核实经营场所。")
    assert (await story.clocks())["promise"] == ("running", "2026-03-16")
    story.now = hall("2026-03-17")
    await fire_case(context, story.number, story.now)
    promised = [(rule, moment) for rule, _, moment in await cards(story) if rule.startswith("promise")]
    assert promised == [
        ("promise_amber", hall("2026-03-06", "08:30")),
        ("promise_yellow", hall("2026-03-06", "08:30")),
        ("promise_amber", hall("2026-03-12", "08:30")),
        ("promise_yellow", hall("2026-03-13", "08:30")),
        ("promise_red", hall("2026-03-16", "17:30")),
    ]
    await whole(story)


async def test_a_clock_that_stands_still_leaves_no_card_and_its_special_procedure_is_watched(context: Context) -> None:
    """23、24: beyond the old promise nothing is late but the testing itself; then the rest of the days run."""
    story = await told_and_served(context)
    await story.go("officer", Act.START_SPECIAL, at=hall("2026-03-09"), kind="testing", **BY_INSTITUTION)
    before = len(await by_time(story))
    story.now = hall("2026-03-19")
    assert await fire_case(context, story.number, story.now) == 0
    assert await check_case(context, story.number, story.now) == []
    story.now = hall("2026-03-23", "09:00")
    await fire_case(context, story.number, story.now)
    (overrun,) = (await by_time(story))[before:]
    assert (overrun["data"]["rule"], local(overrun["data"]["effective_at"])) == ("special_overrun", "2026-03-20T17:30")
    await story.go("officer", Act.FINISH_SPECIAL, at=hall("2026-03-23"), result="样品合格。")
    assert (await story.clocks())["promise"] == ("running", "2026-04-07")
    story.now = hall("2026-04-08")
    await fire_case(context, story.number, story.now)
    promised = [(rule, local(moment.isoformat())) for rule, _, moment in await cards(story) if "promise" in rule]
    assert promised[-2:] == [("promise_yellow", "2026-04-03T08:30"), ("promise_red", "2026-04-07T17:30")]
    await whole(story)


async def test_on_a_case_that_is_over_only_its_file_and_its_originals_are_still_watched(context: Context) -> None:
    for state in ("WITHDRAWN", "NOT_ACCEPTED", "ARCHIVED"):
        await bring(context, state)
    await sweep(context, hall("2026-12-01"))
    async with reading() as connection:
        rules = await connection.fetch("SELECT rule, count(*) AS n FROM cards GROUP BY rule")
        assert {row["rule"]: row["n"] for row in rules} == {"archiving_overdue": 2, "originals_not_returned": 2}
        assert await connection.fetchval("SELECT count(*) FROM clocks WHERE next_at IS NOT NULL") == 0


async def test_two_sweepers_that_race_leave_each_thing_once(context: Context) -> None:
    stories = [await bring(context, "RECEIVED") for _ in range(8)]
    now = hall("2026-03-17")
    done = await asyncio.gather(*(sweep(context, now) for _ in range(3)))
    assert sum(one.carried_out for one in done) == 8 * 9
    assert [one.failed for one in done] == [0, 0, 0]
    for story in stories:
        rules = [row["data"]["rule"] for row in await by_time(story)]
        assert sorted(rules) == sorted(set(rules))
        assert len(rules) == 9
        story.now = now
        await whole(story)
    async with reading() as connection:
        numbers = await connection.fetch("SELECT ordinal FROM documents WHERE code = 'D05' ORDER BY 1")
    assert [row["ordinal"] for row in numbers] == list(range(1, 9))


async def test_an_act_and_a_sweep_that_race_leave_each_thing_once(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    story.now = hall("2026-03-10")
    accept = await story.command("officer", Act.ACCEPT, {})
    results = await asyncio.gather(act(context, accept), sweep(context, story.now), return_exceptions=True)
    assert isinstance(results[0], Conflict)
    assert [name for name in await story.events() if "accept" in name] == ["deem_accepted"]
    assert len(await cards(story)) == 5
    await whole(story)


async def test_a_case_that_fails_sounds_an_alarm_and_stops_nobody(context: Context, database: Database) -> None:
    """A red card that is there already, from nowhere, is refused by the database itself; the others are swept."""
    first, broken, last = [await bring(context, "RECEIVED") for _ in range(3)]
    clock = (await broken.rows("clocks"))[0]
    owner = await asyncpg.connect(database.owner)
    await owner.execute(
        "INSERT INTO cards (id, number, case_id, seq, rule, level, clock, started_at, due_on, raised_at, recorded_at,"
        " state, appeal, settlement) VALUES (uuidv7(), 'X', $1, 9, 'notice_missed', 'red', 'notice', $2, $3, now(),"
        " now(), 'standing', '', '')",
        clock["case_id"], clock["started_at"], clock["due_on"],
    )  # fmt: skip
    now = hall("2026-03-10")
    for count in (12, 0):
        assert await sweep(context, now, limit=2) == Swept(count, 1, whole=True)
        assert [(await story.row())["state"] for story in (first, broken, last)] == ["ACCEPTED", "RECEIVED", "ACCEPTED"]
    async with reading() as connection:
        (alarm,) = await connection.fetch("SELECT * FROM alarms")
    assert (alarm["code"], alarm["subject"], alarm["closed_at"]) == ("timer_failed", broken.number, None)
    assert alarm["detail"]["reason"].startswith("UniqueViolationError at ")
    await owner.execute("DELETE FROM cards WHERE number = 'X'")
    await owner.close()
    assert await sweep(context, now) == Swept(5, 0, whole=True)
    async with reading() as connection:
        assert await connection.fetchval("SELECT closed_at FROM alarms") == now


async def test_a_sweep_that_runs_out_of_time_says_so_and_the_next_goes_on(context: Context) -> None:
    stories = [await bring(context, "RECEIVED") for _ in range(2)]
    now = hall("2026-03-06", "09:00")
    assert await sweep(context, now, seconds=-1) == Swept(0, 0, whole=False)
    assert await sweep(context, now, limit=1) == Swept(2, 0, whole=True)
    assert [len(await cards(story)) for story in stories] == [1, 1]


async def test_a_page_of_what_is_due_begins_with_the_oldest(context: Context) -> None:
    late = await bring(context, "RECEIVED", at=hall("2026-03-03"))
    early = await bring(context, "RECEIVED")
    now = hall("2026-03-17")
    found = await clocks.overdue(now, clocks.FROM_THE_START, 10)
    assert [(row.number, row.next_at) for row in found] == [
        (early.number, hall("2026-03-06", "08:30")), (late.number, hall("2026-03-09", "08:30"))]  # fmt: skip
    assert await clocks.overdue(hall("2026-03-06", "08:30"), clocks.FROM_THE_START, 10) == []


SWEEPER = """
import asyncio, datetime, sys
from engine.context import open_context
from engine.settings import load_settings
from engine.sweeping import sweep
from storage.db import connected

async def run():
    settings = load_settings()
    async with connected(settings.database_url.get_secret_value()):
        await sweep(open_context(settings), datetime.datetime.fromisoformat(sys.argv[1]))

asyncio.run(run())
"""


async def test_a_sweeper_that_is_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    context: Context, settings: Settings, database: Database
) -> None:
    """kill -9 while it waits for the second of three cases; the next sweep does what is left."""
    stories = [await bring(context, "RECEIVED", at=START + timedelta(minutes=n)) for n in range(3)]
    now = hall("2026-03-10")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("YICHUANG_")}
    holder, watcher = [await asyncpg.connect(database.superuser) for _ in range(2)]
    async with holder.transaction():
        await holder.execute("SELECT 1 FROM cases WHERE number = $1 FOR UPDATE", stories[1].number)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SWEEPER, now.isoformat()),
            env=clean | environment_of(settings),
            cwd=Path(__file__).parents[2],
        )
        try:
            await waiting(watcher, 1)
        finally:
            process.kill()
            await process.wait()
    await holder.close()
    await watcher.close()
    assert [(await story.row())["state"] for story in stories] == ["ACCEPTED", "RECEIVED", "RECEIVED"]
    assert await sweep(context, now) == Swept(12, 0, whole=True)
    for story in stories:
        assert len(await by_time(story)) == 6
        story.now = now
        await whole(story)


async def test_silence_grants_where_a_law_says_so_for_the_item(context: Context, database: Database) -> None:
    """29 视为准予: as of the end of the legal limit; delivery is owed from then, and nobody signed."""
    owner = await asyncpg.connect(database.superuser)
    await owner.execute(
        'UPDATE item_versions SET data = data || \'{"on_overdue": "deemed_approved",'
        ' "on_overdue_basis": "内部资料性出版物管理办法"}\' WHERE code = $1',
        FOOD.code,
    )
    await owner.close()
    story = await bring(context, "REVIEW")
    ended = hall("2026-03-16", "17:30")
    story.now = hall("2026-03-20")
    await fire_case(context, story.number, story.now)
    case = await story.row()
    assert (case["state"], case["flags"]) == ("GRANTED", ["deemed_granted"])
    assert case["decided_at"] == case["closed_at"] == ended
    (decision,) = await story.rows("decisions")
    assert (decision["result"], decision["signed_by"], decision["signed_at"], decision["article"]) == (
        "granted", None, ended, "内部资料性出版物管理办法")  # fmt: skip
    (paper,) = [row for row in await story.rows("documents") if row["code"] == "D15"]
    assert (paper["issued_by"], paper["data"]["mode"]) == (None, "deemed")
    found = await story.clocks()
    assert (found["statutory"], found["delivery"]) == (("stopped", "2026-03-16"), ("running", "2026-03-30"))
    assert [row["data"]["rule"] for row in await by_time(story)][-2:] == ["statutory_red", "deem_granted"]
    listed = await list_clocks(context, await actor("hall_manager"), story.number, story.now)
    assert next(row for row in listed if row["kind"] == "delivery")["started_at"] == ended
    await whole(story)


async def test_silence_grants_nothing_otherwise(context: Context) -> None:
    story = await bring(context, "REVIEW")
    await fire_case(context, story.number, hall("2026-05-20"))
    assert (await story.row())["state"] == "REVIEW"


async def test_only_the_engine_takes_a_step_that_time_takes(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    for who in ("officer", "clerk", "supervisor", "system_admin"):
        with pytest.raises((Forbidden, NotFound)):
            await story.go(who, Act.DEEM_ACCEPTED)
    for what in (Act.RAISE_CARD, Act.REMIND):
        with pytest.raises(Conflict):
            await story.go("supervisor", what)
    assert await story.events() == ["open", "receive"]
