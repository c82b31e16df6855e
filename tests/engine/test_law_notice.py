"""The one-time notice and what comes of it (行政许可法32(1)(4)(5), 72(4)): rows 8 to 11."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from asyncpg.exceptions import CheckViolationError

from engine.consulting import Consulting, consult
from engine.context import Context
from engine.invariants import check_case
from engine.reading import list_actions, read_hints, read_notice
from engine.timing import fire_case
from storage.db import reading
from tests.engine.test_refusals import refused
from tests.factories import FOOD, LABOUR, PAYLOADS, Story, bring, defects, open_story
from tests.people import actor
from workflows.errors import Forbidden, Malformed
from workflows.events import Act
from workflows.payload import Gap

CHANGED = "申请人于告知之后变更了经营场所。"


def hall(day: str, clock: str = "09:30") -> datetime:
    """A moment by the hall's clock (UTC+8), as UTC."""
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)


async def last_event(story: Story) -> dict[str, Any]:
    return (await story.rows("events", "seq"))[-1]


async def paper(story: Story, code: str) -> dict[str, Any]:
    """The data of the newest document of a kind."""
    data: dict[str, Any] = [row for row in await story.rows("documents", "seq") if row["code"] == code][-1]["data"]
    return data


async def messages(story: Story, event: str) -> list[tuple[str, str]]:
    return sorted((row["recipient"], row["way"]) for row in await story.rows("notifications") if row["event"] == event)


async def later(story: Story, day: str, clock: str = "09:30") -> None:
    """Time goes on, and what it has to do is done."""
    story.now = hall(day, clock)
    await fire_case(story.context, story.number, story.now)


async def told(story: Story) -> dict[str, Any]:
    notice = await read_notice(story.context, await actor("hall_manager"), story.number)
    assert notice is not None
    return notice


def lines(*materials: str, defect: str = "与变更后的场所不符") -> list[dict[str, Any]]:
    return [{"material": code, "defect": defect, "requirement": "重新提交", "basis": "办法12"} for code in materials]


async def test_the_authority_tells_once_everything_that_must_be_corrected(context: Context) -> None:
    """补正告知: row 8."""
    story = await open_story(context, LABOUR)
    await story.receive_incomplete(missing=2)
    codes = [line["material"] for line in defects(LABOUR, 2)]
    for who in ("clerk", "reviewer", "approver", "hall_manager", "issuer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.GIVE_NOTICE, lines=defects(LABOUR, 2))
    async with refused("notice_not_complete") as found:
        await story.give_notice(lines=1)
    assert found.value.extra["missing"] == codes[:1]
    for wrong in ({"material": "M99"}, {"defect": " "}, {"requirement": "\t"}, {"basis": "\u3000"}):
        async with refused("notice_line_incomplete"):
            await story.go("officer", Act.GIVE_NOTICE, lines=[*defects(LABOUR, 2), defects(LABOUR)[0] | wrong])
    async with refused("payload_invalid", Malformed):
        await story.go("officer", Act.GIVE_NOTICE, lines=[])

    asked = [
        defects(LABOUR, 2)[0] | {"how_to_obtain": "到二楼验资窗口办理"},
        defects(LABOUR, 2)[1] | {"how_to_obtain": " "},
    ]
    answer = await story.go("officer", Act.GIVE_NOTICE, lines=asked)
    assert (answer["state"], (await story.row())["holder"]) == ("CORRECTION", "applicant")
    assert await story.clocks() == {"notice": ("stopped", "2026-03-09"), "correction": ("running", "2026-04-01")}
    usual = next(line.how_to_obtain for line in LABOUR.materials if line.code == codes[1])
    printed = (await paper(story, "D03"))["lines"]
    assert [(line["line"], line["material"], line["how_to_obtain"]) for line in printed] == [
        (1, codes[0], "到二楼验资窗口办理"),
        (2, codes[1], usual),
    ]
    notice = await told(story)
    assert [line["how_to_obtain"] for line in notice["lines"]] == ["到二楼验资窗口办理", usual]
    assert [(one["number"], one["changed_fact"], one["violation"]) for one in notice["notices"]] == [(1, "", False)]
    assert await messages(story, "give_notice") == [("applicant", "sms")]
    assert (await last_event(story))["role"] == "officer"
    async with refused("action_not_allowed"):
        await story.give_notice(lines=2)
    assert await check_case(context, story.number, story.now) == []


async def test_an_authorised_window_may_tell(context: Context) -> None:
    story = await open_story(context)
    await story.receive_incomplete()
    assert (await story.give_notice("clerk"))["state"] == "CORRECTION"


async def test_what_was_told_before_stands_beside_the_notice(context: Context) -> None:
    """ "Was told X on day Y by Z": from the consultation, and from the return at pre-review."""
    guide, gap = await actor("guide"), Gap("M05", "健康证明已过期", "重新体检")
    asking = Consulting(item=FOOD.code, question="还缺什么？", answer="请体检。", gaps=[gap])
    slip = (await consult(context, guide, asking, hall("2026-02-27")))["consultation"]
    story = await open_story(context, consultation=slip)
    await story.go("clerk", Act.SUBMIT)
    await story.go("officer", Act.RETURN_PRE_REVIEW, **PAYLOADS[Act.RETURN_PRE_REVIEW])
    returned = (await story.documents())["D02"]
    await story.go("clerk", Act.SUBMIT)
    await story.go("officer", Act.PASS_PRE_REVIEW)
    await story.receive_incomplete()

    hints = await read_hints(context, await actor("officer"), story.number)
    assert [(hint["material"], hint["source"], hint["number"]) for hint in hints] == [
        ("M05", "consultation", slip),
        ("M01", "pre_review", returned),
    ]
    assert (hints[0]["told_at"], hints[0]["told_by"]) == (hall("2026-02-27"), guide.name)
    async with refused("notice_not_complete") as found:
        await story.go("officer", Act.GIVE_NOTICE, lines=lines("M03"))
    assert [one["slip"] for one in found.value.extra["told_before"]] == [slip]
    assert guide.name not in str(found.value.extra)

    await story.go("officer", Act.GIVE_NOTICE, lines=[*lines("M03"), *defects(FOOD)])
    kept = (await last_event(story))["data"]["told_before"]
    assert list(kept) == ["2"]
    assert [(one["defect"], one["told_at"], one["told_by"]) for one in kept["2"]] == [
        ("健康证明已过期", "2026-02-27T01:30:00+00:00", guide.name)
    ]
    assert (await told(story))["hints"] == hints


async def test_the_window_asks_for_nothing_more_unless_a_fact_has_changed(context: Context) -> None:
    """补充告知: row 10; a second notice is numbered on and its time begins anew."""
    story = await bring(context, "CORRECTION")
    silent: tuple[dict[str, Any], ...] = ({}, {"changed_fact": "  "})
    for fact in silent:
        async with refused("later_lines_barred") as found:
            await story.go("clerk", Act.ADD_NOTICE_LINES, lines=lines("M03"), **fact)
        assert found.value.basis == "行政许可法32(1)(4)、72(4)"
    async with refused("line_already_told"):
        await story.go("clerk", Act.ADD_NOTICE_LINES, lines=defects(FOOD), changed_fact=CHANGED)
    async with refused("notice_line_incomplete"):
        await story.go("clerk", Act.ADD_NOTICE_LINES, lines=lines("M99"), changed_fact=CHANGED)
    async with refused("role_not_allowed", Forbidden):
        await story.go("approver", Act.ADD_NOTICE_LINES, lines=lines("M03"), changed_fact=CHANGED)
    received = await bring(context, "RECEIVED")
    async with refused("action_not_allowed"):
        await received.go("officer", Act.ADD_NOTICE_LINES, lines=lines("M03"), changed_fact=CHANGED)

    added = lines("M03", "M01")
    answer = await story.go("clerk", Act.ADD_NOTICE_LINES, at=hall("2026-03-10"), lines=added, changed_fact=CHANGED)
    assert (answer["state"], [one["code"] for one in answer["documents"]]) == ("CORRECTION", ["D03"])
    assert (await story.clocks())["correction"] == ("running", "2026-04-09")  # 30 natural days from 10 March
    notice = await told(story)
    assert [(line["line"], line["material"], line["notice"]) for line in notice["lines"]] == [
        (1, "M05", 1), (2, "M03", 2), (3, "M01", 2),
    ]  # fmt: skip
    assert [(one["number"], one["changed_fact"], one["violation"]) for one in notice["notices"]] == [
        (1, "", False),
        (2, CHANGED, False),
    ]
    event = await last_event(story)
    assert (event["data"]["lines"], event["data"]["violation"]) == ([2, 3], False)
    assert [line["line"] for line in (await paper(story, "D03"))["lines"]] == [2, 3]
    assert await messages(story, "add_notice_lines") == [("applicant", "sms")]
    assert not await story.rows("cards")
    await story.go("clerk", Act.SUPPLY, lines=[1, 3])
    async with refused("notice_lines_open") as found:
        await story.go("officer", Act.ACCEPT)
    assert found.value.extra["lines"] == [2]
    await story.go("clerk", Act.SUPPLY, lines=[2])
    assert (await story.go("officer", Act.ACCEPT))["state"] == "ACCEPTED"
    assert await check_case(context, story.number, story.now) == []


async def test_an_authority_that_tells_twice_without_cause_is_on_record_and_binds_nobody(context: Context) -> None:
    story = await bring(context, "CORRECTION")
    answer = await story.go("officer", Act.ADD_NOTICE_LINES, lines=lines("M03"))
    assert answer["state"] == "CORRECTION"
    notice = await told(story)
    assert [(one["number"], one["violation"]) for one in notice["notices"]] == [(1, False), (2, True)]
    event = await last_event(story)
    assert event["data"]["violation"] is True
    (card,) = await story.rows("cards")
    assert (card["rule"], card["level"], card["clock"], card["started_at"], card["state"]) == (
        "told_twice", "red", "", None, "standing",
    )  # fmt: skip
    assert ("supervisor", "task") in await messages(story, "told_twice")
    assert (await paper(story, "D24"))["basis"] == "行政许可法32(1)(4)、72(4)"

    await story.go("clerk", Act.SUPPLY, lines=[1])
    at = story.now
    await later(story, "2026-04-15")  # the unlawful line is still open, and the time for it has passed
    async with refused("nothing_left_to_correct") as found:
        await story.go("officer", Act.CONFIRM_LAPSE, at=story.now, reason="逾期。")
    assert found.value.basis == "行政许可法32(1)(5)"
    await story.go("officer", Act.ACCEPT)
    assert (await story.row())["accepted_at"] == at


async def test_corrections_are_matched_line_by_line_and_accepted_when_all_are_in(context: Context) -> None:
    """接收补正材料 and 受理: rows 9 and 10; the limits run from the day on which everything was there."""
    story = await open_story(context)
    await story.receive_incomplete(missing=3)
    await story.give_notice(lines=3)
    async with refused("role_not_allowed", Forbidden):
        await story.go("approver", Act.SUPPLY, lines=[1])
    async with refused("line_not_handed_in"):
        await story.go("clerk", Act.SUPPLY, lines=[2])
    await story.supply(2, missing=3, at=hall("2026-03-04"))
    assert await paper(story, "D04") | {"lines": 0, "materials": 0} == {
        "lines": 0,
        "materials": 0,
        "met": [{"line": 2, "material": "M04", "requirement": "提交原件"}],
        "open": [
            {"line": 1, "material": "M03", "requirement": "提交原件"},
            {"line": 3, "material": "M05", "requirement": "提交原件"},
        ],
    }
    assert [line["line"] for line in (await last_event(story))["data"]["open"]] == [1, 3]
    assert (await story.clocks())["correction"] == ("running", "2026-04-01")
    async with refused("not_a_notice_line"):
        await story.go("clerk", Act.SUPPLY, lines=[2])
    async with refused("notice_lines_open") as found:
        await story.go("officer", Act.ACCEPT)
    assert found.value.extra["lines"] == [1, 3]
    await story.supply(1, 3, missing=3, at=hall("2026-03-06"))
    assert (await paper(story, "D04"))["open"] == []
    await story.go("officer", Act.ACCEPT, at=hall("2026-03-11"))
    assert (await story.row())["accepted_at"] == hall("2026-03-06")
    clocks = await story.clocks()
    assert (clocks["promise"], clocks["statutory"]) == (("running", "2026-03-13"), ("running", "2026-03-20"))
    assert clocks["correction"] == ("stopped", "2026-04-01")
    assert await paper(story, "D05") == {"mode": "normal"}
    assert await messages(story, "accept") == [("applicant", "sms")]


async def test_a_bad_scan_of_a_correction_is_repeated_by_the_window(context: Context) -> None:
    story = await open_story(context)
    await story.receive_incomplete()
    await story.give_notice()
    await story.supply(1)
    async with reading() as connection:
        await connection.execute(
            "UPDATE scans SET state = 'refused' WHERE id IN (SELECT scan_id FROM scan_links WHERE line = 'M05')"
        )
    async with refused("correction_unreadable") as found:
        await story.go("officer", Act.ACCEPT)
    assert found.value.extra["lines"] == ["M05"]
    await story.file_scans("M05")
    assert (await story.go("officer", Act.ACCEPT))["state"] == "ACCEPTED"


async def test_an_application_lapses_when_the_authority_confirms_it_after_the_day_and_a_reminder(
    context: Context,
) -> None:
    """逾期未补正退件: row 11."""
    story = await bring(context, "CORRECTION")
    async with refused("correction_not_overdue"):
        await story.go("officer", Act.CONFIRM_LAPSE, reason="未补正。")
    await later(story, "2026-03-27")
    assert await messages(story, "correction_reminder") == [("applicant", "sms")]
    await later(story, "2026-04-01", "17:29")
    async with refused("correction_not_overdue"):
        await story.go("officer", Act.CONFIRM_LAPSE, at=story.now, reason="未补正。")
    await later(story, "2026-04-02")
    for who in ("clerk", "approver", "hall_manager"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.CONFIRM_LAPSE, at=story.now, reason="未补正。")
    answer = await story.go("officer", Act.CONFIRM_LAPSE, at=story.now, reason="逾期未补正。")
    assert answer["state"] == "LAPSED"
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    slip = await paper(story, "D21")
    assert slip["result_code"] == "5"
    assert [line["line"] for line in slip["returned"]] == ["M01", "M03", "M04"]
    assert (await last_event(story))["data"]["result_code"] == "5"
    assert await messages(story, "confirm_lapse") == [("applicant", "sms")]
    assert (await story.row())["closed_at"] == story.now
    assert (await story.go("archivist", Act.ARCHIVE))["state"] == "ARCHIVED"


async def test_nobody_loses_an_application_without_a_reminder_since_the_last_notice(context: Context) -> None:
    story = await bring(context, "CORRECTION")
    await later(story, "2026-03-27")
    await story.go("clerk", Act.ADD_NOTICE_LINES, lines=lines("M03"), changed_fact=CHANGED)
    assert (await story.clocks())["correction"] == ("running", "2026-04-27")  # 26 April is a Sunday
    listed = await list_actions(context, await actor("officer"), story.number, story.now)
    (lapse,) = [row for row in listed if row["action"] == "confirm_lapse"]
    assert lapse["barred"]["code"] == "correction_not_overdue"
    await later(story, "2026-04-28")
    assert len(await messages(story, "correction_reminder")) == 2
    assert (await story.go("officer", Act.CONFIRM_LAPSE, at=story.now, reason="逾期。"))["state"] == "LAPSED"


async def test_every_later_notice_needs_its_cause_in_the_database_too(context: Context) -> None:
    story = await bring(context, "CORRECTION")
    async with reading() as connection:
        with pytest.raises(CheckViolationError, match="notices_later_ones_have_a_cause"):
            await connection.execute(
                "INSERT INTO notices (id, case_id, number, given_at, changed_fact, violation)"
                " SELECT uuidv7(), case_id, 2, given_at, '', false FROM notices"
            )
    assert len(await story.rows("notices")) == 1


@pytest.mark.parametrize("material", ["M06", "M99"])
async def test_a_notice_names_only_what_the_list_asks_for(context: Context, material: str) -> None:
    story = await bring(context, "RECEIVED")
    async with refused("notice_line_incomplete") as found:
        await story.go("officer", Act.GIVE_NOTICE, lines=lines(material))
    assert found.value.extra["materials"] == [material]
