"""事项暂停、恢复、取消: two stewards stop an item and let it go on; open cases are not touched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.catalogue import approving
from engine.context import Context
from engine.opening import item_in_force
from storage import catalogues
from tests.engine.stewards import CHECKER, LATER, barred, done, logged, next_food, proposed, text_of
from tests.factories import FOOD, START, open_story
from tests.people import actor
from workflows.errors import Conflict
from workflows.events import Act

TODAY = START.date()


async def closed(day: date) -> bool:
    """Whether no application is taken on a day."""
    row = await catalogues.item_on(FOOD.code, day)
    assert row is not None
    shut: bool = row["suspended"] or not row["in_force_from"] <= day <= (row["in_force_to"] or date.max)
    if shut:
        with pytest.raises(Conflict, match="item_not_in_force"):
            await item_in_force(FOOD.code, day)
    return shut


async def test_a_suspended_item_takes_no_application_until_it_is_resumed(context: Context) -> None:
    story = await open_story(context)
    draft = await proposed(context, "suspension", item=FOOD.code, reason="上位法修订。")
    assert not await closed(TODAY)
    shown = await approving.read_draft(context, await actor(CHECKER), draft, START)
    assert (shown["title"], shown["changes"], shown["text"]) == (FOOD.name, (), "")
    await approving.publish(context, await actor(CHECKER), draft, START)
    assert await closed(TODAY)
    assert FOOD.code not in {
        row["code"] for row in await catalogues.items_in_force(TODAY, after="", text="", limit=200)
    }
    await story.receive()
    async with barred("item_suspended"):
        await proposed(context, "suspension", item=FOOD.code, reason="再次暂停。")
    await done(context, "item", text=text_of(next_food()))
    assert await closed(LATER)
    await done(context, "resumption", item=FOOD.code, reason="新办法已公布。")
    assert not await closed(TODAY)
    assert not await closed(LATER)
    async with barred("item_not_suspended"):
        await proposed(context, "resumption", item=FOOD.code, reason="再次恢复。")
    assert [step for step, _ in await logged(FOOD.code)] == ["draft.propose", "draft.publish"] * 3
    assert "accept" in await story.allowed("officer")


async def test_a_cancelled_item_ends_on_its_last_day_and_stays_ended(context: Context) -> None:
    await done(context, "item", text=text_of(next_food()))
    last = LATER + timedelta(days=4)
    await done(context, "cancellation", item=FOOD.code, last_day=last.isoformat(), reason="国务院决定取消。")
    assert [await closed(day) for day in (TODAY, LATER, last, last + timedelta(days=1))] == [False, False, False, True]
    async with barred("item_cancelled"):
        await proposed(context, "item", text=text_of(next_food(version=3)))
    async with barred("item_cancelled"):
        await proposed(context, "suspension", item=FOOD.code, reason="暂停。")
    await done(context, "resumption", item=FOOD.code, reason="取消的决定已撤销。")
    assert not await closed(last + timedelta(days=1))
    await done(context, "cancellation", item=FOOD.code, last_day=TODAY.isoformat(), reason="国务院决定取消。")
    assert [await closed(day) for day in (TODAY, TODAY + timedelta(days=1), LATER)] == [False, True, True]
    async with barred("item_cancelled"):
        await proposed(context, "resumption", now=START + timedelta(days=1), item=FOOD.code, reason="恢复。")


@pytest.mark.parametrize("last_day", [None, (TODAY - timedelta(days=1)).isoformat()])
async def test_a_cancellation_names_a_day_that_has_not_passed(context: Context, last_day: str | None) -> None:
    async with barred("last_day_passed"):
        await proposed(context, "cancellation", item=FOOD.code, last_day=last_day, reason="取消。")
    async with barred("item_not_found"):
        await proposed(context, "suspension", item=FOOD.code[:-1] + "9", reason="暂停。")


async def test_an_open_case_goes_on_under_a_cancelled_item(context: Context) -> None:
    story = await open_story(context)
    await done(context, "cancellation", item=FOOD.code, last_day=TODAY.isoformat(), reason="国务院决定取消。")
    await story.receive()
    await story.go("officer", Act.ACCEPT, at=START + timedelta(days=1))
    assert (await story.row())["state"] == "ACCEPTED"
