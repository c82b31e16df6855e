"""The auditor over HTTP: is a case whole, what proves it, and a bundle that proves itself elsewhere."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import httpx
from litestar import Litestar

from api.state import context_of
from engine.checkpoints.checkpointing import keys_of, make_checkpoints
from storage.bundle_check import main
from storage.checkpoint_keys import new_checkpoint_keys
from tests.api.hall import Caller, Clock, caller, refused
from tests.factories import bring
from workflows.actor import Role


async def test_an_auditor_verifies_proves_and_takes_a_case_elsewhere(
    app: Litestar, http: httpx.AsyncClient, clerk: Caller, clock: Clock, tmp_path: Path
) -> None:
    context = context_of(app)
    context.settings = context.settings.model_copy(update={"checkpoint_key_file": tmp_path / "checkpoint.toml"})
    new_checkpoint_keys(tmp_path / "checkpoint.toml")
    story = await bring(context, "ACCEPTED")
    await make_checkpoints(context, story.now + timedelta(days=1))
    clock.now = story.now + timedelta(days=1)
    auditor = await caller(http, "auditor", Role.auditor, "460000", clock.now)
    at = f"/api/v1/cases/{story.number}"
    for path in ("verification", "proof", "bundle?reason=抽查留痕"):
        refused(await clerk.get(f"{at}/{path}"), 403, "role_not_allowed")
        refused(await auditor.get(f"/api/v1/cases/0/{path}"), 404, "case_not_found")
    refused(await clerk.get("/api/v1/checkpoints"), 403, "role_not_allowed")

    found = (await auditor.get(f"{at}/verification")).json()
    assert (found["whole"], found["events"], found["sealed_to"], found["checkpoint"]) == (True, 3, 3, 1)
    assert found["day"] == "2026-03-02"
    assert found["breaches"] == []
    broken = (await auditor.get(f"{at}/verification", params={"objects": "true"})).json()
    assert {one["code"] for one in broken["breaches"]} == {"object_missing"}  # rows of scans without bytes

    proof = (await auditor.get(f"{at}/proof")).json()
    page = (await auditor.get("/api/v1/checkpoints", params={"limit": 1})).json()
    assert page["checkpoints"] == proof["checkpoints"]
    assert json.loads(proof["checkpoints"][0]["header"])["number"] == proof["proofs"][0]["checkpoint"] == 1
    assert [one["seq"] for one in proof["events"]] == [1, 2, 3]
    assert (await auditor.get("/api/v1/checkpoints", params={"cursor": page["next"]})).json()["checkpoints"] == []

    refused(await auditor.get(f"{at}/bundle"), 409, "reason_needed")
    taken = await auditor.get(f"{at}/bundle", params={"reason": "抽查留痕"})
    assert (taken.status_code, taken.headers["cache-control"]) == (200, "private, no-store")
    (tmp_path / "bundle.zip").write_bytes(taken.content)
    said: list[str] = []
    public = next(iter(keys_of(context).public.values())).hex()
    assert main([str(tmp_path / "bundle.zip"), "--key", public], said.append) == 0
    assert said[0].endswith("完整 whole")
    assert "1 cases, 3 events, 1 checkpoints" in said[0]
