"""Work on many cases at once over HTTP: bulk acts with a result for each, and one package for one party."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from tests.api.hall import Caller, Clock, Unchanged, caller, refused
from tests.factories import RECIPIENT, bring, firm
from workflows.actor import Role

Quiet = Callable[[], Unchanged]
DELIVERY = {"recipient": RECIPIENT | {"relation": "legal_representative"}}


async def test_each_case_of_a_bulk_act_has_its_own_result(
    app: Litestar, clock: Clock, officer: Caller, clerk: Caller
) -> None:
    good = [await bring(context_of(app), "RECEIVED", who=firm(n)) for n in (1, 2)]
    late = await bring(context_of(app), "ACCEPTED", who=firm(3))
    clock.now = late.now + timedelta(hours=1)
    cases = [{"number": story.number, "version": (await story.row())["version"]} for story in (*good, late)]
    cases += [{"number": cases[0]["number"][:-1] + "x", "version": 1}]
    key = {"Idempotency-Key": "every-monday"}
    answer = await officer.post("/api/v1/bulk/accept", {"cases": cases}, headers=key)
    assert answer.status_code == 200, answer.text
    rows = answer.json()
    assert [row["answer"] and row["answer"]["state"] for row in rows] == ["ACCEPTED", "ACCEPTED", None, None]
    assert [row["problem"] and row["problem"]["status"] for row in rows] == [None, None, 409, 404]
    again = await officer.post("/api/v1/bulk/accept", {"cases": cases}, headers=key)
    assert [row["answer"] for row in again.json()] == [row["answer"] for row in rows]
    without = await officer.post("/api/v1/bulk/accept", {"cases": [{"number": late.number}]})
    assert without.json()[0]["problem"]["status"] == 428
    foreign = await clerk.post("/api/v1/bulk/grant", {"cases": cases[:1], "payload": {"opinion": "同意"}})
    assert foreign.json()[0]["problem"]["code"] in {"case_changed", "role_not_allowed", "action_not_allowed"}


@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("abolish", {"cases": [{"number": "1", "version": 1}]}, 404, "action_unknown"),
        ("accept", {"cases": []}, 422, "cases_none"),
        ("accept", {"cases": [{"number": str(n), "version": 1} for n in range(101)]}, 422, "cases_too_many"),
        ("accept", {"cases": [{"number": "1", "version": 1}] * 2}, 422, "case_twice"),
        ("accept", {"cases": [{"number": "1", "version": 0}]}, 422, "payload_invalid"),
        ("accept", {"cases": ["1"]}, 422, "payload_invalid"),
        ("accept", {"numbers": ["1"]}, 422, "payload_invalid"),
    ],
)
async def test_a_bulk_request_that_makes_no_sense_is_refused_as_a_whole(
    officer: Caller, unchanged: Quiet, action: str, body: dict[str, Any], status: int, code: str
) -> None:
    async with unchanged():
        refused(await officer.post(f"/api/v1/bulk/{action}", body), status, code)


async def test_one_party_takes_everything_home_with_one_certificate_of_service(
    app: Litestar, http: httpx.AsyncClient, clock: Clock, *, issuer: Caller, officer: Caller, unchanged: Quiet
) -> None:
    ready = [await bring(context_of(app), "READY", who=firm()) for _ in range(2)]
    waiting = await bring(context_of(app), "GRANTED", who=firm())
    stranger = await bring(context_of(app), "READY", who=firm(9))
    clock.now = stranger.now + timedelta(hours=1)

    async def named(*stories: Any) -> list[dict[str, Any]]:
        return [{"number": story.number, "version": (await story.row())["version"]} for story in stories]

    town = await caller(http, "clerk.town", Role.issuer, "town-hall", clock.now)
    async with unchanged():
        wrong = {"cases": await named(ready[0], stranger), "delivery": DELIVERY}
        refused(await issuer.post("/api/v1/packages", wrong), 409, "package_of_several_parties")
        part = {"cases": await named(*ready, waiting), "delivery": DELIVERY}
        refused(await issuer.post("/api/v1/packages", part), 409, "package_not_ready")
        one = {"cases": await named(ready[0]), "delivery": DELIVERY}
        refused(await issuer.post("/api/v1/packages", one), 422, "package_size_wrong")
        refused(await officer.post("/api/v1/packages", {**part, "split": True}), 403, "role_not_allowed")
        refused(await town.post("/api/v1/packages", part), 404, "case_not_found")
        bare = {"cases": await named(*ready), "delivery": {}}
        refused(await issuer.post("/api/v1/packages", bare), 422, "payload_invalid")
    done = await issuer.post("/api/v1/packages", {**part, "split": True}, headers={"Idempotency-Key": "home"})
    assert done.status_code == 200, done.text
    assert done.json()["left"] == [waiting.number]
    assert {row["state"] for row in done.json()["delivered"]} == {"DELIVERED"}
    again = await issuer.post("/api/v1/packages", {**part, "split": True}, headers={"Idempotency-Key": "home"})
    assert again.json() == done.json()
