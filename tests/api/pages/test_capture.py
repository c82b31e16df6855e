"""Capture in the browser: files by the pile, unsorted pages assigned by hand, pages of a case put in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Litestar

from tests.api.hall import Caller, Clock
from tests.api.pages.browser import Browser
from tests.api.paper import Desk, leaf, pdf, sheets

At = Callable[..., Awaitable[Browser]]


async def test_a_clerk_sorts_a_pile_and_puts_pages_in_order_by_keyboard_alone(
    at_desk: At, app: Litestar, clock: Clock, clerk: Caller
) -> None:
    number, desk = await clerk.open_case(), Desk(app, clock, clerk)
    pile = [leaf(1), leaf(2), (await sheets(clerk, number, "M01"))[0], leaf(3), leaf(4), leaf(5)]
    browser = await at_desk("clerk")
    page = await browser.open("/capture")
    assert "批量扫描" in page.text
    assert any(values.get("capture") == "environment" for tag, values in page.elements if tag == "input")
    files = [("file", ("一叠.pdf", pdf(pile))), ("file", ("坏.exe", b"MZ" + bytes(99))), ("file", ("", b""))]
    form = page.form("/capture")
    sent = await browser.http.post(
        "/capture", data={"csrf_token": form.value("csrf_token"), "name": "早班"}, files=files
    )
    assert sent.status_code == 303, sent.text
    address = sent.headers["location"]
    page = await browser.open(address)
    assert "已检验 1 / 2 个文件" in page.text
    assert 'http-equiv="refresh"' in page.html
    await desk.work()
    page = await browser.open(address)
    assert "已分拣：3页归入材料，2页待分拣，1张分隔页" in page.text
    assert 'http-equiv="refresh"' not in page.html
    assert "不接受这种类型的文件" in page.text
    assert "前面没有分隔页" in page.text
    boxes = [values["value"] for tag, values in page.elements if tag == "input" and values.get("name") == "page"]
    assert len(boxes) == 2
    refused = await browser.send(page.form("/pages"), do="place", case=number, line="M01")
    assert refused.answer.status_code == 422
    assert "请先勾选页面" in refused.text
    wrong = await browser.send(page.form("/pages"), do="place", case=number, line="M99", page=boxes[0])
    assert wrong.answer.status_code == 409
    assert wrong.form("/pages").value("line") == "M99"
    page = await browser.send(page.form("/pages"), do="place", case=number, line="m03", page=boxes[0])
    page = await browser.send(page.form("/pages"), do="discard", page=boxes[1])
    assert "没有待分拣的页面" in page.text
    again = next(form for form in page.forms if ("do", "take_up") in form.fields or "do" in form.names)
    page = await browser.send(again, do="take_up", page=boxes[1])
    assert "前面没有分隔页" in page.text
    await _put_in_order(browser, desk, number)
    assert "从办件" in (await browser.open(address)).text


async def _put_in_order(browser: Browser, desk: Desk, number: str) -> None:
    page = await browser.open(f"/cases/{number}/arrange")
    lines = {line: [place for _, place in pages] for line, pages in (await desk.pages(number)).items()}
    assert lines == {"M01": [4, 5, 6], "M03": [1]}
    boxes = [values["value"] for tag, values in page.elements if tag == "input" and values.get("name") == "page"]
    page = await browser.send(page.form("/arrange"), do="move", page=boxes[2], to_line="M01", position="1")
    assert "已调整1页" in page.text
    page = await browser.send(page.form("/arrange"), do="right", page=boxes[0])
    assert "已旋转90°" in page.text
    page = await browser.send(page.form("/arrange"), do="remove", page=boxes[1])
    assert [place for _, place in (await desk.pages(number))["M01"]] == [6, 4]
    stale = await browser.send(page.form("/arrange"), do="remove", page=boxes[0], seen="0")
    assert stale.answer.status_code == 412
    assert "已有人调整了页面顺序" in stale.text
    back = [form for form in page.forms if form.action.endswith("/arrange")][1]
    page = await browser.send(back, do="put_back", page=boxes[1])
    assert [place for _, place in (await desk.pages(number))["M01"]] == [6, 4, 5]
    await browser.send(page.form("/arrange"), do="return", page=boxes[1])
    events = (await browser.open(f"/cases/{number}")).text
    assert "扫描页归入材料" in events
    assert "调整扫描页" in events
