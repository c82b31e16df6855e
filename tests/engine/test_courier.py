"""Post through a courier: ordered once, sent when there is a waybill, tracked to its end, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from pydantic import SecretStr

from engine.context import Context
from engine.issue.courier import Courier, Receiver, Refused, Tracking
from engine.issue.shipping import carry_out_order, list_orders, order_post, report, track
from engine.jobs import run_row
from engine.later import Later
from storage import postings
from storage.db import reading
from tests.courier import KEY, SampleCourier, sample_courier
from tests.engine.test_law_delivery import all_stopped, ready, served
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import whole
from tests.factories import RECIPIENT, Story, bring, firm
from tests.people import actor
from workflows.errors import Forbidden, NotFound, Unavailable
from workflows.events import Act

RECEIVER = Receiver("示例收件人", "13800001234", "海南省海口市示例路1号")


@pytest.fixture
def courier() -> Iterator[SampleCourier]:
    with sample_courier() as running:
        yield running


@pytest.fixture
def connected(context: Context, courier: SampleCourier) -> Context:
    """The engine of a hall that is connected to the courier."""
    changes = {"courier_url": SecretStr(courier.url), "courier_key": SecretStr(KEY)}
    context.settings = context.settings.model_copy(update=changes)
    return context


async def order(context: Context, stories: list[Story], receiver: Receiver = RECEIVER, **more: Any) -> UUID:
    now = max(story.now for story in stories) + timedelta(minutes=5)
    for story in stories:
        story.now = now
    who = await actor(more.pop("who", "issuer"))
    answer = await order_post(context, who, [story.number for story in stories], receiver, now, **more)
    return UUID(answer["order"])


async def states(stories: list[Story]) -> list[str]:
    return [(await story.row())["state"] for story in stories]


async def ordered(key: UUID) -> tuple[str, str]:
    row = await postings.order(key)
    assert row is not None
    return row["state"], row["outcome"]


async def run_orders(context: Context, now: datetime) -> None:
    """What a worker does with the orders that are due."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT id FROM outbox WHERE topic = 'courier.order' AND state IN ('waiting', 'sent') AND due_at <= $1", now
        )
    for row in rows:
        assert await run_row(context, row["id"], lambda: now)


async def test_three_certificates_of_a_firm_go_by_courier_and_are_signed_for(
    connected: Context, courier: SampleCourier
) -> None:
    stories = await ready(connected, firm(), firm(), firm())
    key = await order(connected, stories)
    assert await states(stories) == ["READY"] * 3
    await run_orders(connected, stories[0].now)
    assert await states(stories) == ["IN_TRANSIT"] * 3
    (waybill,) = courier.parcels
    assert await ordered(key) == ("sent", waybill)
    parcel = courier.parcels[waybill]
    assert (parcel["pieces"], parcel["receiver"]) == (3, msgspec.to_builtins(RECEIVER))
    assert await track(connected, stories[0].now + timedelta(hours=1)) == 0
    courier.signed(waybill)
    later = stories[0].now + timedelta(days=1)
    assert await track(connected, later) == 1
    assert await track(connected, later) == 0
    assert await states(stories) == ["DELIVERED"] * 3
    papers = [row for story in stories for row in await story.rows("documents") if row["code"] == "D18"]
    assert len(papers) == 1
    assert len(papers[0]["data"]["lines"]) == 3
    for story in stories:
        story.now = later
        assert await served(story) == [("D15", "post", False), ("D17", "post", False)]
        await all_stopped(story)
        await whole(story)


async def test_a_returned_parcel_waits_again_and_goes_out_under_another_waybill(
    connected: Context, courier: SampleCourier
) -> None:
    stories = await ready(connected, firm(), firm())
    await order(connected, stories)
    await run_orders(connected, stories[0].now)
    (first,) = courier.parcels
    told = msgspec.convert(courier.returned(first), Tracking)
    assert await report(connected, told, stories[0].now + timedelta(days=2))
    assert not await report(connected, told, stories[0].now + timedelta(days=3))
    assert await states(stories) == ["READY", "READY"]
    for story in stories:
        story.now += timedelta(days=3)
    await order(connected, stories)
    await run_orders(connected, stories[0].now)
    assert await states(stories) == ["IN_TRANSIT"] * 2
    assert len(courier.parcels) == 2
    for story in stories:
        assert [row["state"] for row in await story.rows("postings", "sent_at")] == ["returned", "sent"]
        await whole(story)


async def test_an_order_outlives_a_courier_that_is_down_for_an_hour(connected: Context, courier: SampleCourier) -> None:
    (story,) = await ready(connected, firm())
    key, start = await order(connected, [story]), story.now
    for status, body in ((503, None), (500, b"<html>"), (302, None), (200, b"not json"), (200, b'{"waybill": ""}')):
        courier.status, courier.body = status, body
        await run_orders(connected, story.now)
        story.now += timedelta(minutes=12)
        assert await ordered(key) == ("waiting", "")
    courier.status, courier.body = 0, None
    await run_orders(connected, start + timedelta(hours=1))
    (waybill,) = courier.parcels
    assert await ordered(key) == ("sent", waybill)
    assert await states([story]) == ["IN_TRANSIT"]
    await run_orders(connected, start + timedelta(hours=2))
    assert courier.asked.count("POST /waybills") == 6


async def test_an_order_that_nobody_answers_for_three_days_is_seen(connected: Context, courier: SampleCourier) -> None:
    (story,) = await ready(connected, firm())
    key = await order(connected, [story])
    courier.status = 503
    with pytest.raises(Unavailable):
        await carry_out_order(connected, key, story.now + timedelta(days=3, minutes=1))


async def test_an_order_is_given_one_waybill_however_often_it_is_carried_out(
    connected: Context, courier: SampleCourier
) -> None:
    (story,) = await ready(connected, firm())
    key = await order(connected, [story], key="k-1")
    async with reading() as connection:
        row = await connection.fetchrow("SELECT cases, receiver_sealed FROM postal_orders")
        text = await connection.fetchval("SELECT string_agg(data::text, '') FROM outbox")
    assert row is not None
    assert row["cases"] == [story.number]
    assert b"13800001234" not in bytes(row["receiver_sealed"])
    assert "13800001234" not in text
    for _ in range(3):
        await carry_out_order(connected, key, story.now)
    assert len(courier.parcels) == 1
    assert len(await story.rows("postings")) == 1
    sealed = await postings.order(key)
    assert sealed is not None
    assert sealed["receiver_sealed"] == b""


async def test_what_a_courier_will_not_carry_stays_on_the_shelf(connected: Context, courier: SampleCourier) -> None:
    (story,) = await ready(connected, firm())
    key = await order(connected, [story], Receiver("示例收件人", "13800001234", "火星乌托邦平原1号"))
    await run_orders(connected, story.now)
    assert await ordered(key) == ("refused", "该地区不派送")
    assert await states([story]) == ["READY"]
    again = await order(connected, [story])
    await run_orders(connected, story.now)
    assert (await ordered(again))[0] == "sent"


async def test_what_was_collected_meanwhile_is_not_sent(connected: Context, courier: SampleCourier) -> None:
    stories = await ready(connected, firm(), firm())
    key = await order(connected, stories)
    await stories[0].go("issuer", Act.DELIVER, recipient=RECIPIENT)
    await run_orders(connected, stories[0].now)
    assert (await ordered(key))[0] == "cancelled"
    assert courier.asked == []
    assert await states(stories) == ["DELIVERED", "READY"]


async def test_a_waybill_that_came_too_late_is_taken_back(connected: Context, courier: SampleCourier) -> None:
    """The applicant collects while the courier answers."""
    (story,) = await ready(connected, firm())
    key, now = await order(connected, [story]), story.now

    class Slow(Courier):
        async def order(self, reference: str, receiver: Receiver, pieces: int) -> Any:
            issued = await super().order(reference, receiver, pieces)
            await story.go("issuer", Act.DELIVER, at=now, recipient=RECIPIENT)
            return issued

    await carry_out_order(connected, key, now, Slow(connected.settings))
    assert (await ordered(key))[0] == "cancelled"
    assert [parcel["state"] for parcel in courier.parcels.values()] == ["cancelled"]
    assert await states([story]) == ["DELIVERED"]


async def test_a_waybill_that_cannot_be_taken_back_now_is_taken_back_later(
    connected: Context, courier: SampleCourier
) -> None:
    (story,) = await ready(connected, firm())
    key, now = await order(connected, [story]), story.now

    class Failing(Courier):
        async def cancel(self, waybill: str) -> None:
            courier.status = 503
            await super().cancel(waybill)

        async def order(self, reference: str, receiver: Receiver, pieces: int) -> Any:
            issued = await super().order(reference, receiver, pieces)
            await story.go("issuer", Act.DELIVER, at=now, recipient=RECIPIENT)
            return issued

    with pytest.raises(Later):
        await carry_out_order(connected, key, now, Failing(connected.settings))
    assert (await ordered(key))[0] == "waiting"
    courier.status = 0
    await carry_out_order(connected, key, now + timedelta(minutes=5))
    assert (await ordered(key))[0] == "cancelled"
    assert [parcel["state"] for parcel in courier.parcels.values()] == ["cancelled"]


async def test_a_courier_that_gives_a_waybill_twice_takes_nothing_from_the_first_parcel(
    connected: Context, courier: SampleCourier
) -> None:
    stories = [await bring(connected, "READY", who=firm(number)) for number in (1, 2)]
    first = await order(connected, [stories[0]])
    await run_orders(connected, stories[0].now)
    second = await order(connected, [stories[1]])
    (waybill,) = courier.parcels
    courier.ordered[str(second)] = waybill
    await carry_out_order(connected, second, stories[1].now)
    assert [(await ordered(first))[0], (await ordered(second))[0]] == ["sent", "cancelled"]
    assert courier.parcels[waybill]["state"] == "created"
    assert await states(stories) == ["IN_TRANSIT", "READY"]


async def test_the_hall_sees_what_became_of_its_orders(connected: Context, courier: SampleCourier) -> None:
    stories = [await bring(connected, "READY", who=firm(number)) for number in (1, 2)]
    keys = [await order(connected, [story]) for story in stories]
    await run_orders(connected, max(story.now for story in stories))
    who = await actor("issuer")
    (newest,) = await list_orders(who, limit=1)
    (older,) = await list_orders(who, after=(newest["ordered_at"], newest["id"]))
    assert {newest["id"], older["id"]} == set(keys)
    assert {newest["outcome"], older["outcome"]} == set(courier.parcels)
    async with refused("role_not_allowed", Forbidden):
        await list_orders(await actor("clerk"))


async def test_who_may_order_and_for_what(connected: Context, courier: SampleCourier) -> None:
    stories = await ready(connected, firm(), firm())
    early, other = await bring(connected, "GRANTED"), await bring(connected, "READY", who=firm(2))
    async with refused("role_not_allowed", Forbidden):
        await order(connected, stories, who="clerk")
    async with refused("case_not_found", NotFound):
        await order(connected, stories, who="clerk.town")
    async with refused("package_not_ready"):
        await order(connected, [stories[0], early])
    async with refused("package_of_several_parties"):
        await order(connected, [stories[0], other])
    await order(connected, stories[:1])
    async with refused("post_ordered") as found:
        await order(connected, stories)
    assert found.value.extra["cases"] == [stories[0].number]


async def test_a_hall_without_a_courier_is_told_to_post_by_itself(context: Context) -> None:
    (story,) = await ready(context, firm())
    async with refused("courier_not_configured"):
        await order(context, [story])
    assert await track(context, story.now) == 0


async def test_a_report_of_another_parcel_changes_nothing(connected: Context, courier: SampleCourier) -> None:
    stories = [await bring(connected, "READY", who=firm(number)) for number in (1, 2)]
    keys = [await order(connected, [story]) for story in stories]
    await run_orders(connected, max(story.now for story in stories))
    first, second = sorted(courier.parcels, key=lambda waybill: courier.parcels[waybill]["reference"] != str(keys[0]))
    now = stories[1].now + timedelta(days=1)
    async with refused("waybill_of_another_case"):
        await report(connected, Tracking(first, "signed", str(keys[1]), "示例前台"), now)
    async with refused("waybill_unknown", NotFound):
        await report(connected, Tracking("SF9999999999", "signed", "", "示例前台"), now)
    for state in ("created", "in_transit"):
        assert not await report(connected, Tracking(second, state, str(keys[1])), now)
    assert await states(stories) == ["IN_TRANSIT", "IN_TRANSIT"]
    assert await report(connected, msgspec.convert(courier.signed(second), Tracking), now)
    assert await states(stories) == ["IN_TRANSIT", "DELIVERED"]


async def test_one_parcel_that_cannot_be_tracked_does_not_hold_up_the_others(
    connected: Context, courier: SampleCourier
) -> None:
    stories = [await bring(connected, "READY", who=firm(number)) for number in (1, 2)]
    for story in stories:
        await order(connected, [story])
    await run_orders(connected, max(story.now for story in stories))
    first, second = sorted(courier.parcels)
    courier.signed(second)
    lost = courier.parcels.pop(first)
    now = stories[1].now + timedelta(days=1)
    assert await track(connected, now) == 1
    courier.parcels[first] = lost | {"reference": "another"}
    assert await track(connected, now) == 0
    courier.status = 503
    assert await track(connected, now) == 0
    assert sorted(await states(stories)) == ["DELIVERED", "IN_TRANSIT"]


async def test_a_wrong_key_is_not_taken_for_a_refusal(connected: Context, courier: SampleCourier) -> None:
    wrong = connected.settings.model_copy(update={"courier_key": SecretStr("not the key of the courier")})
    with pytest.raises(Unavailable):
        await Courier(wrong).track("SF0000000001")
    with pytest.raises(Refused):
        await Courier(connected.settings).track("SF0000000001")
