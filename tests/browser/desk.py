"""A person at a desk: a browser of their own, in which every key and every complaint of the page is counted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.browser.machine import Machine

PICTURES = Path("docs/pages")
_EXPECTED = ("Failed to load resource", "Response Status Error Code", "htmx:sendError", "htmx:afterRequest")
"""What a page says when it is refused or the server is gone; the tests look at what it shows then."""


@dataclass
class Desk:
    """One person's browser.

    :param complaints: what the browser complained of: scripts that failed, what the content security policy barred.
    :param keys: how many keys were pressed so far; a character typed is one.
    """

    machine: Machine
    context: BrowserContext
    page: Page
    login: str
    complaints: list[str] = field(default_factory=list)
    keys: int = 0
    since: float = 0.0

    def listen(self) -> None:
        """Collect what the browser complains of."""

        def told(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not message.text.startswith(_EXPECTED):
                self.complaints.append(message.text)

        self.page.on("console", told)
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))

    def sign_in(self) -> None:
        self.go("/sign-in")
        self.page.fill("#login", self.login)
        self.page.fill("#password", self.machine.passwords[self.login])
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.machine.url}/")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.machine.url}{path}")

    def press(self, *keys: str) -> None:
        """Press keys, counted: ``desk.press("Alt+3", "Tab")``."""
        for key in keys:
            if key.startswith("Alt+") and len(key) == len("Alt+x"):
                self._access_key(key[-1])
            else:
                self.page.keyboard.press(key)
            self.keys += 1

    def _access_key(self, key: str) -> None:
        """Press a key with Alt as a keyboard does; the tool's own keys never reach what answers to access keys."""
        session = self.context.new_cdp_session(self.page)
        for kind in ("rawKeyDown", "char", "keyUp"):
            text = {"text": key, "unmodifiedText": key} if kind == "char" else {}
            session.send("Input.dispatchKeyEvent", {"type": kind, "modifiers": 1, "key": key, **text})
        session.detach()

    def type(self, text: str) -> None:
        """Type where the focus is, counted."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def start(self) -> None:
        """Count keys and seconds from here."""
        self.keys, self.since = 0, time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since

    @property
    def focus(self) -> str:
        """The id, or else the name, of what has the focus."""
        found: Any = self.page.locator(":focus")
        return str(found.get_attribute("id") or found.get_attribute("name") or "") if found.count() else ""

    def text(self) -> str:
        """The words of the page's content."""
        return self.page.inner_text("main")
