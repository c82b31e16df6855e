"""The clerk's part of the day: a question, applications, what is missing and comes later."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.day import PAPER, Day, begin, in_bulk, open_number, send, serve
from tests.browser.keyboard import FAR, Keyboard

LEE = "示例李|男|汉|19900307|示例省示例市示例路2号|110105199003070017"
KING = "示例王|女|汉|19491231|示例省示例市示例路1号2室|11010519491231002X"


def consult(day: Day) -> None:
    """What would be missing: ticked on the pad, told on a slip."""
    desk = day.at("clerk")
    desk.start()
    desk.menu("/consultations")
    desk.press("Alt+c")
    find(desk, "spjy")
    desk.at("[name=lacking][value=M01]")
    desk.tick("[name=lacking][value=M03]")
    desk.press("Alt+s")
    desk.at("#print")
    with desk.printed():
        desk.press("Enter")
    day.tell("a question answered, its slip printed", desk)


def find(desk: Keyboard, text: str) -> None:
    """The item that is found first."""
    desk.at("#text")
    desk.type(text)
    expect(desk.page.locator(f"#found[data-text={text}] a")).to_have_count(1)
    desk.press("Enter")


def standard_intake(day: Day) -> None:
    """From the tasks to the printed receipt."""
    desk = day.at("clerk")
    desk.start()
    day.cases["standard"] = open_case(desk, KING, "13800001234")
    scan(day, desk, PAPER)
    receive(desk, PAPER)
    with desk.printed():
        desk.press("Enter")
    day.tell("a standard intake, from the tasks to the printed receipt", desk, len(KING) + 1)


def other_intakes(day: Day) -> None:
    """Somebody else's application, and two that lack something."""
    desk = day.at("clerk")
    for name, card, missing in (("denied", LEE, ""), ("noticed", KING, "M03"), ("tolerated", LEE, "M04")):
        lines = tuple(line for line in PAPER if line != missing)
        day.cases[name] = open_case(desk, card, "13800001234")
        scan(day, desk, lines)
        receive(desk, lines)


def open_case(desk: Keyboard, card: str, mobile: str) -> str:
    """A case of the person whose card is read; its number."""
    desk.press("Alt+3")
    find(desk, "spjy")
    desk.at("#id_number")
    desk.type(card)
    desk.press("Enter")
    expect(desk.page.locator("#party-found .right")).to_be_visible()
    assert desk.page.input_value("#id_number") == card.rpartition("|")[2]
    assert desk.page.input_value("#name") == card.partition("|")[0]
    desk.at("#mobile")
    desk.type(mobile)
    desk.press("Alt+s")
    desk.page.wait_for_url("**/cases/4*")
    desk.at("#upload-M01-file")
    return desk.page.url.partition("/cases/")[2].partition("?")[0]


def scan(day: Day, desk: Keyboard, lines: tuple[str, ...]) -> None:
    """A paper for each line, in their order, each chosen in the dialogue of its field."""
    for line in lines:
        if not desk.page.locator(f"#upload-{line}-file:focus").count():
            desk.to(f"#upload-{line}-file", at_most=2 * FAR)  # past a line that needs no paper
        desk.offer(day.scan(f"{line}.pdf" if line == "M01" else f"{line}.jpg"))
    for line in lines:
        expect(desk.page.locator(f"#scans-{line} .scan.stored")).to_be_visible(timeout=60_000)


def receive(desk: Keyboard, lines: tuple[str, ...]) -> None:
    """Say that each line was checked, the licence among them; the counts are proposed."""
    desk.press("Alt+a")
    desk.at("#action-receive form :focus")
    check(desk, "receive", "M02", *lines)
    desk.press("Enter")
    desk.at("main .done")
    desk.enter("main .done a[href$='/received']")
    desk.at("#print")


def check(desk: Keyboard, action: str, *lines: str) -> None:
    """Tick that lines were compared or signed, down the column of boxes."""
    first = f"#action-{action} [name='materials.M01.checked']"
    if not desk.page.locator(f"{first}:focus").count():
        desk.to(first)
    for line in sorted(lines):
        box = f"#action-{action} [name='materials.{line}.checked']"
        if line != "M01":
            desk.to(box, "ArrowDown")
        desk.press("Space")
        assert desk.page.is_checked(box)


def bring_what_was_missing(day: Day) -> None:
    """The notice is handed over; the applicant comes back with what it asks for."""
    desk = day.at("clerk")
    open_number(desk, day.cases["noticed"])
    serve(desk, "补正告知书", "示例王")
    supply(day, desk, "M03")
    begin(desk, "supply")
    desk.press("Space")
    check(desk, "supply", "M03")
    assert "接收补正材料" in send(desk)


def supply(day: Day, desk: Keyboard, line: str) -> None:
    """One paper more, on the page of the case."""
    desk.reach("Alt+u", f"#upload-{line}-file")
    desk.offer(day.scan(f"{line}.jpg"))
    expect(desk.page.locator(f"#scans-{line} .scan.stored")).to_be_visible(timeout=60_000)


def make_good(day: Day) -> None:
    """What was tolerated comes in."""
    desk = day.at("clerk")
    open_number(desk, day.cases["tolerated"])
    supply(day, desk, "M04")
    begin(desk, "meet_tolerance")
    check(desk, "meet_tolerance", "M04")
    told = send(desk)
    assert "容缺" in told


def hand_over_to_the_department(day: Day) -> None:
    """All of today's at once, from the list."""
    desk = day.at("clerk")
    desk.press("Alt+1")
    desk.page.wait_for_url(f"{day.machine.url}/")
    in_bulk(desk, list(day.cases.values()), "dispatch")
