"""文书 made into files: once, from what is stored, locked away, read again as they were; and samples before issue."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pypdf import PdfReader

from engine.auditing import verify
from engine.context import Context
from engine.documents.drafting import preview, render_documents
from engine.documents.printing import Printed, find_printed, open_printed
from engine.documents.typesetting import FACES
from engine.jobs import run_row
from engine.opening import Applicant
from storage.db import reading
from tests.conftest import Database
from tests.engine.test_refusals import refused
from tests.engine.test_typesetting import squeezed
from tests.factories import DETOURS, FOOD, ITEMS, START, Story, bring, firm, open_story, publish, table_counts
from tests.people import actor
from workflows.actor import Actor, Grant, Role
from workflows.errors import Conflict, Forbidden, NotFound, YichuangError
from workflows.events import Act

OFFICERS = [{"login": "officer", "card": "HN-0001"}, {"login": "officer2", "card": "HN-0002"}]


@pytest.fixture(autouse=True)
def buckets(context: Context) -> None:
    """The three buckets of this test."""
    context.objects.ensure_buckets()


async def render(story: Story) -> None:
    """Do what the outbox holds for documents."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = 'document.render' AND state = 'waiting'")
    for row in rows:
        assert await run_row(story.context, row["id"], lambda: story.now + timedelta(seconds=5))


async def papers(story: Story) -> dict[str, dict[str, Any]]:
    """The files of a case by the kind of their document; of several, the newest."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT d.code, d.number, p.* FROM papers p JOIN documents d ON d.id = p.document_id"
            " JOIN cases c ON c.id = d.case_id WHERE c.number = $1 ORDER BY d.seq",
            story.number,
        )
    return {row["code"]: dict(row) for row in rows}


async def printed(story: Story, who: str, document: str) -> Printed:
    return await find_printed(story.context, await actor(who), story.number, document, story.now)


async def content_of(story: Story, who: str, document: str) -> bytes:
    with await open_printed(story.context, await printed(story, who, document)) as stream:
        return bytes(await asyncio.to_thread(stream.read))


def text_of(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


async def texts(story: Story) -> dict[str, str]:
    """What every document of a case says, by kind."""
    await render(story)
    return {
        code: text_of(await content_of(story, "hall_manager", row["number"]))
        for code, row in (await papers(story)).items()
    }


async def test_a_receipt_is_printed_once_from_what_is_stored_and_locked_away(context: Context) -> None:
    story = await bring(context, "RECEIVED", who=firm(7))
    number = (await story.documents())["D01"]
    await render(story)
    (row,) = (await papers(story)).values()
    made = await content_of(story, "clerk", number)
    assert (row["number"], row["digest"], row["size"]) == (number, hashlib.sha256(made).hexdigest(), len(made))
    held = context.objects.retained_until(row["object_key"], row["object_version"])
    assert held is not None
    assert held.replace(microsecond=0) == row["retain_until"].replace(microsecond=0)
    assert held > story.now + timedelta(days=365 * 10)
    said = text_of(made)
    case = await story.row()
    for part in (
        number,
        story.number,
        case["query_code"],
        "示例餐饮7有限公司",
        FOOD.name,
        FOOD.code,
        "2026年3月2日09时40分",
    ):
        assert squeezed(part) in said, part
    assert all(squeezed(line.name) in said for line in FOOD.materials if not line.condition)
    event = (await story.events())[-1]
    assert event in {"rendered", "printed"}
    await whole(story)


async def whole(story: Story) -> None:
    """The chain of the case fits from its first event to its last."""
    report = await verify(story.number)
    assert (report.cases, report.breaches) == (1, [])


async def test_repeating_the_job_makes_no_second_file(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    clock = lambda: story.now  # noqa: E731  # a clock that stands still
    await asyncio.gather(*(render_documents(context, story.number, clock) for _ in range(3)))
    await render(story)
    assert len(await papers(story)) == 1
    assert (await story.events()).count("rendered") == 1
    assert list(context.objects.list_incoming(datetime.now(UTC) + timedelta(days=1))) == []
    await render_documents(context, "0" * 19, clock)


async def test_a_reprint_is_the_stored_bytes_and_on_record(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    await render(story)
    number = (await story.documents())["D05"]
    first, second = await content_of(story, "clerk", number), await content_of(story, "officer", number)
    assert first == second
    assert (await story.events()).count("printed") == 2
    async with reading() as connection:
        looks = await connection.fetch("SELECT subject FROM access_log WHERE action = 'document.print'")
    assert [look["subject"] for look in looks] == [story.number] * 2
    await whole(story)


async def test_who_does_not_see_the_case_prints_nothing_of_it(context: Context) -> None:
    story, other = await bring(context, "ACCEPTED"), await bring(context, "ACCEPTED")
    await render(story)
    number = (await story.documents())["D05"]
    before = await table_counts()
    async with refused("case_not_found", NotFound):
        await printed(story, "officer.health", number)
    for strange in ((await other.documents())["D05"], "示市监受〔2026〕999号"):
        async with refused("document_not_found", NotFound):
            await printed(story, "clerk", strange)
    assert await table_counts() == before


async def test_the_applicant_is_not_shown_internal_papers(context: Context) -> None:
    story = await bring(context, "DISPATCHED")
    await render(story)
    case = await story.row()
    grant = Grant(Role.applicant, case["hall_id"], case["hall_path"])
    who = Actor(case["party_id"], "申请人", (grant,), "applicant", story.number)
    async with refused("role_not_allowed", Forbidden):
        await find_printed(context, who, story.number, (await story.documents())["D23"], story.now)


async def test_before_a_worker_came_the_document_is_not_ready(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    async with refused("document_not_ready"):
        await printed(story, "clerk", (await story.documents())["D05"])


async def test_the_approval_form_waits_for_every_opinion_of_its_round(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await render(story)
    form = (await story.documents())["D14"]
    assert "D14" not in await papers(story)
    async with refused("document_not_ready"):
        await printed(story, "approver", form)
    await story.go("approver", Act.GRANT, opinion="准予，按核定面积经营。")
    said = (await texts(story))["D14"]
    for part in ("承办意见", "材料齐全，符合法定条件。", "批准意见", "准予，按核定面积经营。"):
        assert squeezed(part) in said


async def test_a_round_that_was_sent_back_has_a_form_of_its_own(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await story.go("approver", Act.SEND_BACK, reason="请补充现场照片。")
    await story.go("officer", Act.SUBMIT_REVIEW, opinion="已补充。", proposal="grant")
    await render(story)
    (first,) = [row for code, row in (await papers(story)).items() if code == "D14"]
    said = text_of(await content_of(story, "approver", first["number"]))
    assert squeezed("退回承办") in said
    assert "已补充" not in said


async def test_everything_that_a_granted_case_issued_is_printed(context: Context) -> None:
    story = await bring(context, "DELIVERED")
    said = await texts(story)
    assert set(said) == {"D01", "D05", "D14", "D15", "D17", "D18", "D23"}
    numbers = await story.documents()
    for code, text in said.items():
        assert squeezed(numbers[code]) in text
        assert story.number in text
    assert squeezed("食品经营许可证") in said["D17"]
    assert squeezed("2031年3月1日") in said["D17"]
    assert squeezed(numbers["D17"]) in said["D18"]
    assert "11010519491231002X" not in said["D18"]
    assert "第三十八条第一款" in said["D15"]
    await whole(story)


@pytest.mark.parametrize(
    ("state", "code", "says"),
    [
        ("PRE_RETURNED", "D02", "未填写"),
        ("CORRECTION", "D03", "提交原件"),
        ("NOT_ACCEPTED", "D06", "示例区市场监督管理局"),
        ("DENIED", "D16", "六十日"),
        ("WITHDRAWN", "D19", "不再经营"),
    ],
)
async def test_other_ends_have_their_papers(context: Context, state: str, code: str, says: str) -> None:
    assert state in DETOURS
    story = await bring(context, state)
    assert says in (await texts(story))[code]


async def test_what_a_review_needs_is_printed_with_its_terms(context: Context) -> None:
    story = await bring(context, "REVIEW")
    await story.go(
        "officer", Act.TELL_SPECIAL, kind="testing", planned_start="2026-03-03", planned_end="2026-03-04",
        reason="需检测。",
    )  # fmt: skip
    await story.go("officer", Act.TELL_THIRD_PARTY, parties=[{"name": "示例邻居", "interest": "噪声"}])
    await story.go("officer", Act.TELL_HEARING_RIGHT, reason="相邻关系。")
    await story.go("officer", Act.START_SITE_CHECK, officers=OFFICERS, planned_on="2026-03-02")
    await story.go(
        "officer", Act.FINISH_SITE_CHECK, officers=OFFICERS, place="示例路1号", findings="布局合理。", signed=True
    )
    await story.go("authority_head", Act.EXTEND, reason="需核查多处。")
    await story.go("clerk", Act.CONSENT_ELECTRONIC, electronic_address="office@example.cn", signed=True)
    await story.go("approver", Act.TERMINATE, cause="loss_of_object", reason="场所已拆除。")
    said = await texts(story)
    for code, part in {
        "D09": "预计届满日", "D10": "延长后届满日", "D11": "HN-0002", "D12": "五个工作日", "D13": "示例邻居",
        "D20": "标的灭失", "D28": "o***@example.cn",
    }.items():  # fmt: skip
        assert squeezed(part).replace("五", "5") in said[code], (code, said[code])
    assert "示例" in said["D11"]


async def test_a_character_without_face_is_an_alarm_and_keeps_nothing_else_waiting(
    context: Context, tmp_path: Path
) -> None:
    for face in ("NotoSerifSC_400Regular.ttf", "NotoSerifSC_700Bold.ttf", "NotoSerif_400Regular.ttf"):
        (tmp_path / face).symlink_to(FACES / face)
    context.settings = context.settings.model_copy(update={"faces_dir": tmp_path})
    rare = Applicant("organisation", "示例𠮷祥餐饮有限公司", "uscc", firm(3).id_number)
    story = await bring(context, "RECEIVED", who=rare)
    number = (await story.documents())["D01"]
    with pytest.raises(Conflict) as refusal:
        await render_documents(context, story.number, lambda: story.now)
    assert (refusal.value.code, refusal.value.extra["characters"]) == ("character_without_face", ["𠮷"])
    async with refused("character_without_face"):
        await printed(story, "clerk", number)
    assert await alarms() == [(number, ["𠮷"], False)]
    assert await papers(story) == {}
    for face in FACES.glob("HanaMin*.ttf"):
        (tmp_path / face.name).symlink_to(face)
    await render(story)
    assert await alarms() == [(number, ["𠮷"], True)]
    assert "示例𠮷祥餐饮有限公司" in text_of(await content_of(story, "clerk", number))


async def alarms() -> list[tuple[str, list[str], bool]]:
    """Each alarm about a character: of which document, which characters, and whether it is over."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT * FROM alarms WHERE code = 'character_without_face'")
    return [(row["subject"], row["detail"]["characters"], row["closed_at"] is not None) for row in rows]


async def test_an_item_prints_its_own_text_without_code(context: Context) -> None:
    own = await publish(FOOD, document_texts={"D01": ("请在三楼等候叫号。",)})
    story = await open_story(context, own)
    await story.receive()
    said = (await texts(story))["D01"]
    assert "请在三楼等候叫号。" in said
    assert "不代表受理" not in said


async def test_a_foreign_applicant_gets_the_receipt_in_two_languages(context: Context) -> None:
    nurse = next(item for item in ITEMS.values() if "person" in item.subjects and item.flow == "PERMIT")
    story = await bring(context, "RECEIVED", nurse, who=Applicant("person", "Zoë Example", "passport", "E12345678"))
    said = (await texts(story))["D01"]
    assert "Receiptformaterials" in said
    assert "(2March2026,09:40)" in said
    assert (await papers(story))["D01"]["bilingual"] is True


async def test_a_sample_before_issue_shows_everything_but_the_number_and_writes_nothing(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    story.now = START + timedelta(hours=1)
    before = await table_counts()
    made = await preview(context, await story.command("officer", Act.ACCEPT, {}))
    said = text_of(made)
    for part in ("样稿DRAFT", "签发时编号", "受理通知书", "2026年3月16日", "10个工作日"):
        assert part in said
    assert "盖章处" not in said
    assert await table_counts() == before
    assert (await story.row())["state"] == "RECEIVED"


async def test_a_sample_of_two_papers_is_one_file(context: Context) -> None:
    story = await bring(context, "VERIFY")
    async with refused("payload_invalid", YichuangError):
        await preview(context, await story.command("approver", Act.DENY, {}))
    made = await preview(
        context, await story.command("approver", Act.DENY, {"reason": "布局不符。", "article": "食品安全法33"})
    )
    assert "布局不符。" in text_of(made)


async def test_a_sample_is_refused_as_the_act_would_be(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    for who, what, code in (("clerk", Act.GRANT, "action_not_allowed"), ("archivist", Act.ACCEPT, "role_not_allowed")):
        async with refused(code, YichuangError):
            await preview(context, await story.command(who, what, {}))
    async with refused("no_document_to_preview"):
        await preview(context, await story.command("clerk", Act.CORRECT_ON_SPOT, {"note": "更正错字"}))
    async with refused("case_not_found", NotFound):
        other = await story.command("clerk", Act.ACCEPT, {})
        await preview(context, type(other)(other.actor, "0" * 19, other.act, {}, other.now))


async def test_a_printed_document_cannot_be_changed_or_taken_away(context: Context, database: Database) -> None:
    story = await bring(context, "RECEIVED")
    await render(story)
    connection = await asyncpg.connect(database.app)
    try:
        for statement in ("UPDATE papers SET digest = ''", "DELETE FROM papers", "TRUNCATE papers"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
