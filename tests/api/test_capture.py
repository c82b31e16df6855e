"""The hall's daily bulk: files by the pile, sorted at separator sheets, put in order by hand, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from api.state import context_of
from engine.auditing import verify
from storage.db import reading
from storage.objects import ObjectStore
from tests.api.filing import picture
from tests.api.hall import Caller, Clock, Unchanged, refused
from tests.api.paper import Desk, jpeg, leaf, pdf, sheets, tiff

Quiet = Callable[[], Unchanged]


@pytest.fixture
def desk(app: Litestar, clock: Clock, clerk: Caller) -> Desk:
    """A clerk at a scanner."""
    return Desk(app, clock, clerk)


async def test_sixty_mixed_pages_find_their_eight_lines_of_three_cases(desk: Desk, clerk: Caller) -> None:
    """Two pages before the first sheet, 8 sheets, 50 pages: in a TIFF, a PDF and pictures, a broken one between."""
    cases = [await clerk.open_case() for _ in range(3)]
    wanted = [(0, "M01"), (0, "M03"), (0, "M04"), (1, "M01"), (1, "M03"), (2, "M01"), (2, "M04"), (2, "M05")]
    printed = {at: iter(await sheets(clerk, cases[at], *(line for of, line in wanted if of == at))) for at in range(3)}
    counts = [7, 3, 9, 6, 8, 5, 10, 2]
    pages = [leaf(1), leaf(2)]
    where: list[tuple[str, str, int] | None] = [None, None]
    leaves = 2
    for (at, line), count in zip(wanted, counts, strict=True):
        pages.append(next(printed[at]).rotate(180 if line == "M03" else 0))
        where.append(None)
        for _ in range(count):
            leaves += 1
            pages.append(leaf(leaves))
            where.append((cases[at], line, leaves))
    assert len(pages) == 60
    batch = await desk.open(name="3号扫描仪")
    files = [("a.tif", tiff(pages[:25])), ("坏.pdf", b"%PDF-1.7\nnothing"), ("b.pdf", pdf(pages[25:48]))]
    files += [("x.exe", b"MZ" + bytes(64)), ("a.tif", tiff(pages[:25])[:-9])]
    files += [(f"{at}.jpg", jpeg(page)) for at, page in enumerate(pages[48:])]
    told = await desk.add(batch, [*files[:4], *files[5:]])
    assert [line["state"] for line in told] == ["incoming"] * 3 + ["refused"] + ["incoming"] * 12
    assert told[3]["code"] == "type_not_accepted"
    assert not (await desk.read(batch))["pages"]
    done = await desk.close(batch)
    assert done["sorted_at"]
    assert [(row["file_name"], row["state"]) for row in done["files"][:4]] == [
        ("a.tif", "stored"), ("坏.pdf", "refused"), ("b.pdf", "stored"), ("x.exe", None),
    ]  # fmt: skip
    states = [page["state"] for page in done["pages"]]
    assert (states.count("separator"), states.count("filed"), states[:2]) == (8, 50, ["unsorted"] * 2)
    assert {page["reason"] for page in done["pages"][:2]} == {"no_separator"}
    for at, line in wanted:
        stand = (await desk.pages(cases[at]))[line]
        expected = [one[2] for one in where if one and one[:2] == (cases[at], line)]
        assert await desk.numbers(stand) == expected
    assert sum([len(await desk.pages(number)) for number in cases]) == 8
    for number in cases:
        assert (await verify(number)).whole
        names = [event["name"] for event in (await clerk.get(f"/api/v1/cases/{number}/events")).json()["items"]]
        assert names == ["case:open", "scan:filed"]
    await _is_kept_for_the_longest_term(desk, done)


async def _is_kept_for_the_longest_term(desk: Desk, done: dict[str, Any]) -> None:
    async with reading() as connection:
        filed = {page["scan_id"] for page in done["pages"] if page["state"] == "filed"}
        for row in done["files"]:
            if row["scan_id"] in filed:
                scan = await connection.fetchrow("SELECT * FROM scans WHERE id = $1", UUID(row["scan_id"]))
                assert scan is not None
                held = context_of(desk.app).objects.retained_until(scan["object_key"], scan["object_version"])
                assert held is not None
                assert held.year >= desk.clock.now.year + 10
                assert held == scan["retain_until"]


async def test_pages_of_strangers_closed_cases_and_forged_sheets_wait_with_their_reason(
    desk: Desk, clerk: Caller, app: Litestar, officer: Caller
) -> None:
    mine, over = await clerk.open_case(), await clerk.open_case()
    sheet_of_mine, sheet_of_over = (await sheets(clerk, mine, "M01"))[0], (await sheets(clerk, over, "M01"))[0]
    assert (await clerk.act(over, "withdraw", 1, body={"reason": "不办了", "signed": True})).status_code == 200
    refused(await clerk.get(f"/api/v1/cases/{over}/separators"), 409, "case_closed")
    refused(await clerk.get(f"/api/v1/cases/{mine}/separators?line=M99"), 409, "material_not_on_list")
    context = context_of(app)
    ours, context.sealer = context.sealer, type(context.sealer)("k", {"k": bytes(32)}, bytes(32))
    forged = (await sheets(clerk, mine, "M03"))[0]
    context.sealer = ours
    batch = await desk.open()
    run = [sheet_of_over, leaf(1), forged, leaf(2), sheet_of_mine, leaf(3)]
    await desk.add(batch, [("run.pdf", pdf(run))])
    done = await desk.close(batch)
    assert [(page["state"], page["reason"]) for page in done["pages"]] == [
        ("separator", ""), ("unsorted", "case_closed"), ("separator", ""), ("unsorted", "separator_not_ours"),
        ("separator", ""), ("filed", ""),
    ]  # fmt: skip
    assert all(page["reason_zh"] for page in done["pages"] if page["state"] == "unsorted")
    scan = done["files"][0]["scan_id"]

    place = {"action": "place", "scan": scan, "page": 2, "to_line": "M03"}
    assert (await desk.edit(mine, place)).status_code == 200
    assert await desk.numbers((await desk.pages(mine))["M03"]) == [1]
    assert (await clerk.get(f"/api/v1/scans/{scan}/pages/2")).status_code == 200
    refused(await desk.edit(mine, place | {"page": 1, "to_line": "M04"}), 409, "page_taken")
    back = {"action": "return", "line": "M03", "scan": scan, "page": 2}
    assert (await desk.edit(mine, back)).status_code == 200
    assert (await desk.read(batch))["pages"][1]["reason"] == "page_returned"
    aside = {"scan": scan, "page": 2}
    path = f"/api/v1/capture/batches/{batch}/discarded"
    assert (await clerk.post(path, aside)).json()["state"] == "discarded"
    refused(await clerk.post(path, aside), 409, "page_not_unsorted")
    assert (await clerk.post(path, aside | {"discarded": False})).json()["state"] == "unsorted"
    assert (await verify(mine)).whole
    refused(await officer.get(f"/api/v1/capture/batches/{batch}"), 404, "batch_not_found")
    refused(await officer.post("/api/v1/capture/batches", {}), 403, "role_not_allowed")


async def test_pages_are_put_in_order_and_nobody_works_on_an_old_view(
    desk: Desk, clerk: Caller, unchanged: Quiet
) -> None:
    number = await clerk.open_case()
    paper = pdf([leaf(n) for n in (1, 2, 3, 4)])
    sent = await clerk.upload(number, "M01", paper, name="四页.pdf")
    scan = sent.json()["scan"]
    assert sent.json()["same_as"] == []
    await desk.work()
    again = await clerk.upload(number, "M03", paper, name="again.pdf")
    assert again.json()["same_as"] == [scan]
    answer = await desk.edit(
        number,
        {"action": "move", "line": "M01", "scan": scan, "page": 4, "to_line": "M01", "position": 1},
        {"action": "turn", "line": "M01", "scan": scan, "page": 2, "turned": 90},
        {"action": "move", "line": "M01", "scan": scan, "page": 3, "to_line": "M04"},
        {"action": "remove", "line": "M01", "scan": scan, "page": 1},
        seen=0,
    )
    assert answer.status_code == 200, answer.text
    assert await desk.pages(number) == {"M01": [(scan, 4), (scan, 2)], "M04": [(scan, 3)]}
    first = answer.json()["lines"][0]["pages"]
    assert [(page["position"], page["turned"]) for page in first] == [(1, 0), (2, 90)]
    materials = (await clerk.get(f"/api/v1/cases/{number}/scans")).json()
    assert {(row["line"], row["pages"]) for row in materials if row["id"] == scan} == {("M01", 2), ("M04", 1)}
    turn = {"action": "turn", "line": "M01", "scan": scan, "page": 2, "turned": 0}
    async with unchanged():
        stale = refused(await desk.edit(number, turn, seen=3), 412, "pages_changed")
        assert (stale["current"], [row["action"] for row in stale["changed"]]) == (4, ["remove"])
        refused(await desk.edit(number, turn, {**turn, "page": 1}), 409, "page_not_there")
        refused(await desk.edit(number, {**turn, "action": "return"}), 409, "page_not_of_batch")
        refused(
            await desk.edit(number, {**turn, "action": "place", "line": "", "page": 9, "to_line": "M01", "turned": 0}),
            404, "page_not_found",
        )  # fmt: skip
        refused(await desk.edit(number, {**turn, "action": "move", "to_line": "M99"}), 409, "material_not_on_list")
    put_back = {"action": "place", "scan": scan, "page": 1, "to_line": "M01", "position": 1}
    assert (await desk.edit(number, put_back, seen=4)).status_code == 200
    assert (await desk.pages(number))["M01"] == [(scan, 1), (scan, 4), (scan, 2)]
    history = (await clerk.get(f"/api/v1/cases/{number}/pages")).json()["history"]
    assert [row["action"] for row in history] == ["move", "turn", "move", "remove", "place"]
    assert {row["made_by_name"] for row in history} != {None}
    assert (await verify(number)).whole
    withdrawn = await clerk.act(number, "withdraw", 1, body={"reason": "不办了", "signed": True})
    assert withdrawn.status_code == 200
    async with unchanged():
        refused(await desk.edit(number, turn), 409, "case_closed")


async def test_of_two_people_who_replace_one_scan_the_second_is_told(
    desk: Desk, clerk: Caller, unchanged: Quiet
) -> None:
    number = await clerk.open_case()
    old = (await clerk.upload(number, "M01", pdf([leaf(1), leaf(2)]))).json()["scan"]
    await desk.work()
    other = (await clerk.upload(number, "M01", jpeg(leaf(9)), name="9.jpg", kind="image/jpeg")).json()["scan"]
    await desk.work()
    path = f"/api/v1/cases/{number}/materials/M01/scans?replaces={old}"

    async def replace(content: bytes, name: str) -> Any:
        return await clerk.http.post(path, files={"file": (name, content)}, headers=clerk.headers)

    bad = await replace(b"%PDF-1.7\nnothing", "bad.pdf")
    assert bad.status_code == 201
    refused(await replace(picture(), "early.jpg"), 409, "replacement_waiting")
    await desk.work()
    assert (await desk.pages(number))["M01"] == [(old, 1), (old, 2), (other, 1)]  # a refused one takes no place
    first, second = await asyncio.gather(replace(jpeg(leaf(5)), "5.jpg"), replace(jpeg(leaf(6)), "6.jpg"))
    won, lost = (first, second) if first.status_code == 201 else (second, first)
    assert (won.status_code, lost.status_code) == (201, 409)
    assert refused(lost, 409, "replacement_waiting")["scan"] == won.json()["scan"]
    await desk.work()
    assert (await desk.pages(number))["M01"] == [(won.json()["scan"], 1), (other, 1)]
    async with unchanged():
        told = refused(await replace(picture(), "late.jpg"), 409, "scan_replaced")
    assert told["scan"] == won.json()["scan"]
    assert (await clerk.get(f"/api/v1/scans/{old}/pages/1")).status_code == 200
    assert (await verify(number)).whole


async def test_a_batch_takes_no_bad_name_and_nothing_after_its_end(desk: Desk, clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    batch = await desk.open(case=number, line="M03")
    names = ["../../etc/x.jpg", "a\u202egpj.jpg", "长" * 300 + ".jpg", "ok.jpg", "same.jpg"]
    told = await desk.add(batch, [(name, picture()) for name in names])
    assert [line["state"] for line in told] == ["refused"] * 3 + ["incoming"] * 2
    assert {line["code"] for line in told[:3]} == {"unsafe_file_name"}
    assert told[4]["same_as"] == [4]
    path = f"/api/v1/capture/batches/{batch}/files"
    nul = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a\x00.jpg"\r\n\r\nx\r\n--B--\r\n'
    cut = b'--B\r\nContent-Disposition: form-data; name="file"; filename="b.jpg"\r\n\r\n' + picture()[:500]
    headers = clerk.headers | {"Content-Type": "multipart/form-data; boundary=B"}
    answer = await clerk.http.post(path, content=nul, headers=headers)
    assert answer.status_code in {201, 422}
    async with unchanged():
        refused(await clerk.http.post(path, content=cut, headers=headers), 422, "upload_incomplete")
        refused(
            await clerk.http.post(path, files={"other": ("a.jpg", b"x")}, headers=clerk.headers), 422, "file_missing"
        )
        refused(await clerk.post(path, {}), 415, "multipart_needed")
        refused(await clerk.post("/api/v1/capture/batches", {"case": number}), 409, "batch_target_incomplete")
    done = await desk.close(batch)
    assert [page["state"] for page in done["pages"]] == ["filed", "filed"]  # no sheet: to the line that was named
    assert len((await desk.pages(number))["M03"]) == 2
    async with unchanged():
        refused(
            await clerk.http.post(path, files={"file": ("a.jpg", picture())}, headers=clerk.headers),
            409,
            "batch_closed",
        )
    key = {"Idempotency-Key": "batch-1"}
    two = [(await clerk.post("/api/v1/capture/batches", {"name": "x"}, headers=key)).json() for _ in range(2)]
    assert two[0] == two[1]
    path = f"/api/v1/capture/batches/{two[0]['batch']}/files"
    for _ in range(2):
        answer = await clerk.http.post(path, files={"file": ("a.jpg", picture())}, headers=clerk.headers | key)
        assert [line["file"] for line in answer.json()["files"]] == [1]
    listed = (await clerk.get("/api/v1/capture/batches")).json()
    assert [(row["name"], row["files"]) for row in listed][:1] == [("x", 1)]


async def test_a_silent_object_store_keeps_nothing_at_the_upload_and_only_delays_the_sorting(
    desk: Desk, clerk: Caller, app: Litestar, unchanged: Quiet
) -> None:
    number, context = await clerk.open_case(), context_of(app)
    batch = await desk.open(case=number, line="M03")
    path = f"/api/v1/capture/batches/{batch}/files"
    store, silent = context.objects, ObjectStore("http://nobody:nothing@127.0.0.1:9/")
    async with unchanged():
        context.objects = silent
        answer = await clerk.http.post(path, files={"file": ("a.jpg", picture())}, headers=clerk.headers)
        refused(answer, 503, "objects_unavailable")
        context.objects = store
    await desk.add(batch, [("a.jpg", picture())])
    context.objects = silent
    assert (await desk.close(batch))["sorted_at"] is None
    context.objects = store
    await desk.work()
    assert [page["state"] for page in (await desk.read(batch))["pages"]] == ["filed"]
    assert len((await desk.pages(number))["M03"]) == 1
