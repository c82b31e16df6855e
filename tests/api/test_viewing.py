"""Evidence is looked at through its case only, in ranges and sizes, clean of metadata, on record, and named after."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from litestar import Litestar
from PIL import Image
from pypdf import PdfReader

from api.state import context_of
from engine.evidence import judge_scan
from engine.viewing.links import Picture, link_to
from storage import views
from storage.access import AccessEntry
from storage.objects import ObjectStore
from tests.api.filing import picture
from tests.api.hall import Caller, Clock, caller, refused
from tests.api.pages.browser import Browser
from tests.databases import Database
from tests.people import actor
from workflows.actor import Role

SECRET = b"N20 1.5 E110 20.5"
FORM, LICENCE = "M01", "M02"


def telling_photo() -> bytes:
    """A page photographed with a telephone that tells where it was: Exif with GPS, XMP, a comment."""
    page = Image.open(BytesIO(picture()))
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (20.0, 1.0, 30.0)
    out = BytesIO()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    page.save(out, "JPEG", quality=90, exif=exif, xmp=xmp, comment=SECRET)
    return out.getvalue()


async def stored(app: Litestar, clock: Clock, clerk: Caller, number: str, line: str, content: bytes) -> str:
    """A scan of a line, judged; its key."""
    answer = await clerk.upload(number, line, content, name="照片.jpg", kind="image/jpeg")
    assert answer.status_code == 201, answer.text
    await judge_scan(context_of(app), UUID(answer.json()["scan"]), clock)
    scan: str = answer.json()["scan"]
    return scan


async def looks(subject: str) -> list[dict[str, Any]]:
    """What the access log says about a subject, in order."""
    rows = await AccessEntry.select(AccessEntry.action, AccessEntry.body).where(AccessEntry.subject == subject)
    return [dict(row) for row in rows]


def said(row: dict[str, Any]) -> str:
    body: str = row["body"]
    return body


async def test_pages_come_clean_sized_turned_and_named_after_the_reader(
    app: Litestar, clock: Clock, clerk: Caller
) -> None:
    number, photo = await clerk.open_case(), telling_photo()
    form = await stored(app, clock, clerk, number, FORM, photo)
    licence = await stored(app, clock, clerk, number, LICENCE, photo)
    original = await clerk.get(f"/api/v1/scans/{form}/content")
    assert original.content == photo
    assert SECRET in original.content
    assert original.headers["cache-control"] == "private, no-store"
    context, exports = context_of(app), []
    for scan, marked in ((form, False), (licence, True)):
        (row,) = await views.of_scan(UUID(scan))
        for size, key in (("page", "image_key"), ("screen", "screen_key"), ("thumbnail", "thumbnail_key")):
            with context.objects.open_view(row[key] or row["image_key"]) as stream:
                copy = stream.read()
            for turned in (0, 90):
                answer = await clerk.get(f"/api/v1/scans/{scan}/pages/1", params={"size": size, "turned": turned})
                assert answer.headers["content-type"] == "image/jpeg"
                assert answer.headers["cache-control"] == "private, no-store"
                assert answer.headers["etag"]
                shown = Image.open(BytesIO(answer.content))
                upright = Image.open(BytesIO(copy)).size
                assert shown.size == (upright if not turned else upright[::-1])
                assert (answer.content == copy) == (not turned and (not marked or size == "thumbnail"))
                for trace in (SECRET, b"Exif", b"adobe", b"GPS"):
                    assert trace not in answer.content, (size, turned, trace)
            with context.objects.open_view(row[key] or row["image_key"]) as stream:
                assert stream.read() == copy
        line = LICENCE if marked else FORM
        path = f"/api/v1/cases/{number}/materials/{line}/export"
        refused(await clerk.post(path, {"reason": "看"}), 422, "reason_needed")
        exports.append(await clerk.post(path, {"reason": "申请人查阅案卷"}))
        assert exports[-1].headers["content-type"] == "application/pdf"
        assert SECRET not in exports[-1].content
        assert len(PdfReader(BytesIO(exports[-1].content)).pages) == 1
    plain, named = (next(iter(PdfReader(BytesIO(one.content)).pages[0].images)).image for one in exports)
    assert plain is not None
    assert named is not None
    assert plain.tobytes() != named.tobytes()
    for size in ("huge", ""):
        assert (await clerk.get(f"/api/v1/scans/{form}/pages/1", params={"size": size})).status_code == 400
    assert (await clerk.get(f"/api/v1/scans/{form}/pages/1", params={"turned": 45})).status_code == 400
    refused(await clerk.post(f"/api/v1/cases/{number}/materials/M05/export", {"reason": "申请人查阅案卷"}), 404,
            "line_without_pages")  # fmt: skip
    assert sum("申请人查阅案卷" in said(row) for row in await looks(number)) == 2
    actions = [row["action"] for row in await looks(form)]
    assert actions.count("scan.page") == actions.count("scan.screen") == 2


async def test_an_original_is_handed_out_for_a_purpose_in_one_range_of_one_version(
    app: Litestar, clock: Clock, clerk: Caller, http: httpx.AsyncClient
) -> None:
    number = await clerk.open_case()
    path = f"/api/v1/scans/{await stored(app, clock, clerk, number, FORM, picture())}/content"
    tag = (await clerk.get(path)).headers["etag"]
    whole = picture()
    for headers, status, body in (
        ({"Range": "bytes=5-9", "If-Range": tag}, 206, whole[5:10]),
        ({"Range": "bytes=5-9", "If-Range": '"another"'}, 200, whole),
        ({"Range": "bytes=5-9", "If-Range": "Mon, 02 Mar 2026 01:30:00 GMT"}, 200, whole),
        ({"Range": "bytes=0-1,5-9"}, 200, whole),
        ({"Range": f"bytes={len(whole) - 1}-"}, 206, whole[-1:]),
        ({"Range": "Bytes=-3"}, 206, whole[-3:]),
    ):
        answer = await clerk.get(path, headers=headers)
        assert (answer.status_code, answer.content) == (status, body), headers
    auditor = await caller(http, "auditor", Role.auditor, "460000", clock.now)
    manager = await caller(http, "hall_manager", Role.hall_manager, "hall", clock.now)
    refused(await auditor.get(path), 422, "purpose_needed")
    assert (await auditor.get(path, params={"purpose": "curiosity"})).status_code == 400
    assert (await auditor.get(path, params={"purpose": "audit"})).content == whole
    refused(await manager.get(path, params={"purpose": "audit"}), 403, "role_not_allowed")
    assert (await manager.get(path.replace("content", "pages/1"))).status_code == 200
    refused(await manager.post(f"/api/v1/cases/{number}/materials/{FORM}/export", {"reason": "了解情况"}), 403,
            "role_not_allowed")  # fmt: skip
    told_to_auditor = (await auditor.get(f"/api/v1/cases/{number}/looks", params={"limit": 2})).json()
    assert [row["action"] for row in told_to_auditor["items"]] == ["scan.page", "scan.content"]
    assert [row["name"] for row in told_to_auditor["items"]] == ["张云舒", "何安澜"]
    assert told_to_auditor["items"][1]["purpose"] == "audit"
    rest = await auditor.get(f"/api/v1/cases/{number}/looks", params={"cursor": told_to_auditor["next"]})
    assert {row["name"] for row in rest.json()["items"]} == {"李明哲"}
    refused(await manager.get(f"/api/v1/cases/{number}/looks"), 403, "role_not_allowed")
    told = [said(row) for row in await looks(path.split("/")[4]) if row["action"] == "scan.content"]
    assert sum('"purpose":"handling"' in one for one in told) == len(told) - 1
    assert '"purpose":"audit"' in told[-1]


async def test_pages_of_other_cases_in_the_same_file_stay_out_of_sight(
    app: Litestar, clock: Clock, clerk: Caller, database: Database, http: httpx.AsyncClient
) -> None:
    """A scanner's batch holds the papers of two cases; each case shows its own, and neither the whole file."""
    ours, theirs = await clerk.open_case(), await clerk.open_case()
    scan = await stored(app, clock, clerk, ours, FORM, picture())
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("UPDATE scan_links SET pages = '{2}' WHERE scan_id = $1", UUID(scan))
    path = f"/api/v1/scans/{scan}"
    refused(await clerk.get(f"{path}/pages/1"), 404, "scan_not_found")
    await connection.execute("UPDATE scan_links SET pages = '{1}' WHERE scan_id = $1", UUID(scan))
    assert (await clerk.get(f"{path}/pages/1")).status_code == 200
    assert (await clerk.get(f"{path}/content")).status_code == 200
    await connection.execute(
        "INSERT INTO scan_links (id, scan_id, case_id, line, linked_at, pages, returned)"
        " SELECT uuidv7(), $1, id, 'M01', now(), '{2}', '{}' FROM cases WHERE number = $2",
        UUID(scan),
        theirs,
    )
    await connection.execute(
        "UPDATE cases SET hall_id = (SELECT g.organisation_id FROM role_grants g JOIN people p ON p.id = g.person_id"
        " WHERE p.login = 'clerk.town' LIMIT 1) WHERE number = $1",
        theirs,
    )
    refused(await clerk.get(f"{path}/content"), 403, "original_of_several")
    await connection.execute("UPDATE scan_links SET returned = '{1}' WHERE scan_id = $1 AND pages = '{1}'", UUID(scan))
    await connection.close()
    refused(await clerk.get(f"{path}/pages/1"), 404, "scan_not_found")
    stranger = await caller(http, "officer.health", Role.officer, "health", clock.now)
    refused(await stranger.get(f"{path}/pages/1"), 404, "scan_not_found")


async def test_a_browser_needs_an_address_that_was_given_to_it(
    app: Litestar, clock: Clock, clerk: Caller, http: httpx.AsyncClient
) -> None:
    number = await clerk.open_case()
    scan = await stored(app, clock, clerk, number, FORM, picture())
    browser, other = Browser(http), None
    await browser.sign_in("clerk")
    page = await browser.open(f"/cases/{number}/pages/{FORM}/1")
    links = [values["src"] for tag, values in page.elements if tag == "img"]
    seen = [row["action"] for row in await looks(scan)]
    assert seen.count("scan.view") == 1
    for link in links:
        assert (await http.get(link)).status_code == 200
    assert [row["action"] for row in await looks(scan)] == seen
    unseen = link_to(context_of(app), await actor("clerk"), Picture(UUID(scan), 1, "page"), clock.now)
    assert (await http.get(unseen)).status_code == 200
    assert [row["action"] for row in await looks(scan)] == [*seen, "scan.page"]
    refused(await http.get(f"{unseen}&seen=true"), 403, "link_refused")
    refused(await http.get(f"/api/v1/scans/{scan}/pages/1"), 403, "link_needed")
    refused(await http.get(links[0].replace("size=thumbnail", "size=page")), 403, "link_refused")
    async with httpx.AsyncClient(transport=http._transport, base_url="http://hall.test") as client:
        other = Browser(client)
        await other.sign_in("clerk2")
        refused(await client.get(links[0]), 403, "link_refused")
        refused(await client.get(links[0].partition("?")[0]), 403, "link_needed")
    clock.advance(seconds=301)
    refused(await http.get(links[0]), 403, "link_over")


async def test_a_store_that_is_away_is_said_and_the_page_still_drawn(
    app: Litestar, clock: Clock, clerk: Caller, http: httpx.AsyncClient
) -> None:
    number = await clerk.open_case()
    scan = await stored(app, clock, clerk, number, FORM, picture())
    context = context_of(app)
    context.objects = ObjectStore("http://key:secret@127.0.0.1:1")
    for path in (f"/api/v1/scans/{scan}/pages/1", f"/api/v1/scans/{scan}/content"):
        answer = await clerk.get(path)
        refused(answer, 503, "objects_unavailable")
        assert answer.headers["retry-after"]
    browser = Browser(http)
    await browser.sign_in("clerk")
    page = await browser.open(f"/cases/{number}/pages")
    assert page.answer.status_code == 200
    assert "食品经营许可申请书" in page.text
    assert (await browser.open(f"/cases/{number}")).answer.status_code == 200


async def test_operators_see_what_the_watchmen_found(
    http: httpx.AsyncClient, clerk: Caller, system_admin: Caller, database: Database
) -> None:
    connection = await asyncpg.connect(database.superuser)
    await connection.execute(
        "INSERT INTO alarms (id, code, subject, detail, raised_at) VALUES (uuidv7(), 'evidence_altered', 's-1',"
        ' \'{"case": "c-1"}\', $1)',
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    await connection.execute(
        "INSERT INTO scrubs (id, kind, checked_at, result, detail) VALUES (uuidv7(), 'scan', $1, 'altered', '{}')",
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    await connection.close()
    (alarm,) = (await system_admin.get("/api/v1/alarms")).json()["items"]
    assert (alarm["code"], alarm["subject"], alarm["detail"]) == ("evidence_altered", "s-1", {"case": "c-1"})
    refused(await clerk.get("/api/v1/alarms"), 403, "role_not_allowed")
    assert (await http.get("/health/ready")).json()["alarms"] == {"evidence_altered": 1}
    metrics = (await http.get("/metrics")).text
    assert 'yichuang_alarms{code="evidence_altered"} 1.0' in metrics
    assert 'yichuang_evidence_broken{result="altered"} 1.0' in metrics
    assert 'yichuang_evidence_broken{result="missing"} 0.0' in metrics
    assert "yichuang_evidence_read_seconds 1.7724096e+09" in metrics
