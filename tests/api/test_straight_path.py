"""A licence application over HTTP, from consultation to the archive, by the people who do it."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import httpx
from litestar import Litestar

from storage.access import AccessEntry
from tests.api.filing import PERSON, picture, under_decision
from tests.api.hall import FIRM, FOOD, OPENING, Caller, Clock, caller, refused
from workflows.actor import Role


async def test_a_permit_goes_from_consultation_to_the_archive(
    app: Litestar,
    http: httpx.AsyncClient,
    clock: Clock,
    *,
    clerk: Caller,
    officer: Caller,
    reviewer: Caller,
    approver: Caller,
    issuer: Caller,
) -> None:
    asked = {"item": FOOD.code, "question": "开餐馆需要什么？", "answer": "请按清单准备。", "contact": "13800000000"}
    consulted = await clerk.post("/api/v1/consultations", asked, headers={"Idempotency-Key": "c-1"})
    assert consulted.status_code == 201, consulted.text
    number = consulted.json()["consultation"]
    again = await clerk.post("/api/v1/consultations", asked, headers={"Idempotency-Key": "c-1"})
    assert again.json() == consulted.json()
    opened = await clerk.post("/api/v1/cases", OPENING | {"consultation": number})
    assert opened.status_code == 201
    assert opened.headers["etag"] == '"1"'

    filing = await under_decision(app, clock, clerk, officer)
    tasks = (await approver.get("/api/v1/tasks")).json()["items"]
    assert [row["number"] for row in tasks] == [filing.number]
    await filing.act(reviewer, "endorse", opinion="同意")
    granted = await filing.act(approver, "grant", opinion="准予")
    assert granted["state"] == "GRANTED"
    assert [paper["code"] for paper in granted["documents"]] == ["D15"]
    await filing.act(issuer, "make_certificate")
    await filing.act(issuer, "mark_ready", shelf="A-3")
    await filing.act(issuer, "deliver", recipient=PERSON, mandate=True)
    archivist = await caller(http, "archivist", Role.archivist, "460100", clock.now)
    done = await filing.act(archivist, "archive")
    assert done["state"] == "ARCHIVED"
    await _read_back(clerk, filing.number, filing.version)


async def _read_back(clerk: Caller, number: str, version: int) -> None:
    root = f"/api/v1/cases/{number}"
    head = await clerk.get(root)
    assert head.headers["etag"] == f'"{version}"'
    assert head.json()["applicant"]["name"] == FIRM["name"]
    assert FIRM["mobile"] not in head.text
    events = (await clerk.get(f"{root}/events", params={"limit": 200})).json()["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert all(after["previous"] == before["digest"] for before, after in pairwise(events))
    assert PERSON["id_number"] not in str(events)
    papers = (await clerk.get(f"{root}/documents")).json()
    assert [paper["code"] for paper in papers] == ["D01", "D05", "D23", "D14", "D15", "D17", "D18"]
    clocks = {row["kind"]: row for row in (await clerk.get(f"{root}/clocks")).json()}
    assert clocks["statutory"]["status"] == "stopped"
    assert clocks["statutory"]["explanation"][0]["zh"]
    materials = (await clerk.get(f"{root}/materials")).json()
    scans = (await clerk.get(f"{root}/scans")).json()
    assert [scan["state"] for scan in scans] == ["stored"] * 4
    assert sum(len(line["scans"]) for line in materials) == 4


async def test_the_trail_is_read_page_by_page(app: Litestar, clock: Clock, clerk: Caller, officer: Caller) -> None:
    filing = await under_decision(app, clock, clerk, officer)
    path, seen, cursor = f"/api/v1/cases/{filing.number}/events", [], None
    while True:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await clerk.get(path, params=params)).json()
        seen += [event["seq"] for event in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 6


async def test_the_applicant_follows_the_case_with_the_code_on_the_receipt(
    http: httpx.AsyncClient, clerk: Caller
) -> None:
    opened = (await clerk.post("/api/v1/cases", OPENING)).json()
    code = opened["query_code"]
    status = await http.get(f"/public/cases/{code[:4].lower()}-{code[4:]}")
    assert status.status_code == 200
    assert status.json()["state"] == "NEW"
    assert FIRM["name"] not in status.text
    refused(await http.get("/public/cases/000000000000"), 404, "case_not_found")
    refused(await http.get("/public/cases/short"), 422, "query_code_wrong")


async def test_evidence_is_handed_out_in_ranges_through_the_case_only(
    app: Litestar, clock: Clock, clerk: Caller, officer: Caller, other_officer: Caller
) -> None:
    filing = await under_decision(app, clock, clerk, officer)
    scan = (await clerk.get(f"/api/v1/cases/{filing.number}/scans")).json()[0]
    path, whole = f"/api/v1/scans/{scan['id']}/content", picture()
    answer = await officer.get(path)
    assert answer.content == whole
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E7%AC%AC1%E9%A1%B5.jpg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    end = len(whole) - 1
    for asked, first, last in (("bytes=0-99", 0, 99), ("bytes=100-", 100, end), ("bytes=-7", end - 6, end)):
        part = await officer.get(path, headers={"Range": asked})
        assert part.status_code == 206
        assert part.content == whole[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
    assert (await officer.get(path, headers={"Range": "pages=1-2"})).status_code == 200
    for asked in (f"bytes={len(whole)}-", "bytes=-0"):
        refusal = await officer.get(path, headers={"Range": asked})
        refused(refusal, 416, "range_not_satisfiable")
        assert refusal.headers["content-range"] == f"bytes */{len(whole)}"
    for size in ("page", "thumbnail"):
        image = await officer.get(f"/api/v1/scans/{scan['id']}/pages/1", params={"size": size})
        assert image.headers["content-type"] == "image/jpeg"
        assert image.content.startswith(b"\xff\xd8")
    refused(await officer.get(f"/api/v1/scans/{scan['id']}/pages/2"), 404, "page_not_found")
    refused(await other_officer.get(path), 404, "scan_not_found")
    refused(await other_officer.get(f"/api/v1/scans/{scan['id']}/pages/1"), 404, "scan_not_found")


async def test_a_look_at_the_evidence_and_at_a_number_is_logged(
    app: Litestar, clock: Clock, clerk: Caller, officer: Caller
) -> None:
    filing = await under_decision(app, clock, clerk, officer)
    scan = (await clerk.get(f"/api/v1/cases/{filing.number}/scans")).json()[0]["id"]
    await officer.get(f"/api/v1/scans/{scan}/content")
    shown = await officer.post(
        f"/api/v1/cases/{filing.number}/unmask", {"field": "id_number", "reason": "核对营业执照"}
    )
    assert shown.json() == {"field": "id_number", "value": FIRM["id_number"]}
    assert shown.headers["cache-control"] == "no-store"
    rows = await AccessEntry.select(AccessEntry.subject, AccessEntry.action)
    assert {"subject": scan, "action": "scan.content"} in rows
    assert {"subject": filing.number, "action": "unmask.id_number"} in rows


async def test_two_clerks_at_once_do_one_act_once(clerk: Caller) -> None:
    number = await clerk.open_case()
    payload = {"reason": "改日再来", "signed": True}
    answers = await asyncio.gather(*(clerk.act(number, "withdraw", 1, body=payload) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
