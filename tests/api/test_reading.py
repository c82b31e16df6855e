"""Reading: what is published, lists page by page, and requests that are not well formed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest
from jsonschema import Draft202012Validator
from litestar import Litestar
from pydantic import SecretStr

from api.app import create_app
from engine.settings import Settings
from tests.api.hall import E_CERT, FIRM, FOOD, OPENING, Caller, Clock, over, refused
from tests.conftest import Database
from workflows.item import load_catalogue


async def pages_of(who: Caller, path: str, limit: int, **params: Any) -> list[dict[str, Any]]:
    """Every row of a list, read page by page."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await who.get(path, params={"limit": limit, **params} | ({"cursor": cursor} if cursor else {}))
        assert page.status_code == 200, page.text
        assert len(page.json()["items"]) <= limit
        rows += page.json()["items"]
        cursor = page.json()["next"]
        if cursor is None:
            return rows


async def test_every_item_is_listed_once(clerk: Caller) -> None:
    rows = await pages_of(clerk, "/api/v1/items", 7)
    assert [row["code"] for row in rows] == sorted(item.code for item in load_catalogue())
    found = (await clerk.get("/api/v1/items", params={"text": "食品经营许可"})).json()["items"]
    assert [row["code"] for row in found] == [FOOD.code]


async def test_an_item_is_read_with_its_limits_and_materials(clerk: Caller) -> None:
    item = (await clerk.get(f"/api/v1/items/{FOOD.code}")).json()
    assert item["in_force"] is True
    assert item["statutory_limit"]["unit"] == "working_days"
    assert [line["code"] for line in item["materials"]] == [line.code for line in FOOD.materials]
    refused(await clerk.get("/api/v1/items/none"), 404, "item_not_found")


async def test_a_procedure_is_read_with_the_article_of_every_step(clerk: Caller) -> None:
    flow = (await clerk.get("/api/v1/flows/PERMIT")).json()
    assert {"NEW", "RECEIVED", "DENIED"} <= {state["name"] for state in flow["states"]}
    assert all(step["basis"] for step in flow["steps"])
    refused(await clerk.get("/api/v1/flows/NOTHING"), 404, "flow_not_found")


async def test_the_calendar_tells_worked_weekends_and_days_not_yet_published(clerk: Caller) -> None:
    answer = await clerk.get("/api/v1/calendar", params={"from": "2026-02-13", "to": "2026-02-24"})
    kinds = {day["day"]: day["kind"] for day in answer.json()["days"]}
    assert kinds["2026-02-13"] == "working"
    assert kinds["2026-02-14"] == "make_up"
    assert kinds["2026-02-17"] == "holiday"
    later = await clerk.get("/api/v1/calendar", params={"from": "2027-03-01", "to": "2027-03-01"})
    assert later.json()["days"][0]["provisional"] is True


@pytest.mark.parametrize(
    ("first", "last", "status", "code"),
    [
        ("2026-02-02", "2026-02-01", 422, "range_reversed"),
        ("2026-01-01", "2027-02-05", 422, "range_too_long"),
        ("2026-02-30", "2026-03-01", 400, "malformed_request"),
        ("9999-12-31", "9999-12-31", 200, ""),
    ],
)
async def test_a_range_of_days_has_a_beginning_and_an_end(
    clerk: Caller, *, first: str, last: str, status: int, code: str
) -> None:
    answer = await clerk.get("/api/v1/calendar", params={"from": first, "to": last})
    if status != 200:
        refused(answer, status, code)
    assert answer.status_code == status


async def test_cases_are_listed_most_urgent_first_and_page_by_page(clerk: Caller, officer: Caller) -> None:
    numbers = [await clerk.open_case() for _ in range(5)]
    payload = {"materials": [{"line": E_CERT, "exempt": "e_cert"}]}
    assert (await clerk.act(numbers[3], "receive", 1, body=payload)).status_code == 200
    rows = await pages_of(clerk, "/api/v1/cases", 2)
    assert rows[0]["number"] == numbers[3]
    assert sorted(row["number"] for row in rows) == sorted(numbers)
    assert not {"id", "department_id", "urgency", "applicant_sealed"} & set(rows[0])
    assert FIRM["id_number"] not in str(rows)
    assert [row["number"] for row in await pages_of(officer, "/api/v1/cases", 2)] == [numbers[3]]
    assert len(await pages_of(clerk, "/api/v1/cases", 2, state="NEW")) == 4
    assert len(await pages_of(clerk, "/api/v1/cases", 2, state=["NEW", "RECEIVED"], item=FOOD.code)) == 5
    assert await pages_of(clerk, "/api/v1/cases", 2, due_before="2026-03-02T00:00:00Z") == []
    assert len(await pages_of(clerk, "/api/v1/cases", 2, due_before="2027-01-01T00:00:00Z")) == 1


async def test_the_actions_of_a_case_say_what_is_allowed_and_why_not(clerk: Caller) -> None:
    number = await clerk.open_case()
    listed = {row["action"]: row for row in (await clerk.get(f"/api/v1/cases/{number}/actions")).json()}
    assert listed["receive"]["allowed"] is True
    payload = {"materials": [{"line": E_CERT, "exempt": "e_cert"}]}
    schema = Draft202012Validator(listed["receive"]["schema"])
    assert schema.is_valid(payload)
    assert not schema.is_valid({})
    assert (await clerk.act(number, "receive", 1, body=payload)).status_code == 200
    listed = {row["action"]: row for row in (await clerk.get(f"/api/v1/cases/{number}/actions")).json()}
    assert listed["accept"]["allowed"] is False
    assert listed["accept"]["barred"]["code"] == "materials_incomplete"
    assert listed["accept"]["barred"]["basis"]


CURSORS = [
    "x",
    "",
    "AAAA",
    "W10",
    "bm90IGpzb24",
    "WyJkdWUiLCJ5ZXN0ZXJkYXkiLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ",
    "WyJzZXEiLC0xXQ",
    "WyJzZXEiLDk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
    "WyJjb2RlIiwiXHUwMDAwIl0",
    "键",
    "A" * 5000,
]


@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_cursor_that_was_never_given_is_refused(clerk: Caller, system_admin: Caller, cursor: str) -> None:
    number = await clerk.open_case()
    for who, path in (
        (clerk, "/api/v1/items"),
        (clerk, "/api/v1/cases"),
        (clerk, "/api/v1/tasks"),
        (clerk, f"/api/v1/cases/{number}/events"),
        (system_admin, "/api/v1/dead-letters"),
    ):
        refused(await who.get(path, params={"cursor": cursor}), 422, "unknown_cursor")


async def test_a_cursor_serves_only_its_own_list(clerk: Caller) -> None:
    cursor = (await clerk.get("/api/v1/items", params={"limit": 1})).json()["next"]
    refused(await clerk.get("/api/v1/cases", params={"cursor": cursor}), 422, "unknown_cursor")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 400, "malformed_request"),
        ("limit=201", 400, "malformed_request"),
        ("limit=ten", 400, "malformed_request"),
        ("due_before=soon", 400, "malformed_request"),
        ("page=2", 422, "unknown_parameter"),
        ("actor=1", 422, "unknown_parameter"),
        ("context=1", 422, "unknown_parameter"),
        ("item=%00", 422, "control_character"),
        ("item=" + "x" * 51, 400, "malformed_request"),
        ("state=%E2%80%AE", 422, "control_character"),
    ],
)
async def test_a_query_that_is_not_right_is_refused(clerk: Caller, query: str, status: int, code: str) -> None:
    answer = await clerk.get(f"/api/v1/cases?{query}")
    refused(answer, status, code)
    assert "Expected" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/cases", 405, "method_not_allowed"),
        ("TRACE", "/api/v1/cases", 405, "method_not_allowed"),
        ("GET", "/api/v1/scans/not-a-key/content", 404, "not_found"),
        ("GET", "/api/v1/cases/%00", 422, "control_character"),
        ("GET", "/api/v1/redoc", 404, "not_found"),
        ("GET", "/api/v1/swagger", 404, "not_found"),
        ("GET", "/api/v1/elements", 404, "not_found"),
        ("GET", "/api/v1", 404, "not_found"),
    ],
)
async def test_an_address_that_is_none_answers_with_a_problem(
    clerk: Caller, *, method: str, path: str, status: int, code: str
) -> None:
    answer = await clerk.http.request(method, path, headers=clerk.headers)
    refused(answer, status, code)
    if status == 405:
        assert "POST" in answer.headers["allow"]


async def test_health_names_each_part(app: Litestar, http: httpx.AsyncClient) -> None:
    assert (await http.get("/health/live")).json() == {"status": "ok"}
    ready = await http.get("/health/ready")
    assert ready.status_code == 200, ready.text
    assert ready.json()["parts"] == {"database": "ok", "objects": "ok", "broker": "ok"}


async def test_health_names_the_part_that_fails(settings: Settings, clock: Clock) -> None:
    broken = settings.model_copy(update={"broker_url": SecretStr("redis://127.0.0.1:9/0")})
    app = create_app(broken, clock)
    async with app.lifespan(), httpx.AsyncClient(transport=over(app), base_url="http://hall.test") as http:
        ready = await http.get("/health/ready")
        assert ready.status_code == 503
        # The buckets of this test were never made, so the object store cannot serve either.
        assert ready.json()["parts"] == {"database": "ok", "objects": "failing", "broker": "failing"}
        assert (await http.get("/health/live")).status_code == 200


async def test_metrics_count_by_route_and_name_nobody(http: httpx.AsyncClient, clerk: Caller) -> None:
    number = await clerk.open_case()
    await clerk.get(f"/api/v1/cases/{number}")
    text = (await http.get("/metrics")).text
    assert 'yichuang_requests_total{method="GET",route="/api/v1/cases/{number}",status="200"} 1.0' in text
    assert 'yichuang_outbox_rows{state="waiting"}' in text
    assert number not in text


async def test_failed_work_is_listed_and_tried_again(
    clerk: Caller, system_admin: Caller, database: Database, clock: Clock
) -> None:
    number = await clerk.open_case()
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("UPDATE outbox SET state = 'dead', attempts = 8, error = 'Unavailable'")
    await connection.close()
    (letter,) = await pages_of(system_admin, "/api/v1/dead-letters", 1)
    assert letter["case"] == number
    assert letter["error"]
    assert datetime.fromisoformat(letter["created_at"])
    assert (await system_admin.post(f"/api/v1/dead-letters/{letter['id']}/retry")).status_code == 204
    assert await pages_of(system_admin, "/api/v1/dead-letters", 1) == []


async def test_a_consultation_names_only_gaps_of_the_list(clerk: Caller, officer: Caller) -> None:
    asked: dict[str, Any] = {"item": FOOD.code, "question": "问", "answer": "答"}
    gaps = [{"material": "M99", "defect": "缺", "how_to_obtain": "去办"}]
    refused(await clerk.post("/api/v1/consultations", asked | {"gaps": gaps}), 409, "material_not_on_list")
    refused(await officer.post("/api/v1/consultations", asked), 403, "role_not_allowed")
    refused(await clerk.post("/api/v1/consultations", asked | {"item": "x"}), 404, "item_not_found")
    first = (await clerk.post("/api/v1/consultations", asked)).json()["consultation"]
    second = (await clerk.post("/api/v1/consultations", asked)).json()["consultation"]
    assert first.endswith("〔2026〕1号")
    assert second.endswith("〔2026〕2号")


async def test_a_consultation_becomes_one_case(clerk: Caller) -> None:
    asked = {"item": FOOD.code, "question": "问", "answer": "答"}
    number = (await clerk.post("/api/v1/consultations", asked)).json()["consultation"]
    assert (await clerk.post("/api/v1/cases", OPENING | {"consultation": number})).status_code == 201
    refused(await clerk.post("/api/v1/cases", OPENING | {"consultation": number}), 404, "consultation_not_found")
