"""Service of papers: what reached whom, when and how, and what is left when somebody refuses it (送达文书)."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import hall, whole
from tests.factories import RECIPIENT, Story, bring
from tests.people import actor
from workflows.errors import Forbidden, Malformed
from workflows.events import Act


async def serve(story: Story, code: str = "D05", who: str = "clerk", **payload: Any) -> dict[str, Any]:
    """Serve the newest document of a kind, and find its row."""
    number = (await story.documents())[code]
    given = {"document": number, "way": "window", "recipient": "示例餐饮1有限公司", **payload}
    await story.go(who, Act.SERVE, **given)
    return [row for row in await story.rows("services") if row["document_number"] == number][-1]


async def test_a_notice_of_acceptance_is_served_at_the_window(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    clocks = await story.clocks()
    row = await serve(story)
    assert (row["code"], row["way"], row["recipient"], row["refused"]) == ("D05", "window", "示例餐饮1有限公司", False)
    assert (row["served_at"], row["recorded_by"]) == (story.now, (await actor("clerk")).person)
    assert (await story.row())["state"] == "ACCEPTED"
    assert await story.clocks() == clocks
    assert (await story.events())[-1] == "serve"
    assert row["seq"] == (await story.row())["head_seq"]
    await whole(story)


async def test_the_officer_serves_the_notice_of_correction_and_when_is_known(context: Context) -> None:
    story = await bring(context, "CORRECTION")
    row = await serve(story, "D03", "officer", way="post")
    assert (row["code"], row["way"], row["served_at"]) == ("D03", "post", story.now)


async def test_a_refused_paper_is_left_with_a_witness(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    for without in ({"refused": True}, {"way": "left"}, {"refused": True, "witness": "  "}):
        async with refused("witness_missing") as found:
            await serve(story, **without)
        assert found.value.basis
    async with refused("witness_missing"):  # the addressee is no witness
        await serve(story, refused=True, recipient="示例人", witness="示例人")
    row = await serve(story, way="left", witness="示例社区工作人员")
    assert (row["refused"], row["witness"], row["served_at"]) == (True, "示例社区工作人员", story.now)


async def test_a_paper_served_by_public_notice_has_arrived_after_thirty_days(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    row = await serve(story, way="public_notice")
    assert row["served_at"] == hall("2026-04-01", "17:30")  # 2 March and thirty days
    async with refused("already_served") as found:
        await serve(story)
    assert found.value.extra["served_at"].startswith("2026-04-01")


async def test_a_paper_is_served_electronically_only_where_that_was_agreed(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    async with refused("electronic_delivery_not_consented"):
        await serve(story, way="electronic")
    await story.go("clerk", Act.CONSENT_ELECTRONIC, electronic_address="office@example.cn", signed=True)
    assert (await serve(story, way="electronic"))["way"] == "electronic"


async def test_only_a_document_of_this_case_is_served_and_only_once(context: Context) -> None:
    story, other = await bring(context, "ACCEPTED"), await bring(context, "ACCEPTED")
    foreign = (await other.documents())["D05"]
    for number in (foreign, "示市监受〔2026〕99号"):
        async with refused("no_such_document"):
            await story.go("clerk", Act.SERVE, document=number, way="window", recipient="示例人")
    await serve(story)
    async with refused("already_served"):
        await serve(story, who="officer", way="post")
    assert len(await story.rows("services")) == 1


async def test_what_stays_inside_is_not_served_and_results_are_delivered(context: Context) -> None:
    ready, denied = await bring(context, "READY"), await bring(context, "DENIED")
    async with refused("no_such_document"):
        await serve(ready, "D14")
    async with refused("delivered_with_result"):
        await serve(ready, "D17")
    async with refused("delivered_with_result"):
        await serve(denied, "D16")
    row = await serve(ready, "D15", "issuer")  # the decision may go ahead of its certificate
    assert row["code"] == "D15"
    await ready.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    served = [row["code"] for row in await ready.rows("services")]
    assert sorted(served) == ["D15", "D17"]


async def test_who_may_serve_and_what_must_be_said(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    for who in ("guide", "approver", "auditor", "archivist"):
        async with refused("role_not_allowed", Forbidden):
            await serve(story, who=who)
    for wrong in ({"way": "pigeon"}, {"recipient": ""}, {"document": 3}):
        async with refused("payload_invalid", Malformed):
            await serve(story, **wrong)
