"""Materials over HTTP and in the browser: what to bring, what is missing, what was checked, what is spared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Litestar

from tests.api.filing import COUNTS, Filing
from tests.api.hall import FOOD, Caller, Clock, Unchanged, refused

CONSENT = {"given": True, "by": "示例经办人", "way": "signed"}


async def test_what_to_bring_is_told_before_there_is_a_case(clerk: Caller) -> None:
    path = f"/api/v1/items/{FOOD.code}/checklist"
    found = (await clerk.get(path)).json()
    assert [line["line"] for line in found["lines"]] == ["M01", "M02", "M03", "M04", "M05"]
    assert found["questions"][0]["flag"] == "agent"
    assert {"source", "how_to_obtain", "asked", "necessity", "grade"} <= found["lines"][0].keys()
    with_agent = (await clerk.get(path, params={"situation": ["agent"]})).json()
    assert [line["line"] for line in with_agent["lines"]][-2:] == ["M06", "M07"]
    body = refused(await clerk.get(path, params={"situation": "moon"}), 409, "situation_unknown")
    assert body["situations"] == ["agent"]
    refused(await clerk.get("/api/v1/items/nothing/checklist"), 404, "item_not_found")


async def test_checks_reuse_and_answers_over_http(
    app: Litestar,
    clock: Clock,
    clerk: Caller,
    officer: Caller,
    issuer: Caller,
    unchanged: Callable[[], Unchanged],
) -> None:
    unsure = [row | {"checked": row["line"] != "M03"} for row in COUNTS]
    filing = Filing(app, clock, await clerk.open_case())
    for row in unsure:
        if "exempt" not in row:
            await filing.scan(clerk, str(row["line"]))
    await filing.act(clerk, "receive", materials=unsure)
    base = f"/api/v1/cases/{filing.number}"
    lines = {row["line"]: row for row in (await clerk.get(f"{base}/materials")).json()}
    assert (lines["M03"]["needs"]["kind"], lines["M03"]["complete"]) == ("original_checked", False)
    assert lines["M03"]["scans"][0]["advice"] is not None
    body = refused(await clerk.act(filing.number, "accept", filing.version), 409, "materials_unchecked")
    assert body["checks"] == {"M03": "original_checked"}
    assert "设备布局图" in body["detail"]

    async with unchanged():
        refused(await clerk.post(f"{base}/materials/M03/checks", {"kind": "promise_signed"}), 409, "check_not_of_grade")
        refused(await clerk.post(f"{base}/materials/M03/checks", {"kind": "moon"}), 422, "payload_invalid")
        refused(
            await clerk.post(f"{base}/materials/M03/checks", {"kind": "original_checked", "x": 1}),
            422,
            "payload_invalid",
        )
        refused(
            await issuer.post(f"{base}/materials/M03/checks", {"kind": "original_checked"}), 403, "role_not_allowed"
        )
        refused(await clerk.post(f"{base}/situation", {"answers": ["moon"]}), 409, "situation_unknown")
        refused(await clerk.post(f"{base}/situation", {"answers": "agent"}), 422, "payload_invalid")
        for offer in ("licence:a", "scan:1", "x"):
            wanted = {"offer": offer, "consent": CONSENT}
            refused(await clerk.post(f"{base}/materials/M02/reuse", wanted), 404, "offer_not_found")
        refused(
            await clerk.post(f"{base}/materials/M02/reuse", {"offer": "x", "consent": CONSENT | {"given": False}}),
            409,
            "consent_missing",
        )
        refused(await clerk.post(f"{base}/materials/M02/reuse/end", {"reason": "撤回"}), 409, "no_reuse_standing")
        refused(await clerk.get(f"{base}/materials/M01/offers"), 409, "exemption_not_allowed")
    key = {"Idempotency-Key": "check-1"}
    done = await clerk.post(f"{base}/materials/M03/checks", {"kind": "original_checked"}, headers=key)
    assert (done.status_code, done.json()["passed"]) == (201, True)
    assert (
        await clerk.post(f"{base}/materials/M03/checks", {"kind": "original_checked"}, headers=key)
    ).json() == done.json()

    second = await clerk.open_case()
    offers = (await clerk.get(f"/api/v1/cases/{second}/materials/M03/offers")).json()
    assert offers["outside"]["state"] == "not_asked"
    (offer,) = offers["offers"]
    assert filing.number not in str(offers)
    wanted = {"offer": offer["offer"], "consent": CONSENT}
    taken = await clerk.post(f"/api/v1/cases/{second}/materials/M03/reuse", wanted)
    assert (taken.status_code, taken.json()["exempt"]) == (201, "verified_before"), taken.text
    line = next(row for row in (await clerk.get(f"/api/v1/cases/{second}/materials")).json() if row["line"] == "M03")
    assert (line["complete"], line["reuses"][0]["consented_by"]) == (True, "示例经办人")
    ended = await clerk.post(f"/api/v1/cases/{second}/materials/M03/reuse/end", {"reason": "申请人撤回同意。"})
    assert ended.status_code == 200
    changed = (await clerk.post(f"/api/v1/cases/{second}/situation", {"answers": ["agent"]})).json()
    assert (changed["added"], changed["dropped"]) == (["M06", "M07"], [])

    await filing.act(clerk, "accept")
    refused(await clerk.get("/api/v1/figures/spared?from=2026-03-01&to=2026-03-31"), 403, "role_not_allowed")


async def test_what_may_not_be_counted_is_refused_in_words(
    app: Litestar, clock: Clock, clerk: Caller, unchanged: Callable[[], Unchanged]
) -> None:
    filing = Filing(app, clock, await clerk.open_case())
    rows: list[tuple[dict[str, Any], int, str]] = [
        ({"line": "M99", "originals": 1}, 409, "material_not_on_list"),
        ({"line": "M06", "originals": 1}, 409, "material_not_on_list"),
        ({"line": "M03", "originals": 2}, 409, "originals_beyond_list"),
        ({"line": "M03", "originals": -1}, 422, "payload_invalid"),
        ({"line": "M03", "originals": 1.5}, 422, "payload_invalid"),
        ({"line": "M03", "originals": 10**9}, 422, "payload_invalid"),
        ({"line": "M03", "checked": "yes"}, 422, "payload_invalid"),
        ({"line": "M03", "exempt": "verified_before"}, 409, "reuse_missing"),
    ]
    async with unchanged():
        for row, status, code in rows:
            answer = await clerk.act(filing.number, "receive", filing.version, body={"materials": [row]})
            assert refused(answer, status, code)["detail"]
