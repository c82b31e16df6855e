"""预约 and 停止办公: a hall that is closed moves the visits booked with it, and never a statutory day."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from engine.appointing import book_appointment, declare_closure, list_closures, review_appointments
from engine.context import Context
from engine.publishing import import_calendar
from storage import appointments
from storage.db import reading
from tests.engine.test_law_recount import TOLD, carried_out, year_2027
from tests.engine.test_refusals import refused
from tests.factories import START, Story, bring, firm
from tests.people import actor
from workflows.errors import Forbidden, Malformed, NotFound
from workflows.events import Act

WEDNESDAY, THURSDAY, FRIDAY, MONDAY = date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9)
TEN = time(10, 0)
NOW = START + timedelta(hours=1)


async def book(story: Story, day: date = WEDNESDAY, at: time = TEN, who: str = "guide", **more: Any) -> Any:
    now = more.pop("now", NOW)
    return await book_appointment(story.context, await actor(who), story.number, day, at, now, **more)


async def close(context: Context, day: date = WEDNESDAY, who: str = "hall_manager", **more: Any) -> Any:
    given: dict[str, Any] = {"hall": None, "reason": "台风红色预警"} | more
    now = given.pop("now", NOW)
    return await declare_closure(context, await actor(who), day=day, now=now, **given)


async def visit(story: Story) -> tuple[date, date, str]:
    return [(row["day"], row["first_day"], row["state"]) for row in await appointments.of_case(story.number)][-1]


@pytest.mark.parametrize("state", ["NEW", "PRE_PASSED"])
async def test_a_visit_is_booked_within_the_hours_of_the_hall(context: Context, state: str) -> None:
    story = await bring(context, state)
    row = await story.row()
    assert await book(story) == {"case": story.number, "day": "2026-03-04", "time": "10:00"}
    assert await visit(story) == (WEDNESDAY, WEDNESDAY, "booked")
    event, told = (await story.rows("events", "seq"))[-1], (await story.rows("notifications", "seq, id"))[-1]
    assert (event["name"], event["role"], event["from_state"], event["to_state"]) == (
        "appointment:booked", "guide", state, state,
    )  # fmt: skip
    assert (told["recipient"], told["way"], told["event"], told["seq"]) == (
        "applicant", "sms", "appointment:booked", event["seq"],
    )  # fmt: skip
    assert told["data"] == event["data"] == {"day": "2026-03-04", "time": "10:00"}
    after = await story.row()
    assert (after["state"], after["version"]) == (row["state"], row["version"])


async def test_another_visit_takes_the_place_of_the_first(context: Context) -> None:
    story = await bring(context, "NEW")
    await book(story)
    await book(story, THURSDAY)
    listed = await appointments.of_case(story.number)
    assert [(row["day"], row["state"]) for row in listed] == [(WEDNESDAY, "cancelled"), (THURSDAY, "booked")]
    assert (await story.rows("events", "seq"))[-1]["data"]["instead_of"] == "2026-03-04"


async def test_a_repeated_booking_is_answered_once(context: Context) -> None:
    story = await bring(context, "NEW")
    answers = await asyncio.gather(*(book(story, key="a-1") for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert len(await appointments.of_case(story.number)) == 1
    async with refused("key_reused", Malformed):
        await book(story, THURSDAY, key="a-1")


@pytest.mark.parametrize(
    ("day", "at", "code"),
    [
        (date(2026, 3, 2), time(8, 0), "visit_in_the_past"),
        (date(2026, 2, 27), TEN, "visit_in_the_past"),
        (date(2026, 3, 7), TEN, "hall_closed_that_day"),
        (date(2026, 4, 6), TEN, "hall_closed_that_day"),
        (date(2027, 3, 3), TEN, "day_not_published"),
        (WEDNESDAY, time(7, 0), "outside_hall_hours"),
        (WEDNESDAY, time(13, 0), "outside_hall_hours"),
        (WEDNESDAY, time(17, 30), "outside_hall_hours"),
    ],
)
async def test_when_nobody_may_be_asked_to_come(context: Context, day: date, at: time, code: str) -> None:
    story = await bring(context, "NEW")
    async with refused(code):
        await book(story, day, at)


async def test_a_weekend_that_is_worked_may_be_booked(context: Context) -> None:
    story = await bring(context, "NEW")
    assert (await book(story, date(2026, 5, 9)))["day"] == "2026-05-09"


@pytest.mark.parametrize("state", ["PRE_REVIEW", "RECEIVED", "WITHDRAWN"])
async def test_who_need_not_come_is_not_booked(context: Context, state: str) -> None:
    story = await bring(context, state)
    async with refused("no_visit_needed"):
        await book(story)


async def test_who_may_not_book(context: Context) -> None:
    story = await bring(context, "PRE_PASSED")
    async with refused("role_not_allowed", Forbidden):
        await book(story, who="officer")
    async with refused("case_not_found", NotFound):
        await book(story, who="clerk.town")


async def test_a_closure_moves_every_visit_of_the_day_to_the_next_open_day(context: Context) -> None:
    stories = [await bring(context, "NEW", who=firm(n)) for n in (1, 2)]
    later = await bring(context, "NEW", who=firm(3))
    for story in stories:
        await book(story, FRIDAY)
    await book(later, THURSDAY)
    assert await close(context, FRIDAY) == {"hall": "hall", "day": "2026-03-06", "appointments": 2}
    await carried_out(context, NOW)
    for story in stories:
        assert await visit(story) == (MONDAY, FRIDAY, "booked")
        event, told = (await story.rows("events", "seq"))[-1], (await story.rows("notifications", "seq, id"))[-1]
        assert (event["name"], event["role"], event["actor"]) == ("appointment:moved", "system", None)
        assert event["data"] == told["data"] == {
            "from": "2026-03-06", "day": "2026-03-09", "time": "10:00", "reason": "台风红色预警", "provisional": False,
        }  # fmt: skip
        assert (told["recipient"], told["way"], told["event"]) == ("applicant", "sms", "appointment:moved")
    assert await visit(later) == (THURSDAY, THURSDAY, "booked")
    (listed,) = await list_closures(await actor("clerk"), WEDNESDAY)
    assert (listed["hall"], listed["day"], listed["reason"]) == ("hall", FRIDAY, "台风红色预警")
    assert await list_closures(await actor("clerk"), MONDAY) == []
    assert await list_closures(await actor("clerk.town"), WEDNESDAY) == []


async def test_a_closure_after_a_closure_moves_a_visit_once_more(context: Context) -> None:
    story = await bring(context, "NEW")
    await book(story, FRIDAY)
    for day in (MONDAY, FRIDAY, date(2026, 3, 10)):
        await close(context, day)
        await carried_out(context, NOW)
    assert await visit(story) == (date(2026, 3, 11), FRIDAY, "booked")
    assert (await story.events()).count("moved") == 2


async def test_a_closure_never_moves_a_statutory_day(context: Context) -> None:
    stories = [await bring(context, state) for state in ("RECEIVED", "ACCEPTED", "REVIEW")]
    clocks = [await story.clocks() for story in stories]
    index = [await story.rows("clocks") for story in stories]
    for day in (THURSDAY, FRIDAY, MONDAY):
        await close(context, day)
    await carried_out(context, NOW)
    assert [await story.clocks() for story in stories] == clocks
    assert [await story.rows("clocks") for story in stories] == index


async def test_nothing_is_booked_for_a_day_that_was_declared_closed(context: Context) -> None:
    story = await bring(context, "NEW")
    await close(context)
    async with refused("hall_closed_that_day"):
        await book(story)


async def test_a_booking_and_a_closure_at_the_same_moment_leave_nobody_before_closed_doors(context: Context) -> None:
    stories = [await bring(context, "NEW", who=firm(n)) for n in range(5)]
    await asyncio.gather(*(book(story) for story in stories), close(context), return_exceptions=True)
    await carried_out(context, NOW)
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM appointments WHERE day = $1", WEDNESDAY) == 0


async def test_moving_is_repeated_without_harm(context: Context) -> None:
    story = await bring(context, "NEW")
    await book(story)
    await close(context)
    await carried_out(context, NOW)
    hall = (await story.row())["hall_id"]
    counts = await asyncio.gather(*(review_appointments(context, hall, WEDNESDAY, None, NOW) for _ in range(3)))
    assert counts == [0, 0, 0]
    assert (await story.events()).count("moved") == 1


async def test_who_has_come_or_gone_is_not_moved(context: Context) -> None:
    come, gone = await bring(context, "NEW"), await bring(context, "NEW", who=firm(2))
    for story in (come, gone):
        await book(story)
    await come.receive()
    await gone.go("clerk", Act.WITHDRAW, reason="不再办理。", signed=True)
    assert (await close(context))["appointments"] == 0
    await carried_out(context, NOW)
    assert [(await visit(story))[0] for story in (come, gone)] == [WEDNESDAY, WEDNESDAY]


async def test_a_year_that_is_announced_moves_the_visits_that_it_makes_impossible(context: Context) -> None:
    """Closed on 31 December, a visit moves to a Friday of a year nobody knows; then 1 January turns out to be off."""
    story = await bring(context, "NEW", at=datetime(2026, 12, 20, 1, 30, tzinfo=UTC))
    last = date(2026, 12, 31)
    await book(story, last, now=TOLD)
    await close(context, last, now=TOLD)
    await carried_out(context)
    assert await visit(story) == (date(2027, 1, 1), last, "booked")
    assert (await story.rows("events", "seq"))[-1]["data"]["provisional"] is True
    await import_calendar(year_2027(), TOLD)
    await carried_out(context)
    assert await visit(story) == (date(2027, 1, 5), last, "booked")
    moved = (await story.rows("events", "seq"))[-1]["data"]
    assert (moved["from"], moved["reason"], moved["provisional"]) == ("2027-01-01", "元旦", False)


async def test_what_is_refused_of_a_closure(context: Context) -> None:
    async with refused("role_not_allowed", Forbidden):
        await close(context, who="clerk")
    async with refused("organisation_not_found", NotFound):
        await close(context, hall="town-hall")
    async with refused("closure_in_the_past"):
        await close(context, date(2026, 3, 1))
    for reason in ("", " ", "\t "):
        async with refused("reason_needed", Malformed):
            await close(context, reason=reason)
    async with refused("control_character", Malformed):
        await close(context, reason="停电\x00")
    await close(context, key="c-1")
    assert (await close(context, key="c-1"))["day"] == "2026-03-04"
    async with refused("closure_declared_already"):
        await close(context)
