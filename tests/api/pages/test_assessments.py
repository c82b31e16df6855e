"""Assessing a contractor by buttons, without scripts: three people and the contractor's director."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from tests.api.hall import Clock
from tests.api.pages.browser import Browser
from tests.factories import Story
from tests.people import also

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
DEAL: dict[str, str | list[str]] = {
    "hall": "hall", "contractor": "<b>示例</b>公司", "number": "HK-1", "first_year": "2026", "years": "3",
    "price": "11265500",
}  # fmt: skip


@pytest.fixture
async def month(at_desk: At, clock: Clock) -> tuple[Browser, str, str]:
    """The assessor's browser, the address of a contract and that of the month that was opened under it."""
    clock.now = datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
    await also("government_head", "reviewer", "460100")
    await also("supervisor", "approver", "460100")
    assessor = await at_desk("assessor")
    assert "还没有考核表" in (await assessor.open("/assessments")).text
    page = await assessor.send((await assessor.open("/contracts/new")).form("/contracts/new"), **DEAL | {"price": "x"})
    assert page.answer.status_code == 422
    assert page.form("/contracts/new").value("number") == "HK-1"
    page = await assessor.send(page.form("/contracts/new"), **DEAL)
    assert "1,126,550.00元" in page.text
    assert "<b>" not in page.html.partition("</header>")[2]
    contract = str(page.answer.url)
    key = contract.rpartition("/")[2]
    page = await assessor.send(
        (await assessor.open("/assessments")).form("/assessments"), contract=key, month="2026-04"
    )
    assert "尚未结束" in page.text
    page = await assessor.send(page.form("/assessments"), contract=key, month="2026-03")
    return assessor, contract, str(page.answer.url)


async def test_a_month_is_scored_by_buttons(case_in: Bring, clock: Clock, month: tuple[Browser, str, str]) -> None:
    assessor, _, address = month
    case = await case_in("DELIVERED")
    clock.now = datetime(2026, 4, 1, 1, 40, tzinfo=UTC)
    page = await assessor.send((await assessor.open(address)).form("/steps/search"))
    for told in ("系统发现，待确认", case.number, "没有扫描件", "没有邀请评价", "2026年2月运行报告"):
        assert told in page.text
    proposals = [form for form in page.forms if form.action.endswith("/confirm")]
    assert len(proposals) == 3
    for form in proposals[:2]:
        page = await assessor.send(form)
    refusing = page.form("/reject")
    page = await assessor.send(refusing, reason="")
    assert "请说明理由" in page.text
    page = await assessor.send(next(form for form in page.forms if form.action == refusing.action), reason="未启用")
    assert "系统发现，待确认" not in page.text
    given = {"item": "3-12", "times": "1", "evidence": "巡查照片"}
    page = await assessor.send(page.form("/steps/enter"), **given, links=f"{case.number}#1")
    assert "巡查照片" in page.text
    page = await assessor.send(page.form("/steps/enter"), **given, links="460100#1")
    assert "不属于本大厅" in page.text
    assert page.form("/steps/enter").value("evidence") == "巡查照片"
    page = await assessor.open(f"{address}?clues=3-42")
    assert "本月没有这样的办件" in page.text
    entry = next(values["id"] for tag, values in page.elements if values.get("id", "").startswith("entry-"))
    page = await assessor.open(f"{address}?entry={entry.removeprefix('entry-')}")
    assert "case:receive" in page.text


async def test_three_people_and_the_director_act_by_buttons(at_desk: At, month: tuple[Browser, str, str]) -> None:
    assessor, contract, address = month
    director, reviewer, approver = [
        await at_desk(login) for login in ("project_director", "government_head", "supervisor")
    ]
    page = await assessor.send((await assessor.open(address)).form("/steps/search"))
    await assessor.send(page.form("/confirm"))
    page = await director.open(address)
    assert not [form for form in page.forms if "/steps/" in form.action]
    await director.send(page.form("/object"), text="已说明")
    page = await assessor.send((await assessor.open(address)).form("/steps/submit"))
    assert "条异议未答复" in page.text
    page = await assessor.send(page.form("/answer"), text="维持")
    await assessor.send(page.form("/steps/submit"))
    await reviewer.send((await reviewer.open(address)).form("/steps/review"))
    page = await approver.send((await approver.open(address)).form("/steps/return"), reason="再核")
    assert "考核中" in page.text
    await assessor.send((await assessor.open(address)).form("/steps/submit"))
    await reviewer.send((await reviewer.open(address)).form("/steps/review"))
    page = await approver.send((await approver.open(address)).form("/steps/approve"))
    assert "已批准" in page.text
    page = await assessor.send((await assessor.open(address)).form("/steps/correct"), reason="次数有误")
    assert "第2版" in page.text
    page = await director.open(f"{contract}?year=2026")
    page = await director.send(page.form("/reports"), month="2026-03", text="三月运行报告")
    assert "三月运行报告" in page.text
    page = await assessor.send((await assessor.open(contract)).form("/certificates"), short="1", evidence="名册")
    assert "5,632.75元" in page.text
    page = await (await at_desk("clerk")).open("/assessments")
    assert page.answer.status_code == 403
