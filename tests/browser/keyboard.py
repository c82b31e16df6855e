"""A desk without a mouse: what cannot be reached by keyboard cannot be done here, and what is far away fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.desk import Desk

expect.set_options(timeout=30_000)
FAR = 8
"""Presses of Tab beyond which the next thing to do is too far away."""
_WATCH = """
for (const kind of ["mousedown", "pointerdown", "touchstart"])
  addEventListener(kind, (event) => event.isTrusted && pointed(kind), true);
"""
_STOP = """(wanted) => {
  const stop = document.activeElement, style = getComputedStyle(stop), box = stop.getBoundingClientRect();
  const middle = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 12)];
  const above = document.elementFromPoint(...middle);
  return {
    there: stop.matches(wanted),
    name: `${stop.tagName}#${stop.id} ${stop.getAttribute("name") ?? stop.textContent.trim().slice(0, 30)}`,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    covered: Boolean(above) && !stop.contains(above) && !above.contains(stop) && !above.closest("label"),
  };
}"""


@dataclass
class Keyboard(Desk):
    """One person's browser, worked by keys alone.

    :param pointed: every press of a pointer that any page saw; there must be none.
    """

    pointed: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Collect what the browser complains of, and whatever presses a pointer."""
        super().listen()
        self.context.expose_function("pointed", lambda kind: self.pointed.append(kind))  # noqa: PLW0108  # it takes no built-in
        self.context.add_init_script(_WATCH)
        self.page.on("filechooser", lambda _: None)  # from now on; asked for later, it can come too late

    def sign_in(self) -> None:
        self.go("/sign-in")
        self.at("#login")
        self.type(self.login)
        self.press("Tab")
        self.type(self.machine.passwords[self.login])
        self.press("Enter")
        self.page.wait_for_url(f"{self.machine.url}/")

    def at(self, selector: str) -> None:
        """Wait until an element has the focus."""
        expect(self.page.locator(selector).first).to_be_focused()

    def reach(self, key: str, selector: str) -> None:
        """Go to an element by its access key, once it is there."""
        expect(self.page.locator(selector)).to_be_visible()
        self.press(key)
        self.at(selector)

    def to(self, selector: str, key: str = "Tab", at_most: int = FAR) -> None:
        """Go on with Tab, or another key, until an element has the focus.

        Each stop on the way shows its focus and is not hidden below something else.
        """
        expect(self.page.locator(selector).first).to_be_visible()
        way = []
        for _ in range(at_most):
            self.press(key)
            stop = self.page.evaluate(_STOP, selector)
            way.append(stop["name"])
            assert stop["outlined"], (self.page.url, "no visible focus", stop["name"])
            assert not stop["covered"], (self.page.url, "the focus is covered", stop["name"])
            if stop["there"]:
                return
        raise AssertionError((self.page.url, selector, "is too far away", way))

    def enter(self, selector: str, key: str = "Tab", at_most: int = FAR) -> None:
        """Go to a link, a button or a summary and press Enter."""
        self.to(selector, key, at_most)
        self.press("Enter")

    def choose(self, selector: str, value: str) -> None:
        """Choose in the list that has the focus, or is ahead, with the arrow keys."""
        if not self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            self.to(selector)
        values = self.page.evaluate("() => [...document.activeElement.options].map((one) => one.value)")
        now = self.page.evaluate("() => document.activeElement.selectedIndex")
        steps = values.index(value) - now
        self.press(*["ArrowDown" if steps > 0 else "ArrowUp"] * abs(steps))
        assert self.page.evaluate("() => document.activeElement.value") == value

    def tick(self, selector: str, at_most: int = FAR) -> None:
        """Go to a box and tick it with Space."""
        self.to(selector, at_most=at_most)
        self.press("Space")
        assert self.page.evaluate("() => document.activeElement.checked")

    def offer(self, *files: Path) -> None:
        """Open the file dialogue of the field that has the focus, and choose there."""
        with self.page.expect_file_chooser() as dialogue:
            self.press("Enter")
        dialogue.value.set_files(files)

    def menu(self, path: str) -> None:
        """To an entry of the menu, by the key of the menu and the arrows."""
        self.reach("Alt+8", "nav.rail")
        entry = f"nav.rail a[href='{path}']"
        entries = self.page.evaluate(
            "() => [...document.querySelectorAll('nav.rail a')].map((one) => one.getAttribute('href'))"
        )
        there = entries.index(path) + 1
        key, many = ("ArrowDown", there) if there <= len(entries) // 2 else ("ArrowUp", len(entries) + 1 - there)
        if many:
            self.to(entry, key, many)
        self.press("Enter")
        self.page.wait_for_url(lambda url: url.removeprefix(self.machine.url).partition("?")[0] == path)

    def done(self) -> str:
        """What the page says has been done, once it says so."""
        self.page.wait_for_selector("main .done")
        return self.page.inner_text("main .done")

    @contextmanager
    def printed(self) -> Iterator[list[Page]]:
        """Whatever opens beside the page meanwhile is a paper to print; it is closed."""
        opened: list[Page] = []
        with self.context.expect_page() as one:
            yield opened
        opened.append(one.value)
        one.value.close()
