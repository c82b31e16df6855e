"""Taking somebody in from the pages: item, party, list, receipt; and the consultation that comes before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from storage.db import reading
from tests.api.pages.browser import Browser, Form, Page
from tests.factories import FOOD, ITEMS, Story, table_counts

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
FIRM = {
    "kind": "organisation",
    "name": "示例餐饮有限公司",
    "id_kind": "uscc",
    "id_number": "91350100M000100Y43",
    "mobile": "13800001234",
    "address": "示例省示例市示例路1号2室",
}


async def test_a_clerk_finds_the_item_and_opens_a_case(at_desk: At) -> None:
    browser = await at_desk("clerk")
    page = await browser.open("/cases/new?text=食品经营")
    assert FOOD.name in page.text
    page = await browser.open(f"/cases/new?item={FOOD.code}")
    assert "是否由代理人办理" in page.text
    page = await browser.send(page.form("/cases/new"), **FIRM, language="en", situation=["agent"])
    async with reading() as connection:
        assert await connection.fetchval("SELECT applicant->>'language' FROM cases") == "en"
    assert "办件已登记" in page.text
    assert "示例餐饮有限公司" in page.text
    assert "授权委托书" in page.text
    assert "1号2室" not in page.text


OLD = "11010519491231002X"
CARD = f"示例王|女|汉|19491231|示例省示例市示例路1号2室|{OLD}"
HOME = ITEMS[22]
"""存量房转移登记: asks the true intention of the elderly."""


async def part(browser: Browser, form: Form, path: str = "", **typed: str) -> Page:
    """What a part of the page shows that htmx asks for with the form as it stands."""
    headers, data = {"HX-Request": "true"}, dict(form.fields) | typed
    return Page(await browser.http.post(path, data=data, headers=headers))


async def test_an_item_is_found_by_name_by_pinyin_and_by_code(at_desk: At) -> None:
    browser = await at_desk("clerk")
    found = await browser.http.get("/cases/new?text=jyxk", headers={"HX-Request": "true"})
    assert "<html" not in found.text
    assert found.text.index(FOOD.name) < found.text.index("农药经营许可")
    assert "结婚登记" not in found.text
    everything = await browser.open("/cases/new")
    assert "结婚登记" in everything.text
    for typed in (FOOD.code, "spjy", "食品经营", "food bus"):  # the only one that fits is opened at once
        assert (await browser.open(f"/cases/new?text={typed}")).answer.url.params["item"] == FOOD.code
    several = await browser.open("/cases/new?text=经营许可")
    assert several.answer.url.path == "/cases/new"
    assert several.text.count("个工作日") > 2


async def test_the_list_follows_the_answers(at_desk: At) -> None:
    browser = await at_desk("clerk")
    alone = await browser.open(f"/cases/new/materials?item={FOOD.code}")
    agent = await browser.open(f"/cases/new/materials?item={FOOD.code}&situation=agent&situation=nonsense")
    assert "授权委托书" not in alone.text
    assert "授权委托书" in agent.text
    page = await browser.open(f"/cases/new?item={FOOD.code}")
    page = await browser.send(page.form("/cases/new"), situation=["agent"], name="示例王", more="list")
    assert "授权委托书" in page.text
    assert page.form("/cases/new").value("name") == "示例王"
    assert page.form("/cases/new").value("situation") == "agent"


async def test_a_card_fills_the_form_and_the_elderly_come_first(at_desk: At) -> None:
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/new?item={FOOD.code}")).form("/cases/new")
    shown = await part(browser, form, "/cases/new/party", id_number=CARD)
    assert "1949年12月31日出生" in shown.text
    assert "首次办理" in shown.text
    said = {values["data-field"]: values["value"] for tag, values in shown.elements if tag == "data"}
    assert said["id_number"] == OLD
    assert (said["kind"], said["id_kind"], said["name"]) == ("person", "resident_id", "示例王")
    page = await browser.send(form, id_number=CARD, more="party")  # the same without scripts
    form = page.form("/cases/new")
    assert (form.value("id_number"), form.value("name"), form.value("kind")) == (OLD, "示例王", "person")
    assert (form.value("priority.group"), form.value("address")) == ("elderly", "示例省示例市示例路1号2室")
    assert "办件已登记" in (await browser.send(form, mobile="13800001234")).text
    async with reading() as connection:
        row = await connection.fetchrow("SELECT c.priority, c.rank, e.data FROM cases c JOIN events e ON e.seq = 1")
    assert row is not None
    assert (row["priority"], row["rank"], row["data"]["priority_evidence"]) == ("elderly", 0, "居民身份证")


async def test_who_was_here_before_is_known_by_the_exact_number_and_masked(at_desk: At) -> None:
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/new?item={FOOD.code}")).form("/cases/new")
    opened = await browser.send(form, **FIRM)
    assert opened.answer.status_code == 200
    form = (await browser.open(f"/cases/new?item={FOOD.code}")).form("/cases/new")
    shown = await part(browser, form, "/cases/new/party", id_number=FIRM["id_number"].lower())
    for words in ("示例餐饮有限公司", "138****1234", "同一事项还有未办结的办件", "统一社会信用代码"):
        assert words in shown.text, words
    assert "13800001234" not in shown.html
    assert "1号2室" not in shown.html
    async with reading() as connection:
        looks = await connection.fetch("SELECT body FROM access_log WHERE action = 'search.intake'")
    assert len(looks) == 1
    assert FOOD.code in looks[0]["body"]
    assert FIRM["id_number"] not in looks[0]["body"]
    page = await browser.send(form, id_number=FIRM["id_number"], more="party")
    again = page.form("/cases/new")
    opened = await browser.send(again, name=FIRM["name"], contact_as_before="on")
    assert "138****1234" in opened.text
    strange = await part(browser, form, "/cases/new/party", id_number="91350100M000100Y44")
    assert "校验位不符" in strange.text
    assert "示例餐饮" not in strange.text


async def test_refusals_stand_beside_their_field(at_desk: At) -> None:
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/new?item={FOOD.code}")).form("/cases/new")
    for field, typed in (
        ("mobile", {"mobile": "138"}),
        ("id_number", {"id_number": "91350100M000100Y44"}),
        ("kind", {"kind": "person"}),
        ("consultation", {"consultation": "无此记录"}),
        ("mandate", {"mandate": "无此委托"}),
        ("hall", {"hall": "nowhere"}),
        ("priority.evidence", {"priority.group": "veteran"}),
    ):
        page = await browser.send(form, **{**FIRM, **{name.replace(".", "__"): value for name, value in typed.items()}})
        assert page.answer.status_code in {404, 409, 422}, field
        ids = {values.get("id") for _, values in page.elements}
        assert f"{field}-wrong" in ids or field == "priority.evidence", field
        assert "没有登记成功" in page.text
    page = await browser.send((await browser.open(f"/cases/new?item={HOME.code}")).form("/cases/new"), **FIRM)
    assert page.answer.status_code in {200, 422}


async def test_a_wrong_number_is_refused_and_everything_typed_is_kept(at_desk: At) -> None:
    browser = await at_desk("clerk")
    page = await browser.open(f"/cases/new?item={FOOD.code}")
    before = await table_counts()
    typed = FIRM | {"id_number": "91350100M000100Y44"}
    page = await browser.send(page.form("/cases/new"), **typed, situation=["agent"])
    assert page.answer.status_code == 422
    assert "没有登记成功" in page.text
    form = page.form("/cases/new")
    assert {name: form.value(name) for name in (*typed, "situation")} == typed | {"situation": "agent"}
    after = await table_counts()
    assert after["cases"] == before["cases"]
    page = await browser.send(form, id_number="91350100M000100Y43")
    assert "办件已登记" in page.text


async def test_the_same_form_opens_one_case(at_desk: At) -> None:
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/new?item={FOOD.code}")).form("/cases/new")
    first, second = [await browser.send(form, **FIRM) for _ in range(2)]
    assert first.answer.url.path == second.answer.url.path


async def test_who_may_not_open_a_case_is_told_so(at_desk: At) -> None:
    browser = await at_desk("approver")
    page = await browser.open("/")
    assert "/cases/new" not in page.html
    page = await browser.open(f"/cases/new?item={FOOD.code}")
    page = await browser.send(page.form("/cases/new"), **FIRM)
    assert page.answer.status_code == 403
    assert "您的岗位不能进行此操作" in page.text


async def test_an_unknown_item_is_refused(at_desk: At) -> None:
    browser = await at_desk("clerk")
    assert (await browser.open("/cases/new?item=nothing")).answer.status_code == 404
    assert "没有找到符合的事项" in (await browser.open("/cases/new?text=没有这样的事项")).text


async def test_the_receipt_is_printed_and_the_next_one_comes(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser = await at_desk("clerk")
    page = await browser.open(f"/cases/{story.number}/received")
    assert (await story.row())["query_code"] in page.text
    assert "收件凭证正在生成" in page.text  # no worker runs here
    assert ("a", "n") in {(tag, values.get("accesskey")) for tag, values in page.elements}
    again = await browser.http.get(f"/cases/{story.number}/received", headers={"HX-Request": "true"})
    assert "<html" not in again.text
    async with reading() as connection:
        await connection.execute(
            "INSERT INTO papers (id, document_id, object_key, object_version, digest, size, pages, bilingual,"
            " rendered_at, retain_until) SELECT uuidv7(), id, 'k', 'v', repeat('0', 64), 1, 1, false, now(), now()"
            " FROM documents WHERE code = 'D01'"
        )
    made = await browser.http.get(f"/cases/{story.number}/received", headers={"HX-Request": "true"})
    assert "/documents/" in made.text
    assert (await (await at_desk("approver")).open("/cases/460000260101000001/received")).answer.status_code == 404


async def test_a_question_at_the_desk_becomes_a_slip_and_then_a_case(at_desk: At) -> None:
    guide = await at_desk("guide")
    assert "还没有咨询记录" in (await guide.open("/consultations")).text
    found = await guide.open("/consultations/new?text=spjy")
    form = found.form("/consultations/new")
    shown: httpx.Response = await guide.http.post(
        "/consultations/preview", data=dict(form.fields) | {"lacking": "M03"}, follow_redirects=True
    )
    assert shown.content.startswith(b"%PDF")
    kept = await guide.send(form, lacking=["M03", "M05"], gaps__M03__defect="没有标注尺寸", contact="13800001234")
    assert kept.answer.url.path.startswith("/consultations/")
    for words in ("没有标注尺寸", "未提供", "告知单正在生成", "转为办件"):
        assert words in kept.text, words
    assert "13800001234" not in kept.html
    wrong = await guide.send(form, lacking=["M03"], gaps__M03__defect="", question="要什么？")
    assert wrong.answer.status_code == 422
    assert wrong.form("/consultations/new").value("question") == "要什么？"
    listed = await guide.open("/consultations?waiting=1")
    assert "M03 M05" in listed.text
    address = next(values["href"] for tag, values in listed.elements if "consultation=" in values.get("href", ""))
    clerk = await at_desk("clerk")
    opened = await clerk.send((await clerk.open(address)).form("/cases/new"), **FIRM)
    assert "办件已登记" in opened.text
    assert "没有标注尺寸" in opened.text
    assert "还没有咨询记录" in (await clerk.open("/consultations?waiting=1")).text
    assert (await (await at_desk("approver")).open("/consultations")).answer.status_code == 403
