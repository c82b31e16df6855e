"""Urging, orders, the public word on an overrun, appeals against cards (rows 41 and 42): state, trail and refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from engine.context import Context
from engine.invariants import check_case
from engine.operations import act
from engine.oversight import raise_violation
from engine.reading import list_actions, public_status
from engine.sweeping import sweep
from engine.work import Work, perform
from storage import notifications
from tests.conftest import Database
from tests.engine.test_straight_path import hall
from tests.factories import Story, bring, table_counts
from tests.people import actor
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, YichuangError
from workflows.events import Act

ORDER = {"reason": "该办件多次催办未果，请说明情况并限期办结。", "reply_days": 3}
WORD = "因申请材料涉及跨部门核查，办理时间超过承诺期限，预计3月20日前办结。"


async def refused(story: Story, who: str, what: Act, **payload: Any) -> YichuangError:
    """An act that is refused and leaves nothing behind."""
    before = await table_counts()
    with pytest.raises(YichuangError) as found:
        await story.go(who, what, **payload)
    assert await table_counts() == before
    return found.value


async def told(story: Story) -> list[tuple[str, str, str]]:
    """The messages of the newest event: to whom, how, about what."""
    rows = await notifications.of_case(story.number)
    last = (await story.row())["head_seq"]
    return [(row["recipient"], row["way"], row["event"]) for row in rows if row["seq"] == last]


async def overdue(context: Context) -> tuple[Story, str]:
    """A case past its promise on Tuesday, 10 March, and the number of its red card."""
    story = await bring(context, "REVIEW")
    story.now = hall("2026-03-10")
    await sweep(context, story.now)
    (red,) = [row for row in await story.rows("cards") if row["rule"] == "promise_red"]
    number: str = red["number"]
    return story, number


async def test_the_supervisor_urges_and_the_department_is_told(context: Context) -> None:
    """41 催办: state and clocks stay."""
    story = await bring(context, "REVIEW")
    clocks = await story.clocks()
    for who in ("supervisor", "hall_manager"):
        answer = await story.go(who, Act.URGE, reason="请尽快办理。")
        assert (answer["state"], answer["documents"]) == ("REVIEW", [])
        assert await told(story) == [("department", "task", "urge")]
    assert await story.clocks() == clocks
    assert isinstance(await refused(story, "officer", Act.URGE, reason="请尽快办理。"), Forbidden)
    assert isinstance(await refused(story, "supervisor", Act.URGE), Malformed)
    over = await bring(context, "WITHDRAWN")
    assert (await refused(over, "supervisor", Act.URGE, reason="请办理。")).code == "action_not_allowed"


async def test_an_order_is_in_writing_and_its_answer_is_owed(context: Context) -> None:
    """41 督办: D24 with the day of the reply; one order at a time; the department answers it once."""
    story = await bring(context, "REVIEW")
    answer = await story.go("supervisor", Act.SUPERVISE, **ORDER)
    assert [paper["code"] for paper in answer["documents"]] == ["D24"]
    assert (await story.documents())["D24"] == "示政服督〔2026〕1号"
    (paper,) = [row for row in await story.rows("documents") if row["code"] == "D24"]
    assert paper["data"] == ORDER | {"reply_due_on": "2026-03-05"}
    assert await told(story) == [("department", "task", "supervise")]
    (duty,) = await story.rows("duties")
    assert (duty["kind"], duty["due_on"], duty["next_at"]) == (
        "supervision_reply", date(2026, 3, 5), hall("2026-03-05", "17:30"))  # fmt: skip
    assert (await refused(story, "supervisor", Act.SUPERVISE, **ORDER)).code == "order_open"
    await story.go("officer", Act.ANSWER_SUPERVISION, answer="已补充核查人员，3月6日前办结。")
    assert await told(story) == [("supervisor", "task", "answer_supervision")]
    (duty,) = await story.rows("duties")
    assert (duty["done_at"], duty["next_at"], duty["outcome"]) == (story.now, None, "已补充核查人员，3月6日前办结。")
    assert duty["done_by"] == (await actor("officer")).person
    assert (await refused(story, "officer", Act.ANSWER_SUPERVISION, answer="再答。")).code == "order_not_open"
    await story.go("supervisor", Act.SUPERVISE, **ORDER)
    assert [row["done_at"] is None for row in await story.rows("duties", "seq")] == [False, True]
    assert await check_case(context, story.number, story.now) == []


async def test_an_order_without_a_sensible_day_or_from_the_wrong_person_is_refused(context: Context) -> None:
    story = await bring(context, "REVIEW")
    for days in (0, 31):
        found = await refused(story, "supervisor", Act.SUPERVISE, reason="请说明。", reply_days=days)
        assert isinstance(found, Conflict)
        assert found.code == "reply_days_wrong"
    for who in ("hall_manager", "officer", "approver", "clerk"):
        assert isinstance(await refused(story, who, Act.SUPERVISE, **ORDER), Forbidden)
    assert isinstance(await refused(story, "supervisor", Act.ANSWER_SUPERVISION, answer="已答。"), Forbidden)
    assert isinstance(await refused(story, "auditor", Act.ANSWER_SUPERVISION, answer="已答。"), Forbidden)


async def test_an_order_that_is_not_answered_leaves_a_red_card(context: Context) -> None:
    story = await bring(context, "REVIEW")
    await story.go("supervisor", Act.SUPERVISE, reason="请说明。", reply_days=1)
    await sweep(context, hall("2026-03-04"))
    (card,) = await story.rows("cards")
    assert (card["rule"], card["level"], card["clock"], card["raised_at"]) == (
        "order_unanswered", "red", "", hall("2026-03-03", "17:30"))  # fmt: skip
    assert await told(story) == [("department", "task", "order_unanswered"), ("supervisor", "task", "order_unanswered")]
    await story.go("approver", Act.ANSWER_SUPERVISION, at=hall("2026-03-04", "10:00"), answer="迟复，已办理。")
    assert (await story.rows("duties"))[0]["outcome"] == "迟复，已办理。"


async def test_an_overrun_is_explained_in_public_and_the_clock_goes_on(context: Context) -> None:
    """42 超期说明 (优化营商环境条例36(2)): everybody with the code of the receipt reads it."""
    story, _ = await overdue(context)
    code = story.answers[0]["query_code"]
    assert (await public_status(context, code, story.now))["overdue_explanation"] is None
    clocks = await story.clocks()
    await story.go("officer", Act.EXPLAIN_OVERDUE, explanation=WORD)
    assert await story.clocks() == clocks
    assert clocks["promise"] == ("running", "2026-03-09")
    assert (await public_status(context, code, story.now))["overdue_explanation"] == {
        "text": WORD, "given_at": story.now,
    }  # fmt: skip
    assert await told(story) == [("applicant", "sms", "explain_overdue")]
    (duty,) = await story.rows("duties")
    assert (duty["kind"], duty["done_at"], duty["next_at"]) == ("overdue_explanation", story.now, None)
    assert [row["data"] for row in await story.rows("documents", "seq") if row["code"] == "D24"][-1] == {
        "explanation": WORD}  # fmt: skip
    assert (await refused(story, "officer", Act.EXPLAIN_OVERDUE, explanation=WORD)).code == "no_explanation_owed"
    await sweep(context, hall("2026-03-17"))
    assert "explanation_missing" not in {row["rule"] for row in await story.rows("cards")}
    open_again = [row["kind"] for row in await story.rows("duties") if row["done_at"] is None]
    assert open_again == ["overdue_explanation"], "the statutory limit has passed as well since"
    assert await check_case(context, story.number, story.now) == []


async def test_nobody_explains_what_did_not_happen_or_is_not_theirs(context: Context) -> None:
    in_time = await bring(context, "REVIEW")
    assert (await refused(in_time, "officer", Act.EXPLAIN_OVERDUE, explanation=WORD)).code == "no_explanation_owed"
    story, _ = await overdue(context)
    for who in ("clerk", "supervisor", "hall_manager"):
        assert isinstance(await refused(story, who, Act.EXPLAIN_OVERDUE, explanation=WORD), Forbidden)


async def test_a_red_card_is_appealed_and_lifted_and_remains(context: Context, database: Database) -> None:
    """41 亮牌申诉: never deleted; the card keeps who appealed, why, who lifted it, why."""
    story, number = await overdue(context)
    count = len(await story.rows("cards"))
    await story.go("officer", Act.APPEAL_CARD, card=number, reason="当日系统停机，非本单位原因。")
    assert await told(story) == [("supervisor", "task", "appeal_card")]
    appealed_at = story.now
    again = await refused(story, "approver", Act.APPEAL_CARD, card=number, reason="再次申诉。")
    assert again.code == "card_not_standing"
    await story.go("supervisor", Act.LIFT_CARD, card=number, reason="经核实属系统停机。")
    assert await told(story) == [("department", "task", "lift_card")]
    (card,) = [row for row in await story.rows("cards") if row["number"] == number]
    assert (card["state"], card["level"], card["rule"]) == ("lifted", "red", "promise_red")
    assert (card["appeal"], card["appealed_at"], card["appealed_by"]) == (
        "当日系统停机，非本单位原因。", appealed_at, (await actor("officer")).person)  # fmt: skip
    assert (card["settlement"], card["settled_at"], card["settled_by"]) == (
        "经核实属系统停机。", story.now, (await actor("supervisor")).person)  # fmt: skip
    assert len(await story.rows("cards")) == count
    assert (await story.events())[-2:] == ["appeal_card", "lift_card"]
    for what, who in ((Act.APPEAL_CARD, "officer"), (Act.LIFT_CARD, "supervisor"), (Act.UPHOLD_CARD, "supervisor")):
        assert (await refused(story, who, what, card=number, reason="再来。")).code in {
            "card_not_standing", "card_not_appealed"}  # fmt: skip
    application = await asyncpg.connect(database.app)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute("DELETE FROM cards")
    await application.close()
    await sweep(context, hall("2026-03-11"))
    assert len(await story.rows("cards")) == count, "what was lifted does not come again"


async def test_a_card_that_is_upheld_stands_for_good(context: Context) -> None:
    story, number = await overdue(context)
    await story.go("hall_manager", Act.APPEAL_CARD, card=number, reason="申请人要求延后。")
    await story.go("supervisor", Act.UPHOLD_CARD, card=number, reason="无依据。")
    (card,) = [row for row in await story.rows("cards") if row["number"] == number]
    assert (card["state"], card["settlement"]) == ("upheld", "无依据。")
    assert (await refused(story, "officer", Act.APPEAL_CARD, card=number, reason="不服。")).code == "card_not_standing"


async def test_cards_are_settled_only_on_appeal_by_another_and_on_their_own_case(context: Context) -> None:
    story, number = await overdue(context)
    other = await bring(context, "REVIEW")
    assert (await refused(story, "supervisor", Act.LIFT_CARD, card=number, reason="好。")).code == "card_not_appealed"
    for case, wrong in ((story, f"{number}0"), (other, number)):
        found = await refused(case, "officer", Act.APPEAL_CARD, card=wrong, reason="不服。")
        assert isinstance(found, NotFound)
        assert found.code == "card_not_found"
    for who in ("officer", "clerk", "approver", "hall_manager"):
        assert isinstance(await refused(story, who, Act.LIFT_CARD, card=number, reason="好。"), Forbidden)
    both = await actor("supervisor")
    grant = both.grants[0]
    both = replace(both, grants=(grant, replace(grant, role=(await actor("clerk")).grants[0].role)))
    appeal = await story.command("supervisor", Act.APPEAL_CARD, {"card": number, "reason": "不服。"})
    await act(context, replace(appeal, actor=both))
    with pytest.raises(Forbidden) as found:
        await act(context, replace(appeal, actor=both, act=Act.LIFT_CARD))
    assert found.value.code == "same_person"


async def test_acts_beside_the_way_do_not_crowd_what_comes_next(context: Context) -> None:
    story, _ = await overdue(context)
    listed = await list_actions(context, await actor("supervisor"), story.number, story.now)
    mine = {row["action"]: row["aside"] for row in listed if row["allowed"]}
    assert mine[Act.SUPERVISE]
    assert mine[Act.URGE]
    assert await story.allowed("supervisor") == set()


async def test_an_unlawful_act_leaves_a_red_card_with_the_act_itself(context: Context) -> None:
    """A card for an act and not for a limit: no clock, no day, and it is appealed like every other."""
    story = await bring(context, "REVIEW")

    def unlawful(work: Work) -> None:
        assert raise_violation(work, "fee_without_law", "行政许可法58") == f"{story.number}-6"
        assert raise_violation(work, "second_rule", "行政许可法58") == f"{story.number}-6.2"

    await perform(context, await story.command("supervisor", Act.URGE, {"reason": "擅自收费。"}), {Act.URGE: unlawful})
    first, second = await story.rows("cards", "number")
    assert (first["rule"], first["level"], first["clock"], first["started_at"], first["due_on"]) == (
        "fee_without_law", "red", "", None, None)  # fmt: skip
    assert (first["seq"], first["raised_at"], second["rule"]) == (6, story.now, "second_rule")
    assert (await story.documents())["D24"] == "示政服督〔2026〕1号"
    assert ("supervisor", "task", "fee_without_law") in await told(story)
    await story.go("officer", Act.APPEAL_CARD, card=first["number"], reason="该费用由第三方收取。")
    assert {row["state"] for row in await story.rows("cards")} == {"standing", "appealed"}
    assert isinstance(first["recorded_at"], datetime)
