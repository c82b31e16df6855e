"""The page of a case: every section, acting by its buttons, and refusals beside the form that lose nothing."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from litestar import Litestar

from api.state import context_of
from tests.api.hall import PDF, Clock
from tests.api.pages.browser import Browser
from tests.factories import FOOD, OPINION, Story, complete, person
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
RAW = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


async def test_a_case_shows_every_section(at_desk: At, case_in: Bring) -> None:
    story = await case_in("CORRECTION", who=person(3))
    page = await (await at_desk("clerk")).open(f"/cases/{story.number}")
    row = await story.row()
    for expected in (
        story.number, row["query_code"], "待补正", FOOD.name, FOOD.code, "示例3", "460***********", "138****1234",
        "材料", "应交：原件 1 份", "已收：原件 1 份", "登记“办不成事”", "扫描件.pdf", "已核验存档", "下载原文件",
        "补正告知", "未提交", "提交原件", "待补正",
        "申请人补正期限 · 计时中", "补正告知期限 · 已停止", "默认30日",
        "收件凭证", "补正告知书",
        "登记办件", "收件登记 已登记 → 已收件", "补正告知 已收件 → 待补正", "2026年3月2日 09:30", "综合窗口受理员",
        "承办人", "可以办理", "接收补正材料", "暂不能办理及原因", "告知项第 1 项尚未补正", "行政许可法32(1)(5)",
    ):  # fmt: skip
        assert expected in page.text, expected
    assert re.search(r'<img src="/api/v1/scans/[^"]+/pages/1\?size=thumbnail&amp;until=[^"]+" alt="M01', page.html)
    assert re.search(rf'<a href="/cases/{story.number}/scans/[^"]+/pages/1"', page.html)


async def test_a_case_goes_from_receipt_to_delivery_by_buttons(at_desk: At, case_in: Bring, clock: Clock) -> None:
    story = await case_in("NEW")
    await story.file_scans()
    counts = {
        f"materials__{row['line']}__{part}": str(value)
        for row in complete(FOOD)
        for part, value in row.items()
        if part != "line"
    }
    opinion = {"opinion": OPINION}
    recipient = {
        "recipient__name": "示例领取人",
        "recipient__id_kind": "resident_id",
        "recipient__id_number": "11010519491231002x",
    }
    steps = [
        ("clerk", "receive", counts), ("clerk", "accept", {}), ("clerk", "dispatch", {}), ("officer", "sign_in", {}),
        ("officer", "submit_review", {**opinion, "proposal": "grant"}), ("approver", "grant", opinion),
        ("issuer", "make_certificate", {}), ("issuer", "mark_ready", {"shelf": "A-1"}),
        ("issuer", "deliver", recipient), ("archivist", "archive", {}),
    ]  # fmt: skip
    for login, action, typed in steps:
        clock.advance(minutes=5)
        browser = await at_desk(login)
        page = await browser.open(f"/cases/{story.number}")
        page = await browser.send(page.form(f"/actions/{action}"), **typed)
        assert page.answer.status_code == 200, page.text
        assert "已完成：" in page.text, (action, page.text)
    assert (await story.row())["state"] == "ARCHIVED"
    assert "示例领取人（本人）" in page.text
    assert "承办意见 材料齐全，符合法定条件。" in page.text


async def test_a_refusal_stands_beside_the_form_and_keeps_what_was_typed(at_desk: At, case_in: Bring) -> None:
    story = await case_in("READY")
    browser = await at_desk("issuer")
    page = await browser.open(f"/cases/{story.number}")
    typed = {
        "recipient__name": "示例领取人",
        "recipient__relation": "agent",
        "recipient__id_kind": "resident_id",
        "recipient__id_number": "110105194912310021",
    }
    page = await browser.send(page.form("/actions/deliver"), **typed)
    assert page.answer.status_code == 422
    assert "没有办成：送达" in page.text
    assert "校验位不符" in page.text
    assert "GB 11643" in page.text
    form = page.form("/actions/deliver")
    for name, value in typed.items():
        assert form.value(name.replace("__", ".")) == value
    assert (await story.row())["state"] == "READY"
    page = await browser.send(form, recipient__id_number="11010519491231002X", mandate="on")
    assert (await story.row())["state"] == "DELIVERED"


async def test_more_rows_of_a_notice_keep_the_rows_before(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser = await at_desk("officer")
    form = (await browser.open(f"/cases/{story.number}")).form("/actions/give_notice")
    assert "lines.4.defect" not in form.names
    typed = {"lines__1__material": "M03", "lines__1__defect": "缺少比例尺", "lines__3__material": "M04"}
    form = (await browser.send(form, more="lines", **typed)).form("/actions/give_notice")
    assert form.value("lines.1.defect") == "缺少比例尺"
    assert form.value("lines.3.material") == "M04"
    assert "lines.6.defect" in form.names
    page = await browser.send(form, lines__1__requirement="补充比例尺", lines__1__basis="办法第12条")
    assert page.answer.status_code == 422
    form = page.form("/actions/give_notice")
    page = await browser.send(form, lines__3__material="")
    assert "已完成：补正告知" in page.text
    assert "缺少比例尺" in page.text


async def test_only_open_lines_of_the_notice_are_offered(at_desk: At, case_in: Bring) -> None:
    story = await case_in("CORRECTION")
    browser = await at_desk("clerk")
    page = await browser.open(f"/cases/{story.number}")
    page = await browser.send(page.form("/actions/supply"), lines=["1"])
    assert "已补齐" in page.text
    assert "lines" not in page.form("/actions/supply").names


async def test_the_second_of_two_clerks_is_told_and_loses_nothing(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/{story.number}")).form("/actions/correct_on_spot")
    await story.go("officer", Act.CORRECT_ON_SPOT, note="改了错字")
    page = await browser.send(form, note="更正了申请书日期")
    assert page.answer.status_code == 412
    assert "办件已被他人更新" in page.text
    assert "改了错字" in page.text
    form = page.form("/actions/correct_on_spot")
    assert form.value("note") == "更正了申请书日期"
    assert "已完成：当场更正" in (await browser.send(form)).text


async def test_what_was_typed_is_shown_even_when_its_form_is_gone(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/{story.number}")).form("/actions/escalate")
    await story.go("officer", Act.ACCEPT)
    page = await browser.send(form, reason="不属于本机关职权", article="行政许可法32(1)(2)")
    assert page.answer.status_code == 412
    assert "办件已被他人更新" in page.text
    for words in (
        "没有办成：报部门（拟不予受理）",
        "您填写的内容（没有写入）",
        "不属于本机关职权",
        "行政许可法32(1)(2)",
    ):
        assert words in page.text


async def test_a_form_sent_twice_is_done_once(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/{story.number}")).form("/actions/accept")
    for _ in range(2):
        assert "已完成：受理" in (await browser.send(form)).text
    assert (await story.events()).count("accept") == 1


async def test_a_form_without_its_token_is_refused(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser, other = await at_desk("clerk"), await at_desk("clerk")
    form = (await browser.open(f"/cases/{story.number}")).form("/actions/accept")
    strange = (await other.open(f"/cases/{story.number}")).form("/actions/accept")
    for token in ("", "wrong", strange.value("csrf_token")):
        page = await browser.send(form, csrf_token=token)
        assert page.answer.status_code == 403
        assert "表单已失效" in page.text
    page = await browser.open(f"/cases/{story.number}")
    upload = page.form("/materials/M03/scans")
    upload.fields = [(name, "" if name == "csrf_token" else value) for name, value in upload.fields]
    assert (await browser.upload(upload, "scan.pdf", PDF)).answer.status_code == 403
    assert (await story.row())["state"] == "RECEIVED"


async def test_what_a_role_may_not_do_is_barred_with_the_reason(at_desk: At, case_in: Bring) -> None:
    story = await case_in("VERIFY")
    browser = await at_desk("officer")
    page = await browser.open(f"/cases/{story.number}")
    leading = page.html.partition('id="further"')[0]
    assert "/actions/" not in leading
    assert "当前没有您可以办理的操作" in leading
    assert "准予许可 您的岗位不能进行此操作，应由批准人办理。" in page.text
    token = page.form("/sign-out").value("csrf_token")
    answer = await browser.http.post(
        f"/cases/{story.number}/actions/grant", data={"csrf_token": token, "version": "6", "opinion": "同意"}
    )
    assert answer.status_code == 403
    assert "应由批准人办理" in answer.text


async def test_a_scan_is_uploaded_from_the_page_and_a_bad_one_is_refused(at_desk: At, case_in: Bring) -> None:
    story = await case_in("NEW")
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/{story.number}")).form("/materials/M01/scans")
    page = await browser.upload(form, "申请书.pdf", PDF)
    assert "已收到扫描件" in page.text
    assert "申请书.pdf 正在核验" in page.text
    form = page.form("/materials/M03/scans")
    page = await browser.upload(form, "空白.pdf", b"")
    assert page.answer.status_code == 422
    assert "没有办成：上传" in page.text
    assert "空白.pdf" not in page.text
    page = await browser.upload(page.form("/materials/M03/scans"), "布局图.pdf", b"\xff\xd8\xff\xe0 no PDF")
    assert page.answer.status_code == 415
    assert (await story.events()).count("received") == 1


async def test_no_upload_where_none_is_allowed(at_desk: At, case_in: Bring) -> None:
    story = await case_in("VERIFY")
    page = await (await at_desk("approver")).open(f"/cases/{story.number}")
    assert "您的岗位不能上传材料" in page.text
    assert 'type="file"' not in page.html


async def test_a_file_over_the_limit_is_refused(at_desk: At, case_in: Bring, app: Litestar) -> None:
    story = await case_in("NEW")
    browser = await at_desk("clerk")
    form = (await browser.open(f"/cases/{story.number}")).form("/materials/M01/scans")
    size = context_of(app).settings.upload_max_bytes + 70_000
    answer = await browser.http.post(
        form.action.partition("#")[0],
        content=b"",
        headers={"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(size)},
    )
    assert answer.status_code == 413
    assert "文件超过 50 MB" in answer.text


async def test_html_in_every_field_stays_text(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED", who=person(5))
    browser = await at_desk("officer")
    page = await browser.open(f"/cases/{story.number}")
    parts = ("defect", "requirement", "basis", "how_to_obtain")
    typed = {f"lines__1__{part}": RAW for part in parts} | {"lines__1__material": "M03"}
    page = await browser.send(page.form("/actions/give_notice"), **typed)
    assert "已完成" in page.text
    assert page.text.count(RAW) >= 5
    clerk = await at_desk("clerk")
    page = await clerk.open(f"/cases/{story.number}")
    page = await clerk.send(page.form("/actions/escalate"), reason=f"</textarea>{RAW}", article=RAW)
    refused = await clerk.send((await clerk.open("/sign-in?next=/")).form("/sign-in"), login=RAW, password=RAW)
    for shown in (page, refused, await clerk.open(f"/status/{RAW[:30].replace('/', '')}")):
        assert not re.search(r"<script>|<img src=x", shown.html)
        assert not [values for tag, values in shown.elements if "onerror" in values]
        assert "49" not in re.findall(r"\"'&amp;(\S\S)", shown.html)
