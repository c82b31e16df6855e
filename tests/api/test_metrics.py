"""Figures over HTTP: quoted definitions, numbers that lead to their cases, and requests that are refused in words."""

from __future__ import annotations

from typing import Any

import httpx

from api.state import context_of
from engine.projecting import project
from tests.api.hall import Caller, Clock, caller, refused
from tests.factories import START, bring
from workflows.actor import Role
from workflows.figure_catalogue import FIGURES

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


async def test_a_number_leads_to_the_cases_that_it_counts(
    app: Any, http: httpx.AsyncClient, clerk: Caller, officer: Caller, clock: Clock
) -> None:
    stories = [await bring(context_of(app), state) for state in ("WITHDRAWN", "DENIED", "GRANTED")]
    clock.advance(days=20)
    await project(seconds=60, now=clock.now)
    auditor = await caller(http, "auditor", Role.auditor, "460000", START)

    listed = (await clerk.get("/api/v1/metrics")).json()["items"]
    assert [one["name"] for one in listed] == list(FIGURES)
    told = await auditor.get("/api/v1/metrics/closed,on_time_rate", params={**MARCH, "by": "kind,week"})
    assert told.status_code == 200, told.text
    answer = told.json()
    assert (answer["as_of"], answer["where"], answer["by"]) == ("2026-03-22T01:30:00Z", {}, ["kind", "week"])
    assert (answer["calendars"][0]["year"], answer["facts_version"] >= 1) == (2026, True)
    closed, on_time = answer["figures"]
    assert closed["definition"] == next(one for one in listed if one["name"] == "closed")
    assert (closed["total"]["numerator"], closed["total"]["denominator"], closed["total"]["value"]) == (3, None, 3)
    (cell,) = on_time["cells"]
    assert (cell["at"], cell["until"]) == ({"kind": "promise", "week": "2026-03-02"}, "2026-03-08")
    assert (cell["labels"]["kind"]["name"], cell["numerator"], cell["value"]) == ("承诺件", 2, 1)

    behind = closed["cells"][0]["cases"]
    first = (await auditor.get(f"{behind}&limit=2")).json()
    rest = (await auditor.get(f"{behind}&cursor={first['next']}")).json()
    assert {row["case"] for row in first["items"] + rest["items"]} == {story.number for story in stories}
    assert ({row["amount"] for row in first["items"]}, rest["next"]) == ({1}, None)
    mine = (await officer.get("/api/v1/metrics/closed", params=MARCH)).json()
    assert mine["figures"][0]["total"]["value"] == 3

    refused(await clerk.get("/api/v1/metrics/closed", params=MARCH), 403, "role_not_allowed")
    refused(await http.get("/api/v1/metrics/closed", params=MARCH), 401, "not_authenticated")
    for path, params, status, code in WRONG:
        refused(await auditor.get(f"/api/v1/metrics/{path}", params={**MARCH, **params}), status, code)


WRONG: list[tuple[str, dict[str, str], int, str]] = [
    ("speed", {}, 404, "figure_unknown"),
    ("closed", {"to": "2026-02-01"}, 422, "period_wrong"),
    ("closed", {"from": "0001-01-01"}, 422, "period_too_long"),
    ("closed", {"from": "9999-12-31", "to": "9999-12-31"}, 422, "period_not_begun"),
    ("closed", {"by": "applicant"}, 422, "dimension_unknown"),
    ("closed", {"by": "day,week"}, 422, "too_many_dimensions"),
    ("closed", {"hall": "nowhere"}, 404, "organisation_not_found"),
    ("closed", {"as_of": "2026-03-02T00:00:00"}, 422, "moment_without_zone"),
    ("closed", {"as_of": "2026-08-02T00:00:00Z"}, 409, "moment_not_settled"),
    ("closed/cases", {"part": "rest"}, 422, "part_unknown"),
    ("closed/cases", {"cursor": "nonsense"}, 422, "unknown_cursor"),
    ("closed", {"person": "x"}, 422, "unknown_parameter"),
]
