"""A contractor is assessed: the trail's proposals, three people, what is immutable, what it comes to in pay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from engine.assessment import assessing, contracting, searching, settling
from engine.assessment.act_chain import verify_assessments
from engine.assessment.annual import read_year
from engine.assessment.assessing import Correcting, OpeningMonth
from engine.assessment.assessment_form import draft_form, find_form
from engine.assessment.contracting import Contracting, Counting, Reporting
from engine.assessment.impartiality import role_over
from engine.assessment.publishing_tables import import_table, table_in_force
from engine.assessment.scoring import (
    Entering,
    Saying,
    Settling,
    SettlingItem,
    answer,
    enter,
    object_to,
    settle,
    settle_item,
)
from engine.assessment.settling import Returning
from engine.context import Context
from engine.documents.printing import open_printed
from engine.opening import Opening, open_case
from engine.ratings.rating_review import Proposing, propose_review, settle_review
from engine.ratings.rating_review import Settling as Verdict
from storage import assessment_acts
from storage.access import digest_of
from storage.db import reading, transaction
from tests.conftest import Database
from tests.engine.reviews import at, until
from tests.engine.test_law_rating import opened, work
from tests.engine.test_refusals import refused
from tests.factories import FOOD, START, Story, bring, firm
from tests.people import actor, also
from workflows.actor import Actor, Grant, Role
from workflows.assessment import packaged_text
from workflows.assessment_checks import Link
from workflows.assessment_steps import SCORERS
from workflows.errors import Conflict, DefinitionError, Forbidden, Malformed, NotFound

MARCH = date(2026, 3, 1)
APRIL = at("2026-04-01")
TAMPERING = (
    (
        "UPDATE assessment_acts SET body = body || ' ' WHERE seq = 2",
        "UPDATE assessment_acts SET body = rtrim(body) WHERE seq = 2",
        "altered",
    ),
    (
        "UPDATE assessment_acts SET actor = NULL WHERE name = 'approve'",
        "UPDATE assessment_acts SET actor = a.approved_by FROM assessments a WHERE name = 'approve'",
        "altered",
    ),
    ("UPDATE assessments SET score = 99", "UPDATE assessments SET score = 91", "score_mismatch"),
    (
        "UPDATE assessment_entries SET times = 2 WHERE item = '7-10'",
        "UPDATE assessment_entries SET times = 1 WHERE item = '7-10'",
        "score_mismatch",
    ),
)
"""What is changed, how it is put back, what is found."""
DEAL = Contracting("hall", "示例政务服务有限公司", "HK-2026-001", 2026, 3, "11265500")


async def contract_of(context: Context, who: Actor, **changes: Any) -> UUID:
    request = Contracting(**{name: getattr(DEAL, name) for name in DEAL.__struct_fields__} | changes)
    return UUID((await contracting.register_contract(context, who, request, START))["contract"])


async def opened_month(context: Context, who: Actor, month: date = MARCH, now: datetime = APRIL) -> UUID:
    """The assessment of a month under a new contract."""
    asked = OpeningMonth(await contract_of(context, who), month)
    return UUID((await assessing.open_month(context, who, asked, now))["assessment"])


async def three() -> tuple[Actor, Actor, Actor]:
    """Who scores, who reviews and who approves: the purchaser's people."""
    await also("government_head", "reviewer", "460100")
    await also("supervisor", "approver", "460100")
    return await actor("assessor"), await actor("government_head"), await actor("supervisor")


async def at_window(context: Context, window: str, number: int) -> Story:
    """A case that the clerk opens and receives at a window."""
    request = Opening(item=FOOD.code, applicant=firm(number), window=window)
    made = await open_case(context, await actor("clerk"), request, START)
    story = Story(context, FOOD, made["case"], START, [made])
    await story.receive()
    return story


async def entries_of(key: UUID) -> list[dict[str, Any]]:
    return (await assessing.read_assessment(await actor("assessor"), key))["entries"]


async def test_what_the_trail_shows_of_a_month_is_proposed_once_and_counts_when_it_is_confirmed(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessor = await actor("assessor")
    delivered = await bring(context, "DELIVERED")
    assert await work(delivered, "rating.invite") == 1
    silent = await bring(context, "RECEIVED")
    await until(silent, "2026-03-12")
    complained = await opened(context, at("2026-03-04"))
    await propose_review(
        context, await actor("hall_manager"), complained.number, Proposing("误点", "叫号记录"), complained.now
    )
    await settle_review(
        context, await actor("supervisor"), complained.number, Verdict(mistaken=False, reason="属实"), complained.now
    )
    windows = [await at_window(context, "w01", 31), await at_window(context, "w02", 32)]
    later = await bring(context, "DELIVERED", at=at("2026-04-02"))
    key = await opened_month(context, assessor, now=at("2026-05-06"))

    found = await searching.search(context, assessor, key, at("2026-05-06"))
    assert found["new"] == found["found"] > 0
    again = await searching.search(context, assessor, key, at("2026-05-06"))
    assert (again["found"], again["new"]) == (found["found"], 0)
    entries = await entries_of(key)
    assert {(one["origin"], one["state"], one["made_by"]) for one in entries} == {("machine", "proposed", None)}
    seen = {(one["item"], one["found"].partition(":")[2]) for one in entries}
    assert seen == {
        ("2-9", f"{silent.number}:deemed"),
        ("3-8", f"{complained.number}:verdict"),
        ("7-15", f"{complained.number}:verdict"),
        ("3-9", f"{delivered.number}:scans"),
        ("3-9", f"{complained.number}:scans"),
        ("3-24", f"{(await actor('clerk')).person}:2026-03-02"),
        ("3-32", "2026-02-01"),
        ("3-50", f"{complained.number}:contact"),
        ("3-50", f"{complained.number}:rectification"),
        ("5-改善1", f"{complained.number}:invitation"),
    }
    assert later.number not in str(entries)
    posts = next(one for one in entries if one["item"] == "3-24")
    assert [link["case"] for link in posts["links"]] == [story.number for story in windows]
    deemed = next(one for one in entries if one["item"] == "2-9")
    (event,) = await assessing.list_evidence(assessor, key, deemed["id"])
    assert (event["name"], event["case"], event["to_state"]) == ("case:deem_accepted", silent.number, "ACCEPTED")
    assert "data" not in event
    told = await assessing.list_clues(context, assessor, key, "3-7")
    assert [(row["case"], row["rating"]) for row in told] == [(complained.number, 5)]
    for item in ("3-37", "3-41", "3-42", "5-2", "7-2"):
        assert isinstance(await assessing.list_clues(context, assessor, key, item), list)
    async with refused("no_clues", NotFound):
        await assessing.list_clues(context, assessor, key, "1-1")

    await _settled(context, monkeypatch, assessor, key)


async def _settled(context: Context, monkeypatch: pytest.MonkeyPatch, assessor: Actor, key: UUID) -> None:
    """What is confirmed counts, what is rejected stays so, what is new is added as far as an item takes any more."""
    entries = await entries_of(key)
    deemed, posts = [next(one for one in entries if one["item"] == code) for code in ("2-9", "3-24")]
    before = await assessing.read_assessment(assessor, key)
    assert before["standing"].total == 100
    await settle(assessor, key, deemed["id"], Settling(confirmed=True), APRIL)
    await settle(assessor, key, posts["id"], Settling(confirmed=False, reason="班组长已同意"), APRIL)
    after = await assessing.read_assessment(assessor, key)
    assert (after["standing"].total, after["undecided"]) == (98, len(entries) - 2)
    await searching.search(context, assessor, key, at("2026-05-06"))
    assert {one["id"]: one["state"] for one in await entries_of(key)}[posts["id"]] == "rejected"

    scans = SettlingItem("3-9", confirmed=True)
    assert (await settle_item(assessor, key, scans, APRIL))["settled"] == 2
    async with refused("nothing_proposed"):
        await settle_item(assessor, key, scans, APRIL)
    assert (await assessing.read_assessment(assessor, key))["standing"].total == 94

    monkeypatch.setattr(searching, "MOST_PROPOSALS", 2)
    fresh = await bring(context, "DELIVERED", at=at("2026-03-30"))
    more = await searching.search(context, assessor, key, at("2026-05-06"))
    assert (more["new"], more["left_out"]) == (1, 1)
    monkeypatch.undo()
    more = await searching.search(context, assessor, key, at("2026-05-06"))
    assert (more["new"], more["left_out"]) == (1, 0)
    assert {one["found"] for one in await entries_of(key) if fresh.number in one["found"]} == {
        f"receipt_and_delivery:{fresh.number}:scans", f"rating_not_invited:{fresh.number}:invitation",
    }  # fmt: skip


async def test_a_month_goes_through_three_hands_is_printed_and_never_changes(
    context: Context, database: Database
) -> None:
    assessor, reviewer, approver = await three()
    director, clerk = await actor("project_director"), await actor("clerk")
    contract = await contract_of(context, assessor)
    opening = OpeningMonth(contract, MARCH)
    async with refused("month_not_over"):
        await assessing.open_month(context, assessor, opening, at("2026-03-31", "23:59"))
    async with refused("self_scoring", Forbidden):
        await assessing.open_month(context, director, opening, APRIL)
    async with refused("role_not_allowed", Forbidden):
        await assessing.open_month(context, clerk, opening, APRIL)
    for wrong, code in ((date(2026, 3, 2), "month_wrong"), (date(2029, 1, 1), "month_outside")):
        async with refused(code, Malformed):
            await assessing.open_month(context, assessor, OpeningMonth(contract, wrong), APRIL)
    made = await assessing.open_month(context, assessor, opening, APRIL, "k-1")
    assert await assessing.open_month(context, assessor, opening, APRIL, "k-1") == made
    async with refused("month_opened"):
        await assessing.open_month(context, assessor, opening, APRIL)
    key = UUID(made["assessment"])
    await _scored(context, key, assessor, director)
    await _through(context, key, assessor, reviewer, approver)

    row = await assessing.read_assessment(director, key)
    assert (row["state"], row["score"], row["allowed"]) == ("approved", 91, [])
    assert [row[f"{step}_by_name"] for step in ("submitted", "reviewed", "approved")] == [
        assessor.name, reviewer.name, approver.name,
    ]  # fmt: skip
    async with refused("assessment_closed"):
        await enter(assessor, key, Entering("3-9", 1, "晚了"), APRIL)
    async with refused("assessment_closed"):
        await object_to(director, key, row["entries"][0]["id"], Saying("晚了"), APRIL)
    await _for_good(database, key)
    await _tampered(database, key)
    await _printed(context, key, director)
    await _corrected(context, key, (assessor, reviewer, approver), contract)


async def _scored(context: Context, key: UUID, assessor: Actor, director: Actor) -> None:
    """Entries, refused ones, an objection and its answer; nothing is submitted before all of it is settled."""
    for request, code in (
        (Entering("9-9", 1, "无此项"), "item_unknown"),
        (Entering("3-9", 16, "超过上限"), "points_beyond_cap"),
        (Entering("3-9", -1, "负数"), "times_wrong"),
        (Entering("7-10", 1, "没有级别"), "points_wrong"),
        (Entering("3-9", 1, "别处的办件", links=[Link(case="4601002603020099999", seq=1)]), "evidence_unknown"),
    ):
        async with refused(code, Malformed):
            await enter(assessor, key, request, APRIL)
    async with refused("self_scoring", Forbidden):
        await enter(director, key, Entering("7-2", 1, "表扬"), APRIL)
    story = await bring(context, "RECEIVED")
    given = Entering("3-23", 1, "拒绝调整窗口。", links=[Link(case=story.number, seq=1)], reference="影像2026-03")
    first = UUID((await enter(assessor, key, given, APRIL, "k-2"))["entry"])
    assert UUID((await enter(assessor, key, given, APRIL, "k-2"))["entry"]) == first
    await enter(assessor, key, Entering("7-10", 1, "市级荣誉", points=2), APRIL)
    mistaken = UUID((await enter(assessor, key, Entering("3-6", 1, "仪容"), APRIL))["entry"])
    async with refused("reason_needed", Malformed):
        await settle(assessor, key, mistaken, Settling(confirmed=False, reason=" "), APRIL)
    await settle(assessor, key, mistaken, Settling(confirmed=False, reason="记错人"), APRIL)
    await object_to(director, key, first, Saying("当日已说明原因。"), APRIL)
    async with refused("objection_made"):
        await object_to(director, key, first, Saying("再说一次"), APRIL)
    async with refused("role_not_allowed", Forbidden):
        await object_to(assessor, key, first, Saying("不是项目总监"), APRIL)
    async with refused("objection_unanswered"):
        await settling.submit(context, assessor, key, APRIL)
    await answer(assessor, key, first, Saying("监控显示未说明。"), APRIL)
    async with refused("no_objection"):
        await answer(assessor, key, first, Saying("再答一次"), APRIL)
    async with refused("search_first"):
        await settling.submit(context, assessor, key, APRIL)
    assert (await searching.search(context, assessor, key, APRIL))["new"] == 1
    async with refused("proposals_undecided"):
        await settling.submit(context, assessor, key, APRIL)
    (late,) = [one for one in await entries_of(key) if one["state"] == "proposed"]
    assert (late["item"], late["evidence"].startswith("2026年2月运行报告")) == ("3-32", True)
    await settle(assessor, key, late["id"], Settling(confirmed=True), APRIL)


async def _through(context: Context, key: UUID, assessor: Actor, reviewer: Actor, approver: Actor) -> None:
    """Submitted, sent back with the reason, submitted again, reviewed and approved by two others."""
    async with refused("assessment_step_not_allowed"):
        await settling.approve(context, approver, key, APRIL)
    await settling.submit(context, assessor, key, APRIL)
    async with refused("assessment_closed"):
        await enter(assessor, key, Entering("3-9", 1, "已提交"), APRIL)
    async with refused("same_person", Forbidden):
        await settling.review(assessor, key, APRIL)
    async with refused("role_not_allowed", Forbidden):
        await settling.review(approver, key, APRIL)
    await settling.send_back(reviewer, key, Returning("请补充证据"), APRIL)
    assert (await assessing.read_assessment(assessor, key))["submitted_by"] is None
    await settling.submit(context, assessor, key, APRIL)
    await settling.review(reviewer, key, APRIL)
    await also("government_head", "approver", "460100")
    async with refused("same_person", Forbidden):
        await settling.approve(context, await actor("government_head"), key, APRIL)
    await settling.approve(context, approver, key, APRIL, "k-9")
    await settling.approve(context, approver, key, APRIL, "k-9")


async def _for_good(database: Database, key: UUID) -> None:
    """Neither the application nor a slip of the engine changes what is approved; its acts are one whole chain."""
    app = await asyncpg.connect(database.app)
    try:
        for statement in (
            "UPDATE assessments SET score = 105",
            "UPDATE assessments SET state = 'scoring'",
            "UPDATE assessment_entries SET state = 'rejected', settlement = 'x'",
            "INSERT INTO assessment_entries (id, assessment_id, item, times, points, origin, found, evidence,"
            " evidence_en, links, reference, state, made_at, settled_at, settlement) SELECT uuidv7(), assessment_id,"
            " item, 1, 1, 'manual', '', 'x', '', '[]', '', 'confirmed', now(), now(), '' FROM assessment_entries",
            "UPDATE assessment_acts SET name = 'x'",
            "UPDATE assessment_tables SET source = 'x'",
            "UPDATE service_contracts SET price_fen = 1",
            "DELETE FROM assessments",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(statement)
    finally:
        await app.close()
    owner = await asyncpg.connect(database.superuser)
    try:
        await owner.execute("SET session_replication_role = replica")
        for people in ("reviewed_by = submitted_by", "approved_by = reviewed_by", "approved_by = submitted_by"):
            with pytest.raises(asyncpg.CheckViolationError, match="three_people"):
                await owner.execute(f"UPDATE assessments SET {people}")
    finally:
        await owner.close()
    async with transaction() as connection:
        acts = [row async for row in assessment_acts.walk(connection) if row["assessment_id"] == key]
    assert [row["name"] for row in acts] == [
        "open", "enter", "enter", "enter", "rejected", "object", "answer", "search", "confirmed",
        "submit", "send_back", "submit", "review", "approve",
    ]  # fmt: skip
    assert [row["digest"] for row in acts] == [digest_of(row["previous"], row["body"]) for row in acts]
    assert [row["previous"] for row in acts[1:]] == [row["digest"] for row in acts[:-1]]
    assert (acts[-1]["seq"], acts[-1]["digest"]) == (acts[-1]["head_seq"], acts[-1]["head_digest"])


async def _tampered(database: Database, key: UUID) -> None:
    """Whatever a superuser changes behind the engine's back is found and named."""
    assert await verify_assessments() == []
    owner = await asyncpg.connect(database.superuser)
    try:
        await owner.execute("SET session_replication_role = replica")
        for change, undo, code in TAMPERING:
            await owner.execute(change)
            assert [(one.chain, one.code) for one in await verify_assessments()] == [(f"assessment:{key}", code)]
            await owner.execute(undo)
        for seq, code in ((5, "altered"), (14, "missing")):
            row = await owner.fetchrow("DELETE FROM assessment_acts WHERE seq = $1 RETURNING *", seq)
            assert row is not None
            assert [one.code for one in await verify_assessments()] == [code]
            await owner.execute("INSERT INTO assessment_acts VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *row)
    finally:
        await owner.close()
    assert await verify_assessments() == []


async def _printed(context: Context, key: UUID, director: Actor) -> None:
    """The form is made once by a worker; every print is in the access log."""
    context.objects.ensure_buckets()
    async with refused("form_not_ready"):
        await find_form(director, key, APRIL)
    assert (await draft_form(context, director, key, APRIL)).startswith(b"%PDF")
    story = Story(context, FOOD, "", APRIL)
    assert await work(story, "assessment.render") == 1
    printed = await find_form(director, key, APRIL)
    with await open_printed(context, printed) as stream:
        assert next(iter(stream)).startswith(b"%PDF")
    assert printed.name.endswith("2026-03 第1版.pdf")
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM access_log WHERE action = 'assessment.print'") == 1


async def _corrected(context: Context, key: UUID, people: tuple[Actor, Actor, Actor], contract: UUID) -> None:
    """A mistake is put right by another edition, which names the old one; the year counts the newest."""
    assessor, reviewer, approver = people
    year = await read_year(assessor, contract, 2026)
    assert (year["pay"]["mean"], year["pay"]["percent"], year["complete"]) == ("91.00", 100, False)
    made = await assessing.correct(assessor, key, Correcting("一项记错"), APRIL)
    async with refused("already_corrected"):
        await assessing.correct(assessor, key, Correcting("再来"), APRIL)
    second = UUID(made["assessment"])
    assert len(await entries_of(second)) == len(await entries_of(key)) == 4
    await enter(assessor, second, Entering("4-2", 1, "没有培训计划"), APRIL)
    await searching.search(context, assessor, second, APRIL)
    await settling.submit(context, assessor, second, APRIL)
    await settling.review(reviewer, second, APRIL)
    await settling.approve(context, approver, second, APRIL)
    first = await assessing.read_assessment(assessor, key)
    assert (first["score"], first["replaced_by"], first["allowed"]) == (91, second, [])
    await contracting.count_short(assessor, contract, Counting(2026, 2, "证书登记表"), APRIL)
    year = await read_year(assessor, contract, 2026)
    assert (year["pay"]["mean"], year["pay"]["percent"], year["months"][2]["edition"]) == ("86.00", 85, 2)
    assert (year["pay"]["earned"], year["pay"]["withheld"], year["pay"]["due"]) == (
        "957567.50", "11265.50", "946302.00",
    )  # fmt: skip
    assert [one["percent"] for one in year["quarters"]] == [85, None, None, None]
    assert sum(float(one["base"]) for one in year["quarters"]) == 1126550.0


async def test_contracts_reports_and_tables_are_refused_where_they_are_wrong(context: Context) -> None:
    assessor, director, clerk = [await actor(login) for login in ("assessor", "project_director", "clerk")]
    contract = await contract_of(context, assessor)
    for who, code in (
        (director, "self_scoring"),
        (clerk, "self_scoring"),
        (await actor("auditor"), "role_not_allowed"),
    ):
        async with refused(code, Forbidden):
            await contract_of(context, who)
    async with refused("organisation_not_found", NotFound):
        await contract_of(context, assessor, hall="w01")
    february = Reporting(date(2026, 2, 1), "二月运行报告。")
    async with refused("month_not_over"):
        await contracting.file_report(context, director, contract, february, at("2026-02-10"))
    async with refused("role_not_allowed", Forbidden):
        await contracting.file_report(context, assessor, contract, february, at("2026-03-02"))
    await contracting.file_report(context, director, contract, february, at("2026-03-06", "17:00"))
    async with refused("report_filed"):
        await contracting.file_report(context, director, contract, february, at("2026-03-07"))
    key = UUID((await assessing.open_month(context, assessor, OpeningMonth(contract, MARCH), APRIL))["assessment"])
    assert (await searching.search(context, assessor, key, APRIL))["found"] == 0
    async with refused("year_outside", Malformed):
        await contracting.count_short(assessor, contract, Counting(2029, 0, "无"), APRIL)

    second = await contract_of(context, assessor, price="11265500.50", replaces=contract)
    async with refused("contract_replaced"):
        await contract_of(context, assessor, replaces=contract)
    async with refused("month_opened"):
        await assessing.open_month(context, assessor, OpeningMonth(second, MARCH), APRIL)
    assert str((await contracting.read_contract(director, second))["price"]) == "11265500.5"
    for read in (
        contracting.list_contracts(clerk),
        assessing.list_assessments(clerk),
        assessing.read_assessment(clerk, key),
    ):
        async with refused("role_not_allowed", Forbidden):
            await read

    await also("officer", "assessor", "town-hall")
    stranger = await actor("officer")
    assert (await contracting.list_contracts(stranger), await assessing.list_assessments(stranger)) == ([], [])
    async with refused("assessment_not_found", NotFound):
        await assessing.read_assessment(stranger, key)
    async with refused("contract_not_found", NotFound):
        await read_year(stranger, contract, 2026)
    async with refused("role_not_allowed", Forbidden):
        await contract_of(context, stranger)

    text = packaged_text().replace("version = 1", "version = 3", 1)
    assert await import_table(text, "hall.toml", APRIL)
    assert not await import_table(text, "hall.toml", APRIL)
    async with refused("version_taken", Conflict):
        await import_table(text.replace("percent = 85", "percent = 84"), "hall.toml", APRIL)
    async with refused("version_out_of_order", Conflict):
        await import_table(text.replace("version = 3", "version = 2", 1), "hall.toml", APRIL)
    with pytest.raises(DefinitionError):
        await import_table(text.replace("total = 105", "total = 1"), "hall.toml", APRIL)
    assert (await table_in_force()).version == 3
    assert (await assessing.read_assessment(assessor, key))["table"].version == 1


def test_nobody_stands_in_for_another_when_work_is_scored() -> None:
    grant = Grant(Role.assessor, UUID(int=1), "460000/460100")
    own, lent = (
        Actor(UUID(int=2), "示例", (grant,)),
        Actor(UUID(int=3), "示例", (replace(grant, acting_for=UUID(int=2)),)),
    )
    hall = "460000/460100/hall"
    assert (role_over(own, SCORERS, hall), role_over(lent, SCORERS, hall)) == (Role.assessor, None)
    assert role_over(own, SCORERS, "460000/460107") is None
