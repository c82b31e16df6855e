"""What was typed is never lost: not when the session has ended, not when the server dies."""

from __future__ import annotations

from tests.browser.conftest import At
from tests.browser.desk import Desk

FOOD = "11460100MB9A00014Q3460110001000"
SENT = "main button.main"


def fill_in(desk: Desk) -> None:
    desk.go(f"/cases/new?item={FOOD}")
    desk.page.check("[name=kind] >> nth=0")
    desk.page.fill("[name=name]", "示例王")
    desk.page.fill("[name=id_number]", "11010519491231002X")
    desk.page.fill("[name=mobile]", "1380000")


def test_the_session_ended_in_the_middle_of_an_intake(at_desk: At) -> None:
    desk = at_desk("clerk")
    fill_in(desk)
    desk.context.clear_cookies(name="yc_session")
    desk.page.click(SENT)
    desk.page.wait_for_selector("#sign-in-again[open]")
    desk.page.fill("#again-login", "clerk")
    desk.page.fill("#again-password", "wrong")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#sign-in-again .refused", state="visible")
    desk.page.fill("#again-password", desk.machine.passwords["clerk"])
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("main .refused .what", state="visible")  # sent again by itself: the mobile is too short
    assert desk.page.input_value("[name=name]") == "示例王"
    assert desk.page.input_value("[name=id_number]") == "11010519491231002X"


def test_somebody_else_signs_in_and_does_not_send_what_they_did_not_type(at_desk: At) -> None:
    desk = at_desk("clerk")
    fill_in(desk)
    desk.context.clear_cookies(name="yc_session")
    desk.page.click(SENT)
    desk.page.wait_for_selector("#sign-in-again[open]")
    desk.page.fill("#again-login", "officer")
    desk.page.fill("#again-password", desk.machine.passwords["officer"])
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"{desk.machine.url}/")
    assert "示例王" not in desk.text()


def test_the_server_dies_in_the_middle_of_an_intake(at_desk: At) -> None:
    desk = at_desk("clerk")
    fill_in(desk)
    desk.page.fill("[name=mobile]", "13800000000")
    desk.machine.kill_api()
    desk.page.click(SENT)
    desk.page.wait_for_selector("#unreachable", state="visible")
    assert desk.focus == "unreachable"
    desk.machine.wait()
    desk.page.click(SENT)
    desk.page.wait_for_url("**/cases/4*")
    assert "示例王" in desk.text()


def test_an_open_list_shows_what_comes_in(at_desk: At) -> None:
    officer, clerk = at_desk("approver"), at_desk("clerk")
    assert officer.page.locator("#tasks").count() == 1
    fill_in(clerk)
    clerk.page.fill("[name=mobile]", "13800000000")
    with officer.page.expect_request(lambda request: request.headers.get("hx-request") == "true", timeout=15_000):
        clerk.page.click(SENT)
        clerk.page.wait_for_url("**/cases/4*")
