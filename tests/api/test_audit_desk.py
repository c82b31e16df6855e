"""The auditor's desk over HTTP: search, sample, finding, answer, anomalies, looks; and what is refused."""

from __future__ import annotations

import csv
import io
from base64 import urlsafe_b64encode
from datetime import timedelta

import httpx
from litestar import Litestar

from api.state import context_of
from engine.projecting import project
from tests.api.hall import Caller, Clock, caller, refused
from tests.factories import bring, firm, person
from workflows.actor import Role

API = "/api/v1/audit"
EARLIEST = urlsafe_b64encode(b'["at","0001-01-01T00:00:00+14:00","00000000-0000-7000-8000-000000000000"]').decode()
"""A cursor of a moment that is before all moments in UTC."""


async def test_an_audit_from_the_search_to_the_last_word(
    app: Litestar, http: httpx.AsyncClient, clock: Clock, clerk: Caller, officer: Caller, security_admin: Caller
) -> None:
    stories = [await bring(context_of(app), "WITHDRAWN", who=firm(n)) for n in (1, 2)]
    story = await bring(context_of(app), "GRANTED", who=person(3))
    await project(seconds=30)
    clock.now = story.now + timedelta(days=1)
    auditor = await caller(http, "auditor", Role.auditor, "460000", clock.now)
    first = (await auditor.get(f"{API}/cases?limit=2")).json()
    rest = (await auditor.get(f"{API}/cases?limit=2&cursor={first['next']}")).json()
    found = [row["number"] for row in first["items"] + rest["items"]]
    assert sorted(found) == sorted(one.number for one in (*stories, story))
    assert (await auditor.get(f"{API}/cases?outcome=granted&dated=decided")).json()["items"][0][
        "number"
    ] == story.number
    events = (await auditor.get(f"{API}/events?name=case:grant&role=approver&person=approver")).json()["items"]
    assert [(row["case"], row["to_state"]) for row in events] == [(story.number, "GRANTED")]
    page = (await auditor.get(f"{API}/events?limit=1")).json()
    assert (await auditor.get(f"{API}/events?limit=1&cursor={page['next']}")).json()["items"] != page["items"]
    record = (await auditor.get(f"{API}/cases/{story.number}")).json()
    assert record["verdict"]["whole"]
    assert record["case"]["applicant"]["name"] == "示*3"
    assert record["events"][-1]["changes"]
    await _sample_and_findings(auditor, officer, clerk, story.number)
    await _lists(auditor, security_admin, story.number)
    await _refusals(auditor, clerk, security_admin, story.number)


async def _sample_and_findings(auditor: Caller, officer: Caller, clerk: Caller, number: str) -> None:
    wanted = {"purpose": "例行抽查", "seed": "第1次", "size": 2, "strata": "department", "allocation": "equal"}
    keyed = {"headers": {"Idempotency-Key": "s-1"}}
    drawn = await auditor.post(f"{API}/samples", wanted, **keyed)
    assert drawn.status_code == 201, drawn.text
    assert (await auditor.post(f"{API}/samples", wanted, **keyed)).json() == drawn.json()
    key = drawn.json()["sample"]
    view = (await auditor.get(f"{API}/samples/{key}")).json()
    assert (view["same"], len(view["drawn"]), view["population_size"]) == (True, 2, 3)
    assert len((await auditor.get(f"{API}/samples/{key}/population")).text.splitlines()) == 3
    assert [row["id"] for row in (await auditor.get(f"{API}/samples")).json()["items"]] == [key]
    body = {"case": number, "seq": 2, "article": "行政许可法32", "severity": "grave", "text": "=1+1", "sample": key}
    recorded = await auditor.post(f"{API}/findings", body)
    assert recorded.status_code == 201, recorded.text
    finding = recorded.json()["finding"]
    at = f"{API}/findings/{finding}"
    refused(await clerk.get(at), 404, "finding_not_found")
    refused(await auditor.post(f"{at}/steps/accept", {"text": "好"}), 409, "finding_state")
    refused(await officer.post(f"{at}/steps/close", {"text": "好"}), 403, "role_not_allowed")
    assert (await officer.get(at)).json()["steps"] == ["answer"]
    assert (await officer.post(f"{at}/steps/answer", {"text": "已说明。"})).json()["state"] == "answered"
    assert (await auditor.post(f"{at}/steps/accept", {"text": "采纳。"})).json()["state"] == "accepted"
    assert [row["by"] for row in (await auditor.get(at)).json()["history"]] == ["何安澜", "杨思远", "何安澜"]
    assert (await officer.get(f"{API}/findings?state=accepted&severity=grave")).json()["items"][0]["number"] == finding
    file = await auditor.get(f"{API}/findings.csv")
    assert file.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))
    assert (row["number"], row["text"], row["state"]) == (finding, "'=1+1", "accepted")
    refused(await officer.get(f"{API}/findings.csv"), 403, "role_not_allowed")


async def _lists(auditor: Caller, security_admin: Caller, number: str) -> None:
    kinds = (await auditor.get(f"{API}/anomalies")).json()
    assert len(kinds) == 7
    for kind in kinds:
        assert (await auditor.get(f"{API}/anomalies/{kind['name']}?limit=1")).status_code == 200
    asked = {"field": "name", "reason": "核对当事人"}
    assert (await auditor.post(f"{API}/cases/{number}/unmask", asked)).json() == {"value": "示例3"}
    (odd,) = (await auditor.get(f"{API}/anomalies/unmasked_without_act")).json()["items"]
    assert (odd["case"], odd["detail"]) == (number, {"purpose": "核对当事人"})
    who = person(3)
    asked = {"id_kind": who.id_kind, "id_number": who.id_number, "purpose": "核查信访事项"}
    assert [row["number"] for row in (await auditor.post(f"{API}/parties", asked)).json()["items"]] == [number]
    looks = (await security_admin.get(f"{API}/looks?person=auditor&limit=2")).json()
    more = (await security_admin.get(f"{API}/looks?person=auditor&limit=200&cursor={looks['next']}")).json()
    actions = {row["action"] for row in looks["items"] + more["items"]}
    assert {"case.read", "unmask.name", "search.party", "sample.draw", "finding.record", "export.findings"} <= actions
    assert [
        row["purpose"] for row in (await auditor.get(f"{API}/looks?case={number}&kind=unmask")).json()["items"]
    ] == ["核对当事人"]


async def _refusals(auditor: Caller, clerk: Caller, security_admin: Caller, number: str) -> None:
    for path in ("cases", "events", f"cases/{number}", "anomalies", "samples", "findings", "looks"):
        refused(await clerk.get(f"{API}/{path}"), 403, "role_not_allowed")
    for path in ("cases", "events", "anomalies/bursts", "samples", "findings"):
        refused(await security_admin.get(f"{API}/{path}"), 403, "role_not_allowed")
    for path, status, code in (
        ("cases?from=2026-03-02&to=2026-03-01", 422, "period_wrong"),
        ("cases?colour=red", 422, "unknown_parameter"),
        ("cases?cursor=AAAA", 422, "unknown_cursor"),
        ("cases?from=9999-12-31", 422, "period_out_of_range"),
        ("events?from=0001-01-01&to=0001-01-02", 422, "period_out_of_range"),
        ("events?to=0001-01-02", 422, "period_out_of_range"),
        ("looks?from=9999-12-31", 422, "period_out_of_range"),
        ("looks?from=0001-01-01&to=0001-01-02", 422, "period_out_of_range"),
        ("anomalies/bursts?from=9999-12-31", 422, "period_out_of_range"),
        ("anomalies/bursts?from=0001-01-01&to=0001-01-02", 422, "period_out_of_range"),
        ("anomalies/bursts?from=1999-12-31&to=2000-01-01", 422, "period_out_of_range"),
        (f"events?cursor={EARLIEST}", 422, "unknown_cursor"),
        (f"looks?cursor={EARLIEST}", 422, "unknown_cursor"),
        (f"anomalies/bursts?cursor={EARLIEST}", 422, "unknown_cursor"),
        ("cases?hall=nowhere", 404, "organisation_not_found"),
        ("events?name=case:steal", 422, "event_unknown"),
        ("events?reason=a", 422, "reason_text_wrong"),
        ("cases/0", 404, "case_not_found"),
        ("anomalies/none", 404, "anomaly_unknown"),
        ("anomalies/bursts?from=2025-01-01", 422, "period_wrong"),
        ("looks?kind=none", 422, "look_unknown"),
        ("samples/00000000-0000-7000-8000-000000000000", 404, "sample_not_found"),
        ("findings/F2026-99999", 404, "finding_not_found"),
    ):
        refused(await auditor.get(f"{API}/{path}"), status, code)
    sound = {"purpose": "例行抽查", "seed": "1", "size": 1}
    for changes, code in (
        ({"size": 0}, "payload_invalid"),
        ({"size": 1001}, "payload_invalid"),
        ({"seed": "x" * 101}, "seed_wrong"),
        ({"seed": "x" * 201}, "payload_invalid"),
        ({"method": "by_eye"}, "payload_invalid"),
        ({"item": "没有"}, "population_empty"),
    ):
        refused(await auditor.post(f"{API}/samples", sound | changes), 422, code)
    body = {"case": number, "article": "许可法32", "severity": "grave", "text": "问题"}
    refused(await auditor.post(f"{API}/findings", body | {"article": ""}), 422, "payload_invalid")
    refused(await auditor.post(f"{API}/findings", body | {"seq": 999}), 422, "event_unknown")
    party = {"id_kind": "resident_id", "id_number": "11010519491231002", "purpose": "核查信访事项"}
    assert (await auditor.post(f"{API}/parties", party)).status_code == 422
    asked = {"field": "password", "reason": "核对当事人"}
    refused(await auditor.post(f"{API}/cases/{number}/unmask", asked), 422, "payload_invalid")
