"""A complaint names a case: the auditor finds it, reads it, has it verified, records what the department answers."""

from __future__ import annotations

from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.test_approver import Hand
from tests.browser.test_manager import fits


def test_from_a_number_to_a_statement_and_a_finding(at_desk: At) -> None:
    clerk = at_desk("clerk")
    number = Hand(clerk).file("投诉人甲")
    desk = at_desk("auditor")
    desk.go("/audit")
    desk.page.focus("#case")
    desk.type(number)
    desk.press("Enter")
    desk.page.wait_for_selector(f"a[href='/audit/cases/{number}']")
    assert findings(desk.page) == []
    desk.page.click(f"a[href='/audit/cases/{number}']")
    desk.page.wait_for_selector("#story")
    assert desk.page.locator("#story tbody tr").count() == desk.page.locator("#events > ol > li").count()
    assert findings(desk.page) == []
    desk.page.click("#verdict button.main")
    desk.page.wait_for_selector("form[action$='/bundle']")
    assert "没有发现不符" in desk.text()
    assert "没有核验什么" in desk.text()
    assert findings(desk.page) == []
    assert fits(desk)
    desk.page.set_viewport_size({"width": 683, "height": 768})
    assert fits(desk)
    desk.go(f"/audit/cases/{number}")
    assert fits(desk)
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    desk.page.fill("#article", "行政许可法32(1)(4)")
    desk.page.fill("#text", "请说明收件后未当场告知的原因。")
    desk.page.click("#finding button.main")
    desk.page.wait_for_url("**/audit/findings/*")
    officer = at_desk("officer")
    officer.go("/department")
    officer.page.click("p.told a")
    officer.page.wait_for_url("**/audit/findings?state=open")
    assert number in officer.text()
    assert findings(officer.page) == []
