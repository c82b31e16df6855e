"""Messages over HTTP: inbox, what was not sent, and the reports of gateways, which must be signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from pydantic import SecretStr

from api.state import context_of
from engine.messages.notifying import send
from engine.settings import Settings
from storage import notifications
from storage.db import reading, transaction
from tests.api.hall import Caller, Clock, Unchanged
from tests.gateways import KEY, HttpGateway, http_gateway
from workflows.webhook import sign

OTHER = UUID(int=7)


@pytest.fixture
def gateway() -> Any:
    with http_gateway() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, gateway: HttpGateway) -> Settings:
    """An installation that has an SMS gateway."""
    return settings.model_copy(update={"sms_url": SecretStr(gateway.url), "sms_key": SecretStr(KEY)})


async def leave(number: str, clock: Clock, **columns: Any) -> UUID:
    """A message to the applicant of a case."""
    async with transaction() as connection:
        case = await connection.fetchrow(
            "SELECT id, hall_id, department_id, head_seq FROM cases WHERE number = $1", number
        )
        assert case is not None
        row = {
            "case_id": case["id"],
            "seq": case["head_seq"],
            "recipient": "applicant",
            "way": "sms",
            "event": "accept",
        }
        row |= {"data": {}, "created_at": clock.now, "place_id": case["hall_id"]} | columns
        return await notifications.add(connection, row)


@pytest.fixture
async def sent(app: Litestar, clerk: Caller, clock: Clock) -> UUID:
    """A message that the gateway has taken."""
    message = await leave(await clerk.open_case(), clock)
    await send(context_of(app), message, clock)
    return message


async def state_of(message: UUID) -> tuple[str, str]:
    row = await notifications.read(message)
    assert row is not None
    return row["state"], row["reason"]


def signed(body: dict[str, Any], clock: Clock, key: str = KEY, age: int = 0) -> dict[str, Any]:
    """A report with its signature, as the arguments of a request."""
    content, at = json.dumps(body).encode(), int(clock.now.timestamp()) - age
    headers = {"X-Yichuang-Timestamp": str(at), "X-Yichuang-Signature": sign(key, at, content)}
    return {"content": content, "headers": headers | {"Content-Type": "application/json"}}


async def test_a_gateway_reports_delivery_and_what_is_delivered_stays_so(
    http: httpx.AsyncClient, sent: UUID, clock: Clock
) -> None:
    where = "/public/gateways/sms/reports"
    assert await state_of(sent) == ("sent", "")
    failed = {"id": str(sent), "state": "failed", "reason": "phone_off"}
    assert (await http.post(where, **signed(failed, clock))).status_code == 204
    assert await state_of(sent) == ("failed", "phone_off")
    for _ in range(2):
        assert (await http.post(where, **signed({"id": str(sent), "state": "delivered"}, clock))).status_code == 204
        assert await state_of(sent) == ("delivered", "")
    assert (await http.post(where, **signed(failed, clock))).status_code == 204
    assert await state_of(sent) == ("delivered", "")
    row = await notifications.read(sent)
    assert row is not None
    assert row["delivered_at"] == clock.now


async def test_a_reason_in_words_is_not_repeated(http: httpx.AsyncClient, sent: UUID, clock: Clock) -> None:
    report = {"id": str(sent), "state": "failed", "reason": "13800000000 is off"}
    assert (await http.post("/public/gateways/sms/reports", **signed(report, clock))).status_code == 204
    assert await state_of(sent) == ("failed", "not_delivered")


async def test_a_report_that_is_not_the_gateways_changes_nothing(
    http: httpx.AsyncClient, sent: UUID, clock: Clock, unchanged: Callable[[], Unchanged]
) -> None:
    report = {"id": str(sent), "state": "delivered"}
    right = signed(report, clock)
    altered = right | {"content": json.dumps({"id": str(sent), "state": "failed"}).encode()}
    unsigned = {"content": right["content"], "headers": {"Content-Type": "application/json"}}
    strange = signed(report | {"to": "13800000000"}, clock)
    unknown = signed({"id": str(OTHER), "state": "delivered"}, clock)
    async with unchanged():
        for gateway, request, status, code in (
            ("sms", unsigned, 401, "signature_wrong"),
            ("sms", altered, 401, "signature_wrong"),
            ("sms", signed(report, clock, key="another-key-of-somebody"), 401, "signature_wrong"),
            ("sms", signed(report, clock, age=301), 401, "signature_wrong"),
            ("sms", signed(report, clock, age=-301), 401, "signature_wrong"),
            ("voice", right, 404, "gateway_unknown"),
            ("mail", right, 404, "gateway_unknown"),
            ("hand", right, 404, "gateway_unknown"),
            ("sms", strange, 422, "payload_invalid"),
            ("sms", unknown, 404, "message_not_found"),
        ):
            answer = await http.post(f"/public/gateways/{gateway}/reports", **request)
            assert (answer.status_code, answer.json()["code"]) == (status, code), (gateway, code)
        assert await state_of(sent) == ("sent", "")


async def test_a_gateway_reports_only_on_what_it_carried(http: httpx.AsyncClient, clerk: Caller, clock: Clock) -> None:
    waiting = await leave(await clerk.open_case(), clock)
    answer = await http.post(
        "/public/gateways/sms/reports", **signed({"id": str(waiting), "state": "delivered"}, clock)
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "message_not_found")


async def test_what_was_not_sent_is_listed_and_tried_again(
    clerk: Caller, system_admin: Caller, security_admin: Caller, clock: Clock
) -> None:
    number = await clerk.open_case()
    keys = [await leave(number, clock) for _ in range(3)]
    for key, state in zip(keys, ("failed", "suppressed", "failed"), strict=True):
        await notifications.give_up(key, state, "no_gateway")
    first = (await system_admin.get("/api/v1/messages/unsent?limit=2")).json()
    rest = (await system_admin.get(f"/api/v1/messages/unsent?limit=2&cursor={first['next']}")).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == [str(key) for key in reversed(keys)]
    assert "next" not in rest or rest["next"] is None
    assert first["items"][0] | {"created_at": ""} == {
        "id": str(keys[2]), "case": number, "event": "accept", "way": "sms", "gateway": "", "state": "failed",
        "reason": "no_gateway", "attempts": 0, "created_at": "",
    }  # fmt: skip
    suppressed = (await system_admin.get("/api/v1/messages/unsent?state=suppressed")).json()
    assert [row["id"] for row in suppressed["items"]] == [str(keys[1])]
    for stranger in (clerk, security_admin):
        assert (await stranger.get("/api/v1/messages/unsent")).status_code == 403
        assert (await stranger.post(f"/api/v1/messages/{keys[0]}/retry")).status_code == 403
    assert (await system_admin.post(f"/api/v1/messages/{keys[0]}/retry")).status_code == 204
    assert (await system_admin.post(f"/api/v1/messages/{keys[0]}/retry")).status_code == 404
    async with reading() as connection:
        left = await connection.fetchval("SELECT data FROM outbox WHERE topic = 'notification.send'")
    assert left == {"notification": str(keys[0])}


async def test_the_operator_sees_how_the_gateways_are(
    http: httpx.AsyncClient, clerk: Caller, system_admin: Caller
) -> None:
    listed = {row["gateway"]: row["state"] for row in (await system_admin.get("/api/v1/gateways")).json()}
    expected = {"sms": "ok", "voice": "not_configured", "mail": "not_configured", "call": "not_configured"}
    assert listed == expected
    assert (await clerk.get("/api/v1/gateways")).status_code == 403
    ready = await http.get("/health/ready")
    assert (ready.status_code, ready.json()["gateways"]) == (200, expected)


async def test_the_inbox_over_http(clerk: Caller, officer: Caller, other_officer: Caller, clock: Clock) -> None:
    number = await clerk.open_case()
    async with reading() as connection:
        place = await connection.fetchval("SELECT department_id FROM cases WHERE number = $1", number)
    task = await leave(number, clock, recipient="department", way="task", event="urge", place_id=place)
    page = (await officer.get("/api/v1/inbox?unread=true")).json()
    assert [(row["id"], row["number"], row["event"]) for row in page["items"]] == [(str(task), number, "urge")]
    assert page["items"][0]["text"].endswith("收到催办，请尽快办理。")
    assert (await other_officer.get("/api/v1/inbox")).json()["items"] == []
    answer = await other_officer.post("/api/v1/inbox/read", {"messages": [str(task)]})
    assert answer.json() == {"read": 0}
    assert (await officer.post("/api/v1/inbox/read", {"messages": [str(task)]})).json() == {"read": 1}
    assert (await officer.get("/api/v1/inbox?unread=true")).json()["items"] == []
    assert len((await officer.get("/api/v1/inbox")).json()["items"]) == 1
    assert (await officer.post("/api/v1/inbox/read", {"messages": []})).status_code == 422


async def test_letters_and_calls_by_hand_over_http(clerk: Caller, officer: Caller, clock: Clock) -> None:
    letter = await leave(await clerk.open_case(), clock, way="letter", event="ask_supplement")
    listed = (await clerk.get("/api/v1/messages/by-hand?way=letter")).json()["items"]
    assert [row["id"] for row in listed] == [str(letter)]
    assert (await officer.get("/api/v1/messages/by-hand?way=letter")).status_code == 403
    assert (await clerk.get("/api/v1/messages/by-hand?way=pigeon")).status_code in {400, 422}
    done = await clerk.post(f"/api/v1/messages/{letter}/outcome", {"outcome": "done"})
    assert (done.status_code, done.json()["state"]) == (200, "sent")
    assert (await clerk.post(f"/api/v1/messages/{letter}/outcome", {"outcome": "done"})).status_code == 404


async def test_a_hall_without_a_call_system_says_so(clerk: Caller, unchanged: Callable[[], Unchanged]) -> None:
    number = await clerk.open_case()
    async with unchanged():
        answer = await clerk.post(f"/api/v1/cases/{number}/call", {"window": "w01"})
    assert (answer.status_code, answer.json()["code"]) == (409, "gateway_not_configured")


async def test_the_messages_of_a_case_say_what_became_of_them(clerk: Caller, sent: UUID) -> None:
    (number,) = [row["number"] for row in (await clerk.get("/api/v1/cases")).json()["items"]]
    (row,) = (await clerk.get(f"/api/v1/cases/{number}/notifications")).json()
    assert (row["state"], row["gateway"], row["parts"]) == ("sent", "sms", 1)
