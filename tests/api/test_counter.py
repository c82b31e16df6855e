"""The issue counter over HTTP: codes, shelves, parcels, certificates, the courier's reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from pydantic import SecretStr

from api.state import context_of
from engine.issue.counter import pickup_code
from engine.issue.shipping import carry_out_order
from storage.db import reading
from tests.api.filing import PERSON, Filing, under_decision
from tests.api.hall import FIRM, Caller, Clock, Unchanged, caller, refused
from tests.courier import KEY, SampleCourier, report_headers, sample_courier
from workflows.actor import Role
from workflows.webhook import SIGNATURE

API = "/api/v1"
WHO = PERSON | {"relation": "self"}
RECEIVER = {"name": "示例收件人", "phone": "13800001234", "address": "海南省海口市示例路1号"}


@pytest.fixture
def courier(app: Litestar) -> Iterator[SampleCourier]:
    """A courier, and an application that is connected to it."""
    with sample_courier() as running:
        context = context_of(app)
        changes = {"courier_url": SecretStr(running.url), "courier_key": SecretStr(KEY)}
        context.settings = context.settings.model_copy(update=changes)
        yield running


@pytest.fixture
async def ready(
    app: Litestar, clock: Clock, *, clerk: Caller, officer: Caller, approver: Caller, issuer: Caller
) -> Filing:
    """A result that waits on shelf A3."""
    filing = await under_decision(app, clock, clerk, officer)
    await filing.act(approver, "grant", opinion="准予")
    await filing.act(issuer, "make_certificate")
    await filing.act(issuer, "mark_ready", shelf="A3")
    return filing


async def code_of(app: Litestar, filing: Filing) -> str:
    code = await pickup_code(context_of(app), filing.number)
    assert code is not None
    return code


async def collect(who: Caller, filing: Filing, code: str, **more: Any) -> httpx.Response:
    headers = {"If-Match": f'"{filing.version}"', **more.pop("headers", {})}
    body = {"code": code, "recipient": WHO, **more}
    return await who.post(f"{API}/cases/{filing.number}/collect", body, headers=headers)


async def test_a_result_is_collected_by_code_and_stands_in_the_ledger(
    app: Litestar, ready: Filing, *, issuer: Caller, clerk: Caller, unchanged: Callable[[], Unchanged]
) -> None:
    code = await code_of(app, ready)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    async with unchanged():
        refused(await collect(clerk, ready, code), 403, "role_not_allowed")
        refused(await collect(issuer, ready, "12345"), 422, "pickup_code_malformed")
        body = {"code": code, "recipient": WHO}
        refused(await issuer.post(f"{API}/cases/{ready.number}/collect", body), 428, "version_required")
    for _ in range(5):
        refused(await collect(issuer, ready, wrong), 409, "pickup_code_wrong")
    async with unchanged():
        refused(await collect(issuer, ready, code), 429, "pickup_locked")
    ready.clock.advance(minutes=30)
    answers = [await collect(issuer, ready, code, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    ledger = (await issuer.get(f"{API}/deliveries", params={"day": "2026-03-02"})).json()
    assert ledger["totals"]["delivered_window"] == len(ledger["rows"]) == 1
    assert ledger["rows"][0]["case"] == ready.number
    number = answers[0].json()["documents"][0]["number"]
    receipt = (await issuer.get(f"{API}/packages", params={"document": number})).json()
    assert [line["code"] for line in receipt["lines"]] == ["D15", "D17"]
    refused(await clerk.get(f"{API}/deliveries", params={"day": "2026-03-02"}), 403, "role_not_allowed")


async def test_shelves_are_listed_moved_and_counted(
    ready: Filing, *, issuer: Caller, clerk: Caller, unchanged: Callable[[], Unchanged]
) -> None:
    page = (await issuer.get(f"{API}/shelves", params={"shelf": "A3", "limit": 1})).json()
    assert [row["case"] for row in page["items"]] == [ready.number]
    rest = (await issuer.get(f"{API}/shelves", params={"cursor": page["next"]})).json()
    assert (rest["items"], rest.get("next")) == ([], None)
    counted = await issuer.post(f"{API}/stocktakes", {"shelf": "A3", "found": []})
    assert (counted.status_code, counted.json()["missing"]) == (201, [ready.number])
    async with unchanged():
        refused(await clerk.post(f"{API}/cases/{ready.number}/shelf", {"shelf": "B1"}), 403, "role_not_allowed")
        refused(await issuer.post(f"{API}/cases/{ready.number}/shelf", {"shelf": ""}), 422, "payload_invalid")
        refused(await clerk.post(f"{API}/stocktakes", {"shelf": "A3", "found": []}), 403, "role_not_allowed")
    moved = (await issuer.post(f"{API}/cases/{ready.number}/shelf", {"shelf": "B1"})).json()
    assert moved == {"case": ready.number, "shelf": "B1", "before": "A3"}
    assert (await issuer.get(f"{API}/shelves", params={"days": 15})).json()["items"] == []


async def test_a_parcel_is_ordered_and_the_courier_reports_its_end(
    app: Litestar,
    ready: Filing,
    courier: SampleCourier,
    *,
    http: httpx.AsyncClient,
    issuer: Caller,
    unchanged: Callable[[], Unchanged],
) -> None:
    body = {"cases": [ready.number], "receiver": RECEIVER}
    async with unchanged():
        wrong = body | {"receiver": RECEIVER | {"phone": "电话"}}
        refused(await issuer.post(f"{API}/postings/orders", wrong), 422, "payload_invalid")
    ordered = await issuer.post(f"{API}/postings/orders", body)
    assert ordered.status_code == 202
    async with reading() as connection:
        key = await connection.fetchval("SELECT id FROM postal_orders")
    assert ordered.json() == {"order": str(key), "cases": [ready.number]}
    await carry_out_order(context_of(app), key, ready.clock.now)
    (waybill,) = courier.parcels
    told = json.dumps(courier.signed(waybill)).encode()
    headers = report_headers(told, ready.clock.now.timestamp())
    async with unchanged():
        forged = headers | {SIGNATURE: "sha256=" + "0" * 64}
        refused(await http.post("/public/courier/reports", content=told, headers=forged), 401, "signature_wrong")
        refused(await http.post("/public/courier/reports", json={"waybill": waybill, "state": "signed"}), 401,
                "signature_wrong")  # fmt: skip
        other = json.dumps(courier.told(waybill) | {"reference": "another"}).encode()
        answer = await http.post(
            "/public/courier/reports", content=other, headers=report_headers(other, ready.clock.now.timestamp())
        )
        refused(answer, 409, "waybill_of_another_case")
    for _ in range(2):
        answer = await http.post("/public/courier/reports", content=told, headers=headers)
        assert answer.status_code == 204
    assert (await issuer.get(f"{API}/cases/{ready.number}")).json()["state"] == "DELIVERED"
    ready.clock.advance(minutes=6)
    refused(await http.post("/public/courier/reports", content=told, headers=headers), 401, "signature_wrong")


async def test_a_hall_without_a_courier_posts_by_itself(
    ready: Filing, *, http: httpx.AsyncClient, issuer: Caller, unchanged: Callable[[], Unchanged]
) -> None:
    async with unchanged():
        body = {"cases": [ready.number], "receiver": RECEIVER}
        refused(await issuer.post(f"{API}/postings/orders", body), 409, "courier_not_configured")
        refused(
            await http.post("/public/courier/reports", json={"waybill": "SF1", "state": "signed"}),
            404,
            "courier_not_connected",
        )
    parcel = {
        "cases": [{"number": ready.number, "version": ready.version}], "carrier": "示例速递", "waybill": "EX1CN",
    }  # fmt: skip
    sent = await issuer.post(f"{API}/postings", parcel)
    assert [done["state"] for done in sent.json()["posted"]] == ["IN_TRANSIT"]


async def test_a_certificate_is_found_by_staff_and_checked_by_everybody(
    ready: Filing, clock: Clock, *, http: httpx.AsyncClient, issuer: Caller, unchanged: Callable[[], Unchanged]
) -> None:
    listed = (await issuer.get(f"{API}/cases/{ready.number}/documents")).json()
    number = next(paper["number"] for paper in listed if paper["code"] == "D17")
    found = (await issuer.get(f"{API}/certificates", params={"number": number})).json()
    assert (found["holder"], found["state"], found["valid"]) == (FIRM["name"], "in_force", True)
    town = await caller(http, "clerk.town", Role.clerk, "town-hall", clock.now)
    refused(await town.get(f"{API}/certificates", params={"number": number}), 404, "certificate_not_found")
    body = {"number": number, "holder": FIRM["id_number"][-4:]}
    checked = await http.post("/public/certificates/check", json=body)
    assert checked.json() == {"number": number, "valid": True, "replaced": False}
    assert checked.headers["cache-control"] == "no-store"
    async with unchanged():
        for _ in range(20):
            answer = await http.post("/public/certificates/check", json=body | {"holder": "0000"})
            refused(answer, 404, "certificate_not_found")
        refused(await http.post("/public/certificates/check", json=body), 429, "too_many_attempts")


async def test_a_package_of_one_is_none(app: Litestar, ready: Filing, issuer: Caller) -> None:
    code = await code_of(app, ready)
    shown = {"number": ready.number, "version": ready.version, "code": code}
    body = {"cases": [shown], "recipient": WHO}
    refused(await issuer.post(f"{API}/packages/collect", body), 422, "package_size_wrong")
    refused(await issuer.post(f"{API}/packages/collect", body | {"cases": [shown, shown]}), 422, "case_twice")
