"""What is published does not change; loading the sample again adds nothing."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.auditing import verify
from engine.catalogue import approving, comparing
from engine.catalogue.approving import Returning
from engine.catalogue.proposing import Proposal, propose
from engine.context import Context
from engine.delegating import Appointing, appoint
from engine.invariants import check_case
from engine.publishing import import_item, publish_flow, publish_item
from engine.sample import load_sample
from storage import catalogues, versions
from storage.db import reading
from tests.engine.stewards import CHECKER, LATER, MAKER, barred, done, logged, next_food, proposed, text_of
from tests.factories import FOOD, LABOUR, PAYLOADS, START, bring, open_story, table_counts
from tests.people import actor, also
from workflows.errors import Conflict, DefinitionError, NotFound
from workflows.events import Act
from workflows.flow import packaged_flows, parse_flow

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PERMIT = packaged_flows()["PERMIT"]


async def test_loading_the_sample_again_changes_nothing(context: Context) -> None:
    before = await table_counts()
    assert await load_sample(NOW) == {}
    assert await table_counts() == before


async def test_a_case_stays_with_the_flow_and_item_that_it_began_under(context: Context) -> None:
    old = await bring(context, "RECEIVED")
    shorter = msgspec.structs.replace(
        FOOD, version=2, promise_limit=msgspec.structs.replace(FOOD.promise_limit, n=1), in_force_from=START.date()
    )
    text = PERMIT.source.replace("version = 2", "version = 3", 1).replace(
        'to = "REVIEW"\nby = ["officer"]', 'to = "REVIEW"\nby = ["reviewer"]', 1
    )
    assert await publish_item(shorter, NOW) is True
    assert await publish_flow(parse_flow(text, "permit.toml"), NOW) is True
    new = await open_story(context)
    await new.receive()
    for story, promise in ((old, "2026-03-09"), (new, "2026-03-03")):
        await story.go("officer", Act.ACCEPT)
        assert (await story.clocks())["promise"] == ("running", promise)
        await story.go("clerk", Act.DISPATCH)
    assert [(await story.row())["flow_version"] for story in (old, new)] == [2, 3]
    assert await old.allowed("officer") == {"sign_in"}
    assert await new.allowed("officer") == set()
    assert await new.allowed("reviewer") == {"sign_in"}


async def test_a_published_version_is_not_published_otherwise(context: Context) -> None:
    assert await publish_flow(PERMIT, NOW) is False
    with pytest.raises(Conflict) as flow:
        await publish_flow(parse_flow(PERMIT.source + "\n# 另一个文本\n", "permit.toml"), NOW)
    assert await publish_item(FOOD, NOW) is False
    with pytest.raises(Conflict) as item:
        await publish_item(msgspec.structs.replace(FOOD, name="别的名称"), NOW)
    assert flow.value.code == item.value.code == "version_taken"
    with pytest.raises(NotFound):
        await publish_item(msgspec.structs.replace(FOOD, version=9, department="moon"), NOW)


async def test_a_case_of_the_first_version_is_finished_under_it(context: Context) -> None:
    """The flow of the foundation is published still where the hall began with it; its cases go on."""
    first = (Path(__file__).parents[1] / "workflows" / "fixtures" / "permit_1.toml").read_text("utf-8")
    digest = hashlib.sha256(first.encode()).hexdigest()
    await catalogues.publish_flow("PERMIT", 1, first, digest, NOW)
    story = await bring(context, "NEW")
    async with reading() as connection:
        await connection.execute("UPDATE cases SET flow_version = 1 WHERE number = $1", story.number)
    await story.receive()
    await story.go("officer", Act.ACCEPT)
    await story.go("clerk", Act.DISPATCH)
    await story.go("officer", Act.SIGN_IN)
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    await story.go("reviewer", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])
    answer = await story.go("approver", Act.GRANT, **PAYLOADS[Act.GRANT])
    assert (answer["state"], (await story.row())["flow_version"]) == ("GRANTED", 1)
    assert (await story.clocks())["notice"] == ("stopped", "2026-03-09")
    assert await check_case(context, story.number, story.now) == []


async def test_an_unlawful_flow_is_not_published(context: Context) -> None:
    text = PERMIT.source.replace("version = 2", "version = 3", 1).replace('"no_earlier_notice", ', "")
    before = await table_counts()
    with pytest.raises(DefinitionError) as found:
        await publish_flow(parse_flow(text, "permit.toml"), NOW)
    assert found.value.extra["findings"] == ["second_notice"]
    assert await table_counts() == before


async def test_what_one_steward_proposes_another_publishes(context: Context) -> None:
    """From its first day the new version applies; the older one ends the day before, and open cases stay under it."""
    old = await bring(context, "RECEIVED")
    shorter = next_food(promise_limit=msgspec.structs.replace(FOOD.promise_limit, n=3), visits=0)
    draft = await proposed(context, "item", text=text_of(shorter), reason="承诺时限压缩")
    assert await proposed(context, "item", text=text_of(shorter), by=CHECKER) == draft
    shown = await approving.read_draft(context, await actor(CHECKER), draft, START)
    assert (shown["before"], shown["problems"], shown["allowed"]) == (1, [], ["publish", "return"])
    assert [change.zh for change in shown["changes"]] == [
        "事项：到场次数由“1”改为“0”",
        "时限：承诺时限由“5个工作日”改为“3个工作日”",
    ]
    mine = await approving.read_draft(context, await actor(MAKER), draft, START)
    assert mine["allowed"] == ["withdraw"]
    for _ in range(2):
        assert (await approving.publish(context, await actor(CHECKER), draft, START))["state"] == "published"
    rows = await comparing.item_versions(context, FOOD.code, START)
    assert [(row["version"], row["in_force_to"], row["state"]) for row in rows] == [
        (2, None, "coming"),
        (1, date(2026, 3, 8), "in_force"),
    ]
    assert [rows[0][name] for name in ("proposed_by", "published_by", "draft")] == ["朱晓岚", "梁长风", draft]
    assert [rows[1][name] for name in ("proposed_by", "published_by", "draft")] == [None, None, None]
    for days, version in ((6, 1), (7, 2)):
        story = await open_story(context, at=START + timedelta(days=days))
        assert (await context.item((await story.row())["item_id"])).version == version
    assert (await context.item((await old.row())["item_id"])).version == 1
    digest = rows[0]["digest"]
    assert await logged(FOOD.code) == [("draft.propose", digest), ("draft.publish", digest)]
    assert (await verify()).whole
    assert await proposed(context, "item", text=text_of(shorter)) == draft
    async with barred("version_taken"):
        await proposed(context, "item", text=text_of(next_food(visits=2)))


async def _wrong(context: Context) -> list[tuple[str, dict[str, Any]]]:
    """What no steward may propose: the code of the refusal, and the proposal."""
    yesterday, code = START.date() - timedelta(days=1), FOOD.code
    unlawful = PERMIT.source.replace("version = 2", "version = 3", 1).replace('"no_earlier_notice", ', "")
    return [
        ("begins_in_the_past", {"kind": "item", "text": text_of(next_food(in_force_from=yesterday))}),
        ("version_published", {"kind": "item", "text": text_of(FOOD)}),
        ("version_taken", {"kind": "item", "text": text_of(next_food(version=1))}),
        ("organisation_not_found", {"kind": "item", "text": text_of(next_food(department="moon"))}),
        ("organisation_not_found", {"kind": "item", "text": text_of(next_food(joint=("moon",)))}),
        ("flow_not_published", {"kind": "item", "text": text_of(next_food(flow="NO_SUCH_FLOW"))}),
        ("definition_not_wellformed", {"kind": "item", "text": text_of(next_food(level="1"))}),
        ("definition_not_wellformed", {"kind": "item", "text": "{" + '"a":{' * 30_000}),
        ("definition_not_wellformed", {"kind": "flow", "text": "a." * 50_000 + "a = 1"}),
        ("definition_not_wellformed", {"kind": "flow", "text": "a = " + "[" * 50_000}),
        ("flow_unlawful", {"kind": "flow", "text": unlawful}),
        ("version_published", {"kind": "flow", "text": PERMIT.source}),
        ("version_too_high", {"kind": "item", "text": text_of(next_food(version=2**40))}),
        ("version_too_high", {"kind": "flow", "text": PERMIT.source.replace("version = 2", f"version = {2**40}", 1)}),
        ("version_out_of_order", {"kind": "flow", "text": PERMIT.source.replace("version = 2", "version = 1", 1)}),
        ("begins_in_the_past", {"kind": "flow", "text": _third("办理"), "in_force_from": yesterday}),
        ("proposal_incomplete", {"kind": "item", "item": code}),
        ("proposal_incomplete", {"kind": "suspension", "text": text_of(FOOD), "reason": "暂停"}),
        ("reason_missing", {"kind": "suspension", "item": code, "reason": " "}),
        ("control_character", {"kind": "item", "text": text_of(FOOD), "reason": "暂停\u202e"}),
    ]


def _third(title: str) -> str:
    """The third version of PERMIT with another title."""
    return PERMIT.source.replace("version = 2", "version = 3", 1).replace(
        f'title = "{PERMIT.title}"', f'title = "{title}"', 1
    )


async def test_what_is_wrong_is_refused_when_it_is_proposed(context: Context) -> None:
    for code, wrong in await _wrong(context):
        async with barred(code) as caught:
            await propose(context, await actor(MAKER), msgspec.convert(wrong, Proposal), START)
        if code == "flow_unlawful":
            assert caught.value.extra["findings"] == ["second_notice"]
            assert "行政许可法32(1)(4)" in caught.value.zh
    await also("officer", "item_steward", "amr")
    for who, code, text in (
        ("clerk", "role_not_allowed", text_of(next_food())),
        ("officer", "beyond_reach", text_of(msgspec.structs.replace(LABOUR, version=2, in_force_from=LATER))),
        ("officer", "beyond_reach", text_of(next_food(department="hrss"))),
    ):
        async with barred(code):
            await proposed(context, "item", by=who, text=text)
    async with barred("beyond_reach"):
        await proposed(context, "flow", by="officer", text=_third("办理"))


async def test_two_people_settle_a_draft_once(context: Context) -> None:
    maker, checker = await actor(MAKER), await actor(CHECKER)
    draft = await proposed(context, "item", text=text_of(next_food()))
    async with barred("draft_open"):
        await proposed(context, "item", by=CHECKER, text=text_of(next_food(visits=2)))
    async with barred("same_person"):
        await approving.publish(context, maker, draft, START)
    async with barred("same_person"):
        await approving.send_back(maker, draft, Returning("不妥"), START)
    async with barred("not_the_maker"):
        await approving.withdraw(checker, draft, START)
    async with barred("draft_not_found"):
        await approving.publish(context, checker, maker.person, START)
    async with barred("role_not_allowed"):
        await approving.read_draft(context, await actor("clerk"), draft, START)
    async with barred("role_not_allowed"):
        await approving.publish(context, await actor("auditor"), draft, START)
    await approving.send_back(checker, draft, Returning("材料 M03 缺少取得方式。"), START)
    async with barred("draft_settled"):
        await approving.publish(context, checker, draft, START)
    again = await proposed(context, "item", text=text_of(next_food(visits=2)))
    await approving.withdraw(maker, again, START)
    last = await proposed(context, "item", text=text_of(next_food(visits=2)))
    answers = await asyncio.gather(
        *(asyncio.create_task(approving.publish(context, checker, last, START)) for _ in range(3))
    )
    assert [answer["state"] for answer in answers] == ["published"] * 3
    listed = await approving.list_drafts(await actor("auditor"))
    assert [(row["id"], row["state"], row["settlement"]) for row in listed] == [
        (last, "published", ""),
        (again, "withdrawn", ""),
        (draft, "returned", "材料 M03 缺少取得方式。"),
    ]
    assert [row["version"] for row in await versions.of_item(FOOD.code)] == [2, 1]


async def test_who_stands_in_for_the_maker_is_no_second_person(context: Context) -> None:
    """An officer may fill in for an absent steward, but never on both sides of one draft."""
    maker = await actor(MAKER)
    period = {"from_at": START, "until_at": START + timedelta(days=5)}
    standing = {"person": MAKER, "delegate": "officer", "role": "item_steward", "organisation": "460100"}
    await appoint(
        maker, msgspec.convert(standing | period | {"reason": "休假"}, Appointing), START - timedelta(hours=1)
    )
    deputy = await actor("officer", now=START)
    draft = await proposed(context, "item", text=text_of(next_food()))
    async with barred("same_person"):
        await approving.publish(context, deputy, draft, START)
    await approving.withdraw(maker, draft, START)
    answer = await propose(context, deputy, Proposal("item", text_of(next_food(visits=2))), START)
    async with barred("same_person"):
        await approving.publish(context, maker, answer["draft"], START)
    assert (await approving.publish(context, await actor(CHECKER), answer["draft"], START))["state"] == "published"


async def test_a_draft_is_checked_again_when_it_is_published(context: Context) -> None:
    """Its first day passed while it waited; or somebody published the version by hand meanwhile."""
    late = await proposed(context, "item", text=text_of(next_food()))
    after = START + timedelta(days=8)
    shown = await approving.read_draft(context, await actor(CHECKER), late, after)
    assert [problem.code for problem in shown["problems"]] == ["begins_in_the_past"]
    async with barred("begins_in_the_past"):
        await approving.publish(context, await actor(CHECKER), late, after)
    assert await import_item(next_food(visits=2), START) is True
    async with barred("version_taken"):
        await approving.publish(context, await actor(CHECKER), late, START)
    assert [action for action, _ in await logged(FOOD.code)] == ["draft.propose", "item.import"]


async def test_the_higher_version_takes_the_place_of_one_that_has_not_begun(context: Context) -> None:
    await done(context, "item", text=text_of(next_food()))
    await done(context, "item", text=text_of(next_food(version=4, in_force_from=LATER - timedelta(days=2))))
    rows = await comparing.item_versions(context, FOOD.code, START)
    assert [(row["version"], str(row["in_force_from"]), str(row["in_force_to"]), row["state"]) for row in rows] == [
        (4, "2026-03-07", "None", "coming"),
        (2, "2026-03-09", "2026-03-08", "superseded"),
        (1, "2023-01-01", "2026-03-06", "in_force"),
    ]
    async with barred("version_out_of_order"):
        await proposed(context, "item", text=text_of(next_food(version=3)))


async def test_a_flow_version_begins_on_its_day(context: Context) -> None:
    await done(context, "flow", text=_third("行政许可（新）"), in_force_from=LATER.isoformat())
    for days, version in ((6, 2), (7, 3)):
        story = await open_story(context, at=START + timedelta(days=days))
        assert (await story.row())["flow_version"] == version
    rows = await comparing.flow_versions(context, "PERMIT", START)
    assert [(row["version"], str(row["in_force_to"]), row["state"]) for row in rows] == [
        (3, "None", "coming"),
        (2, "2026-03-08", "in_force"),
    ]
    (change,) = await comparing.compare_flows(context, "PERMIT", 2, 3)
    assert change.zh == f"流程：名称由“{PERMIT.title}”改为“行政许可（新）”"
    at_once = PERMIT.source.replace("version = 2", "version = 4", 1)
    await done(context, "flow", text=at_once)
    assert [row["state"] for row in await comparing.flow_versions(context, "PERMIT", START)] == [
        "in_force",
        "superseded",
        "ended",
    ]
