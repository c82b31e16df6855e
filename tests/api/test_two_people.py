"""A decision takes two people, whatever roles one of them holds."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg
import httpx
from litestar import Litestar

from tests.api.filing import under_decision
from tests.api.hall import Caller, Clock, Unchanged, caller, refused
from tests.conftest import Database
from workflows.actor import Role

_ALSO = (
    "INSERT INTO role_grants (id, person_id, role, organisation_id) SELECT uuidv7(), p.id, $2, o.id"
    " FROM people p, organisations o WHERE p.login = $1 AND o.code = 'amr'"
)

TRACE = ("access_log", "access_heads")
"""Where an attempt at having two parts leaves its trace; the act itself leaves none."""


async def test_who_reviewed_does_not_approve(
    app: Litestar,
    http: httpx.AsyncClient,
    clock: Clock,
    *,
    clerk: Caller,
    officer: Caller,
    approver: Caller,
    database: Database,
    unchanged: Callable[..., Unchanged],
) -> None:
    connection = await asyncpg.connect(database.superuser)
    for role in (Role.approver, Role.reviewer):
        await connection.execute(_ALSO, "officer", role.value)
    await connection.close()
    filing = await under_decision(app, clock, clerk, officer)
    as_approver = await caller(http, "officer", Role.approver, "amr", clock.now)
    as_reviewer = await caller(http, "officer", Role.reviewer, "amr", clock.now)
    async with unchanged(*TRACE):
        answer = await as_approver.act(filing.number, "grant", filing.version, body={"opinion": "准予"})
        assert refused(answer, 403, "same_person")["basis"]
        denial = {"reason": "不符合条件", "article": "行政许可法38"}
        refused(await as_approver.act(filing.number, "deny", filing.version, body=denial), 403, "same_person")
        answer = await as_reviewer.act(filing.number, "endorse", filing.version, body={"opinion": "同意"})
        refused(answer, 403, "same_person")
    listed = (await as_approver.get(f"/api/v1/cases/{filing.number}/actions")).json()
    barred = {row["action"]: row["barred"] for row in listed}
    assert barred["grant"]["code"] == "same_person"
    assert (await filing.act(approver, "grant", opinion="准予"))["state"] == "GRANTED"


async def test_who_endorsed_does_not_approve(
    app: Litestar,
    http: httpx.AsyncClient,
    clock: Clock,
    *,
    clerk: Caller,
    officer: Caller,
    reviewer: Caller,
    database: Database,
    unchanged: Callable[..., Unchanged],
) -> None:
    connection = await asyncpg.connect(database.superuser)
    await connection.execute(_ALSO, "reviewer", Role.approver.value)
    await connection.close()
    filing = await under_decision(app, clock, clerk, officer)
    await filing.act(reviewer, "endorse", opinion="同意")
    as_approver = await caller(http, "reviewer", Role.approver, "amr", clock.now)
    async with unchanged(*TRACE):
        answer = await as_approver.act(filing.number, "grant", filing.version, body={"opinion": "准予"})
        refused(answer, 403, "same_person")
