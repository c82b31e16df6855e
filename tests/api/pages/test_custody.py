"""Papers in a browser: a batch is packed by scanning receipts, sent, counted, settled; originals are handed back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.api.hall import Clock
from tests.api.pages.browser import Browser, Page
from tests.factories import Story, firm

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


def usable(page: Page) -> None:
    """One heading, no address twice, every field with a name that a reader can hear."""
    assert [tag for tag, _ in page.elements].count("h1") == 1
    ids = [values["id"] for _, values in page.elements if "id" in values]
    assert len(ids) == len(set(ids))
    for tag, values in page.elements:
        if tag in {"input", "select", "textarea"} and values.get("type") != "hidden":
            labelled = values.get("id") in page.labelled or "inside-label" in values or values.get("aria-label")
            assert labelled, values


async def test_a_batch_goes_from_the_window_to_the_department_by_buttons(
    at_desk: At, case_in: Bring, clock: Clock
) -> None:
    first, second = await case_in("REVIEW"), await case_in("ACCEPTED", who=firm(2))
    query_code = (await second.row())["query_code"]
    clerk, officer, supervisor = await at_desk("clerk"), await at_desk("officer"), await at_desk("supervisor")
    page = await clerk.open("/papers/new")
    usable(page)
    form = page.form("/papers/new")
    page = await clerk.send(form, to="health", cases=first.number, seal="F-000123", pieces="4")
    assert page.answer.status_code == 409
    assert "不承办办件" in page.text
    assert page.form("/papers/new").value("seal") == "F-000123"
    scanned = f"{first.number}\n\nhttp://hall.test/status/{query_code} M01，M05\n"
    page = await clerk.send(page.form("/papers/new"), to="amr", cases=scanned, pieces="9")
    assert "清单合计6份" in page.text
    page = await clerk.send(page.form("/papers/new"), pieces="6")
    assert "已封装" in page.text, page.text
    usable(page)
    code = str(page.answer.url).rpartition("/")[2]
    page = await clerk.send(page.form("/steps/send"))
    assert "已办：发出" in page.text
    page = await officer.open(f"/papers?code={code.lower()}")
    usable(page)
    page = await officer.send(page.form("/steps/receive"), pieces="5")
    assert page.answer.status_code == 409
    assert "请逐行登记差异" in page.text
    typed = {f"found__{first.number}__M01__originals": "0", f"found__{first.number}__M01__sheets": "0"}
    page = await officer.send(page.form("/steps/receive"), pieces="5", **typed)
    assert "已签收，有差异" in page.text, page.text
    page = await clerk.open(f"/papers/{code}")
    usable(page)
    settling = next(form for form in page.forms if "/discrepancies/" in form.action)
    page = await clerk.send(settling, outcome="lost", word="找不到了。")
    assert "须由监察督办员或大厅主管认定" in page.text
    page = await supervisor.open(f"/papers/{code}")
    settling = next(form for form in page.forms if "/discrepancies/" in form.action)
    page = await supervisor.send(settling, outcome="left_behind", word="在窗口抽屉中找到。")
    assert "差异已处理" in page.text
    for language in ("en", "zh"):
        await clerk.open(f"/language/{language}")
        for address in ("/papers", "/papers?all=1", f"/papers/{code}", f"/cases/{first.number}", "/papers?code=1"):
            page = await clerk.open(address)
            usable(page)
        assert page.answer.status_code == 422
    page = await clerk.open(f"/cases/{first.number}")
    assert "在示例市市场监督管理局" in page.text
    assert "纸质材料签收" in page.text
    assert (await (await at_desk("officer.health")).open(f"/papers/{code}")).answer.status_code == 404


async def test_originals_are_handed_back_from_the_page_of_the_case(at_desk: At, case_in: Bring) -> None:
    story = await case_in("WITHDRAWN")
    clerk = await at_desk("clerk")
    page = await clerk.open("/papers")
    assert "待退原件" in page.text
    assert story.number in page.text
    page = await clerk.open(f"/cases/{story.number}")
    typed = {
        "recipient__name": "示例领取人",
        "recipient__id_number": "11010519491231002X",
        "lines__M03__originals": "0",
    }
    page = await clerk.send(page.form("/paper/returns"), **typed)
    assert page.answer.status_code == 409
    assert "在移交单上签字" in page.text
    usable(page)
    form = page.form("/paper/returns")
    assert form.value("recipient.name") == "示例领取人"
    page = await clerk.send(form, signed="on")
    assert "已退还申请人" in page.text, page.text
    assert "退还原件" in page.text
    page = await clerk.send(page.form("/paper/returns"), **typed | {"lines__M03__originals": "1"}, signed="on")
    assert not [form for form in page.forms if form.action.endswith("/paper/returns#paper")]
    assert "待退原件" not in (await clerk.open("/papers")).text
