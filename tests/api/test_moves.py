"""Moving cases to other versions over HTTP: who may, what is refused, and a plan from the dry run to its results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from tests.api.hall import FOOD, Caller, Clock, Unchanged, caller, refused
from tests.engine.test_migrating import publish_next, worked
from tests.factories import publish
from workflows.actor import Role

PLANS = "/api/v1/moves"
WANTED: dict[str, Any] = {"flow": "PERMIT", "flow_from": 2, "flow_to": 3, "reason": "新增期限提醒"}
ITEM = {"item": FOOD.code, "item_from": 1, "item_to": 2}


@pytest.fixture
async def steward(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "item_steward", Role.item_steward, "460100", clock.now)


@pytest.fixture
async def checker(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "item_steward2", Role.item_steward, "460100", clock.now)


async def test_a_plan_from_the_dry_run_to_its_results(
    app: Litestar, clerk: Caller, steward: Caller, checker: Caller, clock: Clock
) -> None:
    numbers = [await clerk.open_case() for _ in range(3)]
    await publish_next(clock.now)
    answer = await steward.post(PLANS, WANTED, headers={"Idempotency-Key": "k-1"})
    assert answer.status_code == 201, answer.text
    again = await steward.post(PLANS, WANTED, headers={"Idempotency-Key": "k-1"})
    assert again.json() == answer.json()
    one = f"{PLANS}/{answer.json()['plan']}"
    refused(await checker.post(f"{one}/approve"), 409, "plan_not_ready")
    await worked(context_of(app), clock.now)
    first = (await checker.get(one, params={"limit": 2})).json()
    rest = (await checker.get(one, params={"limit": 2, "cursor": first["next"]})).json()
    assert [line["case"] for line in (*first["lines"], *rest["lines"])] == numbers
    assert (first["state"], first["movable"], first["planned_by_name"], rest.get("next")) == (
        "looked_at", 3, "朱晓岚", None,
    )  # fmt: skip
    assert {(line["verdict"], line["result"]) for line in first["lines"]} == {("moves", "")}
    assert (first["allowed"], (await steward.get(one)).json()["allowed"]) == (["approve", "cancel"], ["cancel"])
    refused(await steward.post(f"{one}/approve"), 403, "same_person")
    assert (await checker.post(f"{one}/approve")).json()["state"] == "approved"
    assert (await steward.post(f"{one}/carry-out")).json()["state"] == "moving"
    await worked(context_of(app), clock.now)
    done = (await steward.get(one, params={"only": "moved"})).json()
    assert (done["state"], done["moved"], len(done["lines"])) == ("finished", 3, 3)
    case = (await clerk.get(f"/api/v1/cases/{numbers[0]}")).json()
    assert (case["flow_version"], case["item_version"], case["version"]) == (3, 1, 2)
    events = (await clerk.get(f"/api/v1/cases/{numbers[0]}/events")).json()["items"]
    assert [event["name"] for event in events] == ["case:open", "case:migrated"]
    refused(await steward.post(f"{one}/cancel"), 409, "plan_not_ready")
    listed = (await checker.get(PLANS)).json()
    assert [(row["state"], row["approved_by_name"]) for row in listed["items"]] == [("finished", "梁长风")]
    assert (await checker.get(one, params={"only": "stays"})).json()["lines"] == []


async def test_what_cannot_be_planned_is_refused_and_nothing_is_written(
    steward: Caller, clerk: Caller, clock: Clock, unchanged: Callable[[], Unchanged]
) -> None:
    await publish_next(clock.now)
    await publish(FOOD)
    refusals: list[tuple[dict[str, Any], int, str]] = [
        (WANTED | {"flow_to": 2}, 422, "nothing_to_move"),
        (WANTED | {"flow_to": 4}, 404, "flow_not_found"),
        (WANTED | {"flow_from": 9}, 404, "flow_not_found"),
        (WANTED | {"flow_to": 0}, 422, "payload_invalid"),
        (WANTED | {"flow": "MOON"}, 404, "flow_not_found"),
        (WANTED | {"reason": ""}, 422, "payload_invalid"),
        (WANTED | {"reason": "a\u0000"}, 422, "control_character"),
        (WANTED | {"cases": ["1"]}, 422, "payload_invalid"),
        (WANTED | {"item": FOOD.code}, 422, "versions_incomplete"),
        (WANTED | {"item_to": 2}, 422, "versions_incomplete"),
        (WANTED | ITEM | {"item_to": 3}, 404, "item_not_found"),
        (WANTED | ITEM | {"item_to": 1, "flow_to": 2}, 422, "nothing_to_move"),
        (WANTED | ITEM | {"item_from": 2, "item_to": 1}, 409, "version_not_in_force"),
        (WANTED | ITEM | {"flow": "GENERIC", "flow_from": 1, "flow_to": 1}, 409, "item_of_another_flow"),
        (WANTED | {"organisation": "460000"}, 404, "organisation_not_found"),
        (WANTED | {"organisation": "nowhere"}, 404, "organisation_not_found"),
    ]
    async with unchanged():
        for body, status, code in refusals:
            refused(await steward.post(PLANS, body), status, code)
        refused(await clerk.post(PLANS, WANTED), 403, "role_not_allowed")
        refused(await clerk.get(PLANS), 403, "role_not_allowed")
        refused(await steward.get(f"{PLANS}/{uuid4()}"), 404, "plan_not_found")
        refused(await steward.post(f"{PLANS}/{uuid4()}/carry-out"), 404, "plan_not_found")
        refused(await steward.get(PLANS, params={"cursor": "abc"}), 422, "unknown_cursor")
        refused(await steward.get(f"{PLANS}/{uuid4()}", params={"only": "lost"}), 400, "malformed_request")
