"""Webhooks and the feed over HTTP: who may, what is refused, and what is shown once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from tests.api.hall import E_CERT, Caller, Clock, Unchanged, caller, refused
from workflows.actor import Role

URL = "https://127.0.0.1:1/hook"
COUNTED = {"materials": [{"line": E_CERT, "exempt": "e_cert"}]}
WANTED = {"organisation": "amr", "url": URL, "name": "审批系统"}


@pytest.fixture
def named(app: Litestar) -> None:
    """An installation that lets messages go to this machine."""
    context = context_of(app)
    context.settings = context.settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})


@pytest.fixture
async def steward(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "item_steward", Role.item_steward, "460100", clock.now)


@pytest.fixture
async def head(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "authority_head", Role.authority_head, "amr", clock.now)


async def added(who: Caller, **changes: Any) -> dict[str, Any]:
    answer = await who.post("/api/v1/webhooks", WANTED | changes)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.usefixtures("named")
async def test_the_secret_is_shown_once(steward: Caller) -> None:
    webhook = await added(steward)
    listed = (await steward.get("/api/v1/webhooks")).json()
    (row,) = listed["items"]
    assert row["id"] == webhook["id"]
    assert (row["url"], row["organisation"], row["waiting"], row["dead"]) == (URL, "amr", 0, 0)
    assert webhook["secret"].startswith("yws_")
    assert webhook["secret"] not in str(listed)
    assert "next" not in listed or listed["next"] is None


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"url": "http://127.0.0.1/"}, 422, "webhook_url_wrong"),
        ({"url": "https://user@127.0.0.1/"}, 422, "webhook_url_wrong"),
        ({"url": "https://2130706433/"}, 422, "webhook_url_wrong"),
        ({"url": "https://0x7f.1/"}, 422, "webhook_url_wrong"),
        ({"url": ""}, 422, "payload_invalid"),
        ({"url": "https://10.0.0.1/"}, 409, "webhook_target_refused"),
        ({"url": "https://[::1]/"}, 409, "webhook_target_refused"),
        ({"url": "https://169.254.169.254/latest"}, 409, "webhook_target_refused"),
        ({"url": "https://no-such-host.invalid/"}, 409, "webhook_host_unknown"),
        ({"organisation": "nowhere"}, 404, "organisation_not_found"),
        ({"organisation": "hall"}, 404, "organisation_not_found"),
        ({"name": ""}, 422, "payload_invalid"),
        ({"name": "a\u0000"}, 422, "control_character"),
        ({"secret": "mine"}, 422, "payload_invalid"),
    ],
)
async def test_a_wrong_target_is_refused_and_nothing_is_written(
    steward: Caller, unchanged: Callable[[], Unchanged], changes: dict[str, Any], status: int, code: str
) -> None:
    async with unchanged():
        refused(await steward.post("/api/v1/webhooks", WANTED | changes), status, code)


async def test_loopback_is_refused_unless_it_is_named(steward: Caller) -> None:
    told = refused(await steward.post("/api/v1/webhooks", WANTED), 409, "webhook_target_refused")
    assert "YICHUANG_WEBHOOK_NETWORKS" in told["detail"]


@pytest.mark.usefixtures("named")
async def test_nobody_else_reaches_a_departments_webhooks(
    http: httpx.AsyncClient, steward: Caller, head: Caller, clerk: Caller, officer: Caller, system_admin: Caller
) -> None:
    other = (await added(steward, organisation="hrss"))["id"]
    for who in (clerk, officer, system_admin):
        refused(await who.post("/api/v1/webhooks", WANTED), 403, "role_not_allowed")
        refused(await who.get("/api/v1/webhooks"), 403, "role_not_allowed")
        refused(await who.delete(f"/api/v1/webhooks/{other}"), 403, "role_not_allowed")
    assert (await head.get("/api/v1/webhooks")).json()["items"] == []
    cursor = {"cursor": (await added(head))["cursor"]}
    for answer in (
        await head.delete(f"/api/v1/webhooks/{other}"),
        await head.post(f"/api/v1/webhooks/{other}/resume"),
        await head.post(f"/api/v1/webhooks/{other}/replay", cursor),
        await head.get(f"/api/v1/webhooks/{other}/deliveries"),
        await head.post(f"/api/v1/webhooks/{other}/deliveries/{other}/retry"),
    ):
        refused(answer, 404, "webhook_not_found")
    assert (await http.get("/api/v1/webhooks")).status_code == 401
    assert (await http.get("/api/v1/events")).status_code == 401


@pytest.mark.usefixtures("named")
async def test_a_webhook_is_ended_and_resumed_and_what_it_has_is_listed(head: Caller) -> None:
    webhook = (await added(head))["id"]
    assert (await head.post(f"/api/v1/webhooks/{webhook}/resume")).status_code == 204
    assert (await head.get(f"/api/v1/webhooks/{webhook}/deliveries?state=dead")).json()["items"] == []
    assert (await head.get(f"/api/v1/webhooks/{webhook}/deliveries?state=lost")).status_code == 400
    refused(await head.post(f"/api/v1/webhooks/{webhook}/deliveries/{webhook}/retry"), 404, "delivery_not_found")
    assert (await head.delete(f"/api/v1/webhooks/{webhook}")).status_code == 204
    refused(await head.delete(f"/api/v1/webhooks/{webhook}"), 404, "webhook_not_found")
    assert (await head.get("/api/v1/webhooks")).json()["items"] == []


@pytest.mark.usefixtures("named")
async def test_webhooks_come_in_pages(steward: Caller) -> None:
    wanted = [(await added(steward, organisation=code))["id"] for code in ("amr", "hrss", "health")]
    first = (await steward.get("/api/v1/webhooks?limit=2")).json()
    second = (await steward.get(f"/api/v1/webhooks?limit=2&cursor={first['next']}")).json()
    assert [row["id"] for row in first["items"] + second["items"]] == wanted


async def test_a_department_follows_its_cases_from_a_cursor(clerk: Caller, officer: Caller, clock: Clock) -> None:
    before = (await officer.get("/api/v1/events")).json()
    assert before["items"] == []
    number = await clerk.open_case()
    received = await clerk.act(number, "receive", 1, body=COUNTED)
    assert received.status_code in {200, 201}, received.text
    page = (await officer.get(f"/api/v1/events?cursor={before['next']}")).json()
    (event,) = page["items"]
    assert (event["event"], event["kind"], event["state"], event["version"]) == (
        "case:receive", "state", "RECEIVED", 2
    )  # fmt: skip
    assert event["case"] == number
    assert page["more"] is False
    case = await officer.get(event["links"]["case"])
    assert case.json()["version"] == event["version"]
    clock.advance(minutes=5)
    again = (await officer.get(f"/api/v1/events?cursor={page['next']}")).json()
    assert again == {"items": [], "next": page["next"], "more": False}


@pytest.mark.parametrize(
    "cursor", ["x", "WyJrZXkiLDFd", "WyJmZWVkIiwtMSwiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwIl0"]
)
async def test_a_made_up_cursor_is_refused(officer: Caller, cursor: str) -> None:
    refused(await officer.get(f"/api/v1/events?cursor={cursor}"), 422, "unknown_cursor")


@pytest.mark.usefixtures("named")
async def test_the_feeds_cursor_is_where_a_replay_begins(head: Caller, clerk: Caller) -> None:
    webhook = await added(head)
    number = await clerk.open_case()
    await clerk.act(number, "receive", 1, body=COUNTED)
    path = f"/api/v1/webhooks/{webhook['id']}"
    answers = await asyncio.gather(*(head.post(f"{path}/replay", {"cursor": webhook["cursor"]}) for _ in range(3)))
    assert [(answer.status_code, answer.json()["events"]) for answer in answers] == [(200, 1)] * 3
    (row,) = (await head.get(f"{path}/deliveries")).json()["items"]
    assert (row["case"], row["event"], row["state"]) == (number, "case:receive", "waiting")
    refused(await head.post(f"{path}/replay", {"cursor": "x"}), 422, "unknown_cursor")
    refused(await head.post(f"{path}/replay", {}), 422, "payload_invalid")
