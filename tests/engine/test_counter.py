"""The issue counter: pickup codes, custody, stock-taking, the register of certificates, the day's ledger."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from engine.context import Context
from engine.issue.certifying import check_certificate, read_certificate
from engine.issue.counter import collect, collect_package, daily_ledger, list_shelf, move, pickup_code, take_stock
from engine.issue.packaging import post_package, read_receipt
from storage.db import reading
from storage.shelf import stays_of
from tests.engine.test_law_delivery import MAIL, PARCEL, package, ready, served, told
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import hall, whole
from tests.factories import ITEMS, RECIPIENT, Story, bring, firm, table_counts
from tests.people import actor, also
from workflows.errors import Forbidden, Malformed, NotFound, TooMany, YichuangError
from workflows.events import Act

WRONG: dict[str, Any] = {"change": "reissue", "reason": "证照上的经营场所有误。"}


async def code_of(story: Story) -> str:
    code = await pickup_code(story.context, story.number)
    assert code is not None
    return code


async def another(story: Story) -> str:
    """Six digits that are not the code."""
    return f"{(int(await code_of(story)) + 1) % 10**6:06d}"


async def take(story: Story, code: str, **more: Any) -> Any:
    recipient = more.pop("recipient", RECIPIENT)
    who = await actor(more.pop("who", "issuer"))
    now = more.pop("now", story.now + timedelta(minutes=10))
    return await collect(story.context, who, code, story.number, {"recipient": recipient}, now, **more)


async def test_a_result_is_collected_with_its_code(context: Context) -> None:
    story = await bring(context, "READY")
    code = await code_of(story)
    assert len(code) == 6
    answer = await take(story, f" {code[:3]} {code[3:]} ")
    assert answer["state"] == "DELIVERED"
    (row,) = await story.rows("pickup_codes")
    assert (row["outcome"], row["code_sealed"]) == ("used", b"")
    assert await pickup_code(context, story.number) is None
    async with refused("action_not_allowed"):
        await take(story, code)
    await whole(story)


async def test_a_code_is_nowhere_in_clear(context: Context) -> None:
    story = await bring(context, "READY")
    code = await code_of(story)
    async with reading() as connection:
        for table in ("pickup_codes", "events", "documents", "notifications", "outbox", "idempotency_keys"):
            rows = await connection.fetch(f"SELECT to_jsonb(t) - 'id' - 'code_index' AS row FROM {table} t")
            assert f'"{code}"' not in "".join(str(row["row"]) for row in rows).replace("'", '"'), table


async def test_five_wrong_codes_lock_the_case_for_half_an_hour(context: Context) -> None:
    story = await bring(context, "READY")
    right, wrong = await code_of(story), await another(story)
    start = story.now + timedelta(minutes=1)
    for left in (4, 3, 2, 1, 0):
        async with refused("pickup_code_wrong") as found:
            await take(story, wrong, now=start)
        assert found.value.extra["left"] == left
    async with refused("pickup_locked", TooMany) as locked:
        await take(story, right, now=start + timedelta(minutes=29))
    assert locked.value.extra["until"] == (start + timedelta(minutes=30)).isoformat()
    assert (await story.row())["state"] == "READY"
    assert (await take(story, right, now=start + timedelta(minutes=30)))["state"] == "DELIVERED"


async def test_wrong_codes_at_the_same_moment_are_all_counted(context: Context) -> None:
    story = await bring(context, "READY")
    wrong, now = await another(story), story.now + timedelta(minutes=1)
    results = await asyncio.gather(*(take(story, wrong, now=now) for _ in range(8)), return_exceptions=True)
    codes = [result.code for result in results if isinstance(result, YichuangError)]
    assert sorted(codes) == ["pickup_code_wrong"] * 5 + ["pickup_locked"] * 3


async def test_a_new_code_takes_the_place_of_the_old_one_but_not_of_a_lock(context: Context) -> None:
    story = await bring(context, "READY")
    old, wrong = await code_of(story), await another(story)
    for who in ("clerk", "officer"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.RENEW_PICKUP_CODE)
    for _ in range(5):
        async with refused("pickup_code_wrong"):
            await take(story, wrong)
    await story.go("issuer", Act.RENEW_PICKUP_CODE, at=story.now + timedelta(minutes=11))
    assert (await told(story))[-1] == ("applicant", "sms", "renew_pickup_code")
    new = await code_of(story)
    async with refused("pickup_locked", TooMany):
        await take(story, new)
    later = story.now + timedelta(hours=1)
    if new != old:
        async with refused("pickup_code_wrong"):
            await take(story, old, now=later)
    assert (await take(story, new, now=later))["state"] == "DELIVERED"


async def test_who_may_collect_by_code_and_with_what(context: Context) -> None:
    story, other = await bring(context, "READY"), await bring(context, "READY", who=firm(2))
    early = await bring(context, "CERT_MAKING")
    code = await code_of(story)
    async with refused("role_not_allowed", Forbidden):
        await take(story, code, who="clerk")
    async with refused("case_not_found", NotFound):
        await take(story, code, who="clerk.town")
    for bad in ("12345", "1234567", "12345a", ""):
        async with refused("pickup_code_malformed", Malformed):
            await take(story, bad)
    async with refused("no_pickup_code"):
        await take(early, code)
    if await code_of(other) != code:
        async with refused("pickup_code_wrong"):
            await take(other, code)
    async with refused("id_check_failed", Malformed):
        await take(story, code, recipient=RECIPIENT | {"id_number": "110105194912310021"})
    async with refused("mandate_missing"):
        await take(story, code, recipient=RECIPIENT | {"relation": "agent"})
    assert (await story.row())["state"] == "READY"
    assert (await take(story, code, key="k-1")) == (await take(story, code, key="k-1"))


async def test_a_package_is_collected_with_the_code_of_each_case(context: Context) -> None:
    stories = await ready(context, firm(), firm())
    codes = {story.number: await code_of(story) for story in stories}
    who, now = await actor("issuer"), stories[-1].now + timedelta(minutes=10)
    delivery = {"recipient": RECIPIENT}
    spoiled = codes | {stories[1].number: await another(stories[1])}
    async with refused("pickup_code_wrong"):
        await collect_package(context, who, spoiled, delivery, now, versions={})
    assert [(await story.row())["state"] for story in stories] == ["READY", "READY"]
    answer = await collect_package(context, who, codes, delivery, now, versions={})
    receipt = await read_receipt(who, answer["document"], now)
    assert (receipt["way"], receipt["received_by"], len(receipt["lines"])) == ("window", "示例领取人", 4)
    assert {line["case"] for line in receipt["lines"]} == set(codes)
    assert {line["item"] for line in receipt["lines"]} == {stories[0].item.name}
    single = await bring(context, "READY")
    await single.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    alone = await read_receipt(who, (await single.documents())["D18"], now)
    assert [line["code"] for line in alone["lines"]] == ["D15", "D17"]
    async with refused("document_not_found", NotFound):
        await read_receipt(await actor("clerk.town"), answer["document"], now)
    async with refused("document_not_found", NotFound):
        await read_receipt(who, (await single.documents())["D17"], now)


async def test_the_shelf_is_known_from_the_first_day_to_the_last(context: Context) -> None:
    story = await bring(context, "CERT_MAKING")
    await story.go("issuer", Act.MARK_READY, shelf="A3")
    who = await actor("issuer")
    assert [row["case"] for row in await list_shelf(who, story.now, place="A3")] == [story.number]
    moved = await move(context, who, story.number, "B1", story.now + timedelta(minutes=1))
    assert moved == {"case": story.number, "shelf": "B1", "before": "A3"}
    assert await list_shelf(who, story.now + timedelta(hours=1), place="A3") == []
    await story.go("issuer", Act.SEND_BY_POST, **PARCEL)
    assert await list_shelf(who, story.now) == []
    async with refused("not_on_shelf"):
        await move(context, who, story.number, "A3", story.now)
    old = await story.rows("pickup_codes")
    await story.go("issuer", Act.RETURN_POST, waybill=PARCEL["waybill"], reason="查无此人")
    assert [row["outcome"] for row in old] == ["posted"]
    await take(story, await code_of(story))
    stays = await stays_of(story.number)
    assert [(row["shelf"], row["in_cause"], row["out_cause"]) for row in stays] == [
        ("A3", "ready", "moved"), ("B1", "moved", "post"), ("", "returned", "window"),
    ]  # fmt: skip
    async with refused("role_not_allowed", Forbidden):
        await move(context, await actor("clerk"), story.number, "A3", story.now)
    async with refused("case_not_found", NotFound):
        await move(context, await actor("clerk.town"), story.number, "A3", story.now)


async def test_what_is_moved_while_it_is_handed_over_does_not_stay_on_a_shelf(context: Context) -> None:
    story, who = await bring(context, "READY"), await actor("issuer")
    now = story.now + timedelta(minutes=10)
    moving = [move(context, who, story.number, f"B{place}", now) for place in range(4)]
    await asyncio.gather(*moving, story.go("issuer", Act.DELIVER, recipient=RECIPIENT), return_exceptions=True)
    assert (await story.row())["state"] == "DELIVERED"
    assert await list_shelf(who, now) == []


async def test_stock_taking_tells_what_is_missing_and_what_is_astray(context: Context) -> None:
    stories = [await bring(context, "CERT_MAKING", who=firm(number)) for number in range(1, 5)]
    for story, place in zip(stories, ("A3", "A3", "A4", "A3"), strict=True):
        await story.go("issuer", Act.MARK_READY, shelf=place)
    here, gone, astray, delivered = stories
    await delivered.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    who, now = await actor("issuer"), max(story.now for story in stories) + timedelta(minutes=1)
    found = [here.number, here.number, astray.number, delivered.number, "460100260302999999"]
    answer = await take_stock(who, "A3", found, now, "k-1")
    assert (answer["expected"], answer["found"], answer["missing"]) == (2, 4, [gone.number])
    assert {row["case"]: row["recorded"] for row in answer["surplus"]} == {
        astray.number: "A4", delivered.number: None, "460100260302999999": None,
    }  # fmt: skip
    assert await take_stock(who, "A3", found, now, "k-1") == answer
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM stocktakes") == 1
    async with refused("role_not_allowed", Forbidden):
        await take_stock(await actor("clerk"), "A3", found, now)


async def test_what_waits_too_long_is_followed_up(context: Context) -> None:
    story, fresh = await bring(context, "READY"), await bring(context, "CERT_MAKING", who=firm(2))
    who, late = await actor("issuer"), story.now + timedelta(days=16)
    await fresh.go("issuer", Act.MARK_READY, at=late - timedelta(days=2))
    assert [row["case"] for row in await list_shelf(who, late, days=15)] == [story.number]
    async with refused("role_not_allowed", Forbidden):
        await story.go("clerk", Act.RECORD_CONTACT, note="已电话联系。", reached=True)
    await story.go("issuer", Act.RECORD_CONTACT, at=late, note="无人接听。", reached=False)
    await story.go("hall_manager", Act.RECORD_CONTACT, note="明日来取。", reached=True)
    (row,) = await list_shelf(who, late, days=15)
    assert (row["contacts"], row["contacted_at"], row["shelf"]) == (2, story.now, "")
    assert [one["case"] for one in await list_shelf(await actor("auditor"), late, hall="hall", limit=1)] == [
        story.number
    ]
    rest = await list_shelf(who, late, after=(row["in_at"], row["id"]))
    assert [one["case"] for one in rest] == [fresh.number]
    await whole(story)


async def test_the_ledger_of_a_day_is_what_was_handed_over(context: Context) -> None:
    one, two, three, posted = await ready(context, firm(), firm(), firm(), firm())
    mailed, denied = await bring(context, "READY", who=firm(2)), await bring(context, "DENIED", who=firm(3))
    day = hall("2026-03-03")
    await package(context, [one, two], at=day)
    await three.go("issuer", Act.DELIVER, at=day + timedelta(minutes=1), recipient=RECIPIENT)
    await mailed.go("clerk", Act.CONSENT_ELECTRONIC, at=day, **MAIL)
    await mailed.go("issuer", Act.DELIVER_ELECTRONICALLY)
    await denied.go("issuer", Act.DELIVER, at=day, refused=True, witness="示例社区工作人员")
    await posted.go("issuer", Act.SEND_BY_POST, at=day, **PARCEL)
    who = await actor("issuer")
    ledger = await daily_ledger(context, who, date(2026, 3, 3))
    ways = [row["way"] for row in ledger["rows"]]
    assert ledger["totals"] == {f"delivered_{way}": ways.count(way) for way in set(ways)} | {
        "made": 0, "posted": 1, "returned": 0, "waiting": 0, "in_transit": 1,
    }  # fmt: skip
    assert sorted(ways) == ["electronic", "left", "window", "window", "window"]
    assert {row["case"] for row in ledger["rows"]} == {s.number for s in (one, two, three, mailed, denied)}
    assert all(row["documents"] for row in ledger["rows"])
    pages = [await daily_ledger(context, who, date(2026, 3, 3), limit=3)]
    last = pages[0]["rows"][-1]
    pages.append(await daily_ledger(context, who, date(2026, 3, 3), after=(last["delivered_at"], last["id"]), limit=3))
    assert [row for page in pages for row in page["rows"]] == ledger["rows"]
    before = await daily_ledger(context, who, date(2026, 3, 2))
    assert (before["rows"], before["totals"]["made"], before["totals"]["waiting"]) == ([], 5, 5)
    await posted.go("issuer", Act.SIGN_OFF_POST, at=hall("2026-03-04"), waybill=PARCEL["waybill"], signed_by="前台")
    (row,) = (await daily_ledger(context, who, date(2026, 3, 4)))["rows"]
    assert (row["way"], row["waybill"]) == ("post", PARCEL["waybill"])
    async with refused("role_not_allowed", Forbidden):
        await daily_ledger(context, await actor("clerk"), date(2026, 3, 3))


async def test_three_certificates_of_a_firm_go_in_one_parcel_and_one_comes_back(context: Context) -> None:
    stories = await ready(context, firm(), firm(), firm())
    who, now = await actor("issuer"), stories[-1].now + timedelta(minutes=10)
    numbers = [story.number for story in stories]
    answer = await post_package(context, who, numbers, "示例速递", "EX900000001CN", now, "k-1")
    assert answer["document"] == ""
    assert answer == await post_package(context, who, numbers, "示例速递", "EX900000001CN", now, "k-1")
    assert [[row["line"] for row in await story.rows("postings")] for story in stories] == [[1], [2], [3]]
    for story in stories:
        story.now = now
    back, *rest = stories
    await back.go("issuer", Act.RETURN_POST, waybill="EX900000001CN", reason="地址有误")
    for story in rest:
        await story.go("issuer", Act.SIGN_OFF_POST, waybill="EX900000001CN", signed_by="示例前台")
    assert [(await story.row())["state"] for story in stories] == ["READY", "DELIVERED", "DELIVERED"]
    async with refused("waybill_used"):
        await post_package(context, who, [back.number], "示例速递", "EX900000001CN", back.now)
    strangers = [back.number, (await bring(context, "READY", who=firm(2))).number]
    async with refused("package_of_several_parties"):
        await post_package(context, who, strangers, "示例速递", "EX900000002CN", back.now)
    for story in stories:
        await whole(story)


async def test_a_certificate_with_an_error_is_reissued_by_two_people(context: Context) -> None:
    story = await bring(context, "DELIVERED")
    old = (await story.documents())["D17"]
    async with refused("certificate_change_not_proposed"):
        await story.go("approver", Act.REISSUE_CERTIFICATE)
    for who in ("clerk", "approver"):
        async with refused("role_not_allowed", Forbidden):
            await story.go(who, Act.PROPOSE_CERTIFICATE_CHANGE, **WRONG)
    await story.go("issuer", Act.PROPOSE_CERTIFICATE_CHANGE, **WRONG)
    assert (await told(story))[-1] == ("department", "task", "propose_certificate_change")
    async with refused("role_not_allowed", Forbidden):
        await story.go("issuer", Act.REISSUE_CERTIFICATE)
    async with refused("certificate_change_not_proposed"):
        await story.go("approver", Act.VOID_CERTIFICATE)
    await story.go("approver", Act.REISSUE_CERTIFICATE)
    new = (await story.documents())["D17"]
    assert new != old
    auditor = await actor("auditor")
    before, after = [await read_certificate(context, auditor, number, story.now) for number in (old, new)]
    assert (before["state"], before["replaced_by"], before["reason"]) == ("reissued", new, WRONG["reason"])
    assert (after["state"], after["replaces"], after["replaced_by"]) == ("in_force", old, None)
    assert (before["valid"], after["valid"], after["valid_to"]) == (False, True, before["valid_to"])
    assert after["seal"]
    waiting = await list_shelf(await actor("issuer"), story.now)
    assert [(row["case"], row["in_cause"]) for row in waiting] == [(story.number, "reissued")]
    assert (await take(story, await code_of(story)))["state"] == "DELIVERED"
    paper = max(await story.rows("documents"), key=lambda row: row["seq"])
    assert (paper["code"], paper["data"]["documents"]) == ("D18", [{"code": "D17", "number": new}])
    assert await list_shelf(await actor("issuer"), story.now + timedelta(hours=1)) == []
    async with refused("action_not_allowed"):
        await story.go("issuer", Act.DELIVER, at=story.now + timedelta(hours=1), recipient=RECIPIENT)
    await whole(story)


async def test_the_number_of_a_certificate_is_never_given_twice(context: Context) -> None:
    first, second, third = [await bring(context, "GRANTED") for _ in range(3)]
    await asyncio.gather(*(story.go("issuer", Act.MAKE_CERTIFICATE) for story in (first, second)))
    numbers = {(await story.documents())["D17"] for story in (first, second)}
    assert len(numbers) == 2
    # A counter that fell back, as after a copy of a part: the register itself refuses, and nothing of the act is kept.
    async with reading() as connection:
        await connection.execute("UPDATE counters SET last = last - 1 WHERE name LIKE '%:D17:%'")
    before = await table_counts()
    with pytest.raises(asyncpg.UniqueViolationError):
        await third.go("issuer", Act.MAKE_CERTIFICATE)
    assert await table_counts() == before
    assert (await third.row())["state"] == "GRANTED"


async def test_a_certificate_is_voided_before_it_is_handed_over(context: Context) -> None:
    story = await bring(context, "READY")
    number = (await story.documents())["D17"]
    await story.go("issuer", Act.PROPOSE_CERTIFICATE_CHANGE, change="void", reason="重复制证。")
    await story.go("approver", Act.VOID_CERTIFICATE)
    found = await read_certificate(context, await actor("issuer"), number, story.now)
    assert (found["state"], found["valid"], found["reason"]) == ("void", False, "重复制证。")
    async with refused("no_certificate_in_force"):
        await story.go("issuer", Act.PROPOSE_CERTIFICATE_CHANGE, **WRONG)
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    assert await served(story) == [("D15", "window", False)]
    await whole(story)


async def test_who_proposed_the_change_does_not_consent_to_it(context: Context) -> None:
    await also("approver", "issuer", "hall")
    story = await bring(context, "READY")
    await story.go("approver", Act.PROPOSE_CERTIFICATE_CHANGE, **WRONG)
    async with refused("same_person", Forbidden):
        await story.go("approver", Act.REISSUE_CERTIFICATE)
    await story.go("approver2", Act.REISSUE_CERTIFICATE)
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    numbers = await story.documents()
    listed = [row["document_number"] for row in await story.rows("services", "code")]
    assert listed == [numbers["D15"], numbers["D17"]]


async def test_a_certificate_is_found_only_within_reach_and_checked_by_who_knows_its_holder(context: Context) -> None:
    story = await bring(context, "READY")
    number = (await story.documents())["D17"]
    for who in ("clerk.town", "officer.health", "system_admin"):
        async with refused("certificate_not_found", NotFound):
            await read_certificate(context, await actor(who), number, story.now)
    tail = firm().id_number[-4:]
    good = {"number": number, "valid": True, "replaced": False}
    assert await check_certificate(context, number, tail.lower(), story.now) == good
    lapsed = hall("2031-06-01")
    assert not (await check_certificate(context, number, tail, lapsed))["valid"]
    for wrong, which in ((("0" if tail[0] != "0" else "1") + tail[1:], number), (tail, number + "0")):
        async with refused("certificate_not_found", NotFound):
            await check_certificate(context, which, wrong, story.now)
    async with refused("holder_tail_wrong", Malformed):
        await check_certificate(context, number, tail[1:], story.now)


@pytest.mark.parametrize("number", sorted({1, 4}))
async def test_every_case_has_a_code_of_its_own(context: Context, number: int) -> None:
    stories = [await bring(context, "READY", ITEMS[number]) for _ in range(3)]
    rows = [row for story in stories for row in await story.rows("pickup_codes")]
    assert len({bytes(row["code_index"]) for row in rows}) == 3
