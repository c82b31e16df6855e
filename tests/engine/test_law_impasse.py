"""办不成事: a ticket from registration to the file, with its days, its people and its trail (row 43)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.context import Context
from engine.impasse_watch import watch_impasses
from engine.redress import (
    Moving,
    Registering,
    list_impasses,
    move_impasse,
    read_impasse,
    register_impasse,
    unmask_contact,
)
from engine.work import Answer
from storage.db import reading
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import hall
from tests.factories import START, bring, open_story
from tests.people import actor
from workflows.errors import Forbidden, Malformed, NotFound, YichuangError
from workflows.impasse import ImpasseStep

MATTER = "跑了三次仍未办成。"


async def register(context: Context, who: str = "impasse_handler", key: str = "", **more: Any) -> Answer:
    request = Registering(**{"person": "示例人", "matter": MATTER, "contact": "13800001234", **more})
    return await register_impasse(context, await actor(who), request, more.pop("at", START), key)


async def move(
    context: Context, number: str, step: str, who: str = "impasse_handler", key: str = "", **more: Any
) -> Answer:
    at = more.pop("at", START)
    request = Moving(**{"note": "已处理。", **more})
    return await move_impasse(context, await actor(who), number, ImpasseStep(step), request, at, key)


async def test_a_ticket_goes_from_registration_to_the_file(context: Context) -> None:
    answer = await register(context)
    number = answer["impasse"]
    assert answer == {
        "impasse": "示政服难〔2026〕1号",
        "state": "registered",
        "contact_due_on": "2026-03-02",
        "due_on": "2026-03-09",
    }
    await move(context, number, "assign", organisation="amr")
    await move(context, number, "contact", at=hall("2026-03-02", "11:00"))
    await move(context, number, "solve", "officer", at=hall("2026-03-04"), note="已受理并办结。")
    await move(context, number, "feed_back", at=hall("2026-03-05"))
    await move(context, number, "verify", "hall_manager", at=hall("2026-03-05", "11:00"))
    await move(context, number, "file", at=hall("2026-03-06"))
    seen = await read_impasse(await actor("impasse_handler"), number, START)
    assert (seen["state"], seen["state_title"], seen["assigned"]) == ("filed", "已归档", "amr")
    assert seen["contacted_at"] == hall("2026-03-02", "11:00")
    assert (seen["solved_at"], seen["closed_at"]) == (hall("2026-03-04"), hall("2026-03-06"))
    history = [(line["step"], line["role"]) for line in seen["history"]]
    assert history == [
        ("register", "impasse_handler"), ("assign", "impasse_handler"), ("contact", "impasse_handler"),
        ("solve", "officer"), ("feed_back", "impasse_handler"), ("verify", "hall_manager"), ("file", "impasse_handler"),
    ]  # fmt: skip
    assert seen["history"][3] | {"by": ""} == {
        "step": "solve", "by": "", "role": "officer", "at": hall("2026-03-04").isoformat(), "note": "已受理并办结。",
    }  # fmt: skip
    assert seen["steps"] == []


async def test_a_simple_matter_is_solved_at_once_at_the_window(context: Context) -> None:
    number = (await register(context))["impasse"]
    for step in ("contact", "solve", "feed_back"):
        answer = await move(context, number, step)
    assert answer["state"] == "fed_back"


async def test_a_complex_matter_has_ten_working_days_from_its_registration(context: Context) -> None:
    number = (await register(context))["impasse"]
    answer = await move(context, number, "assign", organisation="amr", complex=True, at=hall("2026-03-04"))
    assert answer["due_on"] == "2026-03-16"
    assert (await register(context, complex=True))["due_on"] == "2026-03-16"


async def test_before_the_spring_festival_the_days_off_do_not_count(context: Context) -> None:
    request = Registering(person="示例人", matter=MATTER)
    answer = await register_impasse(context, await actor("clerk"), request, hall("2026-02-11"))
    # 12 and 13 February, Saturday the 14th (worked), then 24 and 25 February.
    assert (answer["contact_due_on"], answer["due_on"]) == ("2026-02-11", "2026-02-25")


@pytest.mark.parametrize("registered", [("2026-03-06", "20:10"), ("2026-03-07", "10:00")])
async def test_a_ticket_of_the_evening_or_the_weekend_is_answered_on_the_next_day_of_work(
    context: Context, registered: tuple[str, str]
) -> None:
    request = Registering(person="示例人", matter=MATTER)
    answer = await register_impasse(context, await actor("impasse_handler"), request, hall(*registered))
    assert answer["contact_due_on"] == "2026-03-09"
    assert await watch_impasses(context, hall("2026-03-09", "17:00")) == 0


async def test_an_applicant_who_is_not_satisfied_is_heard_again(context: Context) -> None:
    number = (await register(context))["impasse"]
    for step in ("contact", "solve", "feed_back"):
        await move(context, number, step)
    answer = await move(context, number, "reopen", "hall_manager", note="反映人不满意。")
    assert (answer["state"], answer["due_on"]) == ("assigned", "2026-03-09")
    await move(context, number, "solve")
    await move(context, number, "feed_back")
    await move(context, number, "verify", "hall_manager")


async def test_the_order_of_a_tickets_way(context: Context) -> None:
    number = (await register(context))["impasse"]
    for step in ("feed_back", "verify", "reopen", "file"):
        async with refused("impasse_step_not_allowed") as found:
            await move(context, number, step)
    assert found.value.extra["allowed"] == ["assign", "contact", "solve"]
    await move(context, number, "solve")
    async with refused("contact_first"):
        await move(context, number, "feed_back")
    await move(context, number, "contact")
    async with refused("already_contacted"):
        await move(context, number, "contact")
    await move(context, number, "feed_back")
    async with refused("same_person", Forbidden):
        await move(context, number, "verify")
    await move(context, number, "verify", "hall_manager")
    async with refused("impasse_step_not_allowed"):
        await move(context, number, "contact")


async def test_who_registers_and_who_moves_a_ticket(context: Context) -> None:
    numbers = [(await register(context, who))["impasse"] for who in ("clerk", "guide", "hall_manager")]
    assert numbers == [f"示政服难〔2026〕{n}号" for n in (1, 2, 3)]
    for who in ("officer", "issuer", "auditor", "system_admin"):
        async with refused("role_not_allowed", Forbidden):
            await register(context, who)
    for who, step in (("clerk", "assign"), ("hall_manager", "contact"), ("guide", "solve"), ("auditor", "file")):
        async with refused("role_not_allowed", Forbidden):
            await move(context, numbers[0], step, who, organisation="amr")
    async with refused("department_needed", Malformed):
        await move(context, numbers[0], "assign")
    for place in ("w01", "nowhere"):
        async with refused("organisation_not_found", NotFound):
            await move(context, numbers[0], "assign", organisation=place)


async def test_a_ticket_is_seen_by_its_hall_and_by_the_department_that_it_was_assigned_to(context: Context) -> None:
    number = (await register(context))["impasse"]
    unseen = ("officer", "clerk.town", "issuer", "system_admin")
    for who in unseen:
        async with refused("impasse_not_found", NotFound):
            await read_impasse(await actor(who), number, START)
        async with refused("impasse_not_found", NotFound):
            await move(context, number, "solve", who)
    assert [await list_impasses(await actor(who)) for who in unseen] == [[], [], [], []]
    await move(context, number, "assign", organisation="amr")
    for who in ("officer", "approver", "clerk", "guide", "hall_manager", "supervisor", "auditor"):
        (row,) = await list_impasses(await actor(who))
        assert row["number"] == (await read_impasse(await actor(who), number, START))["number"] == number
    assert (await read_impasse(await actor("officer"), number, START))["steps"] == ["solve"]
    async with refused("impasse_not_found", NotFound):
        await read_impasse(await actor("officer.hrss"), number, START)


async def test_the_most_urgent_ticket_is_listed_first_page_by_page(context: Context) -> None:
    slow = (await register(context, complex=True))["impasse"]
    first, second = [(await register(context))["impasse"] for _ in range(2)]
    handler = await actor("impasse_handler")
    page = await list_impasses(handler, limit=2)
    assert [row["number"] for row in page] == [first, second]
    rest = await list_impasses(handler, after=(page[-1]["due_on"], page[-1]["id"]), limit=2)
    assert [row["number"] for row in rest] == [slow]
    await move(context, first, "assign", organisation="amr")
    assert [row["number"] for row in await list_impasses(handler, states=["assigned"])] == [first]


async def test_a_ticket_is_linked_to_a_case_within_the_registrars_sight(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    number = (await register(context, "clerk", case=story.number))["impasse"]
    assert (await read_impasse(await actor("clerk"), number, START))["case"] == story.number
    town = await open_story(context, by="clerk.town")
    async with refused("case_not_found", NotFound):
        await register(context, "clerk", case=town.number)
    async with refused("case_not_found", NotFound):
        await register(context, "clerk", case="4601002603020099999")


async def test_how_to_reach_the_applicant_is_sealed_and_shown_for_a_reason(context: Context) -> None:
    number = (await register(context))["impasse"]
    async with reading() as connection:
        text = await connection.fetchval("SELECT to_jsonb(i)::text FROM impasses i")
    assert "13800001234" not in text
    handler = await actor("impasse_handler")
    assert "13800001234" not in str(await read_impasse(handler, number, START))
    async with refused("reason_needed", Malformed):
        await unmask_contact(context, handler, number, "看", START)
    async with refused("role_not_allowed", Forbidden):
        await unmask_contact(context, await actor("clerk"), number, "联系反映人", START)
    assert await unmask_contact(context, handler, number, "联系反映人", START) == "13800001234"
    async with reading() as connection:
        logged = await connection.fetch("SELECT subject, action, body FROM access_log ORDER BY day, seq")
    assert tuple(logged[-1])[:2] == (number, "unmask.contact")
    assert "联系反映人" in logged[-1]["body"]


async def test_a_repeated_request_registers_and_moves_once(context: Context) -> None:
    answers = await asyncio.gather(*(register(context, key="k-1") for _ in range(4)))
    assert len({answer["impasse"] for answer in answers}) == 1
    number = answers[0]["impasse"]
    moved = await asyncio.gather(*(move(context, number, "contact", key="k-2") for _ in range(4)))
    assert all(answer == moved[0] for answer in moved)
    seen = await read_impasse(await actor("impasse_handler"), number, START)
    assert [line["step"] for line in seen["history"]] == ["register", "contact"]
    async with refused("key_reused", Malformed):
        await register(context, key="k-1", matter="另一件事。")


async def test_of_two_steps_at_the_same_moment_one_is_taken(context: Context) -> None:
    number = (await register(context))["impasse"]
    steps = [move(context, number, "assign", who, organisation="amr") for who in ("impasse_handler", "hall_manager")]
    results = await asyncio.gather(*steps, return_exceptions=True)
    (lost,) = [result for result in results if isinstance(result, YichuangError)]
    assert lost.code == "impasse_step_not_allowed"


async def test_what_a_ticket_may_hold(context: Context) -> None:
    async with refused("control_character", Malformed):
        await register(context, matter="看不见\u202e的字符")
    number = (await register(context))["impasse"]
    async with refused("control_character", Malformed):
        await move(context, number, "solve", note="\x00")
