"""免提交: what a party has already stands in for paper, with consent, and only while it is good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from engine.context import Context, open_context
from engine.evidence import judge_scan
from engine.filing import Applicant
from engine.invariants import check_case
from engine.known_parties import present
from engine.materials.checking import Checking, record_check
from engine.materials.checklists import list_materials
from engine.materials.offering import list_offers
from engine.materials.reusing import Consent, Ending, Reusing, end_reuse, reuse
from engine.materials.sparing import count_spared
from engine.settings import Settings, load_settings
from storage import certificates, scans
from storage.db import transaction
from tests import mandates
from tests.engine.test_evidence import upload
from tests.factories import FOOD, START, Story, bring, complete, firm, open_story, publish
from tests.licences import KEY, licence_house
from tests.people import actor
from tests.storage.hostile_files import pdf
from workflows.errors import Conflict, Forbidden, NotFound, Unavailable, YichuangError
from workflows.events import Act
from workflows.item import ItemVersion
from workflows.mandate import Power
from workflows.proof import CheckKind

PERMIT = "食品经营许可证"
CLEAN_PDF = pdf()
AGREED = Consent(given=True, by="示例经办人", way="signed")


async def asking_for(proof: str) -> ItemVersion:
    """The food permit whose business licence is another certificate instead."""
    lines = tuple(
        msgspec.structs.replace(line, reusable_as=proof) if line.code == "M02" else line for line in FOOD.materials
    )
    return await publish(FOOD, materials=lines)


async def offers(story: Story, line: str = "M02", who: str = "clerk") -> list[dict[str, Any]]:
    found = await list_offers(story.context, await actor(who), story.number, line, story.now)
    listed: list[dict[str, Any]] = found["offers"]
    return listed


async def spare(story: Story, offer: str, line: str = "M02", who: str = "clerk", **more: Any) -> dict[str, Any]:
    request = Reusing(offer, more.pop("consent", AGREED))
    return await reuse(story.context, await actor(who), story.number, line, request, story.now, **more)


async def barred(story: Story, offer: str, line: str = "M02", **more: Any) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        await spare(story, offer, line, **more)
    assert found.value.zh
    assert found.value.en
    return found.value


async def line_of(story: Story, code: str) -> dict[str, Any]:
    (row,) = [
        one
        for one in await list_materials(story.context, await actor("clerk"), story.number, story.now)
        if one["line"] == code
    ]
    return row


async def receive_rest(story: Story, *spared: str) -> None:
    """Scan and count every line but those that something stands in for."""
    counts = [row for row in complete(FOOD) if row["line"] not in spared]
    await story.file_scans(*(row["line"] for row in counts if "exempt" not in row))
    await story.go("clerk", Act.RECEIVE, materials=counts)


async def test_a_certificate_issued_here_spares_the_paper_until_it_is_revoked(context: Context) -> None:
    issued = await bring(context, "READY", who=firm(1))
    item = await asking_for(PERMIT)
    story = await open_story(context, item, firm(1), at=issued.now)
    (offer,) = await offers(story)
    assert (offer["kind"], offer["name"]) == ("certificate", PERMIT)
    assert issued.number not in str(offer)
    (row,) = await issued.rows("certificates")
    assert row["number"] not in str(offer)
    stranger = await open_story(context, item, firm(2), at=issued.now)
    assert await offers(stranger) == []
    assert type(await barred(stranger, offer["offer"])) is NotFound
    assert (await barred(story, offer["offer"], consent=Consent(False, "示例经办人", "spoken"))).code == (
        "consent_missing"
    )
    assert (await barred(story, offer["offer"], "M03")).code == "proof_of_another_kind"
    assert (await barred(story, offer["offer"], "M01")).code == "exemption_not_allowed"
    assert (await barred(story, offer["offer"], "M99")).code == "material_not_on_list"
    for nothing in (f"certificate:{uuid4()}", "certificate:1", f"scan:{row['id']}", f"moon:{row['id']}"):
        assert (await barred(story, nothing)).code == "offer_not_found"
    for who in ("issuer", "approver"):
        assert type(await barred(story, offer["offer"], who=who)) in {Forbidden, NotFound}

    first = await spare(story, offer["offer"], key="one")
    assert await spare(story, offer["offer"], key="one") == first
    assert (await barred(story, offer["offer"])).code == "reuse_standing"
    line = await line_of(story, "M02")
    assert (line["received"]["exempt"], line["complete"], line["paper_barred"]) == ("e_cert", True, True)
    assert (line["reuses"][0]["reference"], line["reuses"][0]["consented_by"]) == (row["number"], "示例经办人")
    assert (await story.events())[-1] == "reused"
    with pytest.raises(Conflict, match="paper_not_to_be_asked"):
        await story.go("clerk", Act.RECEIVE, materials=[{"line": "M02", "copies": 1}])
    await receive_rest(story, "M02")

    async with transaction() as connection:
        await certificates.end(connection, row["case_id"], "revoked", None, story.now)
    with pytest.raises(Conflict, match="reuse_not_valid"):
        await story.go("clerk", Act.ACCEPT)
    clerk = await actor("clerk")
    await end_reuse(context, clerk, story.number, "M02", Ending("证照已撤销，改交纸质件。"), story.now)
    assert (await story.events())[-1] == "reuse_ended"
    assert await offers(story) == []
    assert (await barred(story, offer["offer"])).code == "proof_not_usable"
    assert (await line_of(story, "M02"))["missing"] == {"originals": 0, "copies": 1, "scan": True}
    await story.file_scans("M02")
    paper = {"line": "M02", "copies": 1, "checked": True}
    await story.go("clerk", Act.CORRECT_ON_SPOT, note="改交纸质件。", materials=[paper])
    await story.go("clerk", Act.ACCEPT)
    day = story.context.hours(None).day(story.now)
    figures = await count_spared(context, await actor("hall_manager"), day, day)
    assert figures == {"required": 2, "used": 1, "verified_before": 0, "rate": 0.5}
    assert await check_case(context, story.number, story.now) == []


async def verified(context: Context, who: Applicant, **check: Any) -> tuple[Story, UUID]:
    """A case whose health certificates were scanned for real and compared with the original."""
    context.objects.ensure_buckets()
    story = await open_story(context, who=who)
    scan = UUID((await upload(story, "clerk", "M05", CLEAN_PDF, "健康证.pdf"))["scan"])
    await judge_scan(context, scan, lambda: story.now)
    request = Checking(CheckKind.original_checked, **check)
    await record_check(context, await actor("clerk"), story.number, "M05", request, story.now)
    return story, scan


async def test_at_intake_each_line_that_may_be_spared_is_named_once(context: Context) -> None:
    for _ in range(2):
        before, _ = await verified(context, firm(1))
    shown = await present(context, await actor("clerk"), FOOD, firm(1).id_number, "uscc", [], None, before.now)
    assert [offer["line"] for offer in shown.offers] == ["M05"]


async def test_what_was_verified_before_is_used_again_and_linked(context: Context) -> None:
    today = context.hours(None).day(START)
    before, scan = await verified(context, firm(1), valid_to=today)
    story = await open_story(context, who=firm(1), at=before.now)
    (offer,) = await offers(story, "M05")
    assert (offer["kind"], offer["name"], offer["valid_to"]) == ("scan", "从业人员健康证明", today)
    assert before.number not in str(offer)
    assert type(await barred(await open_story(context, who=firm(2)), offer["offer"], "M05")) is NotFound
    held = (await scans.with_cases(scan))[0]["retain_until"]
    await spare(story, offer["offer"], "M05")
    linked = await scans.with_cases(scan)
    assert {row["case_number"] for row in linked} == {before.number, story.number}
    assert linked[0]["retain_until"] >= held
    line = await line_of(story, "M05")
    assert (line["received"]["exempt"], line["complete"]) == ("verified_before", True)
    assert [one["id"] for one in line["scans"]] == [scan]
    await receive_rest(story, "M05")
    await story.go("clerk", Act.ACCEPT)
    with pytest.raises(Conflict, match="reuse_settled"):
        await end_reuse(context, await actor("clerk"), story.number, "M05", Ending("申请人撤回同意。"), story.now)
    later = await open_story(context, who=firm(1), at=before.now.replace(day=4))
    assert await offers(later, "M05") == []
    assert (await barred(later, offer["offer"], "M05")).code == "proof_expired"
    again = await open_story(context, who=firm(1), at=before.now)
    before.now += timedelta(minutes=1)
    await upload(before, "clerk", "M05", CLEAN_PDF, "另一份.pdf")
    assert (await barred(again, offer["offer"], "M05")).code == "proof_not_usable"


async def test_an_agent_consents_only_within_a_mandate(context: Context) -> None:
    await verified(context, firm(1))
    wide = await mandates.give(context, mandates.wish(firm(1)))
    story = await mandates.filed(context, wide)
    (offer,) = await offers(story, "M05", who="agent")
    await spare(story, offer["offer"], "M05", who="agent")
    (row,) = await story.rows("reuses")
    assert row["mandate_id"] == UUID(wide["mandate"])
    narrow = await mandates.give(context, mandates.wish(firm(1), None, powers=[Power.collect]))
    other = await open_story(context, who=firm(1))
    by = Consent(True, "示例代理人", "signed", narrow["number"])
    assert (await barred(other, offer["offer"], "M05", consent=by)).code == "mandate_too_narrow"
    by = Consent(True, "示例代理人", "signed", "没有〔2026〕1号")
    assert (await barred(other, offer["offer"], "M05", consent=by)).code == "mandate_unknown"
    by = Consent(True, "示例代理人", "signed", wide["number"])
    await spare(other, offer["offer"], "M05", consent=by)


async def test_an_outside_certificate_is_fetched_and_kept_or_the_paper_is_scanned(
    context: Context, settings: Settings, tmp_path: Path
) -> None:
    with licence_house(tmp_path) as house:
        given = {"licence_url": house.url, "licence_key": KEY, "licence_ca_file": house.authority}
        connected = open_context(load_settings(**(settings.model_dump() | given | {"licence_auth": "hmac"})))
        connected.objects.ensure_buckets()
        story = await open_story(connected, who=firm(1))
        house.now = story.now
        house.issue(firm(1).id_number, "a", "营业执照", valid_to="2030-01-01")
        house.issue(firm(1).id_number, "b", "营业执照", state="revoked")
        house.issue(firm(2).id_number, "c", "营业执照")
        house.files |= {"a": CLEAN_PDF, "c": CLEAN_PDF}
        (offer,) = await offers(story)
        assert (offer["offer"], offer["issuer"]) == ("licence:a", "示例市公安局")
        assert "证字第a号" not in str(offer)
        assert (await barred(story, "licence:c")).code == "offer_not_found"
        assert (await barred(story, "licence:b")).code == "proof_not_usable"
        house.trouble = "garbage"
        found = await list_offers(connected, await actor("clerk"), story.number, "M02", story.now)
        assert (found["offers"], found["outside"]["state"]) == ([], "unavailable")
        assert type(await barred(story, "licence:a")) is Unavailable
        house.trouble = ""
        assert (await story.rows("scan_links"), await story.rows("reuses")) == ([], [])

        counts = [row for row in complete(FOOD) if row["line"] != "M02"]
        await story.file_scans(*(row["line"] for row in counts))
        first = await spare(story, "licence:a", key="fetch")
        assert await spare(story, "licence:a", key="fetch") == first
        (row,) = await story.rows("reuses")
        await story.go("clerk", Act.RECEIVE, materials=counts)
        with pytest.raises(Conflict, match="scans_being_checked"):
            await story.go("clerk", Act.ACCEPT)
        await judge_scan(connected, row["scan_id"], lambda: story.now)
        assert (await line_of(story, "M02"))["scans"][0]["state"] == "stored"
        await story.go("clerk", Act.ACCEPT)
        assert await check_case(connected, story.number, story.now) == []
