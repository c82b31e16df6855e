"""The result's way to the applicant: by hand, electronically, by post, several together (rows 30 to 34)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Literal

import asyncpg
import pytest

from engine.context import Context
from engine.issue.packaging import deliver_package
from engine.opening import Applicant
from engine.operations import act
from engine.work import Answer
from storage.db import reading
from tests.conftest import Database
from tests.engine.test_concurrency import waiting
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import hall, whole
from tests.factories import ITEMS, RECIPIENT, Story, bring, firm, person
from tests.people import actor
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, Stale, VersionRequired, YichuangError
from workflows.events import Act

NURSE = next(item for item in ITEMS.values() if "person" in item.subjects and item.flow == "PERMIT")
"""An item for natural persons."""
PARCEL: Final[dict[str, Any]] = {"carrier": "示例速递", "waybill": "EX123456789CN"}
MAIL: Final[dict[str, Any]] = {"electronic_address": "office@example.cn", "signed": True}


async def all_stopped(story: Story) -> None:
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}


async def told(story: Story) -> list[tuple[str, str, str]]:
    """Who was told of what, and how, oldest first."""
    return [(row["recipient"], row["way"], row["event"]) for row in await story.rows("notifications", "seq, id")]


async def served(story: Story) -> list[tuple[str, str, bool]]:
    return [(row["code"], row["way"], row["refused"]) for row in await story.rows("services", "code")]


async def service_paper(story: Story) -> dict[str, Any]:
    (paper,) = [row for row in await story.rows("documents") if row["code"] == "D18"]
    return paper


async def test_a_licence_is_made_kept_and_collected(context: Context) -> None:
    story = await bring(context, "READY")
    assert (await told(story))[-2:] == [("applicant", "sms", "mark_ready"), ("applicant", "voice", "mark_ready")]
    clocks = await story.clocks()
    assert clocks["delivery"][0] == clocks["stage"][0] == "running"
    assert clocks["stage"][1] == "2026-03-17"  # 2 March and fifteen days: long in custody
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    await all_stopped(story)
    (row,) = await story.rows("deliveries")
    assert (row["way"], row["recipient"], row["delivered_at"]) == ("window", "示例领取人", story.now)
    numbers = await story.documents()
    listed = [{"code": code, "number": numbers[code]} for code in ("D15", "D17")]
    paper = await service_paper(story)
    assert (paper["data"]["documents"], paper["data"]["way"]) == (listed, "window")
    assert paper["data"]["recipient"]["id_number"] != RECIPIENT["id_number"]
    assert await served(story) == [("D15", "window", False), ("D17", "window", False)]
    assert (await story.row())["state"] == "DELIVERED"
    await whole(story)


async def test_a_natural_person_collects_their_own_result_with_their_own_card(context: Context) -> None:
    who = person()
    story = await bring(context, "READY", NURSE, who=who)
    async with refused("recipient_is_not_applicant"):
        await story.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    own = {"name": who.name, "id_kind": who.id_kind, "id_number": who.id_number.lower()}
    await story.go("issuer", Act.DELIVER, recipient=own)
    assert (await story.row())["state"] == "DELIVERED"


@pytest.mark.parametrize("relation", ["agent", "family"])
async def test_who_collects_for_the_applicant_shows_a_mandate(context: Context, relation: str) -> None:
    story = await bring(context, "READY")
    without: tuple[dict[str, Any], ...] = ({}, {"mandate": False})
    for payload in without:
        async with refused("mandate_missing"):
            await story.go("issuer", Act.DELIVER, recipient=RECIPIENT | {"relation": relation}, **payload)
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT | {"relation": relation}, mandate=True)
    assert [row["relation"] for row in await story.rows("deliveries")] == [relation]


async def test_a_result_is_delivered_by_the_issue_window_to_somebody_identified(context: Context) -> None:
    story, early = await bring(context, "READY"), await bring(context, "CERT_MAKING")
    for who in ("clerk", "officer", "approver", "archivist"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.DELIVER, recipient=RECIPIENT)
    async with refused("id_check_failed", Malformed):
        await story.go("issuer", Act.DELIVER, recipient=RECIPIENT | {"id_number": "110105194912310021"})
    async with refused("payload_invalid", Malformed):
        await story.go("issuer", Act.DELIVER)
    async with refused("action_not_allowed"):
        await early.go("issuer", Act.DELIVER, recipient=RECIPIENT)


async def test_a_denial_is_served_on_the_party(context: Context) -> None:
    story = await bring(context, "DENIED")
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    assert (await story.row())["state"] == "DELIVERED"
    assert await served(story) == [("D16", "window", False)]
    await all_stopped(story)
    await whole(story)


async def test_a_denial_that_is_refused_is_left_before_a_witness(context: Context) -> None:
    story = await bring(context, "DENIED")
    async with refused("recipient_missing"):
        await story.go("issuer", Act.DELIVER)
    without: tuple[dict[str, Any], ...] = ({}, {"witness": " "})
    for witness in without:
        async with refused("witness_missing") as found:
            await story.go("issuer", Act.DELIVER, refused=True, **witness)
        assert "民事诉讼法" in str(found.value.basis)
    await story.go("issuer", Act.DELIVER, refused=True, witness="示例社区工作人员")
    (row,) = await story.rows("services")
    assert (row["code"], row["way"], row["refused"], row["witness"]) == ("D16", "left", True, "示例社区工作人员")
    assert row["recipient"] == firm().name
    (row,) = await story.rows("deliveries")
    assert (row["way"], row["id_kind"], row["id_sealed"]) == ("left", "", b"")
    await whole(story)


async def test_papers_are_sent_electronically_only_to_an_address_that_was_confirmed(context: Context) -> None:
    story = await bring(context, "READY")
    async with refused("electronic_delivery_not_consented") as found:
        await story.go("issuer", Act.DELIVER_ELECTRONICALLY)
    assert "国务院令716号" in str(found.value.basis)
    async with refused("signature_missing"):
        await story.go("clerk", Act.CONSENT_ELECTRONIC, **MAIL | {"signed": False})
    for wrong, code in (("office@", "electronic_address_wrong"), ("1380000", "mobile_wrong")):
        async with refused(code, Malformed):
            await story.go("clerk", Act.CONSENT_ELECTRONIC, **MAIL | {"electronic_address": wrong})
    async with refused("role_not_allowed", Forbidden):
        await story.go("officer", Act.CONSENT_ELECTRONIC, **MAIL)
    await story.go("clerk", Act.CONSENT_ELECTRONIC, **MAIL)
    await story.go("issuer", Act.CONSENT_ELECTRONIC, electronic_address=" 138-0000-1234", signed=True)
    first, second = await story.rows("electronic_addresses", "seq")
    opened = [context.sealer.open(row["address_sealed"], "electronic_addresses.address_sealed")
              for row in (first, second)]  # fmt: skip
    assert opened == ["office@example.cn", "13800001234"]
    await story.go("issuer", Act.DELIVER_ELECTRONICALLY)
    assert "electronic_delivery" in (await story.row())["flags"]
    assert await served(story) == [("D15", "electronic", False), ("D17", "electronic", False)]
    assert [row["way"] for row in await story.rows("deliveries")] == ["electronic"]
    assert (await told(story))[-1] == ("applicant", "sms", "deliver_electronically")
    assert [row["code"] for row in await story.rows("documents", "seq")][-3:] == ["D28", "D28", "D18"]
    await all_stopped(story)
    await whole(story)


async def test_an_electronic_address_never_stands_in_clear(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    await story.go("clerk", Act.CONSENT_ELECTRONIC, **MAIL)
    async with reading() as connection:
        for table in ("events", "documents", "electronic_addresses", "notifications", "outbox", "idempotency_keys"):
            text = await connection.fetchval(f"SELECT string_agg(to_jsonb(t)::text, '') FROM {table} t")
            assert "office@example.cn" not in (text or ""), table


async def test_a_licence_is_posted_and_delivered_when_it_is_signed_for(context: Context) -> None:
    story = await bring(context, "READY")
    await story.go("issuer", Act.SEND_BY_POST, **PARCEL)
    clocks = await story.clocks()
    assert (clocks["delivery"][0], clocks["stage"][0]) == ("running", "stopped")
    case = await story.row()
    assert (case["state"], case["holder"]) == ("IN_TRANSIT", "third_party")
    (parcel,) = await story.rows("postings")
    assert (parcel["carrier"], parcel["state"], parcel["sent_at"]) == ("示例速递", "sent", story.now)
    assert (await told(story))[-1] == ("applicant", "sms", "send_by_post")
    assert await story.rows("services") == []
    signature: dict[str, Any] = {"waybill": PARCEL["waybill"], "signed_by": "示例前台"}
    async with refused("waybill_wrong"):
        await story.go("issuer", Act.SIGN_OFF_POST, **signature | {"waybill": "EX000000000CN"})
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.SIGN_OFF_POST, **signature)
    await story.go("issuer", Act.SIGN_OFF_POST, at=hall("2026-03-05"), **signature)
    await all_stopped(story)
    (parcel,) = await story.rows("postings")
    assert (parcel["state"], parcel["ended_at"], parcel["outcome"]) == ("signed", story.now, "示例前台")
    assert await served(story) == [("D15", "post", False), ("D17", "post", False)]
    assert (await service_paper(story))["data"]["received_by"] == "示例前台"
    await whole(story)


async def test_a_parcel_that_comes_back_waits_in_custody_and_goes_out_again(context: Context) -> None:
    story = await bring(context, "READY")
    await story.go("issuer", Act.SEND_BY_POST, **PARCEL)
    back: dict[str, Any] = {"waybill": PARCEL["waybill"], "reason": "查无此人"}
    async with refused("waybill_wrong"):
        await story.go("issuer", Act.RETURN_POST, **back | {"waybill": "EX000000000CN"})
    await story.go("issuer", Act.RETURN_POST, at=hall("2026-03-09"), **back)
    assert (await story.row())["state"] == "READY"
    assert (await story.clocks())["stage"] == ("running", "2026-03-24")
    assert (await told(story))[-1] == ("applicant", "sms", "return_post")
    async with refused("waybill_used"):
        await story.go("issuer", Act.SEND_BY_POST, **PARCEL)
    await story.go("issuer", Act.SEND_BY_POST, **PARCEL | {"waybill": "EX123456790CN"})
    assert [row["state"] for row in await story.rows("postings", "sent_at")] == ["returned", "sent"]
    async with refused("waybill_wrong"):  # the first parcel is not the one on its way
        await story.go("issuer", Act.SIGN_OFF_POST, waybill=PARCEL["waybill"], signed_by="示例前台")
    await whole(story)


async def test_a_denial_goes_by_post_too_and_waits_as_a_denial_when_it_comes_back(context: Context) -> None:
    story = await bring(context, "DENIED")
    await story.go("issuer", Act.SEND_BY_POST, **PARCEL)
    await story.go("issuer", Act.RETURN_POST, waybill=PARCEL["waybill"], reason="拒收")
    assert (await story.row())["state"] == "DENIED"
    await all_stopped(story)
    await story.go("issuer", Act.DELIVER, refused=True, witness="示例社区工作人员")
    assert await served(story) == [("D16", "left", True)]
    await whole(story)


async def test_of_two_parcels_with_one_waybill_one_is_sent(context: Context) -> None:
    stories = [await bring(context, "READY"), await bring(context, "READY", who=firm(2))]
    commands = [await story.command("issuer", Act.SEND_BY_POST, PARCEL) for story in stories]
    results = await asyncio.gather(*(act(context, command) for command in commands), return_exceptions=True)
    (lost,) = [result for result in results if isinstance(result, YichuangError)]
    assert lost.code == "waybill_used"
    assert sorted([(await story.row())["state"] for story in stories]) == ["IN_TRANSIT", "READY"]
    for story in stories:
        await whole(story)


async def test_a_waybill_that_somebody_else_is_just_using_is_refused(context: Context, database: Database) -> None:
    """The other parcel is not committed yet when the guard looks; the row itself tells the two apart."""
    story, other = await bring(context, "READY"), await bring(context, "READY", who=firm(2))
    holder, watcher = [await asyncpg.connect(database.superuser) for _ in range(2)]
    try:
        async with holder.transaction():
            await holder.execute(
                "INSERT INTO postings (id, case_id, carrier, waybill, state, sent_at, outcome)"
                " SELECT uuidv7(), id, $2, $3, 'sent', now(), '' FROM cases WHERE number = $1",
                other.number, PARCEL["carrier"], PARCEL["waybill"],
            )  # fmt: skip
            sending = asyncio.create_task(story.go("issuer", Act.SEND_BY_POST, **PARCEL))
            await waiting(watcher, 1)
        with pytest.raises(Conflict) as found:
            await sending
    finally:
        await holder.close()
        await watcher.close()
    assert found.value.code == "waybill_used"
    assert (await story.row())["state"] == "READY"
    await whole(story)


async def package(context: Context, stories: list[Story], who: str = "issuer", **more: Any) -> Answer:
    """Hand over what these cases wait with."""
    kind: Literal["person", "machine"] = more.pop("kind", "person")
    someone = await actor(who, kind)
    numbers = [story.number for story in stories]
    now = more.pop("at", None) or max(story.now for story in stories) + timedelta(minutes=10)
    for story in stories:
        story.now = now
    delivery = more.pop("delivery", {"recipient": RECIPIENT})
    return await deliver_package(context, someone, numbers, delivery, now, more.pop("key", ""), **more)


async def ready(context: Context, *whose: Applicant, state: str = "READY") -> list[Story]:
    return [await bring(context, state, who=who) for who in whose]


async def test_several_results_are_handed_over_under_one_certificate_of_service(context: Context) -> None:
    stories = await ready(context, firm(), firm(), firm())
    answer = await package(context, list(reversed(stories)))
    assert answer["document"] == "示政服送〔2026〕1号"
    assert [one["case"] for one in answer["delivered"]] == [story.number for story in stories]
    for place, story in enumerate(stories):
        assert (await story.row())["state"] == "DELIVERED"
        await all_stopped(story)
        await whole(story)
        assert await served(story) == [("D15", "window", False), ("D17", "window", False)]
        assert len(await story.rows("deliveries")) == 1
        papers = [row for row in await story.rows("documents") if row["code"] == "D18"]
        assert len(papers) == (1 if place == 0 else 0)
        (event,) = [row for row in await story.rows("events") if row["name"] == "case:deliver"]
        assert event["data"]["documents"] == [{"code": "D18", "number": answer["document"]}]
    lines = (await service_paper(stories[0]))["data"]["lines"]
    assert [line["case"] for line in lines] == [story.number for story in stories]
    assert [[paper["code"] for paper in line["documents"]] for line in lines] == [["D15", "D17"]] * 3
    (single,) = await ready(context, firm())
    await single.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    assert (await single.documents())["D18"] == "示政服送〔2026〕2号"


async def test_a_package_is_all_or_nothing_unless_the_applicant_agrees_to_split(context: Context) -> None:
    stories = [*(await ready(context, firm(), firm())), *(await ready(context, firm(), state="GRANTED"))]
    async with refused("package_not_ready") as found:
        await package(context, stories)
    assert found.value.extra["cases"] == [stories[2].number]
    denied = await bring(context, "DENIED")
    async with refused("package_not_ready"):
        await package(context, [stories[2], denied], split=True)
    answer = await package(context, stories, split=True)
    assert (answer["left"], len(answer["delivered"])) == ([stories[2].number], 2)
    assert [(await story.row())["state"] for story in stories] == ["DELIVERED", "DELIVERED", "GRANTED"]


async def test_a_package_is_of_one_party_in_one_hall(context: Context) -> None:
    stories = await ready(context, firm(), firm(2))
    async with refused("package_of_several_parties"):
        await package(context, stories)


async def test_what_a_package_refuses(context: Context) -> None:
    stories = await ready(context, firm(), firm())
    async with refused("package_size_wrong", Malformed):
        await package(context, stories[:1])
    async with refused("case_twice", Malformed):
        await package(context, [stories[0], stories[0]])
    async with refused("case_not_found", NotFound):
        await package(context, [stories[0], replace(stories[1], number="4601002603020099999")])
    async with refused("case_not_found", NotFound):
        await package(context, stories, "clerk.town")
    async with refused("role_not_allowed", Forbidden):
        await package(context, stories, "clerk")
    async with refused("id_check_failed", Malformed):
        await package(context, stories, delivery={"recipient": RECIPIENT | {"id_number": "110105194912310021"}})
    async with refused("mandate_missing"):
        await package(context, stories, delivery={"recipient": RECIPIENT | {"relation": "agent"}})
    async with refused("version_required", VersionRequired):
        await package(context, stories, kind="machine")
    async with refused("case_changed", Stale):
        await package(context, stories, versions={stories[1].number: 3})


async def test_a_repeated_package_is_answered_from_the_first(context: Context) -> None:
    stories = await ready(context, firm(), firm())
    answers = await asyncio.gather(*(package(context, stories, key="k-1") for _ in range(3)))
    assert all(answer == answers[0] for answer in answers)
    assert [len(await story.rows("deliveries")) for story in stories] == [1, 1]
    async with refused("key_reused", Malformed):
        await package(context, stories, key="k-1", split=True)


async def test_two_packages_that_share_a_case_never_wait_for_each_other(context: Context) -> None:
    one, two, three = await ready(context, firm(), firm(), firm())
    results = await asyncio.gather(package(context, [one, two]), package(context, [three, two]), return_exceptions=True)
    (lost,) = [result for result in results if isinstance(result, YichuangError)]
    assert (lost.code, len(results)) == ("package_not_ready", 2)
    delivered = [story for story in (one, two, three) if (await story.row())["state"] == "DELIVERED"]
    assert len(delivered) == 2
    assert two in delivered


async def test_a_late_package_does_not_outrun_the_cards_that_are_due(context: Context) -> None:
    stories = await ready(context, firm(), firm())
    await package(context, stories, at=hall("2026-04-01"))
    for story in stories:
        names = [row["name"] for row in await story.rows("events", "seq")]
        assert names.index("case:raise_card") < names.index("case:deliver")
        assert "delivery_red" in [row["rule"] for row in await story.rows("cards")]
