"""Paper custody over HTTP: a department's system receives a batch by the code on its slip, the window asks where."""

from __future__ import annotations

import httpx
from litestar import Litestar

from api.state import context_of
from tests.api.hall import Caller, Clock, caller, refused
from tests.factories import START, bring
from workflows.actor import Role

API = "/api/v1"


async def test_a_departments_system_receives_by_the_code_on_the_slip(
    app: Litestar, http: httpx.AsyncClient, clock: Clock, clerk: Caller, officer: Caller, other_officer: Caller
) -> None:
    story = await bring(context_of(app), "REVIEW")
    clock.now = story.now
    clock.advance(minutes=5)
    body = {"to": "amr", "seal": "F-000123", "cases": [{"case": story.number}]}
    packed = await clerk.post(f"{API}/paper-batches", body, headers={"Idempotency-Key": "k-1"})
    assert packed.status_code == 201, packed.text
    answer = packed.json()
    again = await clerk.post(f"{API}/paper-batches", body, headers={"Idempotency-Key": "k-1"})
    assert again.json() == answer
    refused(await clerk.post(f"{API}/paper-batches", body), 409, "paper_not_here")
    refused(await clerk.post(f"{API}/paper-batches", body | {"cases": []}), 422, "payload_invalid")
    code, pieces = answer["batch"], answer["originals"] + answer["copies"]
    at = f"{API}/paper-batches/{code}"
    assert (await clerk.post(f"{at}/send")).json()["state"] == "sent"
    typed = f"{API}/paper-batches/{code[:-2]}{'1' if code[-2] == '0' else '0'}{code[-1]}"
    refused(await officer.post(f"{typed}/receive", {"pieces": pieces}), 422, "batch_code_malformed")
    refused(await other_officer.get(at), 404, "batch_not_found")
    view = (await officer.get(at)).json()
    assert view["steps"] == ["receive", "refuse"]
    assert {line["case"] for line in view["lines"]} == {story.number}
    refused(await officer.post(f"{at}/refuse", {"reason": " "}), 422, "reason_needed")
    missing = [{"case": story.number, "line": "M01", "originals": 0}]
    got = await officer.post(f"{at}/receive", {"pieces": pieces - 1, "lines": missing})
    assert got.json()["state"] == "received_with_discrepancy", got.text
    (one,) = (await clerk.get(at)).json()["discrepancies"]
    settled = await clerk.post(f"{at}/discrepancies/{one['id']}", {"outcome": "left_behind", "word": "在窗口找到"})
    assert settled.json()["state"] == "settled", settled.text
    paper = (await clerk.get(f"{API}/cases/{story.number}/paper")).json()
    assert {line["line"]: line["places"][0]["title"] for line in paper["lines"]}["M01"] == "在示例市政务服务中心"
    held = (await officer.get(f"{API}/papers?at=amr&limit=1")).json()
    rest = (await officer.get(f"{API}/papers?at=amr&cursor={held['next']}")).json()
    assert {row["line"] for row in held["items"] + rest["items"]} == {line["line"] for line in paper["lines"]} - {"M01"}
    assert len((await clerk.get(f"{API}/paper-batches?state=settled")).json()["items"]) == 1
    assert (await clerk.get(f"{API}/papers/owed")).json()["items"] == []
    who = {"name": "示例", "id_kind": "resident_id", "id_number": "11010519491231002X"}
    back = await clerk.post(f"{API}/cases/{story.number}/paper/returns", {"recipient": who, "signed": True})
    assert back.json()["papers"] == [{"line": "M01", "originals": 1, "copies": 0, "sheets": 1}], back.text
    manager = await caller(http, "hall_manager", Role.hall_manager, "hall", START)
    period = f"from={START.date()}&to={START.date()}"
    figures = (await manager.get(f"{API}/completeness?{period}")).json()["figures"]
    assert {one["denominator"] for one in figures} == {0}
    assert {"value" in one and one["value"] is not None for one in figures} == {False}
    assert (await manager.get(f"{API}/completeness/receipt_given?{period}&met=false")).json()["items"] == []
    refused(await clerk.get(f"{API}/completeness?{period}"), 403, "role_not_allowed")
