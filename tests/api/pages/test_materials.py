"""Materials from the page of a case, without scripts: the missing check, what could stand in for paper, the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from engine.evidence import judge_scan
from tests.api.pages.browser import Browser
from tests.engine.test_checklist import PREMISES
from tests.engine.test_evidence import upload
from tests.factories import FOOD, Story, complete, firm, publish
from tests.storage.hostile_files import pdf
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_a_clerk_checks_spares_and_changes_answers_from_the_page(at_desk: At, case_in: Bring) -> None:
    first = await case_in("NEW", who=firm(1))
    await first.file_scans("M01", "M03", "M04")
    kept = await upload(first, "clerk", "M05", pdf(), "健康证.pdf")
    await judge_scan(first.context, UUID(kept["scan"]), lambda: first.now)
    counts = [row | {"checked": row["line"] != "M05"} for row in complete(FOOD)]
    await first.go("clerk", Act.RECEIVE, materials=counts)
    browser = await at_desk("clerk")
    page = await browser.open(f"/cases/{first.number}")
    assert "受理前须与原件核对" in page.text
    form = page.form("/materials/M05/checks")
    page = await browser.send(form, passed="no")
    assert "请写明不符之处" in page.text
    page = await browser.send(page.form("/materials/M05/checks"), passed="yes")
    assert "已登记。" in page.text
    assert "经与原件核对无误" in page.text
    assert "核验材料" in page.text

    second = await case_in("NEW", who=firm(1))
    page = await browser.open(f"/cases/{second.number}/materials/M05/offers")
    assert "此前核验过的材料" in page.text
    assert first.number not in page.html
    page = await browser.send(page.form("/materials/M05/reuse"))
    assert "须先征得申请人同意" in page.text
    page = await browser.send(page.form("/materials/M05/reuse"), given="on")
    assert "免提交：从业人员健康证明（示例餐饮1有限公司同意）" in page.text
    page = await browser.send(page.form("/materials/M05/reuse/end"), reason="申请人撤回同意。")
    assert "终止免提交" in page.text
    page = await browser.send(page.form("/situation"), situation=["agent"])
    assert "授权委托书" in page.text
    assert "更改情形" in page.text
    page = await browser.send(page.form("/situation"), situation=["agent"])
    assert "情形没有变化" in page.text
    await browser.http.post("/language", data={"language": "en"})
    page = await browser.open(f"/cases/{second.number}/materials/M03/offers")
    assert page.answer.status_code == 200


async def test_an_enumerated_question_is_chosen_at_opening_and_shown_on_the_case(at_desk: At) -> None:
    item = await publish(FOOD, situations=(*FOOD.situations, PREMISES))
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/new?item={item.code}")).form("/cases/new")
    person = {"kind": "person", "name": "示例一", "id_kind": "resident_id", "id_number": "11010519491231002X"}
    page = await browser.send(form, **person)
    assert "须选择一项" in page.text
    page = await browser.send(page.form("/cases/new"), situation=["rented"])
    assert "经营场所如何取得？ 租赁" in page.text
