"""The file of a case over HTTP and from its page: the dossier for who handles it, the package for who keeps it."""

from __future__ import annotations

import hashlib
from io import BytesIO
from zipfile import ZipFile

import httpx
from litestar import Litestar
from pypdf import PdfReader

from api.pages.texts import TEXTS
from api.state import context_of
from engine.jobs import run_row
from storage.db import reading
from tests.api.hall import Caller, Clock, caller, refused
from tests.api.pages.browser import Browser
from tests.factories import PAYLOADS, Story, open_story
from workflows.actor import Role
from workflows.dossier import BESIDE
from workflows.events import Act

WHY = {"reason": "行政复议机关调阅"}


async def work(app: Litestar, clock: Clock, topic: str) -> None:
    """What a worker does with rows of a topic."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = $1 AND state = 'waiting'", topic)
    for row in rows:
        assert await run_row(context_of(app), row["id"], clock)


async def over(app: Litestar, clock: Clock) -> Story:
    """A case that was withdrawn before anything was received."""
    story = await open_story(context_of(app))
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    clock.now = story.now
    return story


def test_a_dossier_calls_events_as_pages_do() -> None:
    for name, title in BESIDE.items():
        subject, _, verb = name.partition(":")
        assert TEXTS[f"event.paper_{verb}" if subject == "paper" else f"event.{verb}"][0] == title


async def test_a_dossier_is_ordered_followed_and_taken_in_ranges(
    app: Litestar, clock: Clock, clerk: Caller, officer: Caller, other_officer: Caller
) -> None:
    story = await over(app, clock)
    path = f"/api/v1/cases/{story.number}/dossier"
    assert (await clerk.get(path)).json() == {"case": story.number, "dossier": None}
    refused(await clerk.post(path, {"reason": "看"}), 422, "reason_needed")
    refused(await clerk.post(path, {"reason": "调阅\u202e案卷"}), 422, "control_character")
    refused(await clerk.post(path, {}), 422, "payload_invalid")
    refused(await clerk.get(f"{path}/content"), 404, "dossier_not_found")
    refused(await other_officer.post(path, WHY), 404, "case_not_found")
    ordered = await clerk.post(path, WHY)
    assert (ordered.status_code, ordered.json()["dossier"]["state"]) == (202, "waiting")
    assert (await clerk.post(path, WHY)).json() == ordered.json()
    await work(app, clock, "dossier.bind")
    made = (await clerk.get(path)).json()["dossier"]
    assert (made["state"], made["percent"], made["working_copy"]) == ("ready", 100, False)
    whole = await clerk.get(f"{path}/content")
    assert whole.headers["cache-control"] == "private, no-store"
    assert hashlib.sha256(whole.content).hexdigest() == made["digest"] == whole.headers["etag"].strip('"')
    assert len(PdfReader(BytesIO(whole.content)).pages) == made["pages"]
    for headers, status, body in (
        ({"Range": "bytes=0-4"}, 206, b"%PDF-"),
        ({"Range": "bytes=5-", "If-Range": whole.headers["etag"]}, 206, whole.content[5:]),
        ({"Range": "bytes=5-9", "If-Range": '"another"'}, 200, whole.content),
    ):
        answer = await clerk.get(f"{path}/content", headers=headers)
        assert (answer.status_code, answer.content) == (status, body), headers
    assert (await clerk.get(f"{path}/content", headers={"Range": "bytes=999999999-"})).status_code == 416
    refused(await officer.get(f"{path}/content"), 404, "dossier_not_found")


async def test_a_package_is_ordered_followed_and_taken_for_a_reason(
    app: Litestar, clock: Clock, clerk: Caller, http: httpx.AsyncClient
) -> None:
    story = await over(app, clock)
    archivist = await caller(http, "archivist", Role.archivist, "460100", clock.now)
    path = f"/api/v1/cases/{story.number}/archive-package"
    refused(await clerk.get(path), 403, "role_not_allowed")
    running = await clerk.open_case()
    refused(await archivist.post(f"/api/v1/cases/{running}/archive-package", {}), 409, "case_not_over")
    missing = refused(await archivist.post(path, {}), 409, "file_incomplete")["missing"]
    assert [one.partition(":")[0] for one in missing] == ["document_not_made"] * len(missing)
    assert missing
    assert (await archivist.post(path, {"reason": "长" * 201})).status_code == 422
    refused(await archivist.get(f"{path}/content", params=WHY), 404, "package_not_found")
    ordered = await archivist.post(path, {"reason": "文书由另一系统打印"})
    assert (ordered.status_code, ordered.json()["package"]["state"]) == (202, "waiting")
    assert len(ordered.json()["missing"]) == len(missing)
    await work(app, clock, "archive.package")
    made = (await archivist.get(path)).json()["package"]
    assert (made["state"], made["files_done"]) == ("ready", made["files"]), made["failure"]
    refused(await archivist.get(f"{path}/content"), 409, "reason_needed")
    taken = await archivist.get(f"{path}/content", params=WHY)
    assert hashlib.sha256(taken.content).hexdigest() == made["digest"]
    assert "manifest.json" in ZipFile(BytesIO(taken.content)).namelist()
    await from_the_page(app, clock, http, story)


async def from_the_page(app: Litestar, clock: Clock, http: httpx.AsyncClient, story: Story) -> None:
    """The same from the page of the case, by the archivist; a clerk sees the dossier alone."""
    browser = Browser(http)
    await browser.sign_in("archivist")
    page = await browser.open(f"/cases/{story.number}")
    assert any(form.action.endswith("/archive-package/content") for form in page.forms)
    page = await browser.send(page.form("/dossier"), reason="看")
    assert page.answer.status_code == 422
    assert page.form("/dossier").value("reason") == "看"
    page = await browser.send(page.form("/dossier"), reason=WHY["reason"])
    assert "已排队" in page.text
    await work(app, clock, "dossier.bind")
    page = await browser.open(f"/cases/{story.number}")
    assert "下载案卷" in page.text
    page = await browser.send(page.form("/archive-package"), reason="")
    assert page.answer.status_code == 409
    page = await browser.send(page.form("/archive-package"), reason="文书由另一系统打印")
    assert "已提交，完成后在归档信息包栏下载。" in page.text
