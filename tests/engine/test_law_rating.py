"""好差评: the invitation, the rating of five levels, and how a bad one is answered and put right (rows 35 and 36)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from engine.context import Context
from engine.identity import add_person
from engine.invariants import check_case
from engine.jobs import run_row
from engine.messages.informing import NEWEST
from engine.operations import act
from engine.ratings import rating
from engine.ratings.rating_review import (
    Following,
    Proposing,
    Settling,
    follow_up,
    list_bad_ratings,
    propose_review,
    rating_figures,
    settle_review,
)
from engine.reading import public_status
from engine.work import Command
from storage import ratings
from storage.db import reading
from tests.conftest import Database
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import hall, whole
from tests.factories import START, Story, bring
from tests.people import actor, also
from workflows.actor import SYSTEM, Actor, Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.events import Act


async def work(story: Story, topic: str, at: datetime | None = None) -> int:
    """Do what the outbox holds under a topic; how many rows there were."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = $1 AND state = 'waiting'", topic)
    for row in rows:
        assert await run_row(story.context, row["id"], lambda: at or story.now)
    async with reading() as connection:
        dead = await connection.fetch("SELECT error FROM outbox WHERE topic = $1 AND state <> 'done'", topic)
    assert dead == []
    return len(rows)


async def rated(context: Context, level: int, at: datetime, comment: str = "等候时间太长。") -> Story:
    """A delivered case that its applicant has rated."""
    story = await bring(context, "DELIVERED")
    story.now = at
    await rating.rate(context, story.answers[0]["query_code"], level, comment, at)
    return story


async def opened(context: Context, at: datetime = START) -> Story:
    """A case with a bad rating whose rectification was opened at once."""
    story = await rated(context, 5, at)
    assert await work(story, "rating.rectify") == 1
    return story


async def owed(story: Story) -> dict[str, tuple[str, bool]]:
    """What is owed, until when, and whether it is done."""
    rows = [row for row in await story.rows("duties") if row["kind"] != "archiving"]
    return {row["kind"]: (row["due_on"].isoformat(), row["done_at"] is not None) for row in rows}


async def test_every_delivery_invites_the_applicant_to_rate_once(context: Context) -> None:
    story = await bring(context, "DELIVERED")
    assert await work(story, "rating.invite") == 1
    assert (await story.events())[-1] == "invite_rating"
    (message,) = [row for row in await story.rows("notifications") if row["event"] == "invite_rating"]
    assert (message["recipient"], message["way"]) == ("applicant", "sms")
    case = await story.row()
    assert (case["state"], "rating_invited" in case["flags"]) == ("DELIVERED", True)
    (event,) = [row for row in await story.rows("events") if row["name"] == "case:invite_rating"]
    assert (event["actor"], event["actor_name"], event["role"]) == (None, "系统", "system")
    await asyncio.gather(*(rating.invite(context, story.number, story.now) for _ in range(3)))
    await rating.invite(context, "4601002603020099999", story.now)
    assert (await story.events()).count("invite_rating") == 1
    assert await check_case(context, story.number, story.now) == []
    await whole(story)


async def test_two_workers_invite_once(context: Context) -> None:
    story = await bring(context, "DELIVERED")
    await asyncio.gather(*(rating.invite(context, story.number, story.now) for _ in range(4)))
    assert (await story.events()).count("invite_rating") == 1


async def test_an_invitation_reaches_a_case_that_was_archived_meanwhile(context: Context) -> None:
    story = await bring(context, "ARCHIVED")
    await work(story, "rating.invite")
    assert (await story.row())["state"] == "ARCHIVED"
    assert (await story.events())[-1] == "invite_rating"


@pytest.mark.parametrize("level", [1, 2, 3])
async def test_a_satisfied_applicant_rates_with_the_code_on_the_receipt(context: Context, level: int) -> None:
    story = await rated(context, level, hall("2026-03-03"), "")
    (row,) = await story.rows("ratings")
    assert (row["level"], row["comment"], row["rated_at"]) == (level, "", story.now)
    assert await work(story, "rating.rectify") == 0
    (event,) = [row for row in await story.rows("events") if row["name"] == "case:rate"]
    assert (event["actor"], event["actor_name"], event["role"]) == (None, "申请人", "applicant")
    await rating.open_rectification(context, story.number, story.now)
    assert not {"rater_contact", "rectification"} & {row["kind"] for row in await story.rows("duties")}
    await whole(story)


async def test_a_case_is_rated_once(context: Context) -> None:
    story = await rated(context, 2, hall("2026-03-03"))
    async with refused("already_rated"):
        await rating.rate(context, story.answers[0]["query_code"], 1, "", story.now)
    other = await bring(context, "DELIVERED")
    code = other.answers[0]["query_code"]
    twice = [rating.rate(context, code, level, "", other.now) for level in (1, 5)]
    results = await asyncio.gather(*twice, return_exceptions=True)
    (lost,) = [result for result in results if isinstance(result, Conflict)]
    assert lost.code == "already_rated"
    assert len(await other.rows("ratings")) == 1


async def test_what_cannot_be_rated(context: Context) -> None:
    story, early = await bring(context, "DELIVERED"), await bring(context, "READY")
    code = story.answers[0]["query_code"]
    for level in (0, 6, -1):
        async with refused("payload_invalid", Malformed) as found:
            await rating.rate(context, code, level, "", story.now)
        assert found.value.extra["field"] == "$.level"
    async with refused("action_not_allowed"):
        await rating.rate(context, early.answers[0]["query_code"], 1, "", early.now)
    async with refused("case_not_found", NotFound):
        await rating.rate(context, "000000000000", 1, "", story.now)
    async with refused("query_code_wrong", Malformed):
        await rating.rate(context, "not a code", 1, "", story.now)


async def test_nobody_else_rates_and_nobody_is_the_applicant(context: Context) -> None:
    story, other = await bring(context, "DELIVERED"), await bring(context, "DELIVERED")
    for who in ("clerk", "issuer", "approver", "complaint_handler", "auditor"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.RATE, level=1)
    async with refused("role_not_allowed", Forbidden):
        await act(context, Command(SYSTEM, story.number, Act.RATE, {"level": 1}, story.now))
    party = (await other.row())["party_id"]
    stranger = Actor(party, "申请人", kind="applicant", case=other.number)
    async with refused("case_not_found", NotFound):
        await act(context, Command(stranger, story.number, Act.RATE, {"level": 1}, story.now))
    async with refused("role_not_allowed", Forbidden):
        await act(context, Command(stranger, other.number, Act.ARCHIVE, {}, story.now))
    for role in (Role.applicant, Role.system):
        async with refused("role_not_grantable"):
            await add_person("somebody", "某人", "Sample-2026", [(role, "hall")], START)


async def test_the_database_itself_grants_nobody_to_be_the_applicant(context: Context, database: Database) -> None:
    async with reading() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "INSERT INTO role_grants (id, person_id, role, organisation_id)"
                " SELECT uuidv7(), p.id, 'applicant', o.id FROM people p, organisations o LIMIT 1"
            )


async def test_who_did_not_rate_is_not_counted_as_satisfied(context: Context) -> None:
    story = await bring(context, "ARCHIVED")
    await work(story, "rating.invite")
    async with reading() as connection:
        assert await ratings.of_case(connection, (await story.row())["id"]) is None
        assert await connection.fetchval("SELECT count(*) FROM ratings") == 0


@pytest.mark.parametrize("level", [4, 5])
async def test_a_bad_rating_opens_a_rectification_with_its_two_limits(context: Context, level: int) -> None:
    at = hall("2026-03-06", "16:00")  # a Friday
    story = await rated(context, level, at)
    assert await work(story, "rating.rectify", hall("2026-03-10")) == 1  # the workers stood still over the weekend
    assert await owed(story) == {"rater_contact": ("2026-03-09", False), "rectification": ("2026-03-13", False)}
    case = await story.row()
    assert (case["state"], "rectifying" in case["flags"]) == ("DELIVERED", True)
    (paper,) = [row for row in await story.rows("documents") if row["code"] == "D25"]
    assert paper["number"] == "示政服整〔2026〕1号"
    assert (paper["data"]["level"], paper["data"]["rectify_by"]) == (level, "2026-03-13")
    assert paper["issued_by"] is None
    (message,) = [row for row in await story.rows("notifications") if row["event"] == "open_rectification"]
    assert (message["recipient"], message["way"]) == ("supervisor", "task")
    story.now = hall("2026-03-10")
    await rating.open_rectification(context, story.number, story.now)
    assert (await story.events()).count("open_rectification") == 1
    assert await check_case(context, story.number, story.now) == []


async def test_a_bad_rating_is_answered_and_put_right(context: Context) -> None:
    story = await opened(context, hall("2026-03-06", "16:00"))
    await story.go("complaint_handler", Act.CONTACT_RATER, at=hall("2026-03-09"), note="已致歉。", complex=False)
    assert await owed(story) == {"rater_contact": ("2026-03-09", True), "rectification": ("2026-03-13", False)}
    await story.go("complaint_handler", Act.RECTIFY, at=hall("2026-03-11"), result="增开一个窗口。")
    assert await owed(story) == {
        "rater_contact": ("2026-03-09", True), "rectification": ("2026-03-13", True),
        "rater_follow_up": ("2026-03-18", False),
    }  # fmt: skip
    outcomes = {row["kind"]: row["outcome"] for row in await story.rows("duties") if row["kind"] != "archiving"}
    assert outcomes == {"rater_contact": "已致歉。", "rectification": "增开一个窗口。", "rater_follow_up": ""}
    assert "rectifying" not in (await story.row())["flags"]
    (message,) = [row for row in await story.rows("notifications") if row["event"] == "rectify"]
    assert (message["recipient"], message["way"]) == ("applicant", "sms")
    await rating.open_rectification(context, story.number, story.now)
    assert (await story.events())[-2:] == ["contact_rater", "rectify"]
    await whole(story)


async def test_a_complex_matter_has_fifteen_working_days(context: Context) -> None:
    story = await opened(context, hall("2026-03-06", "16:00"))
    await story.go("complaint_handler", Act.CONTACT_RATER, at=hall("2026-03-09"), note="情况复杂。", complex=True)
    # 9–13, 16–20 and 23–27 March are fifteen working days after Friday, 6 March.
    assert (await owed(story))["rectification"] == ("2026-03-27", False)
    (duty,) = [row for row in await story.rows("duties") if row["kind"] == "rectification"]
    assert duty["due_at"] == duty["next_at"] == hall("2026-03-27", "17:30")


async def test_who_answers_a_bad_rating_and_in_which_order(context: Context) -> None:
    story, content = await opened(context), await rated(context, 3, START)
    note: dict[str, Any] = {"note": "已联系。", "complex": False}
    for who in ("clerk", "hall_manager", "officer", "supervisor"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.CONTACT_RATER, **note)
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.RECTIFY, result="已整改。")
    async with refused("rater_not_contacted"):
        await story.go("complaint_handler", Act.RECTIFY, result="已整改。")
    await story.go("complaint_handler", Act.CONTACT_RATER, **note)
    async with refused("no_contact_owed"):
        await story.go("complaint_handler", Act.CONTACT_RATER, **note)
    await story.go("complaint_handler", Act.RECTIFY, result="已整改。")
    async with refused("no_rectification_owed"):
        await story.go("complaint_handler", Act.RECTIFY, result="再次整改。")
    for what, payload in ((Act.CONTACT_RATER, note), (Act.RECTIFY, {"result": "已整改。"})):
        with pytest.raises(Conflict):
            await content.go("complaint_handler", what, **payload)


async def test_a_mistaken_rating_stays_and_counts_for_nothing_once_two_people_say_so(context: Context) -> None:
    story, good, silent = await opened(context), await rated(context, 1, START, ""), await bring(context, "DELIVERED")
    handler, supervisor = await actor("complaint_handler"), await actor("supervisor")
    period = (START.date(), silent.now.date())
    before = await rating_figures(supervisor, *period)
    assert (before["delivered"], before["rated"], before["good"], before["bad"]) == (3, 2, 1, 1)
    assert (before["good_share"], before["unrated_share"]) == (1 / 2, 1 / 3)
    request = Proposing("评价人选错了等级。", "电话录音，评价人确认为“满意”。")
    for who in ("clerk", "supervisor", "officer"):
        async with refused("role_not_allowed", Forbidden):
            await propose_review(context, await actor(who), story.number, request, story.now)
    async with refused("no_review_open"):
        await settle_review(context, supervisor, story.number, Settling(True, "属实。"), story.now)
    assert (await propose_review(context, handler, story.number, request, story.now))["state"] == "proposed"
    async with refused("rating_reviewed"):
        await propose_review(context, handler, story.number, request, story.now)
    async with refused("no_bad_rating"):
        await propose_review(context, handler, good.number, request, story.now)
    await also("complaint_handler", "supervisor", "hall")
    async with refused("same_person", Forbidden):
        await settle_review(
            context, await actor("complaint_handler"), story.number, Settling(True, "属实。"), story.now
        )
    answer = await settle_review(context, supervisor, story.number, Settling(True, "录音属实。"), story.now, "k")
    assert answer == await settle_review(
        context, supervisor, story.number, Settling(True, "录音属实。"), story.now, "k"
    )
    assert (await story.events())[-2:] == ["review_proposed", "set_aside"]
    assert [row["level"] for row in await story.rows("ratings")] == [5]
    assert {done for _, done in (await owed(story)).values()} == {True}
    assert "rectifying" not in (await story.row())["flags"]
    after = await rating_figures(supervisor, *period)
    assert (after["good"], after["bad"], after["set_aside"], after["good_share"]) == (1, 0, 1, 1.0)
    (row,) = await list_bad_ratings(handler, before=NEWEST)
    assert (row["case"], row["review"], row["settlement"]) == (story.number, "set_aside", "录音属实。")
    async with refused("rating_set_aside"):
        await follow_up(context, handler, story.number, Following(True, "已回访。", True), story.now)
    assert await check_case(context, story.number, story.now) == []


async def test_a_rating_that_stands_is_followed_up_until_the_rater_was_reached(context: Context) -> None:
    story = await opened(context)
    handler, manager, supervisor = [await actor(who) for who in ("complaint_handler", "hall_manager", "supervisor")]
    await propose_review(context, manager, story.number, Proposing("疑为恶意。", "同日多条。"), story.now)
    await settle_review(context, supervisor, story.number, Settling(False, "证据不足。"), story.now)
    async with refused("rectify_first"):
        await follow_up(context, handler, story.number, Following(False, "无人接听。"), story.now)
    await story.go("complaint_handler", Act.CONTACT_RATER, note="已致歉。", complex=False)
    await story.go("complaint_handler", Act.RECTIFY, result="增开一个窗口。")
    for wrong in (Following(True, "接通。"), Following(False, "未接通。", False)):
        async with refused("answer_wrong", Malformed):
            await follow_up(context, handler, story.number, wrong, story.now)
    assert not (await owed(story))["rater_follow_up"][1]
    await follow_up(context, handler, story.number, Following(False, "无人接听。"), story.now)
    assert not (await owed(story))["rater_follow_up"][1]
    await follow_up(context, handler, story.number, Following(True, "对整改满意。", True), story.now)
    assert (await owed(story))["rater_follow_up"][1]
    figures = await rating_figures(supervisor, START.date(), story.now.date())
    assert (figures["bad"], figures["followed_up"], figures["follow_up_share"]) == (1, 1, 1.0)
    (row,) = await list_bad_ratings(supervisor, before=NEWEST)
    assert (row["review"], row["follow_ups"], row["followed_up_at"]) == ("stands", 2, story.now)
    for who in ("clerk", "officer"):
        async with refused("role_not_allowed", Forbidden):
            await rating_figures(await actor(who), START.date(), START.date())
    async with refused("period_wrong", Malformed):
        await rating_figures(supervisor, START.date(), START.date() - timedelta(days=1))
    assert await check_case(context, story.number, story.now) == []


async def test_a_rating_comes_within_thirty_days_of_the_delivery(context: Context) -> None:
    story = await bring(context, "DELIVERED")
    code = story.answers[0]["query_code"]
    late = story.now + timedelta(days=31)
    assert (await public_status(context, code, late - timedelta(days=1)))["may_rate"]
    assert not (await public_status(context, code, late))["may_rate"]
    async with refused("rating_window_over"):
        await rating.rate(context, code, 5, "", late)
    assert await story.rows("ratings") == []
    await rating.rate(context, code, 2, "", late - timedelta(days=1))
    async with refused("already_rated"):
        await rating.rate(context, code, 2, "", late - timedelta(days=1))
