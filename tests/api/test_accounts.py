"""Accounts and roles over HTTP: two administrators apart, and none of them the last to go."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from engine.identity import add_person
from storage.db import reading
from tests.api.hall import Caller, Clock, Unchanged, caller, refused
from tests.conftest import PASSWORD
from workflows.actor import Role

ACCOUNTS = "/api/v1/accounts"
REGION = "460000"


@pytest.fixture
async def system(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "system_admin", Role.system_admin, REGION, clock.now)


@pytest.fixture
async def security(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "security_admin", Role.security_admin, REGION, clock.now)


async def patch(who: Caller, path: str, body: Any) -> httpx.Response:
    return await who.http.patch(path, json=body, headers=who.headers)


async def sign_in(http: httpx.AsyncClient, login: str, password: str) -> int:
    answer = await http.post("/api/v1/session", json={"login": login, "password": password})
    http.cookies.clear()
    return answer.status_code


async def first_grant(who: Caller, login: str) -> str:
    return str((await who.get(f"{ACCOUNTS}/{login}")).json()["grants"][0]["id"])


async def test_an_account_goes_through_its_life(system: Caller, security: Caller, http: httpx.AsyncClient) -> None:
    made = await system.post(ACCOUNTS, {"login": "new.clerk", "name": "王晓红"})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    password = made.json()["password"]
    refused(await system.post(ACCOUNTS, {"login": "new.clerk", "name": "王晓红"}), 409, "login_taken")
    given = await security.post(f"{ACCOUNTS}/new.clerk/roles", {"role": "clerk", "organisation": "w01"})
    assert given.status_code == 201
    assert await sign_in(http, "new.clerk", password) == 201

    assert (await patch(system, f"{ACCOUNTS}/new.clerk", {"name": "王晓虹"})).status_code == 204
    read = (await system.get(f"{ACCOUNTS}/new.clerk")).json()
    assert (read["name"], read["active"], read["grants"][0]["organisation"]) == ("王晓虹", True, "w01")
    assert read["allowed"] == ["deactivate", "rename", "reset_password"]
    assert "password" not in str(read | {"allowed": []})

    again = (await system.post(f"{ACCOUNTS}/new.clerk/password")).json()["password"]
    assert await sign_in(http, "new.clerk", password) == 401
    assert (await system.post(f"{ACCOUNTS}/new.clerk/deactivation")).status_code == 204
    assert await sign_in(http, "new.clerk", again) == 401
    refused(await system.post(f"{ACCOUNTS}/new.clerk/password"), 409, "account_inactive")
    assert (await system.post(f"{ACCOUNTS}/new.clerk/activation")).status_code == 204
    assert await sign_in(http, "new.clerk", again) == 201

    path = f"{ACCOUNTS}/new.clerk/roles/{given.json()['id']}"
    assert (await security.delete(path)).status_code == 204
    refused(await security.delete(path), 404, "grant_not_found")
    async with reading() as connection:
        told = await connection.fetch(
            "SELECT l.action, l.body FROM access_log l JOIN people p ON l.subject = 'person:' || p.id"
            " WHERE p.login = 'new.clerk' ORDER BY l.id"
        )
    assert [row["action"] for row in told] == [
        "account.add", "role.grant", "account.rename", "account.password", "account.deactivate", "account.activate",
        "role.take_away",
    ]  # fmt: skip
    assert "王晓红 → 王晓虹" in told[2]["body"]


async def test_the_list_goes_on_where_it_stopped(system: Caller) -> None:
    first = (await system.get(f"{ACCOUNTS}?limit=2")).json()
    rest = (await system.get(f"{ACCOUNTS}?limit=200&cursor={first['next']}")).json()
    logins = [row["login"] for row in first["items"] + rest["items"]]
    assert logins == sorted(set(logins))
    assert "clerk" in logins
    assert rest["next"] is None
    (only,) = (await system.get(f"{ACCOUNTS}?role=security_admin")).json()["items"]
    assert only["login"] == "security_admin"
    refused(await system.get(f"{ACCOUNTS}?role=king"), 400, "malformed_request")


async def test_a_lock_is_ended_by_the_system_administrator(system: Caller, http: httpx.AsyncClient) -> None:
    for _ in range(5):
        await sign_in(http, "clerk", "Wrong-2026")
    assert await sign_in(http, "clerk", PASSWORD) == 429
    row = (await system.get(f"{ACCOUNTS}/clerk")).json()
    assert row["locked_until"] is not None
    assert "unlock" in row["allowed"]
    assert (await system.post(f"{ACCOUNTS}/clerk/unlocking")).status_code == 204
    assert await sign_in(http, "clerk", PASSWORD) == 201


async def test_who_may_not_is_refused_and_nothing_is_written(
    http: httpx.AsyncClient, system: Caller, security: Caller, clerk: Caller, unchanged: Any
) -> None:
    quiet: Unchanged = unchanged()
    async with quiet:
        for who in (clerk, security):
            refused(await who.post(ACCOUNTS, {"login": "x.y", "name": "某人"}), 403, "role_not_allowed")
            refused(await who.post(f"{ACCOUNTS}/officer/password"), 403, "role_not_allowed")
            refused(await patch(who, f"{ACCOUNTS}/officer", {"name": "某人"}), 403, "role_not_allowed")
        wanted = {"role": "clerk", "organisation": "hall"}
        refused(await system.post(f"{ACCOUNTS}/officer/roles", wanted), 403, "role_not_allowed")
        refused(await clerk.get(ACCOUNTS), 403, "role_not_allowed")
        refused(await clerk.get("/api/v1/tokens"), 403, "role_not_allowed")
        refused(await system.post(f"{ACCOUNTS}/system_admin/deactivation"), 403, "own_account")
        refused(await system.post(f"{ACCOUNTS}/security_admin/password"), 403, "administrator_password")
        refused(await system.post(f"{ACCOUNTS}/nobody/unlocking"), 404, "person_not_found")
        refused(await patch(system, f"{ACCOUNTS}/officer", {"name": "  "}), 422, "payload_invalid")
        refused(await system.post(ACCOUNTS, {"login": "A b", "name": "某人"}), 422, "payload_invalid")
        refused(await security.post(f"{ACCOUNTS}/officer/roles", {"role": "clerk"}), 422, "payload_invalid")
        assert (await http.get(ACCOUNTS)).status_code == 401


async def test_the_last_administrator_of_a_place_stays(system: Caller, security: Caller, clock: Clock) -> None:
    for login in ("security_admin", "auditor"):
        found = refused(await system.post(f"{ACCOUNTS}/{login}/deactivation"), 409, "last_administrator")
        assert (found["role"], found["organisation"]) == (login, REGION)
    for login in ("system_admin", "auditor"):
        path = f"{ACCOUNTS}/{login}/roles/{await first_grant(security, login)}"
        refused(await security.delete(path), 409, "last_administrator")

    await add_person("auditor.hall", "示例审", PASSWORD, [(Role.auditor, "hall")], clock.now)
    refused(await system.post(f"{ACCOUNTS}/auditor/deactivation"), 409, "last_administrator")
    assert (await system.post(f"{ACCOUNTS}/auditor.hall/deactivation")).status_code == 204
    await add_person("auditor2", "示例计", PASSWORD, [(Role.auditor, REGION)], clock.now)
    assert (await system.post(f"{ACCOUNTS}/auditor/deactivation")).status_code == 204
    refused(await system.post(f"{ACCOUNTS}/auditor2/deactivation"), 409, "last_administrator")


async def test_two_who_would_do_away_with_each_other_leave_one(
    http: httpx.AsyncClient, clock: Clock, system: Caller
) -> None:
    await add_person("system_admin2", "示例管", PASSWORD, [(Role.system_admin, REGION)], clock.now)
    other = await caller(http, "system_admin2", Role.system_admin, REGION, clock.now)
    answers = await asyncio.gather(
        system.post(f"{ACCOUNTS}/system_admin2/deactivation"), other.post(f"{ACCOUNTS}/system_admin/deactivation")
    )
    assert sorted(answer.status_code for answer in answers) in ([204, 401], [204, 409])


async def test_tokens_are_listed_and_leave_their_entries(security: Caller, http: httpx.AsyncClient) -> None:
    wanted = {"person": "clerk", "role": "clerk", "organisation": "hall", "name": "自助终端1号", "days": 90}
    issued = (await security.post("/api/v1/tokens", wanted)).json()
    page = (await security.get("/api/v1/tokens?limit=1")).json()
    (row,) = page["items"]
    assert (row["id"], row["state"], row["login"], row["issued_by"] is not None) == (
        issued["id"],
        "held",
        "clerk",
        True,
    )
    assert issued["token"] not in str(page)
    assert (await security.delete(f"/api/v1/tokens/{issued['id']}")).status_code == 204
    listed = (await security.get("/api/v1/tokens")).json()["items"]
    assert issued["id"] not in {one["id"] for one in listed}
    ended = (await security.get("/api/v1/tokens?ended=true")).json()["items"]
    assert {one["state"] for one in ended if one["id"] == issued["id"]} == {"revoked"}
    looks = (await security.get("/api/v1/audit/looks?kind=token&person=security_admin")).json()["items"]
    assert [look["action"] for look in looks] == ["token.revoke", "token.issue"]
    assert looks[1]["purpose"] == "clerk clerk hall"


async def test_what_the_command_line_did_is_seen_by_whoever_reads_the_log(security: Caller, clock: Clock) -> None:
    await add_person("by.command", "示例令", PASSWORD, [(Role.clerk, "hall")], clock.now)
    (look,) = (await security.get("/api/v1/audit/looks?kind=account")).json()["items"]
    assert (look["action"], look["about"], look["login"]) == ("account.add", "by.command", None)
