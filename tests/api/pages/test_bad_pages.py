"""Whatever a browser sends to the pages, the reader gets words, and a refusal leaves nothing behind."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import asyncpg
import httpx
import pytest
from litestar import Litestar

from api.pages.wording import LANGUAGE_COOKIE
from engine.projecting import project
from tests.api.hall import Clock, Unchanged
from tests.api.pages.browser import Browser, Form, Page
from tests.api.pages.hostile import GARBAGE, MARK, Spoiler, page_routes
from tests.conftest import Database
from tests.factories import FOOD, Story, firm

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
Quiet = Callable[..., Unchanged]

SEED: Final = int(os.environ.get("YICHUANG_BAD_PAGES_SEED", "7"))
MANY: Final = int(os.environ.get("YICHUANG_BAD_PAGES", "80"))
"""How many addresses and how many forms are sent; by hand, many thousands."""
FEW: Final = ("", "clerk", "officer", "issuer", "auditor", "item_steward", "system_admin")
READERS: Final = FEW if MANY <= 200 else (
    *FEW, "approver", "supervisor", "hall_manager", "agent", "security_admin", "impasse_handler", "assessor",
    "archivist",
)  # fmt: skip
"""Nobody, and people of every kind; to sign in takes long, so few of them come for a short run."""
TOLD: Final = re.compile(r'role="alert"|aria-invalid="true"')
"""Why something was refused: at the top of the page, or beside the field."""
METHODS: Final = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW")
LOOKING: Final = ("access_log", "access_heads", "sessions", "status_attempts")
"""What a mere look may write: that somebody looked, and that they are still there."""
COUNTING: Final = (*LOOKING, "people", "alarms")
"""What a refusal may write besides: that it happened, on the account."""


@dataclass
class Hall:
    """The people at their desks, and cases of every kind to get at."""

    readers: dict[str, Browser]
    known: dict[str, list[str]]
    superuser: str
    faults: list[str] = field(default_factory=list)

    def reads_english(self, login: str) -> bool:
        """Which language somebody has chosen last."""
        return self.readers[login].http.cookies.get(LANGUAGE_COOKIE) == "en"

    def note(self, fault: str, *where: object) -> None:
        if fault:
            self.faults.append(f"{fault}: {' '.join(str(one)[:200] for one in where)}")


@pytest.fixture
async def hall(at_desk: At, case_in: Bring, database: Database, clock: Clock) -> Hall:
    stories = [
        await case_in(state, who=firm(n))
        for n, state in enumerate(("NEW", "CORRECTION", "REVIEW", "READY", "DELIVERED"), 1)
    ]
    await project(seconds=10, now=clock.now)
    codes = [(await story.row())["query_code"] for story in stories]
    readers = {login: await at_desk(login) for login in READERS}
    for n, login in enumerate(READERS):
        await readers[login].open(f"/language/{'en' if n % 2 else 'zh'}")
    known = {
        "number": [story.number for story in stories],
        "query_code": codes,
        "line": [line.code for line in FOOD.materials],
        "code": [FOOD.code],
        "item": [FOOD.code],
        "action": ["receive", "accept", "grant", "deliver", "withdraw"],
        "login": ["clerk", "officer"],
        "name": ["PERMIT", "received"],
        "rule": ["accept_in_time"],
        "language": ["zh", "en"],
        "document": ["receipt"],
        "year": ["2026"],
        "version": ["1"],
        "before": ["1"],
        "after": ["1"],
        "position": ["1"],
        "number_in_scan": ["1"],
    }
    return Hall(readers, known, database.superuser)


def _fault(answer: httpx.Response, english: bool) -> str:
    """What is wrong with an answer; empty where nothing is."""
    onward = answer.headers.get("location", "/")
    html = "html" in answer.headers.get("content-type", "")
    faults = {
        f"status {answer.status_code}": answer.status_code >= 500,
        "reflected": html and f"<{MARK}" in answer.text,
        f"sent to {onward[:60]}": not onward.startswith("/") or onward.startswith("//"),
        "a header of the sender's making": "x-evil" in answer.headers or not onward.isprintable(),
    }
    if 400 <= answer.status_code < 500 and answer.content:
        faults[f"status {answer.status_code} without words"] = not html or not TOLD.search(answer.text)
        faults["words of another language"] = f'<html lang="{"en" if english else "zh-CN"}"' not in answer.text
    return ", ".join(name for name, found in faults.items() if found)


async def _open(hall: Hall, login: str, address: str) -> httpx.Response | None:
    try:
        return await hall.readers[login].http.get(address)
    except httpx.InvalidURL:
        return None  # a browser would not send it either


async def test_no_address_brings_down_a_page_or_writes(app: Litestar, hall: Hall, unchanged: Quiet) -> None:
    random = Random(SEED)
    spoiler = Spoiler(random, hall.known)
    async with unchanged(*LOOKING):
        for path in _some(random, _looks(app)):
            login, address = random.choice(READERS), spoiler.address(path)
            english = hall.reads_english(login)
            answer = await _open(hall, login, address)
            if answer is not None:
                hall.note(_fault(answer, english), login or "nobody", "GET", address)
    assert not hall.faults, "\n".join(hall.faults)


def _looks(app: Litestar) -> list[str]:
    """The addresses of every page that can be opened and comes to an end."""
    return [path for path, methods in page_routes(app) if "GET" in methods and path != "/live"]


def _some(random: Random, found: list[Any]) -> list[Any]:
    """As many as are wanted, each about as often as any other."""
    return [one for _ in range(0, MANY, len(found)) for one in random.sample(found, len(found))][:MANY]


@dataclass
class Tables:
    """What stands in the database, as far as is needed to see that something was written."""

    connection: Any
    statement: str = ""
    before: dict[str, tuple[int, int]] = field(default_factory=dict)

    async def changed(self) -> set[str]:
        """The tables in which a row was added, changed or removed since this was asked last."""
        if not self.statement:
            names = await self.connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            one = "SELECT '{0}' AS name, count(*) AS rows, coalesce(max(xmin::text::bigint), 0) AS newest FROM \"{0}\""
            self.statement = " UNION ALL ".join(one.format(row["tablename"]) for row in names)
        rows = await self.connection.fetch(self.statement)
        now = {row["name"]: (row["rows"], row["newest"]) for row in rows}
        before, self.before = self.before, now
        return {name for name in now if now[name] != before.get(name)}


async def _forms(app: Litestar, hall: Hall, login: str) -> list[Form]:
    """Every form that a reader finds on the pages that they can open, one of each kind."""
    found: dict[tuple[str, frozenset[str]], Form] = {}
    seen: set[str] = set()
    ahead = [path for path in _looks(app) if "{" not in path]
    ahead += [f"/cases/{number}" for number in hall.known["number"]]
    ahead += [
        f"/cases/new?item={FOOD.code}",
        f"/consultations/new?item={FOOD.code}",
        f"/status/{hall.known['query_code'][-1]}",
    ]
    while ahead:
        address = ahead.pop()
        kind = re.sub(r"[0-9a-f-]{16,}|\d+", "#", address.partition("?")[0])
        if kind in seen and address not in {f"/cases/{number}" for number in hall.known["number"]}:
            continue
        seen.add(kind)
        answer = await _open(hall, login, address)
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            continue
        page = Page(answer)
        for form in page.forms:
            if form.method.lower() == "post":
                key = (re.sub(r"[0-9a-f-]{16,}|\d+", "#", form.action), frozenset(form.names))
                found.setdefault(key, form)
        links = [values.get("href", "") for tag, values in page.elements if tag == "a"]
        ahead += [link.partition("#")[0] for link in links if link.startswith("/") and "language" not in link]
    return [form for form in found.values() if not form.action.startswith(("/sign-out", "/password"))]


async def _send(browser: Browser, form: Form, pairs: list[tuple[str, str]], random: Random) -> httpx.Response:
    """Send it as a form, or as parts with a file where none belongs, or in a type that is no form."""
    action = form.action.partition("#")[0]
    way = random.random()
    if way < 0.7:
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        return await browser.http.post(action, data=data)
    if way < 0.9:
        files: list[tuple[str, tuple[str | None, bytes]]] = [
            (name, (None, value.encode("utf-8", "replace"))) for name, value in pairs if "\r" not in name + value
        ]
        files.append((random.choice([*form.names, "file"]), ("坏\x00文件.pdf", random.randbytes(200))))
        return await browser.http.post(action, files=files)
    kind = random.choice(
        ["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", ""]
    )
    return await browser.http.post(action, content=random.choice(GARBAGE).encode(), headers={"Content-Type": kind})


async def test_no_form_brings_down_a_page_and_a_refused_one_writes_nothing(app: Litestar, hall: Hall) -> None:
    random = Random(SEED)
    spoiler = Spoiler(random, hall.known)
    connection = await asyncpg.connect(hall.superuser)
    try:
        found = [(login, form) for login in _readers(random) for form in await _forms(app, hall, login)]
        tables = Tables(connection)
        await tables.changed()
        for login, form in _some(random, found):
            who = login if random.random() < 0.8 else random.choice(READERS)
            pairs = spoiler.form(form)
            answer = await _send(hall.readers[who], form, pairs, random)
            left = await tables.changed() - set(COUNTING)
            where = (who or "nobody", "POST", form.action, answer.status_code, pairs)
            hall.note(_fault(answer, hall.reads_english(who)), *where)
            hall.note(f"wrote {left}" if answer.status_code >= 400 and left else "", *where)
    finally:
        await connection.close()
    assert not hall.faults, "\n".join(hall.faults)


def _readers(random: Random) -> list[str]:
    """Who goes through their pages: a few of them for a short run, everybody for a long one."""
    return random.sample(READERS, len(READERS) if MANY > 200 else 2)


async def test_a_method_that_a_page_does_not_know_is_refused_in_words(
    app: Litestar, hall: Hall, unchanged: Quiet
) -> None:
    random = Random(SEED)
    spoiler = Spoiler(random, hall.known)
    async with unchanged(*LOOKING):
        for path, known in _some(random, page_routes(app)):
            method = random.choice([one for one in METHODS if one not in known])
            login, address = random.choice(READERS), spoiler.address(path)
            answer = await hall.readers[login].http.request(method, address.replace("\x00", ""))
            where = (login or "nobody", method, address, answer.status_code)
            bare = answer.status_code >= 400 and method not in {"HEAD", "OPTIONS"}
            hall.note("" if answer.status_code < 500 else "status", *where)
            hall.note(_fault(answer, hall.reads_english(login)) if bare else "", *where)
            hall.note("" if method == "OPTIONS" or answer.status_code >= 400 else "was done", *where)
    assert not hall.faults, "\n".join(hall.faults)


async def test_a_form_that_breaks_off_is_no_fault_of_the_server(
    app: Litestar, unchanged: Quiet, capsys: pytest.CaptureFixture[str]
) -> None:
    form = (b"content-type", b"application/x-www-form-urlencoded")
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/sign-in", "raw_path": b"/sign-in", "query_string": b"", "root_path": "", "client": ("test", 1),
        "server": ("hall.test", 80), "headers": [(b"host", b"hall.test"), form, (b"content-length", b"100")],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with unchanged():
        await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert "请求没有传完" in sent[1]["body"].decode()
    assert "failure" not in capsys.readouterr().out
