"""Commands that must be refused: each leaves nothing behind and answers with a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.hall import E_CERT, FIRM, FOOD, OPENING, Caller, Clock, Unchanged, refused
from tests.conftest import Database

Quiet = Callable[[], Unchanged]
PERSON = {"kind": "person", "name": "示例人", "id_kind": "resident_id"}
REASON = {"reason": "材料与申请事项不符", "article": "行政许可法32"}
RECEIVED = {"materials": [{"line": E_CERT, "exempt": "e_cert"}]}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"item": "11460100MB1234567L400019999999"}, 404, "item_not_found"),
        ({"applicant": FIRM | {"id_number": "91350100M000100Y44"}}, 422, "id_check_failed"),
        (
            {
                "applicant": {
                    "kind": "person",
                    "name": "张三",
                    "id_kind": "resident_id",
                    "id_number": "11010519491231002A",
                }
            },
            422,
            "id_form_wrong",
        ),
        (
            {
                "applicant": {
                    "kind": "person",
                    "name": "张三",
                    "id_kind": "resident_id",
                    "id_number": "110105194912310021",
                }
            },
            422,
            "id_check_failed",
        ),
        ({"applicant": FIRM | {"id_kind": "badge"}}, 422, "id_kind_unknown"),
        ({"situation": ["on_the_moon"]}, 409, "situation_unknown"),
        ({"window": "no-such-window"}, 404, "organisation_not_found"),
        ({"hall": "town-hall"}, 404, "organisation_not_found"),
        ({"consultation": "琼海询〔2026〕1号"}, 404, "consultation_not_found"),
        ({"shoe_size": 42}, 422, "payload_invalid"),
        ({"applicant": FIRM | {"name": "示例\x00餐饮"}}, 422, "control_character"),
        ({"applicant": FIRM | {"name": "示例\u202e餐饮"}}, 422, "control_character"),
        ({"applicant": FIRM | {"name": "店" * 201}}, 422, "payload_invalid"),
        ({"applicant": {"kind": "organisation"}}, 422, "payload_invalid"),
    ],
)
async def test_an_application_that_is_not_right_is_not_registered(
    clerk: Caller, unchanged: Quiet, change: dict[str, Any], status: int, code: str
) -> None:
    async with unchanged():
        answer = refused(await clerk.post("/api/v1/cases", OPENING | change), status, code)
    assert FIRM["id_number"] not in str(answer)


async def test_an_item_out_of_force_takes_no_application(clerk: Caller, unchanged: Quiet, database: Database) -> None:
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("UPDATE item_versions SET in_force_to = '2026-03-01' WHERE code = $1", FOOD.code)
    await connection.close()
    async with unchanged():
        refused(await clerk.post("/api/v1/cases", OPENING), 409, "item_not_in_force")


async def test_an_officer_opens_no_case(officer: Caller, unchanged: Quiet) -> None:
    async with unchanged():
        body = refused(await officer.post("/api/v1/cases", OPENING), 403, "role_not_allowed")
    assert "clerk" in body["roles"]


async def test_an_act_out_of_turn_is_refused_and_the_lawful_ones_are_named(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    async with unchanged():
        body = refused(await clerk.act(number, "dispatch", 1), 409, "action_not_allowed")
    assert "receive" in body["allowed"]
    assert body["basis"]


async def test_a_role_that_may_not_act_is_told_who_may(officer: Caller, clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    assert (await clerk.act(number, "receive", 1, body=RECEIVED)).status_code == 200
    async with unchanged():
        lines = [{"material": FOOD.materials[0].code, "defect": "未签字", "requirement": "签字", "basis": "办法第10条"}]
        refused(await officer.act(number, "escalate", 2, body=REASON), 403, "role_not_allowed")
        if not FOOD.authorised_window:
            refused(await clerk.act(number, "give_notice", 2, body={"lines": lines}), 403, "role_not_allowed")


async def test_another_department_learns_nothing_of_a_case(
    clerk: Caller, other_officer: Caller, unchanged: Quiet
) -> None:
    number = await clerk.open_case()
    assert (await clerk.act(number, "receive", 1, body=RECEIVED)).status_code == 200
    async with unchanged():
        for path in ("", "/actions", "/events", "/clocks", "/materials", "/documents", "/scans"):
            refused(await other_officer.get(f"/api/v1/cases/{number}{path}"), 404, "case_not_found")
        refused(await other_officer.act(number, "give_notice", 2), 404, "case_not_found")
        refused(
            await other_officer.post(f"/api/v1/cases/{number}/unmask", {"field": "id_number", "reason": "核对身份"}),
            404,
            "case_not_found",
        )
        refused(await other_officer.upload(number, "M01", b"%PDF-1.4"), 404, "case_not_found")
    assert (await other_officer.get("/api/v1/cases")).json()["items"] == []


async def test_a_system_administrator_sees_no_case(clerk: Caller, system_admin: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    async with unchanged():
        refused(await system_admin.get(f"/api/v1/cases/{number}"), 404, "case_not_found")
        assert (await system_admin.get("/api/v1/cases")).json()["items"] == []
        assert (await system_admin.get("/api/v1/tasks")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "payload_invalid"),
        ({"materials": []}, "payload_invalid"),
        ({"materials": "all"}, "payload_invalid"),
        ({**RECEIVED, "extra": 1}, "payload_invalid"),
        ({"materials": [{"line": "M01", "originals": -1}]}, "payload_invalid"),
        ({"materials": [{"line": "M01", "originals": 10**30}]}, "payload_invalid"),
        ({"materials": [{"line": "M01\x00"}]}, "control_character"),
    ],
)
async def test_a_payload_that_is_not_right_is_refused_by_its_place(
    clerk: Caller, unchanged: Quiet, body: dict[str, Any], code: str
) -> None:
    number = await clerk.open_case()
    async with unchanged():
        refused(await clerk.act(number, "receive", 1, body=body), 422, code)


@pytest.mark.parametrize(
    ("raw", "kind", "status", "code"),
    [
        (b'{"materials": [', "application/json", 400, "malformed_json"),
        (b"", "application/json", 400, "malformed_request"),
        (b"\xff\xfe", "application/json", 400, "malformed_json"),
        (b'{"a": NaN}', "application/json", 400, "malformed_json"),
        (b'{"a": "\\ud800 alone"}', "application/json", 400, "malformed_json"),
        (b"[" * 100_000, "application/json", 400, "malformed_json"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "application/json", 422, "payload_invalid"),
        (b"[]", "application/json", 422, "payload_invalid"),
        (b"{}", "text/plain", 415, "media_type_not_supported"),
        (b"{}", "", 415, "media_type_not_supported"),
        (b'{"a": "' + b"x" * 300_000 + b'"}', "application/json", 413, "payload_too_large"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    clerk: Caller, unchanged: Quiet, *, raw: bytes, kind: str, status: int, code: str
) -> None:
    number = await clerk.open_case()
    async with unchanged():
        answer = await clerk.http.post(
            f"/api/v1/cases/{number}/actions/receive",
            content=raw,
            headers=clerk.headers | {"If-Match": "1"} | ({"Content-Type": kind} if kind else {}),
        )
        refused(answer, status, code)


async def test_a_stale_version_is_told_the_current_one(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    assert (await clerk.act(number, "receive", 1, body=RECEIVED)).status_code == 200
    async with unchanged():
        body = refused(await clerk.act(number, "escalate", 1, body=REASON), 412, "case_changed")
    assert body["current"] == 2
    assert body["state"] == "RECEIVED"


async def test_a_machine_must_name_the_version(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    async with unchanged():
        body = refused(await clerk.act(number, "receive", None, body=RECEIVED), 428, "version_required")
    assert body["current"] == 1


@pytest.mark.parametrize("version", ["*", "x", '"0"', "-1", "99999999999999999999", '"1", "2"'])
async def test_a_version_that_is_none_is_refused(clerk: Caller, unchanged: Quiet, version: str) -> None:
    number = await clerk.open_case()
    async with unchanged():
        answer = await clerk.act(number, "receive", None, body=RECEIVED, headers={"If-Match": version})
        refused(answer, 422, "if_match_malformed")


async def test_a_repeated_request_is_done_once(clerk: Caller, unchanged: Quiet) -> None:
    opened = [await clerk.post("/api/v1/cases", OPENING, headers={"Idempotency-Key": "open-1"}) for _ in range(2)]
    assert opened[0].json() == opened[1].json()
    number = opened[0].json()["case"]
    first = await clerk.act(number, "receive", 1, body=RECEIVED, headers={"Idempotency-Key": "k-1"})
    async with unchanged():
        again = await clerk.act(number, "receive", 1, body=RECEIVED, headers={"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert first.headers["etag"] == again.headers["etag"] == '"2"'


async def test_a_key_belongs_to_one_request(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    assert (await clerk.act(number, "receive", 1, body=RECEIVED, headers={"Idempotency-Key": "k"})).status_code == 200
    async with unchanged():
        other = {"materials": [{"line": E_CERT, "exempt": "e_cert", "pages": 3}]}
        refused(await clerk.act(number, "receive", 1, body=other, headers={"Idempotency-Key": "k"}), 422, "key_reused")
        refused(await clerk.post("/api/v1/cases", OPENING, headers={"Idempotency-Key": "k"}), 422, "key_reused")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 121, "键".encode().decode("latin-1")])
async def test_a_key_that_is_none_is_refused(clerk: Caller, unchanged: Quiet, key: str) -> None:
    number = await clerk.open_case()
    async with unchanged():
        headers = {"Idempotency-Key": key.encode("latin-1")}
        answer = await clerk.act(number, "receive", 1, body=RECEIVED, headers=headers)
        refused(answer, 422, "idempotency_key_malformed")


@pytest.mark.parametrize("moment", ["yesterday", "2026-03-02T09:00:00", "2026-03-02", "1772413200"])
async def test_a_claimed_moment_has_a_date_a_time_and_a_zone(clerk: Caller, unchanged: Quiet, moment: str) -> None:
    number = await clerk.open_case()
    async with unchanged():
        answer = await clerk.act(number, "receive", 1, body=RECEIVED, headers={"X-Claimed-At": moment})
        refused(answer, 422, "claimed_at_malformed")


async def test_what_the_caller_claims_is_kept_beside_the_servers_time(clerk: Caller, clock: Clock) -> None:
    number = await clerk.open_case()
    done = await clerk.act(number, "receive", 1, body=RECEIVED, headers={"X-Claimed-At": "2026-03-02T09:05:00+08:00"})
    assert done.status_code == 200
    event = (await clerk.get(f"/api/v1/cases/{number}/events")).json()["items"][-1]
    assert event["claimed_at"] == "2026-03-02T01:05:00Z"
    assert event["at"] == clock.now.isoformat().replace("+00:00", "Z")


async def test_an_unknown_action_is_not_found(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    async with unchanged():
        refused(await clerk.act(number, "set_on_fire", 1), 404, "action_unknown")
        refused(await clerk.act(number, "open", 1), 404, "action_unknown")
        refused(await clerk.act("4601002603020000019", "receive", 1, body=RECEIVED), 404, "case_not_found")


async def test_without_identity_nothing_is_open(http: httpx.AsyncClient, unchanged: Quiet) -> None:
    async with unchanged():
        answer = await http.post("/api/v1/cases", json=OPENING)
        refused(answer, 401, "not_authenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
        for path in ("/api/v1/cases", "/api/v1/me", "/api/v1/items", "/api/v1/dead-letters"):
            refused(await http.get(path), 401, "not_authenticated")
