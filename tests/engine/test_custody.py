"""Paper custody: a batch from the window to the department and back, every step on every case, and where papers are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from pypdf import PdfReader

from engine.context import Context
from engine.documents.printing import open_printed
from engine.documents.slip_drafting import find_slip
from engine.invariants import check_case
from engine.jobs import run_row
from engine.papers.arriving import Arriving, FoundLine, Settling, receive, settle, take_back
from engine.papers.carrying import refuse, send, unpack
from engine.papers.completeness import list_counted, read_figures
from engine.papers.custodians import case_scanned
from engine.papers.locating import list_at, list_batches, list_owed, read_batch, where_is
from engine.papers.packing import CaseWish, LineWish, Packing, pack
from engine.papers.returning import Returning, give_back
from storage.db import reading
from tests.engine.test_refusals import refused
from tests.factories import ITEMS, LABOUR, RECIPIENT, Story, bring, firm, person
from tests.mandates import agent_number, give, wish
from tests.people import actor, also
from workflows.counting import Outcome
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, YichuangError
from workflows.events import Act
from workflows.payload import Person

Answer = dict[str, Any]
LATER = timedelta(minutes=10)


async def sealed(stories: list[Story], who: str = "clerk", to: str = "amr", **more: Any) -> Answer:
    """A batch of everything that these cases have at the packer's."""
    cases = more.pop("cases", [CaseWish(story.number) for story in stories])
    now = more.pop("now", stories[0].now + LATER)
    request = Packing(to, more.pop("seal", "F-000123"), cases, **more)
    return await pack(stories[0].context, await actor(who), request, now)


async def sent(stories: list[Story], **more: Any) -> str:
    story, answer = stories[0], await sealed(stories, **more)
    await send(story.context, await actor(more.get("who", "clerk")), answer["batch"], story.now + 2 * LATER)
    code: str = answer["batch"]
    return code


async def pieces_of(context: Context, code: str) -> int:
    """How many papers were counted into the seal."""
    batch = await read_batch(context, await actor("clerk"), code)
    return int(batch["originals"] + batch["copies"])


async def sound(story: Story) -> None:
    """The chain of the case holds, and its clocks are as the ledger has them."""
    assert await check_case(story.context, story.number, story.now + timedelta(hours=3)) == []


async def places(story: Story) -> dict[str, list[tuple[str, str, int]]]:
    """Where the papers of each line are: kind, code, originals and copies together."""
    found = await where_is(story.context, await actor("clerk"), story.number)
    return {
        line["line"]: [(one["kind"], one["code"], one["originals"] + one["copies"]) for one in line["places"]]
        for line in found["lines"]
    }


async def kinds(story: Story) -> set[str]:
    return {one[0] for line in (await places(story)).values() for one in line}


async def replayed(context: Context) -> None:
    """What lies where equals the sum of every move there and away."""
    async with reading() as connection:
        wrong = await connection.fetch(
            "SELECT h.place FROM paper_holdings h WHERE (h.originals, h.copies, h.sheets) <> (SELECT"
            " coalesce(sum(CASE WHEN m.to_place = h.place THEN m.originals ELSE -m.originals END), 0),"
            " coalesce(sum(CASE WHEN m.to_place = h.place THEN m.copies ELSE -m.copies END), 0),"
            " coalesce(sum(CASE WHEN m.to_place = h.place THEN m.sheets ELSE -m.sheets END), 0) FROM paper_moves m"
            " WHERE m.case_id = h.case_id AND m.line = h.line AND h.place IN (m.from_place, m.to_place))"
        )
    assert wrong == []


async def test_a_batch_goes_to_the_department_and_back_and_every_case_tells_it(context: Context) -> None:
    first, second = await bring(context, "REVIEW"), await bring(context, "ACCEPTED", who=firm(2))
    assert await kinds(first) == {"hall"}
    code_on_receipt = f"https://hall.test/status/{(await second.row())['query_code']}"
    cases = [CaseWish(first.number), CaseWish(code_on_receipt, [LineWish("M01"), LineWish("M05")])]
    answer = await sealed([first], cases=cases)
    code = answer["batch"]
    held = {(story.number, line): where for story in (first, second) for line, where in (await places(story)).items()}
    assert held[first.number, "M01"] == held[second.number, "M05"] == [("batch", code, 1)]
    assert held[second.number, "M03"] == [("hall", "", 1)]
    clerk, officer, now = await actor("clerk"), await actor("officer"), first.now + 3 * LATER
    async with refused("batch_step_not_allowed"):
        await receive(context, officer, code, Arriving(answer["originals"] + answer["copies"]), now)
    await send(context, clerk, code, now)
    async with refused("role_not_allowed", Forbidden):
        await receive(context, clerk, code, Arriving(1), now)
    async with refused("batch_not_found", NotFound):
        await receive(context, await actor("officer.health"), code, Arriving(1), now)
    got = await receive(context, officer, code, Arriving(answer["originals"] + answer["copies"]), now + LATER)
    assert (got["state"], got["discrepancies"]) == ("received", 0)
    async with refused("batch_step_not_allowed") as again:
        await receive(context, await actor("officer2"), code, Arriving(1), now + LATER)
    assert "已签收" in again.value.zh
    assert await kinds(first) == {"department"}
    found = await list_at(officer, "amr")
    assert {row["case"] for row in found} == {first.number, second.number}
    assert [row["line"] for row in await list_at(officer, "amr", (found[0]["since"], found[0]["id"]), 1)] == [
        found[1]["line"]
    ]
    assert await list_at(await actor("hall_manager"), "amr") == found
    for stranger in ("officer.health", "clerk.town"):
        assert (await listed(stranger)) == []
    back = await sealed([first], who="officer", to="hall", cases=[CaseWish(first.number)], now=now + 2 * LATER)
    await send(context, officer, back["batch"], now + 3 * LATER)
    await also("officer", "clerk", "hall")
    async with refused("same_person", Forbidden):
        await receive(context, await actor("officer"), back["batch"], Arriving(4), now + 4 * LATER)
    pieces = back["originals"] + back["copies"]
    await receive(context, clerk, back["batch"], Arriving(pieces), now + 4 * LATER)
    assert await kinds(first) == {"hall"}
    named = ["paper:packed", "paper:sent", "paper:received"]
    assert [row["name"] for row in await first.rows("events", "seq") if row["name"].startswith("paper")] == named * 2
    assert [row["name"] for row in await second.rows("events", "seq") if row["name"].startswith("paper")] == named
    for story in (first, second):
        await sound(story)
    await replayed(context)
    seen = await where_is(context, officer, first.number)
    assert [move["cause"] for move in seen["moves"] if move["line"] == "M01"] == ["packed", "received"] * 2
    assert len(await list_batches(officer)) == 2


async def listed(login: str) -> list[Any]:
    try:
        return await list_at(await actor(login), "amr")
    except NotFound:
        return []


async def test_the_slip_is_printed_and_its_code_read_back(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    answer = await sealed([story])
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = 'slip.render' AND state <> 'done'")
    await asyncio.to_thread(context.objects.ensure_buckets)
    for row in rows:
        assert await run_row(context, row["id"], lambda: datetime.now(UTC))
    for who in ("clerk", "officer", "supervisor"):
        printed = await find_slip(context, await actor(who), answer["number"], story.now + LATER)
    async with refused("document_not_found", NotFound):
        await find_slip(context, await actor("officer.health"), answer["number"], story.now + LATER)
    stream = await open_printed(context, printed)
    file = b"".join(iter(lambda: stream.read(65536), b""))
    stream.close()
    text = PdfReader(BytesIO(file)).pages[0].extract_text()
    for words in ("材料移交单", "F-000123", answer["batch"], story.number, answer["number"]):
        assert words in "".join(text.split()), words
    image = pypdfium2.PdfDocument(file)[0].render(scale=3).to_pil()
    assert [one.text for one in zxingcpp.read_barcodes(image)] == [answer["batch"]]


async def test_what_does_not_agree_stays_open_until_it_is_settled(context: Context) -> None:
    story = await bring(context, "REVIEW")
    code = await sent([story])
    officer, now = await actor("officer"), story.now + 3 * LATER
    found = [
        FoundLine(story.number, "M01", 0),
        FoundLine(story.number, "M05", 0, 1, 1, damaged=1, note="右下角撕裂"),
        FoundLine(story.number, "M03", 2, 0, 2),
    ]
    pieces = await pieces_of(context, code)
    async with refused("count_differs"):
        await receive(context, officer, code, Arriving(pieces - 1), now)
    async with refused("material_not_on_list"):
        await receive(context, officer, code, Arriving(pieces, [FoundLine(story.number, "M99", 1)]), now)
    async with refused("line_not_in_batch"):
        await receive(context, officer, code, Arriving(pieces, [FoundLine("4601002603020000015", "M01", 1)]), now)
    got = await receive(context, officer, code, Arriving(pieces, found), now, "k-1")
    assert got == await receive(context, officer, code, Arriving(pieces, found), now, "k-1")
    assert (got["state"], got["discrepancies"]) == ("received_with_discrepancy", 3)
    batch = await read_batch(context, await actor("clerk"), code)
    by_kind = {one["kind"]: one["id"] for one in batch["discrepancies"]}
    assert batch["steps"] == ["settle"]
    assert (await places(story))["M01"] == [("batch", code, 1)]
    clerk, supervisor = await actor("clerk"), await actor("supervisor")
    async with refused("batch_not_found", NotFound):
        await settle(context, officer, code, by_kind["missing"], Settling(Outcome.left_behind, "在窗口找到"), now)
    async with refused("role_not_allowed", Forbidden):
        await settle(context, clerk, code, by_kind["missing"], Settling(Outcome.lost, "找不到了"), now)
    async with refused("paper_not_here"):
        await settle(context, clerk, code, by_kind["extra"], Settling(Outcome.confirmed, "多装了一份"), now)
    async with refused("outcome_does_not_fit"):
        await settle(context, clerk, code, by_kind["extra"], Settling(Outcome.noted, "多装了一份"), now)
    await settle(context, clerk, code, by_kind["extra"], Settling(Outcome.not_of_case, "是空白样表"), now)
    await settle(context, clerk, code, by_kind["damaged"], Settling(Outcome.noted, "移交前即如此"), now)
    end = await settle(context, supervisor, code, by_kind["missing"], Settling(Outcome.lost, "经查确已遗失"), now)
    assert end == {"batch": code, "number": batch["number"], "state": "settled", "discrepancies": 0}
    async with refused("batch_step_not_allowed"):
        await settle(context, supervisor, code, by_kind["missing"], Settling(Outcome.lost, "经查确已遗失"), now)
    assert (await places(story))["M01"] == [("lost", "", 1)]
    event = next(row for row in await story.rows("events", "seq") if row["name"] == "paper:received")
    assert {one["kind"] for one in event["data"]["discrepancies"]} == {"missing", "extra", "damaged"}
    await sound(story)
    await replayed(context)


async def test_a_refused_batch_comes_back_and_one_that_has_not_left_is_unpacked(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    clerk, officer, now = await actor("clerk"), await actor("officer"), story.now + 3 * LATER
    early = await sealed([story])
    async with refused("role_not_allowed", Forbidden):
        await unpack(context, officer, early["batch"], now)
    await unpack(context, clerk, early["batch"], now)
    code = await sent([story])
    async with refused("reason_needed", Malformed):
        await refuse(context, officer, code, "不要", now)
    await refuse(context, officer, code, "封签已破损，退回重新封装。", now)
    async with refused("batch_step_not_allowed"):
        await receive(context, officer, code, Arriving(1), now)
    assert await kinds(story) == {"batch"}
    pieces = early["originals"] + early["copies"]
    missing = [FoundLine(story.number, "M01", 0)]
    answer = await take_back(context, await actor("clerk2"), code, Arriving(pieces - 1, missing), now)
    assert answer["state"] == "received_with_discrepancy"
    (open_one,) = (await read_batch(context, officer, code))["discrepancies"]
    answer = await settle(
        context, officer, code, open_one["id"], Settling(Outcome.left_behind, "还在我处，另行交回。"), now
    )
    assert answer["state"] == "settled"
    assert (await places(story))["M01"] == [("department", "amr", 1)]
    event = next(row for row in await story.rows("events", "seq") if row["name"] == "paper:refused")
    assert event["data"]["reason"] == "封签已破损，退回重新封装。"
    await sound(story)
    await replayed(context)


async def test_only_what_was_received_moves_and_only_where_it_belongs(context: Context) -> None:
    story, early = await bring(context, "REVIEW"), await bring(context, "NEW", who=firm(2))
    other = await bring(context, "REVIEW", item=LABOUR, who=firm(3))

    wishes: list[tuple[str, type[YichuangError], dict[str, Any]]] = [
        ("paper_not_here", Conflict, {"cases": [CaseWish(story.number, [LineWish("M01", 2, 0, 1)])]}),
        ("paper_not_here", Conflict, {"cases": [CaseWish(story.number, [LineWish("M02")])]}),
        ("paper_not_here", Conflict, {"cases": [CaseWish(early.number)]}),
        ("department_without_part", Conflict, {"cases": [CaseWish(other.number)]}),
        ("department_without_part", Conflict, {"to": "health"}),
        ("sealed_count_wrong", Conflict, {"pieces": 99}),
        ("organisation_not_found", NotFound, {"to": "hall"}),
        ("organisation_not_found", NotFound, {"to": "nowhere"}),
        ("organisation_not_found", NotFound, {"place": "town-hall"}),
        ("case_not_found", NotFound, {"who": "clerk.town"}),
        ("case_not_found", NotFound, {"who": "officer.health", "to": "hall"}),
        ("case_number_wrong", Malformed, {"cases": [CaseWish("4601002603020999999")]}),
        ("case_not_found", NotFound, {"cases": [CaseWish("AAAABBBBCCCC")]}),
        ("query_code_wrong", Malformed, {"cases": [CaseWish("不是编号")]}),
        ("case_twice", Malformed, {"cases": [CaseWish(story.number), CaseWish(story.number)]}),
        ("line_twice", Malformed, {"cases": [CaseWish(story.number, [LineWish("M01"), LineWish("M01")])]}),
        ("role_not_allowed", Forbidden, {"who": "agent"}),
        ("role_not_allowed", Forbidden, {"who": "auditor"}),
        ("paper_not_here", Conflict, {"who": "officer", "to": "hall"}),
    ]
    for code, kind, more in wishes:
        async with refused(code, kind):
            await sealed([story], **more)
    half = [CaseWish(story.number, [LineWish("M01")])]
    codes = await asyncio.gather(*(sealed([story], cases=half) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in codes) == ["Conflict"] * 3 + ["dict"]
    await sealed([story], cases=[CaseWish(story.number, [LineWish("M05")])])
    assert await case_scanned(f" {story.number} ") == story.number
    async with reading() as connection:
        found = await connection.fetch("SELECT number, code FROM paper_batches ORDER BY id")
    numbers = [row["number"].rpartition("〕")[2] for row in found]
    assert len(found) == 2
    assert int(numbers[1][:-1]) == int(numbers[0][:-1]) + 1
    await replayed(context)


async def test_of_two_who_receive_at_once_one_does(context: Context) -> None:
    story = await bring(context, "REVIEW")
    code = await sent([story])
    pieces = await pieces_of(context, code)
    now = story.now + 3 * LATER
    steps: list[Awaitable[Any]] = [
        receive(context, await actor(who), code, Arriving(pieces), now)
        for who in ("officer", "officer2", "reviewer", "approver")
    ]
    steps.append(refuse(context, await actor("reviewer2"), code, "封签号与移交单不符。", now))
    done = await asyncio.gather(*steps, return_exceptions=True)
    assert len([one for one in done if isinstance(one, dict)]) == 1
    assert {one.code for one in done if isinstance(one, YichuangError)} == {"batch_step_not_allowed"}
    await sound(story)
    await replayed(context)


async def test_the_departments_of_a_joint_case_hold_papers_of_the_case_itself(context: Context) -> None:
    joint = ITEMS[13]
    story = await bring(context, "ACCEPTED", item=joint)
    await story.go("clerk", Act.DISPATCH)
    taking_part = joint.joint[0]
    code = await sent([story], to=taking_part)
    officer, now = await actor(f"officer.{taking_part}"), story.now + 3 * LATER
    await receive(context, officer, code, Arriving(await pieces_of(context, code)), now)
    async with reading() as connection:
        child = await connection.fetchval(
            "SELECT c.number FROM cases c JOIN organisations o ON o.id = c.department_id WHERE o.code = $1"
            " AND c.parent_id IS NOT NULL",
            taking_part,
        )
    found = await where_is(context, officer, child)
    assert found["case"] == story.number
    assert {one["code"] for line in found["lines"] for one in line["places"]} == {taking_part}
    back = await sealed([story], who=f"officer.{taking_part}", to="hall", cases=[CaseWish(child)], now=now)
    assert (await places(story))["M01"][0][:2] == ("batch", back["batch"])


async def test_an_agent_touches_no_papers_of_their_principal(context: Context) -> None:
    mandate = await give(context, wish())
    story = await bring(context, "REVIEW", who=wish().principal)
    await also("agent", "clerk", "hall")
    assert mandate["mandate"]
    async with refused("two_hats", Forbidden):
        await sealed([story], who="agent")


async def test_originals_go_back_signed_for_and_what_is_owed_is_settled(context: Context) -> None:
    story = await bring(context, "REVIEW", who=person())
    code = await sent([story], cases=[CaseWish(story.number, [LineWish("M01")])])
    clerk, now = await actor("clerk"), story.now + 3 * LATER
    await story.go("clerk", Act.WITHDRAW, reason="不再经营。", signed=True)
    (owed,) = await list_owed(clerk)
    assert (owed["case"], owed["elsewhere"]) == (story.number, 1)
    me = Person(name="示例1", id_kind="resident_id", id_number=person().id_number)
    stranger = Person(name="示例领取人", id_kind="resident_id", id_number=RECIPIENT["id_number"])
    for_another = Person(name="示例代理", id_kind="resident_id", id_number=agent_number(), relation="agent")
    for refusal, kind, request in (
        ("signature_missing", Conflict, Returning(me)),
        ("witness_missing", Conflict, Returning(me, refused=True)),
        ("witness_missing", Conflict, Returning(me, refused=True, witness="示例1")),
        ("recipient_is_not_applicant", Conflict, Returning(stranger, signed=True)),
        ("mandate_missing", Conflict, Returning(for_another, signed=True)),
        ("mandate_unknown", Conflict, Returning(for_another, signed=True, mandate_number="示政服委〔2026〕99号")),
        ("paper_not_here", Conflict, Returning(me, [LineWish("M01")], signed=True)),
        ("line_twice", Malformed, Returning(me, [LineWish("M03"), LineWish("M03")], signed=True)),
    ):
        async with refused(refusal, kind):
            await give_back(context, clerk, story.number, request, now)
    async with refused("role_not_allowed", Forbidden):
        await give_back(context, await actor("officer"), story.number, Returning(me, signed=True), now)
    async with refused("case_not_found", NotFound):
        await give_back(context, await actor("clerk.town"), story.number, Returning(me, signed=True), now)
    request = Returning(for_another, [LineWish("M03")], refused=True, witness="示例见证人", mandate=True)
    first = await give_back(context, clerk, story.number, request, now, "k-1")
    assert first == await give_back(context, clerk, story.number, request, now, "k-1")
    assert (await places(story))["M03"] == [("applicant", "", 1)]
    await unpack_or_receive(context, code, now)
    rest = await give_back(context, clerk, story.number, Returning(me, signed=True), now + 9 * LATER)
    assert {one["line"] for one in rest["papers"]} >= {"M01", "M04"}
    assert await list_owed(clerk) == []
    papers = await story.rows("documents", "seq")
    slips = [row for row in papers if row["code"] == "D23" and "received_by" in row["data"]]
    assert [row["data"]["witness"] for row in slips] == ["示例见证人", ""]
    assert RECIPIENT["id_number"] not in str(papers) + str(await story.rows("events"))
    assert person().id_number not in str(papers) + str(await story.rows("events"))
    await sound(story)
    await replayed(context)


async def unpack_or_receive(context: Context, code: str, now: datetime) -> None:
    """A batch that is on its way comes home."""
    await refuse(context, await actor("officer"), code, "办件已撤回，材料退回大厅。", now)
    await take_back(context, await actor("clerk2"), code, Arriving(1), now)


async def test_the_figures_of_a_hall_name_the_cases_behind_them(context: Context) -> None:
    done = await bring(context, "DELIVERED")
    await bring(context, "WITHDRAWN", who=firm(2))
    manager, day = await actor("hall_manager"), done.now.date()
    answer = await read_figures(context, manager, day, day + timedelta(days=30))
    found = {one["name"]: (one["numerator"], one["denominator"], one["value"]) for one in answer["figures"]}
    assert found == {
        "scan_completeness": (2, 2, 1.0), "receipt_given": (1, 1, 1.0), "handover_in_time": (1, 1, 1.0),
    }  # fmt: skip
    rows = await list_counted(context, manager, "receipt_given", day, day, met=True)
    assert [(row["case"], row["met"]) for row in rows] == [(done.number, True)]
    assert await list_counted(context, manager, "receipt_given", day, day, met=False) == []
    none = await read_figures(context, manager, day - timedelta(days=9), day - timedelta(days=1))
    assert {one["value"] for one in none["figures"]} == {None}
    async with refused("figure_unknown", NotFound):
        await list_counted(context, manager, "nothing", day, day)
    async with refused("role_not_allowed", Forbidden):
        await read_figures(context, await actor("clerk"), day, day)
