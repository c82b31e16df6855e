"""The clerk's queue and the page of a case: scans, receipt, notice, two clerks at once."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.api.filing import picture
from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk
from tests.storage.hostile_files import pdf

FOOD = "11460100MB9A00014Q3460110001000"
LINES = ("M01", "M03", "M04", "M05")


def open_case(desk: Desk, name: str) -> str:
    """A new case by the interface, in the name of whoever sits at the desk; its number."""
    cookies = {str(one["name"]): str(one["value"]) for one in desk.context.cookies()}
    person = {"kind": "person", "name": name, "id_kind": "resident_id", "id_number": "11010519491231002X"}
    answer = httpx.post(
        f"{desk.machine.url}/api/v1/cases",
        json={"item": FOOD, "applicant": person | {"mobile": "13800000000"}},
        cookies=cookies,
        headers={"X-CSRF-Token": desk.page.input_value("input[name=csrf_token] >> nth=0")},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


def choose(desk: Desk, line: str, *files: Path) -> None:
    """Choose files for a material line; they go at once."""
    desk.page.set_input_files(f"#upload-{line}-file", files)


def file_every_line(desk: Desk, folder: Path, lines: tuple[str, ...] = LINES) -> None:
    """A scan for every line, judged."""
    scan = folder / "扫描件.pdf"
    scan.write_bytes(pdf())
    for line in lines:
        choose(desk, line, scan)
    for line in lines:
        desk.page.wait_for_selector(f"#scans-{line} .scan.stored", timeout=30_000)


def receive(desk: Desk) -> None:
    """Receive what was scanned, by keyboard: the counts are proposed, the checks and the last word are a person's."""
    desk.press("Alt+a")
    for box in desk.page.locator("#action-receive [name$='.checked']").all():
        box.focus()
        desk.press("Space")
    desk.press("Enter")
    desk.page.wait_for_url("**?done=receive*")
    desk.page.wait_for_selector("main .done")


def test_scans_go_up_by_themselves_and_fill_in_the_receipt(at_desk: At, tmp_path: Path) -> None:
    desk = at_desk("clerk")
    number = open_case(desk, "示例甲")
    desk.go(f"/cases/{number}?done=opened_now")
    assert desk.focus == "upload-M01-file"  # straight on to scanning
    desk.press("Alt+a")
    desk.page.wait_for_selector("#action-receive[open]")
    desk.page.fill("#action-receive [name='materials.M04.pages']", "7")
    file_every_line(desk, tmp_path)
    assert desk.page.url.endswith("?done=opened_now")  # the page stayed
    assert desk.page.input_value("#action-receive [name='materials.M03.originals']") == "1"
    assert desk.page.input_value("#action-receive [name='materials.M04.pages']") == "7"  # what was typed is kept
    assert desk.page.input_value("#action-receive [name='materials.M02.exempt']") == "e_cert"

    photo, again = tmp_path / "一.jpg", tmp_path / "二.jpg"
    photo.write_bytes(picture())
    again.write_bytes(picture() + b"\0")
    choose(desk, "M05", photo, again)  # several at once
    desk.page.wait_for_selector("#scans-M05 .scan.stored >> nth=2", timeout=30_000)
    assert "分辨率" in (desk.page.locator("#scans-M05 .notes").last.text_content() or "")
    replacing = desk.page.locator("#scans-M05 .replace").first
    replacing.locator("summary").click()
    better = tmp_path / "更清晰.pdf"
    better.write_bytes(pdf(pages=2))
    replacing.locator("[type=file]").set_input_files(better)
    desk.page.wait_for_selector("#scans-M05 :text('更清晰.pdf')")
    desk.page.wait_for_selector("#scans-M05:not([hx-get])", timeout=30_000)
    assert desk.page.locator("#scans-M05 .scan.stored").count() == 3  # it has taken the place of the first one

    nothing = tmp_path / "空.pdf"
    nothing.write_bytes(b"")
    choose(desk, "M04", nothing)
    desk.page.wait_for_selector("#scans-M04 .refused")
    assert "没有办成：上传" in desk.page.inner_text("#scans-M04")
    desk.page.fill("#action-receive [name='materials.M04.pages']", "1")
    desk.page.locator("#action-receive > summary").click()  # folded, to be opened by its key
    receive(desk)
    assert "已登记 → 已收件" in desk.page.inner_text("main .done")
    assert "收件凭证" in desk.page.inner_text("main .done")
    assert desk.page.locator("main .done:focus").count() == 1
    assert desk.page.locator(".events li.new").count() >= 1
    assert findings(desk.page) == []


def test_a_scan_waits_while_the_server_cannot_be_reached(at_desk: At, tmp_path: Path) -> None:
    desk = at_desk("clerk")
    desk.go(f"/cases/{open_case(desk, '示例乙')}")
    scan = tmp_path / "扫描件.pdf"
    scan.write_bytes(pdf())
    desk.context.set_offline(True)
    choose(desk, "M01", scan)
    desk.page.wait_for_selector("#sending-M01 button")
    assert "没有传完 扫描件.pdf" in desk.page.inner_text("#sending-M01")
    desk.context.set_offline(False)
    desk.page.click("#sending-M01 button")
    desk.page.wait_for_selector("#scans-M01 .scan.stored", timeout=30_000)
    assert desk.page.inner_text("#sending-M01") == ""


def test_files_are_dropped_anywhere_on_a_line(at_desk: At) -> None:
    desk = at_desk("clerk")
    desk.go(f"/cases/{open_case(desk, '示例丁')}")
    files = desk.page.evaluate_handle(
        "text => { const files = new DataTransfer();"
        " files.items.add(new File([Uint8Array.from(text, one => one.charCodeAt(0))], '拖入.pdf'));"
        " files.items.add(new File([Uint8Array.from(text + ' ', one => one.charCodeAt(0))], '又一个.pdf'));"
        " return files; }",
        pdf().decode("latin-1"),
    )
    desk.page.dispatch_event("#line-M03 th", "dragover", {"dataTransfer": files})
    assert desk.page.locator("#line-M03.over").count() == 1
    desk.page.dispatch_event("#line-M03 th", "drop", {"dataTransfer": files})
    desk.page.wait_for_selector("#scans-M03 .scan.stored >> nth=1", timeout=30_000)
    assert "拖入.pdf" in desk.page.inner_text("#scans-M03")


def test_two_clerks_on_one_case(at_desk: At, tmp_path: Path) -> None:
    desk = at_desk("clerk")
    number = open_case(desk, "示例丙")
    desk.go(f"/cases/{number}")
    file_every_line(desk, tmp_path, ("M01", "M03", "M04"))
    receive(desk)
    desk.go(f"/cases/{number}")
    officer = at_desk("officer")
    officer.go(f"/cases/{number}")
    notice = desk.page.locator("#action-give_notice")
    notice.locator("summary").click()
    assert desk.focus == "lines.1.material"  # in the first field at once
    assert desk.page.input_value("[name='lines.1.material']") == "M05"
    assert desk.page.input_value("[name='lines.1.defect']") == "缺复印件1份"
    desk.page.fill("[name='lines.1.defect']", "缺健康证明")

    officer.page.locator("#action-correct_on_spot > summary").click()
    officer.page.fill("#correct_on_spot-note", "更正了申请书日期")
    officer.page.click("#action-correct_on_spot button.main")
    officer.page.wait_for_selector("main .done")
    desk.page.wait_for_selector("#case-news .news", timeout=20_000)  # told while the page is open
    assert "当场更正" in desk.page.inner_text("#case-news")
    assert desk.page.input_value("[name='lines.1.defect']") == "缺健康证明"

    notice.locator("button.main").click()
    desk.page.wait_for_selector("#action-give_notice .changed")
    assert "更正了申请书日期" in desk.page.inner_text("#action-give_notice .changed")
    assert desk.page.input_value("[name='lines.1.defect']") == "缺健康证明"
    assert desk.page.url.endswith(f"/cases/{number}")
    assert findings(desk.page) == []
    desk.page.click("#action-give_notice button.main")
    desk.page.wait_for_selector("main .done")
    assert "缺健康证明" in desk.page.inner_text("#notice")


def test_the_queue_is_walked_by_keyboard_and_keeps_its_ticks(at_desk: At) -> None:
    desk = at_desk("clerk")
    numbers = [open_case(desk, f"示例{one}") for one in "戊己"]
    desk.go("/")
    desk.page.wait_for_selector(f"#case-{numbers[1]}")
    desk.press("Alt+l")
    assert desk.focus == "queue"
    desk.press("End", "x", "k", "j")
    last = desk.focus
    number = last.removeprefix("case-")
    assert desk.page.is_checked(f"#tick-{number}")
    with desk.page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true", timeout=20_000):
        fresh = open_case(desk, "示例庚")
    desk.page.wait_for_selector(f"#case-{fresh}")
    assert desk.page.is_checked(f"#tick-{number}")
    assert desk.focus == last
    assert findings(desk.page) == []
    desk.press("Enter")
    desk.page.wait_for_url(f"**/cases/{number}")
