"""告知承诺: row 19 — decided on the spot on a promise, checked afterwards, put right or revoked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.context import Context
from engine.invariants import check_case
from engine.operations import act
from engine.timing import fire_case
from tests.engine.test_law_notice import hall, last_event, later, messages, paper
from tests.engine.test_refusals import refused
from tests.factories import FOOD, ITEMS, PAYLOADS, RECIPIENT, Story, bring, open_story, publish
from tests.people import actor
from workflows.actor import Role
from workflows.errors import Forbidden, Malformed
from workflows.events import Act

HYGIENE = ITEMS[16]
"""公共场所卫生许可 (``health``): may be decided on a promise; layout and test report are then not asked for."""
SENT: dict[str, Any] = {"told": "已告知许可条件、标准和不实承诺的后果。", "signed": True, "opinion": "同意。"}
REVOKED: dict[str, Any] = {"reason": "核查发现无卫生设施。", "article": "行政许可法69"}


async def promised(context: Context) -> Story:
    """Received, with the promise in place of what it stands for."""
    story = await open_story(context, HYGIENE, situation=["promise"])
    await story.receive()
    return story


async def granted(context: Context) -> Story:
    story = await promised(context)
    await story.go("approver", Act.GRANT_ON_PROMISE, **SENT)
    return story


async def check(story: Story, outcome: str, **more: Any) -> None:
    await story.go("officer", Act.CHECK_PROMISE, outcome=outcome, findings="现场核查。", **more)


async def duties(story: Story) -> list[tuple[str, str, str]]:
    rows = [row for row in await story.rows("duties", "seq, kind") if row["kind"] != "archiving"]
    return [(row["kind"], row["due_on"].isoformat(), row["outcome"]) for row in rows]


async def test_a_promise_is_granted_on_the_spot_and_its_check_is_owed(context: Context) -> None:
    story = await promised(context)
    for who in ("clerk", "officer", "reviewer", "hall_manager"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.GRANT_ON_PROMISE, **SENT)
    async with refused("signature_missing"):
        await story.go("approver", Act.GRANT_ON_PROMISE, **SENT | {"signed": False})
    async with refused("payload_invalid", Malformed):
        await story.go("approver", Act.GRANT_ON_PROMISE, signed=True, opinion="同意。")
    answer = await story.go("approver", Act.GRANT_ON_PROMISE, **SENT)
    assert (answer["state"], [one["code"] for one in answer["documents"]]) == ("GRANTED", ["D08", "D15"])
    case, approver = await story.row(), await actor("approver.health")
    assert (case["accepted_at"], case["decided_at"], case["approver_id"]) == (story.now, story.now, approver.person)
    assert case["flags"] == ["promise_permit"]
    assert await story.clocks() == {"notice": ("stopped", "2026-03-09"), "delivery": ("running", "2026-03-16")}
    assert await duties(story) == [("post_check", "2026-04-28", "")]  # 40 working days, Qingming left out
    assert (await last_event(story))["data"]["post_check_due"] == "2026-04-28"
    (decision,) = await story.rows("decisions")
    assert (decision["kind"], decision["result"], decision["signed_by"]) == ("decision", "granted", approver.person)
    assert (await paper(story, "D08"))["told"] == SENT["told"]
    assert await messages(story, "grant_on_promise") == [("applicant", "sms"), ("department", "task")]
    assert await check_case(context, story.number, story.now) == []


async def test_whoever_received_the_application_does_not_grant_it_on_a_promise(context: Context) -> None:
    story, clerk = await promised(context), await actor("clerk")
    approver = await actor("approver.health")
    both = replace(clerk, grants=(*clerk.grants, replace(approver.grants[0], role=Role.approver)))
    command = await story.command("approver", Act.GRANT_ON_PROMISE, dict(SENT))
    async with refused("same_person", Forbidden):
        await act(context, replace(command, actor=both))


async def test_a_promise_decides_nothing_where_too_much_is_at_stake(context: Context) -> None:
    plain = await bring(context, "RECEIVED")
    async with refused("promise_not_permitted"):
        await plain.go("approver", Act.GRANT_ON_PROMISE, **SENT)
    excluded = await bring(context, "RECEIVED", await publish(FOOD, excluded_field="public_safety"))
    async with refused("promise_excluded") as found:
        await excluded.go("approver", Act.GRANT_ON_PROMISE, **SENT)
    assert (found.value.basis, found.value.extra["field"]) == ("国办发〔2020〕42号", "public_safety")


async def test_a_promise_stands_only_for_what_the_list_lets_it_stand_for(context: Context) -> None:
    story = await open_story(context, HYGIENE, situation=["promise"])
    await story.receive_incomplete()
    async with refused("materials_incomplete"):
        await story.go("approver", Act.GRANT_ON_PROMISE, **SENT)
    without = await open_story(context, HYGIENE)  # no promise was chosen, so layout and test report are asked for
    lines = [line.code for line in HYGIENE.materials if line.applies(frozenset({"promise"})) and not line.condition]
    await without.file_scans()
    counts = [{"line": code, "originals": 1} for code in lines if code not in {"M02", "M03"}]
    await without.go(
        "clerk", Act.RECEIVE, materials=[*counts, *({"line": c, "exempt": "e_cert"} for c in ("M02", "M03"))]
    )
    async with refused("materials_incomplete") as found:
        await without.go("approver", Act.GRANT_ON_PROMISE, **SENT)
    assert found.value.extra["lines"] == ["M04", "M05"]


async def test_a_promise_may_be_withdrawn_before_the_decision(context: Context) -> None:
    story = await promised(context)
    assert (await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW]))["state"] == "WITHDRAWN"


async def test_a_promise_that_was_kept_needs_nothing_more(context: Context) -> None:
    story = await granted(context)
    async with refused("role_not_allowed", Forbidden):
        await story.go("approver", Act.CHECK_PROMISE, outcome="kept", findings="已核查。")
    async with refused("promise_not_broken"):
        await story.go("approver", Act.REVOKE, **REVOKED)
    await check(story, "kept")
    assert await duties(story) == [("post_check", "2026-04-28", "kept")]
    assert await messages(story, "check_promise") == [("applicant", "sms")]
    async with refused("no_promise_to_check"):
        await check(story, "kept")
    async with refused("promise_not_broken"):
        await story.go("approver", Act.REVOKE, **REVOKED)
    plain = await bring(context, "GRANTED")
    async with refused("no_promise_to_check"):
        await plain.go("officer", Act.CHECK_PROMISE, outcome="kept", findings="已核查。")


async def delivered(story: Story) -> None:
    await story.go("issuer", Act.MAKE_CERTIFICATE)
    await story.go("issuer", Act.MARK_READY)
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT | {"relation": "legal_representative"})


async def test_what_is_not_as_promised_is_put_right_or_revoked(context: Context) -> None:
    story = await granted(context)
    await delivered(story)
    for day in (None, "2026-03-02"):
        async with refused("correction_day_missing", Malformed):
            await check(story, "to_correct", **({"correct_by": day} if day else {}))
    async with refused("correction_day_strange", Malformed):
        await check(story, "kept", correct_by="2026-03-31")
    await check(story, "to_correct", correct_by="2026-03-31")
    assert await duties(story) == [("post_check", "2026-04-28", "to_correct"), ("promise_correction", "2026-03-31", "")]
    async with refused("promise_not_broken"):
        await story.go("approver", Act.REVOKE, **REVOKED)
    await later(story, "2026-04-01")
    await story.go("officer", Act.CHECK_PROMISE, at=story.now, outcome="broken", findings="逾期未整改。")
    assert (await duties(story))[1] == ("promise_correction", "2026-03-31", "broken")
    for who in ("officer", "clerk", "hall_manager"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.REVOKE, **REVOKED)
    checker, approver = await actor("officer.health"), await actor("approver.health")
    command = await story.command("approver", Act.REVOKE, dict(REVOKED))
    both = replace(checker, grants=(*checker.grants, *approver.grants))
    async with refused("same_person", Forbidden):  # whoever found it broken does not revoke
        await act(context, replace(command, actor=both))
    answer = await story.go("approver", Act.REVOKE, **REVOKED)
    assert (answer["state"], answer["documents"]) == ("DELIVERED", [])
    assert {"promise_permit", "revoked"} <= set((await story.row())["flags"])
    assert [row["state"] for row in await story.rows("certificates")] == ["revoked"]
    last = (await story.rows("decisions", "seq"))[-1]
    assert (last["kind"], last["result"], last["article"]) == ("revocation", "revoked", "行政许可法69")
    assert await messages(story, "revoke") == [("applicant", "sms")]
    async with refused("already_revoked"):
        await story.go("approver", Act.REVOKE, **REVOKED)
    assert await check_case(context, story.number, story.now) == []


async def test_a_grant_revoked_before_it_was_handed_out_hands_out_nothing(context: Context) -> None:
    story = await granted(context)
    await story.go("issuer", Act.MAKE_CERTIFICATE)
    await story.go("issuer", Act.MARK_READY)
    await check(story, "broken")
    answer = await story.go("approver", Act.REVOKE, **REVOKED)
    assert (answer["state"], [one["code"] for one in answer["documents"]]) == ("TERMINATED", ["D20"])
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    assert [row["state"] for row in await story.rows("certificates")] == ["revoked"]
    async with refused("action_not_allowed"):
        await story.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    assert (await story.go("archivist", Act.ARCHIVE))["state"] == "ARCHIVED"


async def test_a_check_that_never_comes_is_seen(context: Context) -> None:
    story = await granted(context)
    await fire_case(context, story.number, hall("2026-04-29"))
    assert [row["rule"] for row in await story.rows("cards") if row["clock"] == ""]
    assert await duties(story) == [("post_check", "2026-04-28", "")]
