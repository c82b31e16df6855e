"""帮办代办 over HTTP: an agent's own system registers a mandate, uploads its paper, files and follows under it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from engine.jobs import run_row
from storage.db import reading
from tests.api.hall import FOOD, Caller, Clock, Unchanged, caller, refused
from tests.mandates import agent_number
from tests.storage.hostile_files import pdf
from workflows.actor import Role

GRANNY = {"kind": "person", "name": "示例奶奶", "id_kind": "resident_id", "id_number": "11010519491231002X"}
GIVEN: dict[str, Any] = {
    "principal": GRANNY,
    "agent": {"id_kind": "resident_id", "id_number": agent_number(), "login": "agent"},
    "matter": "代为办理食品经营许可",
    "items": [FOOD.code],
    "powers": ["file", "supply", "withdraw"],
    "from_on": "2026-03-02",
    "until_on": "2026-03-29",
    "signed": True,
}


@pytest.fixture
async def agent(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "agent", Role.agent, "hall", clock.now)


@pytest.fixture
async def village(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "agent.village", Role.agent, "village-point", clock.now)


async def registered(app: Litestar, who: Caller, **changes: Any) -> str:
    """A mandate whose paper was uploaded and kept; its address."""
    answer = await who.post("/api/v1/mandates", GIVEN | changes)
    assert answer.status_code == 201, answer.text
    path = f"/api/v1/mandates/{answer.json()['mandate']}"
    scan = await who.http.post(
        f"{path}/scans", files={"file": ("委托书.pdf", pdf(), "application/pdf")}, headers=who.headers
    )
    assert scan.status_code == 201, scan.text
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = 'mandate.judge' AND state = 'waiting'")
    for row in rows:
        assert await run_row(context_of(app), row["id"], lambda: datetime.now(UTC))
    return path


async def test_an_agent_registers_files_follows_and_loses_the_mandate(
    app: Litestar, clock: Clock, agent: Caller, clerk: Caller
) -> None:
    path = await registered(app, agent)
    shown = (await agent.get(path)).json()
    assert (shown["state"], shown["scan_state"], shown["agent"]) == ("in_force", "stored", "agent")
    assert shown["principal"]["id_masked"] != GRANNY["id_number"]
    assert agent_number() not in str(shown)
    opened = await agent.post(f"{path}/cases", {"item": FOOD.code})
    assert opened.status_code == 201, opened.text
    number = opened.json()["case"]
    events = (await agent.get(f"/api/v1/cases/{number}/events")).json()["items"]
    assert (events[0]["actor_name"], events[0]["role"]) == ("陈念慈（代示例奶奶）", "agent")
    assert [row["number"] for row in (await agent.get("/api/v1/cases")).json()["items"]] == [number]
    submitted = await agent.act(number, "submit", 1)
    assert submitted.status_code == 200, submitted.text
    ended = await clerk.post(f"{path}/revocation", {"ending": "revoked", "reason": "改为本人办理。", "signed": True})
    assert ended.status_code == 200, ended.text
    withdrawal = {"reason": "不再办理。", "signed": True}
    problem = refused(await agent.act(number, "withdraw", 2, body=withdrawal), 403, "mandate_revoked")
    assert "民法典" in problem["basis"]
    assert (await clerk.get(f"/api/v1/cases/{number}/events")).json()["items"][-1]["name"] == "mandate:revoked"


async def test_mandates_are_listed_page_by_page_to_whom_they_concern(
    app: Litestar, agent: Caller, clerk: Caller, village: Caller, officer: Caller
) -> None:
    for reference in ("示例二", "示例三"):
        await registered(app, clerk, reference=reference)
    first = (await clerk.get("/api/v1/mandates?limit=1")).json()
    rest = (await clerk.get(f"/api/v1/mandates?limit=1&cursor={first['next']}")).json()
    assert [row["reference"] for row in first["items"] + rest["items"]] == ["示例三", "示例二"]
    assert len((await agent.get("/api/v1/mandates?standing=true")).json()["items"]) == 2
    path = f"/api/v1/mandates/{first['items'][0]['id']}"
    for stranger in (village, officer):
        assert (await stranger.get("/api/v1/mandates")).json()["items"] == []
        refused(await stranger.get(path), 404, "mandate_not_found")
        refused(await stranger.post(f"{path}/cases", {"item": FOOD.code}), 404, "mandate_not_found")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"agent": {**GIVEN["agent"], "id_number": GRANNY["id_number"]}}, 409, "principal_is_agent"),
        ({"until_on": "2026-03-01"}, 422, "mandate_term_wrong"),
        ({"until_on": "2036-03-01"}, 422, "mandate_term_wrong"),
        ({"from_on": "tomorrow"}, 422, "payload_invalid"),
        ({"powers": []}, 422, "payload_invalid"),
        ({"powers": ["everything"]}, 422, "payload_invalid"),
        ({"signed": False}, 409, "signature_missing"),
        ({"items": []}, 422, "mandate_matter_missing"),
        ({"items": ["nothing"]}, 404, "item_not_found"),
        ({"agent": {**GIVEN["agent"], "login": "clerk"}}, 409, "agent_not_on_staff"),
        ({"principal": {**GRANNY, "id_number": "110105194912310021"}}, 422, "id_check_failed"),
        ({"visit": "00000000-0000-7000-8000-000000000000"}, 409, "visit_not_done"),
        ({"matter": "a\u0000b"}, 422, "control_character"),
        ({"fee": 100}, 422, "payload_invalid"),
    ],
)
async def test_what_is_no_mandate_is_refused_and_not_written(
    unchanged: Callable[[], Unchanged], agent: Caller, changes: dict[str, Any], status: int, code: str
) -> None:
    async with unchanged():
        refused(await agent.post("/api/v1/mandates", GIVEN | changes), status, code)


async def test_nothing_is_filed_without_the_paper_or_by_another(
    app: Litestar, unchanged: Callable[[], Unchanged], agent: Caller, clerk: Caller, officer: Caller
) -> None:
    answer = await clerk.post("/api/v1/mandates", GIVEN)
    path = f"/api/v1/mandates/{answer.json()['mandate']}"
    opening = {"item": FOOD.code, "applicant": GRANNY}
    async with unchanged():
        refused(await agent.post(f"{path}/cases", {"item": FOOD.code}), 403, "mandate_without_evidence")
        refused(await clerk.post(f"{path}/cases", {"item": FOOD.code}), 403, "mandate_not_yours")
        refused(await agent.post("/api/v1/cases", opening), 403, "mandate_needed")
        refused(await officer.post("/api/v1/mandates", GIVEN), 403, "role_not_allowed")
        refused(await agent.post(f"{path}/revocation", {"ending": "over", "reason": "。"}), 422, "payload_invalid")
    other = await registered(app, clerk)
    again = {"file": ("again.pdf", pdf(), "application/pdf")}
    async with unchanged():
        upload = await clerk.http.post(f"{other}/scans", files=again, headers=clerk.headers)
        refused(upload, 409, "mandate_evidenced")


async def test_the_same_request_registers_once(agent: Caller) -> None:
    key = {"Idempotency-Key": "mandate-1"}
    first = await agent.post("/api/v1/mandates", GIVEN, headers=key)
    assert (await agent.post("/api/v1/mandates", GIVEN, headers=key)).json() == first.json()
    refused(await agent.post("/api/v1/mandates", GIVEN | {"matter": "别的"}, headers=key), 422, "key_reused")


async def test_a_visit_is_booked_and_recorded(clock: Clock, agent: Caller, clerk: Caller, officer: Caller) -> None:
    wanted = {
        "principal": GRANNY, "day": "2026-03-03", "at": "09:00:00", "place": "海南省海口市琼山区府城街道示例路3号",
        "in_area": True, "immobile": True, "matter": "签署授权委托书", "first": "agent", "second": "guide",
    }  # fmt: skip
    booked = await clerk.post("/api/v1/visits", wanted)
    assert booked.status_code == 201, booked.text
    listed = (await agent.get("/api/v1/visits")).json()["items"]
    assert [(row["place_masked"], row["state"]) for row in listed] == [("海南省海口市琼山区府城街道****", "booked")]
    path = f"/api/v1/visits/{booked.json()['visit']}/record"
    made = {"took_place": True, "conscious": True, "outcome": "本人签署委托书。"}
    refused(await agent.post(path, made), 409, "visit_to_come")
    clock.advance(days=1)
    refused(await clerk.post(path, made), 404, "visit_not_found")
    refused(await agent.post(path, made | {"conscious": False}), 409, "not_conscious")
    assert (await agent.post(path, made)).json()["state"] == "done"
    assert (await officer.get("/api/v1/visits")).json()["items"] == []
    refused(await clerk.post("/api/v1/visits", wanted | {"second": "agent"}), 409, "two_people_needed")
    refused(await officer.post("/api/v1/visits", wanted), 403, "role_not_allowed")
