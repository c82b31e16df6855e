"""Opening a case from the pages, and the applicant who asks where it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from storage.db import reading
from tests.api.pages.browser import Browser
from tests.factories import FOOD, Story, table_counts

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
    assert "没有找到名称中含有该文字的事项" in (await browser.open("/cases/new?text=没有这样的事项")).text


async def test_an_applicant_asks_with_the_code_on_the_receipt(at_desk: At, case_in: Bring) -> None:
    story = await case_in("ACCEPTED")
    row = await story.row()
    browser = await at_desk()
    for page in (
        await browser.open(f"/status/{row['query_code']}"),
        await browser.open(f"/status?code=%20{row['query_code'].lower()}"),
    ):
        assert "已受理" in page.text
        assert FOOD.name in page.text
        assert "承诺办理期限，2026年3月9日截止" in page.text
        assert row["applicant"]["name"] not in page.text
    await browser.open("/language/en")
    page = await browser.open(f"/status/{row['query_code']}")
    for words in (FOOD.name_en, "Sample City Market Regulation Bureau", "Promised time limit, until 2026-03-09"):
        assert words in page.text
    await browser.open("/language/zh")
    page = await browser.open("/status?code=AAAAAAAAAAAA")
    assert page.answer.status_code == 404
    assert "没有找到该查询码" in page.text
    assert page.form("/status").value("code") == "AAAAAAAAAAAA"
