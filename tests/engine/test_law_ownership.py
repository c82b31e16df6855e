"""首问负责 and 优先: who answers for an applicant until somebody else has accepted to, and who is served first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.consulting import Consulting, consult
from engine.context import Context
from engine.listing import NOWHERE, list_cases, list_tasks
from engine.opening import Opening, open_case
from storage.db import reading
from tests.engine.test_refusals import refused
from tests.factories import FOOD, PAYLOADS, START, Story, bring, firm, open_story
from tests.people import actor
from workflows.errors import Forbidden
from workflows.events import Act

OFFER: dict[str, Any] = {"to": "clerk2", "reason": "轮班"}


async def owner_of(story: Story) -> str:
    async with reading() as connection:
        login: str = await connection.fetchval(
            "SELECT p.login FROM people p JOIN cases c ON c.owner_id = p.id WHERE c.number = $1", story.number
        )
    return login


async def last_event(story: Story) -> dict[str, Any]:
    return (await story.rows("events", "seq"))[-1]


async def test_who_opens_a_case_is_its_first_contact(context: Context) -> None:
    story = await open_story(context)
    assert await owner_of(story) == "clerk"
    clerk = await actor("clerk")
    assert (await last_event(story))["data"]["owner"] == str(clerk.person)


async def test_who_was_asked_first_stays_the_first_contact_of_the_case_that_comes_of_it(context: Context) -> None:
    told = await consult(context, await actor("guide"), Consulting(FOOD.code, "怎么办理？", "带齐材料即可。"), START)
    request = Opening(item=FOOD.code, applicant=firm(), consultation=told["consultation"])
    answer = await open_case(context, await actor("clerk"), request, START)
    assert await owner_of(Story(context, FOOD, answer["case"], START)) == "guide"


async def test_a_guide_who_left_is_nobodys_first_contact(context: Context) -> None:
    told = await consult(context, await actor("guide"), Consulting(FOOD.code, "怎么办理？", "带齐材料即可。"), START)
    async with reading() as connection:
        await connection.execute("UPDATE people SET active = false WHERE login = 'guide'")
    request = Opening(item=FOOD.code, applicant=firm(), consultation=told["consultation"])
    answer = await open_case(context, await actor("clerk"), request, START)
    assert await owner_of(Story(context, FOOD, answer["case"], START)) == "clerk"


async def test_the_owner_stays_until_the_colleague_has_taken_over(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    state, clocks = (await story.row())["state"], await story.clocks()
    await story.go("clerk", Act.OFFER_HANDOVER, **OFFER)
    assert await owner_of(story) == "clerk"
    offered = await last_event(story)
    told = (await story.rows("notifications", "seq, id"))[-1]
    assert (told["recipient"], told["way"], told["event"]) == ("colleague", "task", "offer_handover")
    await story.go("clerk2", Act.TAKE_OVER)
    taken = await last_event(story)
    old, new = [(await actor(login)).person for login in ("clerk", "clerk2")]
    assert offered["data"] | {"owner": str(old), "offered_to": str(new)} == offered["data"]
    assert taken["data"] | {"owner_before": str(old), "owner": str(new)} == taken["data"]
    assert offered["reason"] == "轮班"
    row = await story.row()
    assert (await owner_of(story), row["offered_to_id"], row["state"]) == ("clerk2", None, state)
    assert await story.clocks() == clocks


async def test_only_whom_it_was_offered_to_takes_a_case_over(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    async with refused("no_handover_offered"):
        await story.go("clerk2", Act.TAKE_OVER)
    await story.go("clerk", Act.OFFER_HANDOVER, **OFFER)
    for who in ("guide", "hall_manager", "clerk"):
        async with refused("handover_not_for_you", Forbidden):
            await story.go(who, Act.TAKE_OVER)
    await story.go("clerk2", Act.TAKE_OVER)
    async with refused("no_handover_offered"):
        await story.go("clerk2", Act.TAKE_OVER)


async def test_nobody_hands_over_anothers_case_but_the_hall_manager(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    async with refused("not_the_owner", Forbidden):
        await story.go("clerk2", Act.OFFER_HANDOVER, to="guide", reason="轮班")
    async with refused("role_not_allowed", Forbidden):
        await story.go("issuer", Act.OFFER_HANDOVER, **OFFER)
    await story.go("hall_manager", Act.OFFER_HANDOVER, **OFFER)
    await story.go("hall_manager", Act.OFFER_HANDOVER, to="guide", reason="改派")
    async with refused("handover_not_for_you", Forbidden):
        await story.go("clerk2", Act.TAKE_OVER)
    await story.go("guide", Act.TAKE_OVER)
    assert await owner_of(story) == "guide"


@pytest.mark.parametrize("to", ["nobody", "issuer", "clerk.town", "officer.hrss", "auditor"])
async def test_a_case_is_handed_only_to_a_colleague_who_may_own_it(context: Context, to: str) -> None:
    story = await bring(context, "RECEIVED")
    async with refused("colleague_unknown") as found:
        await story.go("clerk", Act.OFFER_HANDOVER, to=to, reason="轮班")
    assert found.value.basis == "国发〔2022〕5号 首问负责"


async def test_a_case_is_not_handed_to_its_owner_or_to_somebody_who_left(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    async with refused("owner_already"):
        await story.go("clerk", Act.OFFER_HANDOVER, to="clerk", reason="轮班")
    async with reading() as connection:
        await connection.execute("UPDATE people SET active = false WHERE login = 'clerk2'")
    async with refused("colleague_unknown"):
        await story.go("clerk", Act.OFFER_HANDOVER, **OFFER)


async def test_the_department_takes_a_case_over_from_the_window(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    await story.go("clerk", Act.OFFER_HANDOVER, to="officer", reason="转承办部门")
    await story.go("officer", Act.TAKE_OVER)
    assert await owner_of(story) == "officer"


async def test_who_signs_a_case_in_answers_for_it_from_then_on(context: Context) -> None:
    story = await bring(context, "DISPATCHED")
    await story.go("clerk", Act.OFFER_HANDOVER, **OFFER)
    await story.go("officer", Act.SIGN_IN)
    clerk, officer = [(await actor(login)).person for login in ("clerk", "officer")]
    signed = (await last_event(story))["data"]
    assert (signed["owner_before"], signed["owner"]) == (str(clerk), str(officer))
    assert (await owner_of(story), (await story.row())["offered_to_id"]) == ("officer", None)


async def test_a_case_that_is_over_changes_hands_no_more(context: Context) -> None:
    story = await bring(context, "WITHDRAWN")
    async with refused("action_not_allowed"):
        await story.go("clerk", Act.OFFER_HANDOVER, **OFFER)


async def test_priority_orders_queues_and_moves_no_limit(context: Context) -> None:
    early = await bring(context, "RECEIVED")
    late = await bring(context, "RECEIVED", at=START + timedelta(days=1))
    clocks, due_at = await late.clocks(), (await late.row())["due_at"]
    await late.go("guide", Act.MARK_PRIORITY, group="military", evidence="军官证")
    row = await late.row()
    assert (row["priority"], row["rank"], row["due_at"], row["state"]) == ("military", 0, due_at, "RECEIVED")
    assert await late.clocks() == clocks
    clerk = await actor("clerk")
    for listed in (await list_cases(clerk), await list_tasks(context, clerk)):
        assert [found["number"] for found in listed] == [late.number, early.number]
    async with refused("role_not_allowed", Forbidden):
        await early.go("officer", Act.MARK_PRIORITY, group="elderly", evidence="居民身份证")
    await late.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert [found["number"] for found in await list_cases(clerk)] == [early.number, late.number]


async def test_a_queue_is_read_page_by_page_without_a_case_twice_or_left_out(context: Context) -> None:
    stories = [await open_story(context, who=firm(n)) for n in range(7)]
    for story in stories[3:6]:
        await story.go("clerk", Act.MARK_PRIORITY, group="disabled", evidence="残疾人证")
    clerk, place, numbers = await actor("clerk"), NOWHERE, list[str]()
    while page := await list_cases(clerk, after=place, limit=2):
        numbers += [row["number"] for row in page]
        place = (page[-1]["rank"], page[-1]["urgency"], page[-1]["id"])
    wanted = [story.number for story in [*stories[3:6], *stories[:3], stories[6]]]
    assert numbers == wanted
