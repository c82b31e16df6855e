"""What is refused: each with its code, and with nothing written anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.opening import Applicant, Opening, open_case
from engine.operations import act
from engine.reading import list_cases, read_case
from storage.db import reading
from tests.factories import (
    FOOD,
    ITEMS,
    LABOUR,
    OPINION,
    PAYLOADS,
    RECIPIENT,
    START,
    Story,
    bring,
    complete,
    defects,
    firm,
    open_story,
    person,
    publish,
    table_counts,
)
from tests.people import actor
from workflows.actor import Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, Stale, VersionRequired, YichuangError
from workflows.events import Act


@asynccontextmanager
async def refused(
    code: str, kind: type[YichuangError] = Conflict
) -> AsyncIterator[pytest.ExceptionInfo[YichuangError]]:
    """The block is refused with this code, in both languages, and no table has a row more or less."""
    before = await table_counts()
    with pytest.raises(kind) as found:
        yield found
    assert found.value.code == code
    assert found.value.zh
    assert found.value.en
    assert await table_counts() == before


async def test_what_the_window_may_not_count(context: Context) -> None:
    story = await open_story(context)
    paper = {"line": "M01", "originals": 1}
    async with refused("material_not_on_list") as found:
        await story.go("clerk", Act.RECEIVE, materials=[{"line": "M99", "originals": 1}])
    assert found.value.basis
    async with refused("material_not_on_list"):  # a mandate is asked for only where an agent acts
        await story.go("clerk", Act.RECEIVE, materials=[{"line": "M06", "originals": 1}])
    async with refused("scan_missing"):
        await story.go("clerk", Act.RECEIVE, materials=[paper])
    async with refused("exemption_not_allowed"):
        await story.go("clerk", Act.RECEIVE, materials=[{"line": "M03", "exempt": "e_cert"}])
    async with refused("exemption_not_allowed"):
        await story.go("clerk", Act.RECEIVE, materials=[{"line": "M01", "exempt": "verified_before"}])
    await story.file_scans("M01")
    async with refused("line_twice", Malformed):
        await story.go("clerk", Act.RECEIVE, materials=[paper, paper])
    async with refused("reuse_missing"):
        await story.go("clerk", Act.RECEIVE, materials=[paper, {"line": "M03", "exempt": "verified_before"}])
    async with refused("originals_beyond_list"):
        await story.go("clerk", Act.RECEIVE, materials=[paper | {"originals": 2}])
    answer = await story.go("clerk", Act.RECEIVE, materials=[paper])
    assert answer["state"] == "RECEIVED"


async def test_an_incomplete_application_is_not_accepted(context: Context) -> None:
    story = await open_story(context)
    await story.receive_incomplete()
    async with refused("materials_incomplete") as found:
        await story.go("officer", Act.ACCEPT)
    assert found.value.extra["lines"] == ["M05"]
    assert found.value.basis == "行政许可法32(1)(4)"


async def test_nothing_is_accepted_or_archived_before_its_scans_are_judged(context: Context) -> None:
    story, over = await bring(context, "RECEIVED"), await bring(context, "WITHDRAWN")
    async with reading() as connection:
        await connection.execute("UPDATE scans SET state = 'incoming'")
    async with refused("scans_being_checked"):
        await story.go("officer", Act.ACCEPT)
    async with refused("scans_being_checked"):
        await over.go("archivist", Act.ARCHIVE)


async def test_the_notice_is_given_once_in_time_and_complete(context: Context) -> None:
    late, last, story = [await bring(context, "RECEIVED") for _ in range(3)]
    closing = START + timedelta(days=7, hours=8)  # received on Monday 2 March; the limit ends on 9 March at 17:30
    answer = await last.go("officer", Act.GIVE_NOTICE, at=closing - timedelta(seconds=1), lines=defects(FOOD))
    assert answer["state"] == "CORRECTION"
    with pytest.raises(Conflict) as found:
        await late.go("officer", Act.GIVE_NOTICE, at=closing + timedelta(seconds=1), lines=defects(FOOD))
    assert found.value.code == "action_not_allowed"
    assert (await late.row())["state"] == "ACCEPTED"  # by silence, before anybody could tell anything
    assert not await late.rows("notices")
    for wrong in ({"material": "M99"}, {"basis": "  "}, {"defect": "\t"}):
        async with refused("notice_line_incomplete"):
            await story.go("officer", Act.GIVE_NOTICE, lines=[defects(FOOD)[0] | wrong])
    await story.give_notice()
    await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
    answer = await story.go("officer", Act.OVERRULE_ESCALATION, **PAYLOADS[Act.OVERRULE_ESCALATION])
    assert answer["state"] == "CORRECTION"
    async with refused("action_not_allowed"):
        await story.give_notice()


async def test_only_what_the_notice_asked_for_is_asked_for(context: Context) -> None:
    story = await open_story(context)
    await story.receive_incomplete(missing=2)
    await story.give_notice(lines=2)
    for lines in ([3], [1, 1], [2, 9]):
        async with refused("not_a_notice_line"):
            await story.go("clerk", Act.SUPPLY, lines=lines)
    async with refused("scan_missing"):
        await story.go("clerk", Act.SUPPLY, lines=[1], materials=[{"line": "M04", "originals": 1}])
    async with refused("line_not_handed_in"):  # nothing was counted, so nothing was met
        await story.go("clerk", Act.SUPPLY, lines=[1])
    await story.supply(1, missing=2)
    async with refused("not_a_notice_line"):
        await story.go("clerk", Act.SUPPLY, lines=[1])
    async with refused("notice_lines_open") as found:
        await story.go("officer", Act.ACCEPT)
    assert found.value.extra["lines"] == [2]


async def test_who_was_told_everything_once_and_brought_it_must_be_accepted(context: Context) -> None:
    """No notice may forget a line of the list; who met the whole one is asked for nothing more (行政许可法32(1)(5))."""
    story = await open_story(context)
    await story.receive_incomplete(missing=2)
    async with refused("notice_not_complete") as found:
        await story.give_notice(lines=1)
    assert (found.value.extra["missing"], found.value.basis) == (["M04"], "行政许可法32(1)(4)")
    await story.give_notice(lines=2)
    await story.supply(1, 2, missing=2)
    answer = await story.go("officer", Act.ACCEPT)
    assert answer["state"] == "ACCEPTED"


async def test_a_withdrawal_is_signed_and_comes_before_the_decision(context: Context) -> None:
    story, decided = await bring(context, "RECEIVED"), await bring(context, "GRANTED")
    async with refused("signature_missing"):
        await story.go("clerk", Act.WITHDRAW, reason="不再经营。", signed=False)
    async with refused("action_not_allowed") as found:
        await decided.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert found.value.extra["allowed"] == ["make_certificate"]


async def test_who_takes_the_result_is_identified(context: Context) -> None:
    story = await bring(context, "READY")
    async with refused("id_check_failed", Malformed) as found:
        await story.go("issuer", Act.DELIVER, recipient=RECIPIENT | {"id_number": "110105194912310021"})
    assert "11010519491231002" not in f"{found.value.zh}{found.value.en}{found.value.extra}"


async def test_nothing_is_decided_while_something_is_owed_under_tolerance(context: Context) -> None:
    story = await bring(context, "VERIFY")
    async with reading() as connection:
        await connection.execute("UPDATE cases SET flags = '{tolerance}' WHERE number = $1", story.number)
    async with refused("tolerance_open"):
        await story.go("approver", Act.GRANT, opinion=OPINION)
    async with refused("tolerance_open"):
        await story.go("approver", Act.DENY, **PAYLOADS[Act.DENY])


async def test_review_endorsement_and_approval_take_three_people(context: Context) -> None:
    story = await bring(context, "VERIFY")
    handler = await actor("officer")

    async def as_well(role: Role, what: Act, who: str, **payload: Any) -> None:
        """Somebody acts who also holds another role in the department."""
        someone, other = await actor(who), await actor("officer")
        more = replace(someone.grants[0] if someone.grants else other.grants[0], role=role)
        command = await story.command(who, what, payload)
        await act(context, replace(command, actor=replace(someone, grants=(*someone.grants, more))))

    async with refused("same_person", Forbidden):
        await as_well(Role.approver, Act.GRANT, "officer", opinion=OPINION)
    async with refused("same_person", Forbidden):
        await as_well(Role.approver, Act.DENY, "officer", **PAYLOADS[Act.DENY])
    async with refused("same_person", Forbidden):
        await as_well(Role.reviewer, Act.ENDORSE, "officer", opinion=OPINION)
    await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    async with refused("already_endorsed"):
        await story.go("reviewer2", Act.ENDORSE, opinion=OPINION)
    async with refused("same_person", Forbidden) as found:
        await as_well(Role.approver, Act.GRANT, "reviewer", opinion=OPINION)
    assert found.value.basis == "行政许可法34；审批分离"
    assert (await story.row())["handler_id"] == handler.person


async def test_no_role_does_what_is_not_its_own(context: Context) -> None:
    """窗口无否决权: at the window nobody refuses, denies or decides; behind it nobody receives."""
    received, verify, ready = [await bring(context, state) for state in ("RECEIVED", "VERIFY", "READY")]
    escalated = await bring(context, "ESCALATED")
    for story, who, what in (
        (received, "issuer", Act.ACCEPT),
        (received, "hall_manager", Act.ACCEPT),
        (escalated, "clerk", Act.REFUSE_ACCEPTANCE),
        (escalated, "hall_manager", Act.REFUSE_ACCEPTANCE),
        (verify, "clerk", Act.DENY),
        (verify, "issuer", Act.GRANT),
        (verify, "officer2", Act.GRANT),
        (verify, "reviewer", Act.GRANT),
        (verify, "officer2", Act.ENDORSE),
        (ready, "clerk", Act.DELIVER),
        (ready, "approver", Act.DELIVER),
        (ready, "auditor", Act.DELIVER),
    ):
        async with refused("role_not_allowed", Forbidden) as found:
            await story.go(who, what, **PAYLOADS.get(what, {}))
        assert found.value.extra["roles"]
    fresh = await open_story(context)
    async with refused("case_not_found", NotFound):  # the department does not see what is still being prepared
        await fresh.go("officer", Act.RECEIVE, materials=complete(FOOD))


async def test_other_departments_and_halls_do_not_know_of_the_case(context: Context) -> None:
    story = await bring(context, "VERIFY")
    for who in ("officer.hrss", "approver.police", "clerk.town", "agent.village", "system_admin", "security_admin",
                "item_steward", "assessor"):  # fmt: skip
        async with refused("case_not_found", NotFound):
            await story.go(who, Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
        async with refused("case_not_found", NotFound):
            await read_case(context, await actor(who), story.number, story.now)
        assert await list_cases(await actor(who)) == []
    assert [row["number"] for row in await list_cases(await actor("officer"))] == [story.number]
    assert [row["number"] for row in await list_cases(await actor("auditor"))] == [story.number]
    async with refused("case_not_found", NotFound):
        missing = replace(story, number=story.number[:-1] + str((int(story.number[-1]) + 1) % 10))
        await missing.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


async def test_the_window_accepts_only_where_the_item_carries_a_written_authorisation(context: Context) -> None:
    assert FOOD.authorised_window
    assert not LABOUR.authorised_window
    ours, theirs = await bring(context, "RECEIVED"), await bring(context, "RECEIVED", LABOUR)
    assert "accept" in await ours.allowed("clerk")
    assert "accept" not in await theirs.allowed("clerk")
    async with refused("role_not_allowed", Forbidden) as found:
        await theirs.go("clerk", Act.ACCEPT)
    assert found.value.extra["roles"] == ["officer"]
    async with refused("role_not_allowed", Forbidden):
        await theirs.go("clerk", Act.GIVE_NOTICE, lines=defects(LABOUR))
    assert (await ours.go("clerk", Act.ACCEPT))["state"] == "ACCEPTED"


async def test_whoever_acts_on_an_old_picture_is_told_what_changed(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    stale = await story.command("officer", Act.ACCEPT, {}, version=1)
    async with refused("case_changed", Stale) as found:
        await act(context, stale)
    assert (found.value.extra["current"], found.value.extra["state"]) == (2, "RECEIVED")
    async with refused("version_required", VersionRequired) as blind:
        await act(context, await story.command("officer", Act.ACCEPT, {}, kind="machine"))
    assert blind.value.extra["current"] == 2
    await act(context, await story.command("officer", Act.ACCEPT, {}, kind="machine", version=2))
    assert (await story.row())["state"] == "ACCEPTED"


async def test_a_payload_is_of_its_declared_form(context: Context) -> None:
    story, verify = await bring(context, "RECEIVED"), await bring(context, "VERIFY")
    for payload, field in (
        ({}, "$"),
        ({"note": ""}, "$.note"),
        ({"note": 7}, "$.note"),
        ({"note": "好", "colour": "red"}, "$"),
        ({"note": "好", "materials": [{"line": "M01", "originals": -1}]}, "$.materials[0].originals"),
        ({"note": "好", "materials": [{"line": "'; DROP TABLE cases"}]}, "$.materials[0].line"),
        ({"note": "好" * 4001}, "$.note"),
    ):
        async with refused("payload_invalid", Malformed) as found:
            await story.go("clerk", Act.CORRECT_ON_SPOT, **payload)
        assert found.value.extra["field"] == field
    async with refused("control_character", Malformed):
        await story.go("clerk", Act.CORRECT_ON_SPOT, note="好\x00")
    async with refused("payload_invalid", Malformed):
        await verify.go("approver", Act.GRANT)
    hostile = "'; DELETE FROM events; -- <script>alert(1)</script> ${7*7} 𠮷"
    await story.go("clerk", Act.CORRECT_ON_SPOT, note=hostile)
    (event,) = [row for row in await story.rows("events", "seq") if row["name"] == "case:correct_on_spot"]
    assert event["data"]["payload"]["note"] == hostile


async def test_a_case_is_opened_only_for_an_item_in_force_and_a_party_whose_number_checks(context: Context) -> None:
    clerk = await actor("clerk")

    async def open_for(item: str = FOOD.code, who: Applicant | None = None, by: Any = clerk, **more: Any) -> None:
        await open_case(context, by, Opening(item=item, applicant=who or firm(), **more), START)

    wrong_id = Applicant("person", "示例", "resident_id", "110105194912310021")
    wrong_code = Applicant("organisation", "示例", "uscc", "91350100M000100Y44")
    async with refused("item_not_found", NotFound):
        await open_for("11460100MB9A00014Q3460110009999")
    for who in (wrong_id, wrong_code):
        async with refused("id_check_failed", Malformed):
            await open_for(who=who)
    async with refused("id_kind_unknown", Malformed):
        await open_for(who=Applicant("person", "示例", "library_card", "1"))
    async with refused("situation_unknown"):
        await open_for(situation=["on_the_moon"])
    await publish(ITEMS[2], flow="NOT_YET")
    async with refused("flow_not_published"):
        await open_for(ITEMS[2].code, person())
    async with refused("organisation_not_found", NotFound):
        await open_for(hall="town-hall")
    async with refused("organisation_not_found", NotFound):
        await open_for(window="town-w01")
    async with refused("consultation_not_found", NotFound):
        await open_for(consultation="示政服询〔2026〕1号")
    async with refused("role_not_allowed", Forbidden):
        await open_for(by=await actor("officer"))
    async with refused("control_character", Malformed):
        await open_for(who=Applicant("organisation", "示例\u202e", "uscc", firm().id_number))
    async with reading() as connection:
        await connection.execute("UPDATE item_versions SET suspended = true WHERE code = $1", FOOD.code)
    async with refused("item_not_in_force"):
        await open_for()
    async with reading() as connection:
        await connection.execute(
            "UPDATE item_versions SET in_force_to = '2026-03-01', suspended = false WHERE code = $1", FOOD.code
        )
    async with refused("item_not_in_force"):
        await open_for()


async def test_personal_numbers_reach_no_table_in_clear(context: Context, database: Any) -> None:
    who = person(7)
    story = await bring(context, "READY", who=who)
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT | {"relation": "agent"}, mandate=True)
    async with reading() as connection:
        names = await connection.fetch(
            "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' AND relname <> 'migration'"
        )
        for name in (row["relname"] for row in names):
            text = await connection.fetchval(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{name}\" t")
            for number in (who.id_number, who.mobile, RECIPIENT["id_number"]):
                assert number not in text, name
                assert (number or "").encode().hex() not in text, name


async def test_a_refusal_names_nobody_and_a_story_ends_whole(context: Context) -> None:
    story: Story = await bring(context, "DELIVERED")
    assert isinstance((await story.row())["id"], UUID)
    async with refused("action_not_allowed") as found:
        await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert found.value.extra["allowed"] == ["archive"]
