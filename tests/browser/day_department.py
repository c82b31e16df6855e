"""The department's part of the day: what the window brought, a special procedure, an extension, decisions."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.day import Day, begin, in_bulk, open_number, send, serve
from tests.browser.keyboard import Keyboard

GRANT, DENY = "材料齐全，符合法定条件，拟准予。", "经营场所不符合法定条件，拟不予许可。"


def tell_once(day: Day) -> None:
    """What is missing, told all at once; the rows are proposed."""
    desk = day.at("officer")
    desk.start()
    open_number(desk, day.cases["noticed"])
    begin(desk, "give_notice")
    desk.at("[name='lines.1.material']")
    assert desk.page.input_value("[name='lines.1.material']") == "M03"
    desk.press("Tab", "Control+a")
    desk.type("未提交设备布局与操作流程图")
    assert "补正告知" in send(desk)
    day.tell("a one-time notice", desk)


def tolerate(day: Day) -> None:
    """Accepted although something deferrable is missing: the applicant has promised and signed."""
    desk = day.at("officer")
    open_number(desk, day.cases["tolerated"])
    begin(desk, "accept_with_tolerance")
    desk.press("Space")
    desk.tick("[name=credit_checked]")
    assert "容缺" in send(desk)


def accept(day: Day, *names: str) -> None:
    """Accepted one by one, on the page of the case."""
    desk = day.at("officer")
    for name in names:
        open_number(desk, day.cases[name])
        begin(desk, "accept")
        desk.at("main .done")
        assert "受理" in desk.page.inner_text("main .done")


def sign_in(day: Day) -> None:
    """Everything that was handed over, at once."""
    desk = day.at("officer")
    desk.start()
    desk.press("Alt+6")
    desk.page.wait_for_url("**/department")
    in_bulk(desk, list(day.cases.values()), "sign_in")
    day.tell("four cases signed in", desk)


def have_it_tested(day: Day) -> None:
    """A test outside the hall: told in writing, served, begun; its time is left out; ended."""
    desk = day.at("officer")
    open_number(desk, day.cases["standard"])
    begin(desk, "tell_special")
    desk.choose("#tell_special-kind", "testing")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    for name, planned in (("planned_start", today), ("planned_end", today + timedelta(days=7))):
        desk.to(f"#tell_special-{name}")
        desk.type(f"{planned:%m%d%Y}")
        assert desk.page.input_value(f"#tell_special-{name}") == planned.isoformat()
    desk.to("#tell_special-reason")
    desk.type("须对空气和用具抽样检测。")
    assert "特别程序" in send(desk)
    serve(desk, "特别程序", "示例王")
    begin(desk, "start_special")
    desk.choose("#start_special-kind", "testing")
    desk.to("#start_special-institution")
    desk.type("示例检测中心")
    assert "特别程序" in send(desk)
    assert "已暂停" in desk.page.inner_text("#clocks")
    begin(desk, "finish_special")
    desk.type("检测合格。")
    send(desk)
    assert "已暂停" not in desk.page.inner_text("#clocks")


def extend(day: Day) -> None:
    """The head of the authority gives more time, with the reason."""
    desk = day.at("authority_head")
    open_number(desk, day.cases["tolerated"])
    begin(desk, "extend")
    desk.type("情况复杂，须延长。")
    told = send(desk)
    assert "延长" in told
    assert "延期" in desk.page.inner_text(".case-bar")


def review(day: Day) -> None:
    """An opinion on each, from case to case."""
    desk = day.at("officer")
    desk.start()
    for name in day.cases:
        to_desk(desk, day.cases[name])
        desk.press("Alt+o")
        desk.type(DENY if name == "denied" else GRANT)
        desk.choose("#submit_review-proposal", "deny" if name == "denied" else "grant")
        desk.press("Control+Enter")
        expect(desk.page.locator("main .done #next-case")).to_be_visible()
    day.tell("four cases reviewed, beside their pages", desk)


def to_desk(desk: Keyboard, number: str) -> None:
    """The case beside its pages: the next one by itself, else from the list."""
    if desk.page.locator(f"#next-case[href*='{number}']").count():
        desk.press("Alt+x")
    else:
        desk.press("Alt+6")
        desk.page.wait_for_url("**/department")
        desk.reach("Alt+l", "#queue")
        desk.to(f"#case-{number}", "j", 40)
        desk.press("Enter")
    desk.page.wait_for_url(f"**/cases/{number}/desk*")
    desk.at("#leaf")


def endorse(day: Day) -> None:
    """A second person agrees with one of them."""
    desk = day.at("reviewer")
    to_desk(desk, day.cases["standard"])
    desk.press("Alt+o")
    desk.type("审核无误。")
    desk.press("Control+Enter")
    expect(desk.page.locator("main .done #next-case")).to_be_visible()


def decide(day: Day) -> None:
    """A third person decides: sees the document before signing it."""
    desk = day.at("approver")
    desk.start()
    for name, number in day.cases.items():
        to_desk(desk, number)
        if name == "denied":
            begin(desk, "deny")
            desk.type("经营场所不符合食品经营许可的条件。")
            desk.to("#deny-article")
            desk.type("行政许可法第38条第2款")
        else:
            desk.press("Alt+o")
            desk.type("同意。")
        desk.press("Control+Enter")
        desk.at("#sign")
        expect(desk.page.locator("#sample img").first).to_be_visible(timeout=30_000)
        desk.press("Enter")
        expect(desk.page.locator("main .done #next-case")).to_be_visible()
        assert ("不予" if name == "denied" else "准予") in desk.page.inner_text("main .done")
    day.tell("four decisions, each looked at before it was signed", desk)
