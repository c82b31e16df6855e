"""Ratings, tickets and delegations over HTTP: what people do when somebody is dissatisfied, stuck or away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from tests.api.hall import FIRM, Caller, Clock, Unchanged, caller, refused
from tests.factories import Story, bring
from workflows.actor import Role

Quiet = Callable[[], Unchanged]
STUCK = {"person": "示例一", "matter": "三次退回，不知缺什么。", "contact": "13800001234"}
LEAVE = {
    "person": "approver",
    "delegate": "approver2",
    "role": "approver",
    "organisation": "amr",
    "from_at": "2026-03-03T00:00:00+08:00",
    "until_at": "2026-03-10T00:00:00+08:00",
    "reason": "年休假",
}


async def delivered(app: Litestar, clock: Clock) -> tuple[Story, str]:
    """A case that was handed out, and the code on its receipt."""
    story = await bring(context_of(app), "DELIVERED")
    clock.now = story.now + timedelta(minutes=10)
    return story, (await story.row())["query_code"]


async def test_an_applicant_rates_once_with_the_code_and_without_a_session(
    app: Litestar, http: httpx.AsyncClient, clock: Clock
) -> None:
    story, code = await delivered(app, clock)
    path = f"/public/cases/{code[:4].lower()}-{code[4:]}/rating"
    assert (await http.get(f"/public/cases/{code}")).json()["may_rate"] is True
    rated = await http.post(path, json={"level": 2, "comment": "办得很快。"})
    assert rated.status_code == 201, rated.text
    assert rated.json()["case"] == story.number
    assert FIRM["name"] not in rated.text
    refused(await http.post(path, json={"level": 1}), 409, "already_rated")
    assert (await http.get(f"/public/cases/{code}")).json()["may_rate"] is False


@pytest.mark.parametrize("body", [{}, {"level": 0}, {"level": 6}, {"level": "2"}, {"level": 2, "name": "王"}, []])
async def test_a_rating_that_is_none_is_refused(
    app: Litestar, http: httpx.AsyncClient, clock: Clock, unchanged: Quiet, body: Any
) -> None:
    _, code = await delivered(app, clock)
    async with unchanged():
        refused(await http.post(f"/public/cases/{code}/rating", json=body), 422, "payload_invalid")


async def test_nothing_is_rated_before_it_is_delivered(clerk: Caller, http: httpx.AsyncClient) -> None:
    code = (await clerk.get(f"/api/v1/cases/{await clerk.open_case()}")).json()["query_code"]
    refused(await http.post(f"/public/cases/{code}/rating", json={"level": 1}), 409, "action_not_allowed")


async def test_who_guesses_codes_is_stopped(app: Litestar, http: httpx.AsyncClient, clock: Clock) -> None:
    _, code = await delivered(app, clock)
    for _ in range(20):
        answer = await http.post("/public/cases/000000000000/rating", json={"level": 1})
        refused(answer, 404, "case_not_found")
    refused(await http.post(f"/public/cases/{code}/rating", json={"level": 1}), 429, "too_many_attempts")
    elsewhere = await http.post(
        f"/public/cases/{code}/rating", json={"level": 1}, headers={"X-Forwarded-For": "203.0.113.7"}
    )
    assert elsewhere.status_code == 201


async def test_a_ticket_goes_from_the_desk_to_the_file(
    http: httpx.AsyncClient, clock: Clock, *, clerk: Caller, officer: Caller, other_officer: Caller, unchanged: Quiet
) -> None:
    number = await clerk.open_case()
    registered = await clerk.post("/api/v1/impasses", STUCK | {"case": number}, headers={"Idempotency-Key": "t-1"})
    assert registered.status_code == 201, registered.text
    assert registered.json()["contact_due_on"] == "2026-03-02"
    again = await clerk.post("/api/v1/impasses", STUCK | {"case": number}, headers={"Idempotency-Key": "t-1"})
    assert again.json() == registered.json()
    path = f"/api/v1/impasses/{quote(registered.json()['impasse'])}"
    handler = await caller(http, "impasse_handler", Role.impasse_handler, "hall", clock.now)
    manager = await caller(http, "hall_manager", Role.hall_manager, "hall", clock.now)
    async with unchanged():
        refused(await clerk.post(f"{path}/steps/assign", {"note": "x", "organisation": "amr"}), 403, "role_not_allowed")
        refused(await handler.post(f"{path}/steps/verify", {"note": "x"}), 409, "impasse_step_not_allowed")
        refused(await handler.post(f"{path}/steps/forget", {"note": "x"}), 404, "step_unknown")
        refused(await handler.post(f"{path}/steps/assign", {"note": "x"}), 422, "department_needed")
        refused(await handler.post(f"{path}/steps/assign", {}), 422, "payload_invalid")
        refused(await other_officer.get(path), 404, "impasse_not_found")
    for who, step, body in (
        (handler, "assign", {"note": "请核实", "organisation": "amr"}),
        (handler, "contact", {"note": "已电话联系"}),
        (officer, "solve", {"note": "已指导补正"}),
        (handler, "feed_back", {"note": "已反馈"}),
        (manager, "verify", {"note": "属实"}),
        (handler, "file", {"note": "归档"}),
    ):
        done = await who.post(f"{path}/steps/{step}", body)
        assert done.status_code == 200, done.text
    view = (await handler.get(path)).json()
    assert (view["state"], view["case"], view["steps"]) == ("filed", number, [])
    assert [line["step"] for line in view["history"]][:2] == ["register", "assign"]
    assert STUCK["contact"] not in str(view)
    clear = await handler.post(f"{path}/unmask", {"reason": "电话回访"})
    assert clear.json() == {"field": "contact", "value": STUCK["contact"]}
    refused(await officer.post(f"{path}/unmask", {"reason": "电话回访"}), 403, "role_not_allowed")
    listed = (await handler.get("/api/v1/impasses", params={"state": "filed"})).json()["items"]
    assert [row["number"] for row in listed] == [registered.json()["impasse"]]
    refused(await handler.get("/api/v1/impasses", params={"state": "lost"}), 400, "malformed_request")


async def test_a_ticket_is_not_registered_for_a_case_out_of_sight(
    http: httpx.AsyncClient, clock: Clock, clerk: Caller, officer: Caller, unchanged: Quiet
) -> None:
    number = await clerk.open_case()
    town = await caller(http, "clerk.town", Role.clerk, "town-hall", clock.now)
    async with unchanged():
        refused(await town.post("/api/v1/impasses", STUCK | {"case": number}), 404, "case_not_found")
        refused(await officer.post("/api/v1/impasses", STUCK), 403, "role_not_allowed")
        refused(await clerk.post("/api/v1/impasses", STUCK | {"matter": ""}), 422, "payload_invalid")
        refused(await clerk.post("/api/v1/impasses", STUCK | {"matter": "a\x00b"}), 422, "control_character")


async def test_a_delegate_is_appointed_listed_and_ended(
    http: httpx.AsyncClient, clock: Clock, *, approver: Caller, clerk: Caller, unchanged: Quiet
) -> None:
    async with unchanged():
        refused(await clerk.post("/api/v1/delegations", LEAVE), 403, "appointer_not_allowed")
        refused(await approver.post("/api/v1/delegations", LEAVE | {"delegate": "nobody"}), 404, "person_not_found")
        refused(await approver.post("/api/v1/delegations", LEAVE | {"until_at": LEAVE["from_at"]}), 422, "period_wrong")
        refused(await approver.post("/api/v1/delegations", LEAVE | {"role": "king"}), 422, "payload_invalid")
    made = await approver.post("/api/v1/delegations", LEAVE)
    assert made.status_code == 201, made.text
    refused(await approver.post("/api/v1/delegations", LEAVE), 409, "delegated_already")
    second = await caller(http, "approver2", Role.approver, "amr", clock.now)
    for who in (approver, second):
        (row,) = (await who.get("/api/v1/delegations")).json()["items"]
        assert (row["id"], row["person"], row["delegate"]) == (made.json()["id"], "approver", "approver2")
    assert (await clerk.get("/api/v1/delegations")).json()["items"] == []
    path = f"/api/v1/delegations/{made.json()['id']}"
    refused(await clerk.delete(path), 404, "delegation_not_found")
    assert (await approver.delete(path)).status_code == 204
    assert (await approver.get("/api/v1/delegations")).json()["items"] == []
