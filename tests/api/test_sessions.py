"""People sign in, machines carry tokens; both end when they should."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from engine.settings import Settings
from tests.api.hall import OPENING, Caller, Clock, Unchanged, refused
from tests.conftest import PASSWORD

Quiet = Callable[[], Unchanged]


async def sign_in(http: httpx.AsyncClient, login: str) -> dict[str, str]:
    """The header that the browser's changes must carry."""
    answer = await http.post("/api/v1/session", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return {"X-CSRF-Token": answer.json()["csrf_token"]}


async def test_a_person_files_an_application_in_a_session(http: httpx.AsyncClient) -> None:
    csrf = await sign_in(http, "clerk")
    me = (await http.get("/api/v1/me")).json()
    assert [grant["role"] for grant in me["grants"]] == ["clerk"]
    opened = await http.post("/api/v1/cases", json=OPENING, headers=csrf)
    assert opened.status_code == 201
    payload = {"materials": [{"line": "M02", "exempt": "e_cert"}]}
    path = f"/api/v1/cases/{opened.json()['case']}/actions/receive"
    assert (await http.post(path, json=payload, headers=csrf)).json()["state"] == "RECEIVED"
    assert (await http.delete("/api/v1/session", headers=csrf)).status_code == 204
    refused(await http.get("/api/v1/me"), 401, "not_authenticated")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/v1/session", json={"login": "clerk", "password": PASSWORD})
    for cookie in answer.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
    assert answer.headers["cache-control"] == "no-store"


async def test_a_change_without_the_form_token_is_refused(http: httpx.AsyncClient, unchanged: Quiet) -> None:
    await sign_in(http, "clerk")
    async with unchanged():
        refused(await http.post("/api/v1/cases", json=OPENING), 403, "csrf_refused")
        wrong = {"X-CSRF-Token": "x" * 43}
        refused(await http.post("/api/v1/cases", json=OPENING, headers=wrong), 403, "csrf_refused")
        refused(await http.delete("/api/v1/session"), 403, "csrf_refused")
        form = {"content-type": "application/x-www-form-urlencoded"}
        refused(await http.post("/api/v1/cases", content=b"a=b", headers=form), 403, "csrf_refused")


async def test_five_wrong_passwords_lock_the_account_for_a_while(http: httpx.AsyncClient, clock: Clock) -> None:
    wrong = {"login": "clerk", "password": "Wrong-2026"}
    for _ in range(5):
        refused(await http.post("/api/v1/session", json=wrong), 401, "sign_in_failed")
    right = {"login": "clerk", "password": PASSWORD}
    refused(await http.post("/api/v1/session", json=right), 429, "account_locked")
    clock.advance(minutes=31)
    assert (await http.post("/api/v1/session", json=right)).status_code == 201


async def test_nobody_learns_which_accounts_exist(http: httpx.AsyncClient) -> None:
    unknown = await http.post("/api/v1/session", json={"login": "nobody", "password": "Wrong-2026"})
    wrong = await http.post("/api/v1/session", json={"login": "clerk", "password": "Wrong-2026"})
    assert refused(unknown, 401, "sign_in_failed") == refused(wrong, 401, "sign_in_failed")


@pytest.mark.parametrize(
    "body", [{}, {"login": "clerk"}, {"login": 7, "password": "x"}, {"login": "x" * 61, "password": "x"}]
)
async def test_a_sign_in_that_is_none_is_refused(http: httpx.AsyncClient, unchanged: Quiet, body: object) -> None:
    async with unchanged():
        refused(await http.post("/api/v1/session", json=body), 422, "payload_invalid")


async def test_the_address_of_the_session_says_what_it_takes(http: httpx.AsyncClient) -> None:
    answer = await http.put("/api/v1/session")
    refused(answer, 405, "method_not_allowed")
    assert {one.strip() for one in answer.headers["allow"].split(",")} == {"DELETE", "OPTIONS", "POST"}


async def test_an_idle_session_ends(http: httpx.AsyncClient, clock: Clock) -> None:
    await sign_in(http, "clerk")
    clock.advance(minutes=14)
    assert (await http.get("/api/v1/me")).status_code == 200
    clock.advance(minutes=14)
    assert (await http.get("/api/v1/me")).status_code == 200
    clock.advance(minutes=16)
    refused(await http.get("/api/v1/me"), 401, "not_authenticated")


async def test_a_session_ends_after_its_hours_however_busy(
    http: httpx.AsyncClient, clock: Clock, settings: Settings
) -> None:
    await sign_in(http, "clerk")
    for _ in range(settings.session_hours * 6 - 1):
        clock.advance(minutes=10)
        assert (await http.get("/api/v1/me")).status_code == 200
    clock.advance(minutes=10)
    refused(await http.get("/api/v1/me"), 401, "not_authenticated")


async def test_a_token_revoked_a_second_ago_opens_nothing(
    http: httpx.AsyncClient, clock: Clock, clerk: Caller, security_admin: Caller, unchanged: Quiet
) -> None:
    assert (await clerk.get("/api/v1/me")).status_code == 200
    assert (await security_admin.delete(f"/api/v1/tokens/{clerk.token_id}")).status_code == 204
    clock.advance(seconds=1)
    async with unchanged():
        refused(await clerk.post("/api/v1/cases", OPENING), 401, "token_refused")
        refused(await clerk.get("/api/v1/me"), 401, "token_refused")
        refused(await security_admin.delete(f"/api/v1/tokens/{clerk.token_id}"), 404, "token_not_found")


async def test_a_token_is_issued_shown_once_and_expires(
    http: httpx.AsyncClient, clock: Clock, security_admin: Caller
) -> None:
    wanted = {"person": "clerk", "role": "clerk", "organisation": "hall", "name": "自助终端1号", "days": 1}
    issued = await security_admin.post("/api/v1/tokens", wanted)
    assert issued.status_code == 201
    kiosk = Caller(http, issued.json()["token"], issued.json()["id"])
    assert (await kiosk.get("/api/v1/me")).json()["kind"] == "machine"
    clock.advance(days=1, seconds=1)
    refused(await kiosk.get("/api/v1/me"), 401, "token_refused")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"role": "approver"}, 409, "grant_missing"),
        ({"role": "emperor"}, 422, "payload_invalid"),
        ({"person": "nobody"}, 404, "person_not_found"),
        ({"organisation": "nowhere"}, 404, "organisation_not_found"),
        ({"days": 0}, 422, "payload_invalid"),
    ],
)
async def test_a_token_that_nobody_may_have_is_not_issued(
    security_admin: Caller, unchanged: Quiet, change: dict[str, object], status: int, code: str
) -> None:
    wanted = {"person": "clerk", "role": "clerk", "organisation": "hall", "name": "kiosk"} | change
    async with unchanged():
        refused(await security_admin.post("/api/v1/tokens", wanted), status, code)


async def test_each_administrator_does_only_their_own_part(
    clerk: Caller, system_admin: Caller, security_admin: Caller, unchanged: Quiet
) -> None:
    wanted = {"person": "clerk", "role": "clerk", "organisation": "hall", "name": "kiosk"}
    letter = "/api/v1/dead-letters/00000000-0000-7000-8000-000000000000/retry"
    async with unchanged():
        for other in (clerk, system_admin):
            refused(await other.post("/api/v1/tokens", wanted), 403, "role_not_allowed")
            refused(await other.delete(f"/api/v1/tokens/{clerk.token_id}"), 403, "role_not_allowed")
        for other in (clerk, security_admin):
            refused(await other.get("/api/v1/dead-letters"), 403, "role_not_allowed")
            refused(await other.post(letter), 403, "role_not_allowed")
        refused(await system_admin.post(letter), 404, "dead_letter_not_found")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer yct_nothing", "Basic Y2xlcms6eA==", "Bearer \x7f"])
async def test_a_wrong_authorization_is_refused(http: httpx.AsyncClient, header: str) -> None:
    refused(await http.get("/api/v1/me", headers={"Authorization": header}), 401, "token_refused")


async def test_the_answer_of_a_refused_token_names_no_inside(app: Litestar, http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/me", headers={"Authorization": "Bearer yct_nothing"})
    secrets = (context_of(app).settings.database_url.get_secret_value(), "Traceback", "litestar", "asyncpg")
    assert not any(word in answer.text for word in secrets)


async def test_the_methods_of_an_address_are_told_only_to_those_inside(http: httpx.AsyncClient, clerk: Caller) -> None:
    refused(await http.options("/api/v1/cases"), 401, "not_authenticated")
    told = await http.options("/api/v1/cases", headers=clerk.headers)
    assert told.status_code == 204
    assert "POST" in told.headers["allow"]
