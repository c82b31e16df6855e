"""帮办代办: a mandate is registered, an agent files and follows under it, and nothing is done beyond it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.delegating import Appointing, appoint
from engine.evidence import check_target
from engine.jobs import run_row
from engine.mandates.agency import FilingFor, Revoking, file_for, list_mandates, read_mandate, revoke_mandate
from engine.mandates.mandate_evidence import receive_paper
from engine.mandates.mandating import Representative, register_mandate
from engine.mandates.visiting import Visited, Visiting, book_visit, list_visits, record_visit
from engine.opening import Opening, open_case
from engine.reading import list_actions, list_cases, list_tasks, read_case
from engine.viewing.evidence_reading import find_content
from engine.work import Answer
from storage import audit
from storage.db import reading
from storage.scan_files import UploadSink
from tests.engine.test_refusals import refused
from tests.factories import FOOD, ITEMS, PAYLOADS, START, Story, bring, complete, firm, open_story, person
from tests.mandates import TODAY, agent_number, filed, give, wish
from tests.people import actor, also
from tests.storage.hostile_files import pdf
from workflows.actor import Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, YichuangError
from workflows.events import Act
from workflows.mandate import Ending, Power

DAY = timedelta(days=1)
SIGNED = Revoking(Ending.revoked, "改为本人办理。", signed=True)
AGENT = {"name": "示例代理人", "id_kind": "resident_id", "id_number": agent_number(), "relation": "agent"}


async def events_of(number: str) -> list[dict[str, Any]]:
    return await audit.of_case(number, limit=1000)


async def submitted(story: Story) -> None:
    """The agent hands in for pre-review, the officer passes it."""
    await story.go("agent", Act.SUBMIT)
    await story.go("officer", Act.PASS_PRE_REVIEW)


async def in_correction(story: Story) -> None:
    """Received with everything, the notice given on the last line."""
    await submitted(story)
    await story.receive()
    await story.give_notice()


async def ended(context: Context, mandate: Answer, at: datetime, by: str = "clerk", how: Revoking = SIGNED) -> Answer:
    return await revoke_mandate(context, await actor(by), UUID(mandate["mandate"]), how, at)


# --- 登记委托


async def test_a_mandate_is_registered_under_the_halls_next_number(context: Context) -> None:
    first, second = await give(context), await give(context, wish(person(2)))
    assert [one["number"] for one in (first, second)] == ["示政服委〔2026〕1号", "示政服委〔2026〕2号"]
    assert (first["from_on"], first["until_on"]) == ("2026-03-02", "2026-03-29")
    view = await read_mandate(context, await actor("clerk"), UUID(first["mandate"]), START)
    assert (view["state"], view["agent"], view["agent_name"]) == ("in_force", "agent", "陈念慈")
    assert view["principal"]["id_masked"].startswith("460***")
    assert view["powers"] == ["file", "supply", "withdraw", "collect"]
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM mandates WHERE number = $1", first["number"])
        assert row is not None
        assert agent_number() not in str(dict(row))
        logged = await connection.fetch("SELECT action, subject FROM access_log ORDER BY day, seq")
    assert ("mandate.register", first["number"]) in {(one["action"], one["subject"]) for one in logged}


async def test_what_is_no_mandate_is_not_registered(context: Context) -> None:
    someone = person()
    themself = Representative("resident_id", someone.id_number, login="agent")
    for changes, code, kind in (
        ({"agent": themself}, "principal_is_agent", Conflict),
        (
            {"agent": Representative("resident_id", someone.id_number.lower(), name="某人")},
            "principal_is_agent",
            Conflict,
        ),
        ({"from_on": TODAY, "until_on": TODAY - DAY}, "mandate_term_wrong", Malformed),
        ({"until_on": TODAY + 2000 * DAY}, "mandate_term_wrong", Malformed),
        ({"signed": False}, "signature_missing", Conflict),
        ({"items": []}, "mandate_matter_missing", Malformed),
        ({"items": ["no-such-item"]}, "item_not_found", NotFound),
        ({"case": "4601002603020000017"}, "case_not_found", NotFound),
        ({"agent": Representative("resident_id", agent_number(), login="clerk")}, "agent_not_on_staff", Conflict),
        (
            {"agent": Representative("resident_id", agent_number(), login="agent.village")},
            "agent_not_on_staff",
            Conflict,
        ),
        ({"agent": Representative("resident_id", agent_number())}, "agent_name_missing", Malformed),
        ({"agent": Representative("resident_id", "460100198505050000", name="某")}, "id_check_failed", Malformed),
        ({"agent": Representative("uscc", firm().id_number, name="某公司")}, "id_kind_wrong", Malformed),
        ({"matter": "a\u202eb"}, "control_character", Malformed),
    ):
        async with refused(code, kind):
            await give(context, wish(someone, **changes))
    for who in ("officer", "issuer", "auditor", "system_admin"):
        async with refused("role_not_allowed", Forbidden):
            await give(context, by=who)


async def test_a_papers_own_number_counts_once_for_a_principal(context: Context) -> None:
    deed: dict[str, Any] = {"reference": "（2026）示证字第12号"}
    await give(context, wish(person(1), **deed))
    await give(context, wish(person(2), **deed))
    async with refused("mandate_number_used"):
        await give(context, wish(person(1), **deed))
    assert (await give(context, wish(person(1), reference="（2026）示证字第13号")))["number"].endswith("3号")


async def test_a_repeated_request_registers_once(context: Context) -> None:
    clerk = await actor("clerk")
    first = await register_mandate(context, clerk, wish(), START, "k1")
    assert await register_mandate(context, clerk, wish(), START + DAY, "k1") == first
    async with refused("key_reused", Malformed):
        await register_mandate(context, clerk, wish(person(2)), START, "k1")


async def test_a_mandate_counts_once_its_paper_is_kept(context: Context) -> None:
    context.objects.ensure_buckets()
    mandate = await give(context, evidenced=False)
    key, clerk = UUID(mandate["mandate"]), await actor("clerk")
    async with refused("mandate_without_evidence", Forbidden):
        await filed(context, mandate)
    with UploadSink(Path(gettempdir())) as sink:
        sink.feed(b"%PDF-1.4 no more than that")
        bad = await receive_paper(context, clerk, key, sink.finish(None, "坏.pdf"), START, "k1")
    await judge(context)
    view = await read_mandate(context, clerk, key, START)
    assert (view["scan_state"], view["state"]) == ("refused", "awaiting_evidence")
    assert view["scan_verdict"]
    with UploadSink(Path(gettempdir())) as sink:
        sink.feed(pdf())
        good = await receive_paper(context, clerk, key, sink.finish(None, "授权委托书.pdf"), START, "k2")
    assert good["scan"] != bad["scan"]
    await judge(context)
    view = await read_mandate(context, clerk, key, START)
    assert (view["scan_state"], view["state"]) == ("stored", "in_force")
    content = await find_content(context, await actor("agent"), UUID(good["scan"]), START)
    locked = context.objects.retained_until(content.key, content.version)
    assert locked is not None
    assert locked.year == 2036
    for stranger in ("officer", "agent.village"):
        with pytest.raises(NotFound):
            await find_content(context, await actor(stranger), UUID(good["scan"]), START)
    with UploadSink(Path(gettempdir())) as sink:
        sink.feed(pdf())
        async with refused("mandate_evidenced"):
            await receive_paper(context, clerk, key, sink.finish(None, "another.pdf"), START)
    assert (await filed(context, mandate)).number


async def judge(context: Context) -> None:
    """What a worker does with the scans that wait."""
    async with reading() as connection:
        keys = await connection.fetch("SELECT id FROM outbox WHERE topic = 'mandate.judge' AND state = 'waiting'")
    for row in keys:
        assert await run_row(context, row["id"], lambda: datetime.now(UTC))


# --- 代为申请


async def test_an_agent_files_and_follows_under_both_names(context: Context) -> None:
    mandate = await give(context)
    story = await filed(context, mandate)
    await in_correction(story)
    await story.file_scans()
    await story.go("agent", Act.SUPPLY, lines=[1], materials=complete(FOOD, checked=False))
    row = await story.row()
    assert (row["flags"], str(row["mandate_id"])) == (["proxy"], mandate["mandate"])
    agent = await actor("agent")
    acts = [one for one in await events_of(story.number) if one["role"] == "agent"]
    assert [one["name"] for one in acts] == ["case:open", "case:submit", "case:supply"]
    for one in acts:
        assert (one["actor"], one["actor_name"], one["acting_for"]) == (agent.person, "陈念慈（代示例1）", None)
        assert one["data"]["principal"] == {
            "party": str(row["party_id"]),
            "name": "示例1",
            "mandate": mandate["number"],
            "agent": "陈念慈",
        }
    others = [one for one in await events_of(story.number) if one["role"] != "agent"]
    assert others
    assert not any("代" in one["actor_name"] for one in others)


async def test_an_agent_names_a_mandate_of_the_applicant(context: Context) -> None:
    mandate, agent = await give(context), await actor("agent")

    async def attempt(**changes: Any) -> None:
        request: dict[str, Any] = {"item": FOOD.code, "applicant": person(), "mandate": mandate["number"], **changes}
        await open_case(context, agent, Opening(**request), START)

    async with refused("mandate_needed", Forbidden):
        await attempt(mandate=None)
    async with refused("mandate_unknown"):
        await attempt(mandate="示政服委〔2026〕99号")
    async with refused("mandate_unknown"):
        await attempt(applicant=person(2))
    async with refused("mandate_unknown"):
        await attempt(item=ITEMS[2].code)
    await attempt()


async def test_nobody_files_under_somebody_elses_mandate(context: Context) -> None:
    await also("guide", "agent", "hall")
    mandate = await give(context, wish(agent="guide"))
    async with refused("mandate_not_found", NotFound):
        await filed(context, mandate)
    async with refused("mandate_unknown"):
        await open_case(context, await actor("agent"), Opening(FOOD.code, person(), mandate=mandate["number"]), START)
    async with refused("mandate_not_yours", Forbidden):
        await file_for(context, await actor("clerk"), UUID(mandate["mandate"]), FilingFor(FOOD.code), START)
    answer = await file_for(context, await actor("guide"), UUID(mandate["mandate"]), FilingFor(FOOD.code), START)
    assert (await events_of(answer["case"]))[0]["role"] == "agent"


@pytest.mark.parametrize(
    ("changes", "day", "code"),
    [
        ({"from_on": TODAY + DAY}, START, "mandate_not_yet"),
        ({"until_on": TODAY}, START + DAY, "mandate_expired"),
        ({"powers": [Power.supply, Power.collect]}, START, "mandate_too_narrow"),
    ],
)
async def test_a_mandate_outside_its_term_or_scope_opens_nothing(
    context: Context, changes: dict[str, Any], day: datetime, code: str
) -> None:
    mandate = await give(context, wish(**changes))
    async with refused(code, Forbidden):
        await filed(context, mandate, at=day)


async def test_a_narrower_mandate_is_refused_at_the_act(context: Context) -> None:
    story = await filed(context, await give(context, wish(powers=[Power.file])))
    await in_correction(story)
    await story.file_scans()
    async with refused("mandate_too_narrow", Forbidden):
        await story.go("agent", Act.SUPPLY, lines=[1], materials=complete(FOOD, checked=False))
    async with refused("mandate_too_narrow", Forbidden) as found:
        await story.go("agent", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert found.value.basis == "民法典165"
    listed = await list_actions(context, await actor("agent"), story.number, story.now)
    barred = {row["action"]: row["barred"]["code"] for row in listed if row["barred"] and "agent" in row["roles"]}
    assert barred[Act.WITHDRAW] == barred[Act.SUPPLY] == "mandate_too_narrow"


async def test_a_mandate_revoked_between_filing_and_supply_ends_the_agents_part(context: Context) -> None:
    mandate = await give(context)
    story = await filed(context, mandate)
    await in_correction(story)
    await story.file_scans()
    await ended(context, mandate, story.now)
    last = (await events_of(story.number))[-1]
    assert (last["name"], last["data"]["mandate"], last["data"]["ending"]) == (
        "mandate:revoked", mandate["number"], "revoked",
    )  # fmt: skip
    for what, payload in ((Act.SUPPLY, {"lines": [1]}), (Act.WITHDRAW, PAYLOADS[Act.WITHDRAW])):
        async with refused("mandate_revoked", Forbidden) as found:
            await story.go("agent", what, **payload)
        assert "民法典173" in str(found.value.basis)
    await story.go("clerk", Act.SUPPLY, lines=[1], materials=complete(FOOD, checked=False))


async def test_a_mandate_that_expires_underway_is_renewed_by_another(context: Context) -> None:
    mandate = await give(context, wish(until_on=TODAY + 2 * DAY))
    story = await filed(context, mandate)
    await in_correction(story)
    await story.file_scans()
    late = START + 4 * DAY
    async with refused("mandate_expired", Forbidden):
        await story.go("agent", Act.SUPPLY, at=late, lines=[1], materials=complete(FOOD, checked=False))
    renewed = await give(context, wish(from_on=TODAY + 4 * DAY, until_on=TODAY + 9 * DAY), at=late)
    await story.go("agent", Act.SUPPLY, at=late, lines=[1], materials=complete(FOOD, checked=False))
    assert (await events_of(story.number))[-1]["data"]["principal"]["mandate"] == renewed["number"]
    assert str((await story.row())["mandate_id"]) == renewed["mandate"]


async def test_an_act_and_a_revocation_at_once_are_one_after_the_other(context: Context) -> None:
    mandate = await give(context)
    story = await filed(context, mandate)
    results = await asyncio.gather(
        story.go("agent", Act.SUBMIT, at=START + DAY), ended(context, mandate, START + DAY), return_exceptions=True
    )
    names = [one["name"] for one in await events_of(story.number)]
    if isinstance(results[0], YichuangError):
        assert results[0].code == "mandate_revoked"
        assert names == ["case:open", "mandate:revoked"]
    else:
        assert names == ["case:open", "case:submit", "mandate:revoked"]
    assert not isinstance(results[1], BaseException)


async def test_who_ends_a_mandate(context: Context) -> None:
    mandate, other = await give(context), await give(context, wish(person(2)))
    async with refused("signature_missing"):
        await ended(context, mandate, START, how=Revoking(Ending.revoked, "口头通知。"))
    async with refused("role_not_allowed", Forbidden):
        await ended(context, mandate, START, by="issuer")
    async with refused("role_not_allowed", Forbidden):
        await ended(context, mandate, START, by="agent", how=Revoking(Ending.lapsed, "委托人死亡。"))
    for stranger in ("agent.village", "officer"):
        async with refused("mandate_not_found", NotFound):
            await ended(context, mandate, START, by=stranger)
    await ended(context, mandate, START)
    async with refused("mandate_ended"):
        await ended(context, mandate, START)
    await ended(context, other, START, by="agent", how=Revoking(Ending.resigned, "调离岗位。"))
    view = await read_mandate(context, await actor("agent"), UUID(other["mandate"]), START)
    assert (view["state"], view["ending"], view["ending_reason"]) == ("ended", "resigned", "调离岗位。")


# --- 只看自己委托人的办件


async def test_an_agent_sees_the_cases_of_their_own_principals_only(context: Context) -> None:
    others = await bring(context, "RECEIVED")
    mandate = await give(context)
    story = await filed(context, mandate)
    agent, village = await actor("agent"), await actor("agent.village")
    assert [row["number"] for row in await list_cases(agent)] == [story.number]
    assert [row["number"] for row in await list_tasks(context, agent)] == [story.number]
    assert await list_cases(village) == []
    for who, number in ((agent, others.number), (village, story.number)):
        with pytest.raises(NotFound):
            await read_case(context, who, number, START)
    async with refused("case_not_found", NotFound):
        await others.go("agent", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert {row["number"] for row in await list_cases(await actor("clerk"))} == {others.number, story.number}


async def test_a_principals_own_case_is_followed_under_a_later_mandate(context: Context) -> None:
    story = await open_story(context, who=person())
    agent = await actor("agent")
    assert await list_cases(agent) == []
    mandate = await give(context, wish(items=[], case=story.number))
    assert [row["number"] for row in await list_cases(agent)] == [story.number]
    await story.go("agent", Act.SUBMIT)
    row = await story.row()
    assert (row["flags"], str(row["mandate_id"])) == (["proxy"], mandate["mandate"])
    second = await open_story(context, who=person())
    with pytest.raises(NotFound):  # the mandate is for the one case
        await read_case(context, agent, second.number, START)
    await ended(context, mandate, story.now)
    assert (await read_case(context, agent, story.number, story.now))["number"] == story.number
    third = await open_story(context, who=person(3))
    async with refused("mandate_case_wrong"):
        await give(context, wish(items=[], case=third.number))


async def test_a_revoked_mandate_shows_nothing_that_was_not_followed_under_it(context: Context) -> None:
    story = await open_story(context, who=person())
    mandate, agent = await give(context), await actor("agent")
    assert len(await list_cases(agent)) == 1
    await ended(context, mandate, START)
    assert await list_cases(agent) == []
    with pytest.raises(NotFound):
        await read_case(context, agent, story.number, START)


async def test_lists_of_who_is_clerk_and_agent_show_each_case_once(context: Context) -> None:
    await also("clerk", "agent", "hall")
    mandate = await give(context, wish(agent="clerk"), by="guide")
    await file_for(context, await actor("clerk"), UUID(mandate["mandate"]), FilingFor(FOOD.code), START)
    await open_story(context)
    clerk = await actor("clerk")
    assert len(await list_cases(clerk)) == 2
    assert len(await list_cases(clerk, limit=1)) == 1
    first = (await list_cases(clerk, limit=1))[0]
    rest = await list_cases(clerk, after=(first["rank"], first["urgency"], first["id"]))
    assert len(rest) == 1
    assert rest[0]["id"] != first["id"]


async def test_an_agent_adds_scans_under_the_mandate_only(context: Context) -> None:
    story, stranger = await filed(context, await give(context)), await open_story(context)
    agent = await actor("agent")
    assert (await check_target(context, agent, story.number, "M01"))["number"] == story.number
    with pytest.raises(NotFound):
        await check_target(context, agent, stranger.number, "M01")


# --- 不得兼任


async def test_an_agent_never_receives_or_reviews_their_principals_case(context: Context) -> None:
    for role, at in (("clerk", "hall"), ("officer", "amr"), ("approver", "amr"), ("hall_manager", "hall")):
        await also("agent", role, at)
    story = await filed(context, await give(context))
    await submitted_by(story, "agent", "officer2")
    await story.file_scans()
    async with refused("two_hats", Forbidden):
        await story.go("agent", Act.RECEIVE, materials=complete(FOOD, checked=False))
    await story.receive()
    async with refused("two_hats", Forbidden):
        await story.go("agent", Act.ACCEPT)
    await story.go("officer2", Act.ACCEPT)
    await story.go("clerk", Act.DISPATCH)
    async with refused("two_hats", Forbidden):
        await story.go("agent", Act.SIGN_IN)
    await story.go("officer2", Act.SIGN_IN)
    await story.go("officer2", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    async with refused("two_hats", Forbidden):
        await story.go("agent", Act.GRANT, **PAYLOADS[Act.GRANT])
    await story.go("approver", Act.GRANT, **PAYLOADS[Act.GRANT])
    other = await open_story(context)  # not a principal's: the agent is a clerk like any other
    await other.file_scans()
    await other.go("agent", Act.RECEIVE, materials=complete(FOOD, checked=False))


async def submitted_by(story: Story, who: str, officer: str) -> None:
    await story.go(who, Act.SUBMIT)
    await story.go(officer, Act.PASS_PRE_REVIEW)


async def test_who_received_the_case_does_not_become_its_agent(context: Context) -> None:
    await also("clerk", "agent", "hall")
    story = await bring(context, "RECEIVED", who=person())
    await give(context, wish(agent="clerk"), by="guide")
    async with refused("two_hats", Forbidden):
        await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


async def test_a_delegate_of_the_agent_has_no_other_part_either(context: Context) -> None:
    story = await filed(context, await give(context))
    await submitted(story)
    leave = Appointing("agent", "clerk", Role.agent, "hall", START, START + 9 * DAY, "出差")
    await appoint(await actor("agent"), leave, START)
    await story.file_scans()
    async with refused("two_hats", Forbidden):
        await story.go("clerk", Act.RECEIVE, materials=complete(FOOD, checked=False))
    async with refused("two_hats", Forbidden):
        await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


# --- 窗口


async def test_a_private_representative_hands_in_under_a_mandate(context: Context) -> None:
    mandate = await give(context, wish(agent=None))
    story = await open_story(context, who=person(), situation=["agent"])
    await story.file_scans()
    counts = complete(FOOD, frozenset({"agent"}))
    async with refused("mandate_missing"):
        await story.go("clerk", Act.RECEIVE, materials=counts)
    async with refused("mandate_unknown"):
        await story.go("clerk", Act.RECEIVE, materials=counts, mandate_number="示政服委〔2026〕7号")
    await story.go("clerk", Act.RECEIVE, materials=counts, mandate_number=mandate["number"])
    row, last = await story.row(), (await events_of(story.number))[-1]
    assert (row["flags"], str(row["mandate_id"])) == (["proxy"], mandate["mandate"])
    assert last["data"]["principal"]["agent"] == "示例代理人"
    assert "代" not in last["actor_name"]


async def test_a_case_opened_at_the_window_under_a_mandate(context: Context) -> None:
    mandate = await give(context, wish(agent=None, until_on=TODAY + 3 * DAY))
    answer = await open_case(
        context, await actor("clerk"), Opening(FOOD.code, person(), mandate=mandate["number"]), START
    )
    story = Story(context, FOOD, answer["case"], START, [answer])
    await story.file_scans()
    async with refused("mandate_expired", Forbidden):
        await story.go("clerk", Act.RECEIVE, at=START + 5 * DAY, materials=complete(FOOD, checked=False))
    await story.go("clerk", Act.RECEIVE, materials=complete(FOOD), in_person=True)
    staff = await give(context, wish())
    async with refused("mandate_unknown"):  # an agent on the staff files as what they are
        await open_case(context, await actor("clerk"), Opening(FOOD.code, person(), mandate=staff["number"]), START)


async def ready_for(context: Context, mandate: Answer, at: datetime) -> Story:
    """A principal's case up to the certificate on the shelf."""
    story = await filed(context, mandate, at=at)
    await submitted(story)
    await story.receive()
    for who, what in (
        ("officer", Act.ACCEPT), ("clerk", Act.DISPATCH), ("officer", Act.SIGN_IN), ("officer", Act.SUBMIT_REVIEW),
        ("approver", Act.GRANT), ("issuer", Act.MAKE_CERTIFICATE), ("issuer", Act.MARK_READY),
    ):  # fmt: skip
        await story.go(who, what, **PAYLOADS.get(what, {}))
    return story


async def test_a_grandmothers_mandate_ends_before_the_pickup(context: Context) -> None:
    mandate = await give(context, wish(until_on=TODAY + 3 * DAY))
    story = await ready_for(context, mandate, START)
    late = START + 7 * DAY
    for payload in ({"mandate": True}, {"mandate_number": mandate["number"]}):
        async with refused("mandate_expired", Forbidden):
            await story.go("issuer", Act.DELIVER, at=late, recipient=AGENT, **payload)
    renewed = await give(
        context, wish(from_on=TODAY + 7 * DAY, until_on=TODAY + 9 * DAY, powers=[Power.collect]), at=late
    )
    stranger = AGENT | {"id_number": agent_number(2)}
    async with refused("collector_is_not_agent"):
        await story.go("issuer", Act.DELIVER, at=late, recipient=stranger, mandate_number=renewed["number"])
    async with refused("mandate_unknown"):
        await story.go("issuer", Act.DELIVER, at=late, recipient=AGENT, mandate_number="示政服委〔2026〕9号")
    await story.go("issuer", Act.DELIVER, at=late, recipient=AGENT, mandate_number=renewed["number"])
    last = (await events_of(story.number))[-1]
    assert (last["to_state"], last["data"]["principal"]["mandate"]) == ("DELIVERED", renewed["number"])
    assert agent_number() not in str(last["data"])


async def test_a_mandate_without_the_power_to_collect_collects_nothing(context: Context) -> None:
    story = await ready_for(context, await give(context, wish(powers=[Power.file, Power.supply])), START)
    async with refused("mandate_too_narrow", Forbidden):
        await story.go("issuer", Act.DELIVER, recipient=AGENT, mandate=True)


# --- 上门服务

GRANNY = person(7)


def visit(**changes: Any) -> Visiting:
    usual: dict[str, Any] = {
        "principal": GRANNY, "day": TODAY + DAY, "at": datetime(2026, 3, 3, 9, 0, tzinfo=UTC).time(),
        "place": "海南省海口市琼山区府城街道示例路3号", "in_area": True, "immobile": True, "matter": "签署授权委托书",
        "first": "agent", "second": "guide",
    }  # fmt: skip
    return Visiting(**{**usual, **changes})


async def test_two_people_visit_a_grandmother_who_gives_a_mandate(context: Context) -> None:
    booked = await book_visit(context, await actor("guide"), visit(), START)
    key = UUID(booked["visit"])
    (row,) = await list_visits(context, await actor("agent"), START)
    assert (row["state"], row["first"], row["place_masked"]) == ("booked", "陈念慈", "海南省海口市琼山区府城街道****")
    async with refused("visit_not_done"):
        await give(context, wish(GRANNY, visit=key))
    agent = await actor("agent")
    done = Visited(took_place=True, conscious=True, outcome="本人签署委托书，两名工作人员在场。")
    async with refused("visit_to_come"):
        await record_visit(context, agent, key, done, START)
    async with refused("visit_not_found", NotFound):
        await record_visit(context, await actor("clerk"), key, done, START + DAY)
    async with refused("not_conscious"):
        await record_visit(context, agent, key, Visited(took_place=True, outcome="意识不清。"), START + DAY)
    assert (await record_visit(context, agent, key, done, START + DAY))["state"] == "done"
    async with refused("visit_recorded"):
        await record_visit(context, agent, key, done, START + DAY)
    async with refused("visit_not_done"):
        await give(context, wish(person(8), visit=key))
    assert (await give(context, wish(GRANNY, visit=key), at=START + DAY))["number"]


async def test_visits_that_the_hall_does_not_make(context: Context) -> None:
    for changes, code, kind in (
        ({"second": "agent"}, "two_people_needed", Conflict),
        ({"in_area": False}, "outside_the_area", Conflict),
        ({"immobile": False}, "can_come_themself", Conflict),
        ({"day": TODAY - DAY}, "visit_in_the_past", Malformed),
        ({"second": "officer"}, "person_not_found", NotFound),
        ({"second": "nobody"}, "person_not_found", NotFound),
    ):
        async with refused(code, kind):
            await book_visit(context, await actor("guide"), visit(**changes), START)
    async with refused("role_not_allowed", Forbidden):
        await book_visit(context, await actor("officer"), visit(), START)


async def test_everybody_sees_only_their_mandates_and_visits(context: Context) -> None:
    await also("guide", "agent", "hall")
    mine, theirs = await give(context), await give(context, wish(person(2), agent="guide"))
    await book_visit(context, await actor("guide"), visit(first="clerk"), START)
    agent = await actor("agent")
    assert [row["number"] for row in await list_mandates(context, agent, START)] == [mine["number"]]
    with pytest.raises(NotFound):
        await read_mandate(context, agent, UUID(theirs["mandate"]), START)
    for who in ("clerk", "auditor", "hall_manager"):
        assert len(await list_mandates(context, await actor(who), START)) == 2
    assert await list_mandates(context, await actor("agent.village"), START) == []
    assert await list_mandates(context, await actor("clerk"), START + 60 * DAY, standing=True) == []
    page = await list_mandates(context, await actor("clerk"), START, limit=1)
    rest = await list_mandates(context, await actor("clerk"), START, after=page[0]["id"])
    assert {row["number"] for row in page + rest} == {mine["number"], theirs["number"]}
    assert await list_visits(context, agent, START) == []
    assert len(await list_visits(context, await actor("clerk"), START)) == 1
