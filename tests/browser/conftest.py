"""An instance, a browser, people at desks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import Desk
from tests.browser.machine import Machine, machine
from tests.browser.things import make_things

At = Callable[..., Desk]
SIZE = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def instance() -> Iterator[Machine]:
    """The instance that the stories of one file work on: what one leaves behind is not in the way of another."""
    with machine() as one:
        yield one


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="Take pictures of every page into docs/pages.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pictures are taken only where they are asked for."""
    asked = bool(config.getoption("pictures", default=False))
    return True if collection_path.name == "test_pictures.py" and not asked else None


@pytest.fixture(scope="module")
def things(instance: Machine) -> dict[str, str]:
    """One of everything, to be shown."""
    return make_things(instance)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium, which ``make e2e`` installs."""
    path = shutil.which("chromium")
    assert path, "chromium is not installed; make e2e installs it"
    with sync_playwright() as playwright:
        # A date is typed in the order of the browser's language.
        # Without its own sandbox: root and containers have none, and it only ever sees our own pages.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--lang=en-US"])
        yield browser
        browser.close()


@pytest.fixture
def at_desk(instance: Machine, chromium: Browser) -> Iterator[At]:
    """``at_desk("clerk")``: that person, signed in; ``at_desk()``: somebody who is not."""
    desks: list[Desk] = []

    def sit(login: str = "", **options: object) -> Desk:
        context = chromium.new_context(**{"viewport": SIZE, "locale": "zh-CN", **options})  # type: ignore[arg-type]  # as given
        context.set_default_timeout(10_000)
        desk = Desk(instance, context, context.new_page(), login)
        desk.listen()
        desks.append(desk)
        if login:
            desk.sign_in()
        return desk

    yield sit
    for desk in desks:
        desk.context.close()
    assert [complaint for desk in desks for complaint in desk.complaints] == []
