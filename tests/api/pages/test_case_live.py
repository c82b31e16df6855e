"""The page of a case while it is open: what others did meanwhile, forms that hold a proposal, parts of the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from tests.api.hall import PDF, Clock
from tests.api.pages.browser import Browser, Page
from tests.factories import FOOD, START, Story, complete, firm
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
PART = {"HX-Request": "true"}


async def test_a_page_that_is_open_is_told_what_others_did(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    clerk = await at_desk("clerk")
    page = await clerk.open(f"/cases/{story.number}")
    news = next(values["hx-get"] for tag, values in page.elements if values.get("id") == "case-news")
    assert "更新了此办件" not in page.text
    await clerk.send(page.form("/actions/correct_on_spot"), note="补了签名")
    assert "更新了此办件" not in (await clerk.http.get(news, headers=PART)).text  # their own act
    await story.go("officer", Act.CORRECT_ON_SPOT, note="改了错字")
    told = (await clerk.http.get(news, headers=PART)).text
    assert "更新了此办件" in told
    assert "当场更正" in told
    assert "<html" not in told
    assert (await clerk.open(news)).answer.url.path == f"/cases/{story.number}"
    assert (await (await at_desk("officer.hrss")).http.get(news, headers=PART)).status_code == 404


async def test_an_act_tells_what_it_changed(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    clerk = await at_desk("clerk")
    page = await clerk.send((await clerk.open(f"/cases/{story.number}")).form("/actions/accept"))
    done = next(values for tag, values in page.elements if values.get("class") == "done")
    assert "autofocus" in done
    assert "已完成：受理 已收件 → 已受理 出具： 受理通知书" in page.text
    marked = [values["value"] for tag, values in page.elements if values.get("class") == "new"]
    assert marked == [str(len(await story.events()))]  # the act alone


async def test_a_notice_is_proposed_and_a_row_of_it_left_out(at_desk: At, case_in: Bring) -> None:
    story = await case_in("NEW")
    await story.file_scans("M01", "M03", "M04", "M05")
    counts = [row for row in complete(FOOD) if row["line"] not in {"M04", "M05"}]
    await story.go("clerk", Act.RECEIVE, materials=counts)
    officer = await at_desk("officer")
    form = (await officer.open(f"/cases/{story.number}")).form("/actions/give_notice")
    assert [form.value(f"lines.{row}.material") for row in (1, 2, 3)] == ["M04", "M05", ""]
    assert form.value("lines.1.defect").startswith("缺")
    page = await officer.send(form, lines__2__drop="on", lines__1__requirement="")
    assert "没有办成：补正告知" in page.text
    form = page.form("/actions/give_notice")
    assert "lines.2.drop" in dict(form.fields)
    page = await officer.send(form, lines__1__requirement="请补交", lines__2__drop="")
    assert "已完成：补正告知" in page.text
    assert [values for tag, values in page.elements if values.get("id") == "notice"]


async def test_the_counts_of_a_receipt_are_proposed_from_the_scans(at_desk: At, case_in: Bring) -> None:
    story = await case_in("NEW")
    await story.file_scans("M01")
    form = (await (await at_desk("clerk")).open(f"/cases/{story.number}")).form("/actions/receive")
    assert (form.value("materials.M01.originals"), form.value("materials.M01.pages")) == ("1", "1")
    assert form.value("materials.M02.exempt") == "e_cert"
    assert form.value("materials.M03.originals") == ""
    assert "materials.M01.checked" not in dict(form.fields)  # nobody has looked yet


async def test_the_scans_of_a_line_are_a_part_of_their_own(at_desk: At, case_in: Bring) -> None:
    story = await case_in("NEW")
    clerk = await at_desk("clerk")
    form = (await clerk.open(f"/cases/{story.number}")).form("/materials/M01/scans")

    async def send(name: str, content: bytes) -> Page:
        files = {"file": (name, content)}
        return Page(await clerk.http.post(form.action, data=dict(form.fields), files=files, headers=PART))

    part = await send("申请书.pdf", PDF)
    assert "<html" not in part.html
    assert "申请书.pdf 正在核验" in part.text
    assert 'hx-trigger="every 2s"' in part.html
    assert [values["id"] for _, values in part.elements if "hx-swap-oob" in values] == ["standing-M01"]
    refused = await send("空.pdf", b"")
    assert refused.answer.status_code == 422
    assert "没有办成：上传" in refused.text
    assert "申请书.pdf" in refused.text
    looked = await clerk.http.get(form.action, headers=PART)
    assert "申请书.pdf" in looked.text
    assert (await clerk.open(form.action)).answer.url.path == f"/cases/{story.number}"
    nowhere = f"/cases/{story.number}/materials/M99/scans"
    assert (await clerk.http.get(nowhere, headers=PART)).status_code == 404


async def test_the_queue_counts_and_shows_what_presses(at_desk: At, case_in: Bring, clock: Clock) -> None:
    late = await case_in("RECEIVED")
    fresh = await case_in("RECEIVED", who=firm(2), at=START + timedelta(days=7))
    clock.now = START + timedelta(days=8)
    clerk = await at_desk("clerk")
    page = await clerk.open("/")
    assert "红牌（已超期） 1 黄牌 0 提醒 0" in page.text
    assert "补正告知期限" in page.text
    red = await clerk.open("/?light=red")
    assert late.number in red.text
    assert fresh.number not in red.text
    assert late.number not in (await clerk.open("/?light=amber")).text
    assert "没有这种期限状态的办件" in (await clerk.open("/?light=yellow")).text
    assert late.number in (await clerk.open("/cases?light=red")).text
    part = await clerk.http.get("/?light=red", headers=PART)
    assert part.text.lstrip().startswith('<div id="tasks"')
    assert "没有这种期限状态" in (await clerk.open("/?light=blue")).text
