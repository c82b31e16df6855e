"""Assessing a contractor over HTTP: from the contract to the printed form, who may not, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from litestar import Litestar

from api.cli import cli
from api.state import context_of
from tests.api.hall import Caller, Clock, caller, refused
from tests.engine.test_law_rating import work
from tests.factories import FOOD, Story
from tests.people import also
from workflows.actor import Role

BASE = "/api/v1/assessments"
CONTRACTS = "/api/v1/contracts"
DEAL: dict[str, Any] = {
    "hall": "hall", "contractor": "示例政务服务有限公司", "number": "HK-1", "first_year": 2026, "years": 3,
    "price": "11265500",
}  # fmt: skip


@dataclass
class People:
    """Everybody who has a hand in an assessment, as callers."""

    clerk: Caller
    assessor: Caller
    director: Caller
    reviewer: Caller
    approver: Caller


@pytest.fixture
async def people(http: httpx.AsyncClient, clerk: Caller, clock: Clock) -> People:
    clock.now = datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
    await also("government_head", "reviewer", "460100")
    await also("supervisor", "approver", "460100")
    return People(
        clerk,
        await caller(http, "assessor", Role.assessor, "460100", clock.now),
        await caller(http, "project_director", Role.project_director, "hall", clock.now),
        await caller(http, "government_head", Role.reviewer, "460100", clock.now),
        await caller(http, "supervisor", Role.approver, "460100", clock.now),
    )


async def test_a_month_from_the_contract_to_the_printed_form(app: Litestar, people: People, clock: Clock) -> None:
    assessor, director = people.assessor, people.director
    table = (await people.clerk.get("/api/v1/assessment-table")).json()["table"]
    assert (table["total"], len(table["group"])) == (105, 7)
    refused(await people.clerk.post(CONTRACTS, DEAL), 403, "self_scoring")
    refused(await assessor.post(CONTRACTS, DEAL | {"price": "-1"}), 422, "payload_invalid")
    contract = (await assessor.post(CONTRACTS, DEAL)).json()["contract"]
    opening = {"contract": contract, "month": "2026-03-01"}
    refused(await assessor.post(BASE, opening | {"month": "2026-04-01"}), 409, "month_not_over")
    refused(await director.post(BASE, opening), 403, "self_scoring")
    made = await assessor.post(BASE, opening, headers={"Idempotency-Key": "k-1"})
    assert made.status_code == 201, made.text
    one = f"{BASE}/{made.json()['assessment']}"
    await scored(people, one)
    await approved(people, one)
    assert await work(Story(context_of(app), FOOD, "", clock.now), "assessment.render") == 1
    form = await director.get(f"{one}/form")
    assert (form.headers["content-type"], form.content[:4]) == ("application/pdf", b"%PDF")
    await paid(people, f"{CONTRACTS}/{contract}")
    second = (await assessor.post(f"{one}/correct", {"reason": "次数有误"})).json()
    assert (second["edition"], second["state"]) == (2, "scoring")
    listed = (await director.get(BASE, params={"limit": 1})).json()
    rest = (await director.get(BASE, params={"limit": 1, "cursor": listed["next"]})).json()
    assert [row["edition"] for row in (*listed["items"], *rest["items"])] == [2, 1]


def test_a_table_is_checked_at_the_command_line(tmp_path: Path) -> None:
    runner, file = CliRunner(), tmp_path / "monthly.toml"
    assert "105 items, 105 points, 8 from the trail" in runner.invoke(cli, ["assessment", "check", "monthly"]).output
    shown = runner.invoke(cli, ["assessment", "show"]).output
    file.write_text(shown.replace("total = 105", "total = 99"), "utf-8")
    for name in (str(file), "no-such-table"):
        assert runner.invoke(cli, ["assessment", "check", name]).exit_code == 1


async def scored(people: People, one: str) -> None:
    """Points are entered and found, objected to and answered; what is wrong is refused."""
    assessor, director, entries = people.assessor, people.director, f"{one}/entries"
    for path in (BASE, one, CONTRACTS, f"{one}/draft", f"{one}/clues?item=3-7"):
        refused(await people.clerk.get(path), 403, "role_not_allowed")
    for wrong, code in (
        ({"item": "9-9", "times": 1, "evidence": "无"}, "item_unknown"),
        ({"item": "3-9", "times": 99, "evidence": "多"}, "points_beyond_cap"),
        ({"item": "3-9", "times": 1, "evidence": ""}, "payload_invalid"),
        ({"item": "3-9", "times": 1, "evidence": "x", "links": [{"case": "1", "seq": -1}]}, "evidence_unknown"),
    ):
        refused(await assessor.post(entries, wrong), 422, code)
    refused(await director.post(entries, {"item": "7-1", "times": 1, "evidence": "x"}), 403, "self_scoring")
    entry = (await assessor.post(entries, {"item": "3-9", "times": 2, "evidence": "抽查"})).json()["entry"]
    found = (await assessor.post(f"{one}/search")).json()
    assert (found["found"], found["new"], found["left_out"]) == (1, 1, 0)
    refused(await assessor.post(f"{one}/settle", {"item": "3-9", "confirmed": True}), 409, "nothing_proposed")
    told = await director.post(f"{entries}/{entry}/objection", {"text": "材料已补扫。"})
    assert told.status_code == 200, told.text
    refused(await assessor.post(f"{one}/submit"), 409, "proposals_undecided")
    view = (await assessor.get(one)).json()
    assert (view["total"], view["undecided"], view["unanswered"], view["state"]) == (96, 1, 1, "scoring")
    assert (view["groups"][2]["score"], view["allowed"]) == (46, ["submit", "score", "answer"])
    late = next(row for row in view["entries"] if row["state"] == "proposed")
    refused(await assessor.post(f"{entries}/{late['id']}/settle", {"confirmed": False}), 422, "reason_needed")
    settled = await assessor.post(f"{entries}/{late['id']}/settle", {"confirmed": True})
    assert settled.json()["state"] == "confirmed"
    assert (await assessor.get(f"{entries}/{late['id']}/evidence")).json() == {"items": []}
    assert (await director.get(f"{one}/clues", params={"item": "3-7"})).json() == {"items": []}
    await assessor.post(f"{entries}/{entry}/answer", {"text": "以系统留痕为准。"})


async def approved(people: People, one: str) -> None:
    """Through three hands, once back."""
    assessor, reviewer, approver = people.assessor, people.reviewer, people.approver
    assert (await assessor.post(f"{one}/submit")).json()["state"] == "submitted"
    sent = await reviewer.post(f"{one}/return", {"reason": "请核对次数"})
    assert sent.json()["state"] == "scoring"
    await assessor.post(f"{one}/submit")
    refused(await assessor.post(f"{one}/review"), 403, "same_person")
    assert (await reviewer.post(f"{one}/review")).json()["state"] == "reviewed"
    refused(await approver.get(f"{one}/form"), 409, "form_not_ready")
    assert (await approver.post(f"{one}/approve")).json()["state"] == "approved"
    late = {"item": "3-9", "times": 1, "evidence": "晚"}
    refused(await assessor.post(f"{one}/entries", late), 409, "assessment_closed")


async def paid(people: People, contract: str) -> None:
    """What the year comes to, with the certificates that are lacking."""
    assessor, director = people.assessor, people.director
    year = (await director.get(f"{contract}/years/2026")).json()
    assert (year["pay"]["mean"], year["pay"]["percent"], year["pay"]["due"]) == ("95.00", 100, "1126550.00")
    refused(await director.get(f"{contract}/years/2030"), 422, "year_outside")
    report = {"month": "2026-03-01", "text": "三月运行报告。"}
    refused(await assessor.post(f"{contract}/reports", report), 403, "role_not_allowed")
    assert (await director.post(f"{contract}/reports", report)).status_code == 201
    short = {"year": 2026, "short": 1, "evidence": "名册"}
    refused(await director.post(f"{contract}/certificates", short), 403, "self_scoring")
    assert (await assessor.post(f"{contract}/certificates", short)).json()["short"] == 1
    year = (await assessor.get(f"{contract}/years/2026")).json()
    assert (year["pay"]["withheld"], year["pay"]["due"]) == ("5632.75", "1120917.25")
    assert (await director.get(CONTRACTS)).json()["items"][0]["price"] == "11265500"
    assert len((await director.get(contract)).json()["reports"]) == 1
