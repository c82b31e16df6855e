"""Stewards and administrators at their desks: a flow looked at, an account opened and given its role, by keyboard."""

from __future__ import annotations

import json
from datetime import date, timedelta

from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk

ITEM = "11460100MB9A00137R3460110028000"
"""An item that no other story takes applications for."""
SMALL = {"width": 683, "height": 768}
PAGES = {
    "item_steward": [
        "/",
        "/calendars",
        "/calendars/trial",
        "/webhooks",
        "/catalogue/flows/PERMIT/versions/2",
        "/catalogue/flows/PERMIT",
        f"/catalogue/items/{ITEM}/versions/1",
        "/moves",
        "/drafts",
    ],
    "system_admin": ["/", "/people", "/people/clerk", "/dead-letters", "/alarms", "/delegations"],
    "security_admin": ["/", "/people", "/people/clerk", "/tokens"],
}


def sideways(desk: Desk) -> bool:
    """Whether a page is wider than its window."""
    return bool(desk.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_a_steward_reads_a_flow_beside_its_picture(at_desk: At) -> None:
    desk = at_desk("item_steward")
    desk.go("/catalogue")
    desk.page.click("a[href='/catalogue/flows/PERMIT/versions/2'] >> nth=0")
    desk.page.wait_for_selector("svg.flow")
    assert desk.page.locator("svg.flow rect.box").count() == desk.page.locator("#flow-words tbody").count()
    desk.page.click("#flow-words a[href='#state-DENIED'] >> nth=0")
    assert desk.page.locator("#state-DENIED").is_visible()
    desk.page.locator(".picture").focus()
    assert desk.page.locator(".picture:focus").count() == 1


def test_two_stewards_publish_a_shorter_promise_and_plan_a_move(at_desk: At) -> None:
    first, second = at_desk("item_steward"), at_desk("item_steward2")
    first.go(f"/catalogue/items/{ITEM}")
    first.page.click(f"a[href='/drafts/new?kind=item&item={ITEM}']")
    item = json.loads(first.page.input_value("#text"))
    days = item["promise_limit"]["n"]
    item["in_force_from"] = str(date.fromisoformat(item["in_force_from"]) - timedelta(days=1))
    item["promise_limit"]["n"] = item["statutory_limit"]["n"] + 1
    first.page.fill("#text", json.dumps(item, ensure_ascii=False, indent=2))
    first.page.fill("#reason", "缩短承诺时限")
    first.page.click("main form button.main")
    first.page.wait_for_selector("main .refused:has-text('承诺时限长于法定时限')")
    assert first.page.input_value("#reason") == "缩短承诺时限"
    item["promise_limit"]["n"] = days - 1
    first.page.fill("#text", json.dumps(item, ensure_ascii=False, indent=2))
    first.page.click("main form button.main")
    first.page.wait_for_selector(f"main:has-text('由“{days}个工作日”改为“{days - 1}个工作日”')")
    draft = first.page.url

    second.page.wait_for_selector(".waits a[href='/drafts?waiting=1']")
    second.go("/drafts?waiting=1")
    second.page.click(f"main a[href='{draft.removeprefix(second.machine.url)}']")
    second.page.click("main button.main")
    second.page.wait_for_selector("main strong:has-text('已发布')")

    first.go(f"/catalogue/items/{ITEM}")
    first.page.click("a[href^='/moves?']")
    assert first.page.input_value("#item_to") == "2"
    first.page.fill("#reason", "缩短承诺时限")
    first.page.click("main form button.main")
    first.page.wait_for_selector("#plan strong:has-text('待批准')")
    assert first.page.locator("#plan[hx-trigger]").count() == 0


def test_an_account_is_opened_by_keyboard_and_works_once_it_has_a_role(at_desk: At) -> None:
    system, security = at_desk("system_admin"), at_desk("security_admin")
    system.go("/people")
    system.page.locator(".adding summary").focus()
    system.press("Enter", "Tab")
    system.type("e2e.clerk")
    system.press("Tab")
    system.type("示例新")
    system.press("Enter")
    system.page.wait_for_selector(".secret code")
    password = system.page.inner_text(".secret code")
    assert password.startswith("Yc-")
    security.go("/people/e2e.clerk")
    security.page.select_option("#role", "clerk")
    security.page.fill("#organisation", "nowhere")
    security.page.keyboard.press("Enter")
    security.page.wait_for_selector("main .refused:not([hidden])")
    assert security.page.input_value("#organisation") == "nowhere"
    security.page.fill("#organisation", "hall")
    security.page.keyboard.press("Enter")
    security.page.wait_for_selector("main .done")
    desk = at_desk()
    desk.machine.passwords["e2e.clerk"] = password
    desk.login = "e2e.clerk"
    desk.sign_in()
    assert desk.page.locator("nav.rail a[href='/cases/new']").count() == 1


def test_the_pages_are_whole_at_both_sizes_and_in_both_languages(at_desk: At) -> None:
    wrong = []
    for login, paths in PAGES.items():
        desk = at_desk(login)
        for language in ("zh", "en"):
            desk.go(f"/language/{language}?next=/status")
            for path in paths:
                desk.go(path)
                wrong += findings(desk.page) if language == "zh" else []  # the same elements in both
                desk.page.set_viewport_size(SMALL)  # type: ignore[arg-type]  # a plain dict of the same shape
                wrong += [f"{language} {path} is wider than its window"] if sideways(desk) else []
                desk.page.set_viewport_size({"width": 1366, "height": 768})
                wrong += [f"{language} {path} is wider than a screen"] if sideways(desk) else []
    assert wrong == []
