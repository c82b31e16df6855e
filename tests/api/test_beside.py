"""What stands beside a case's way, over HTTP: who sees it, who does not, and what the lists of it show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from engine.timing import fire_case
from tests.api.hall import Caller, Clock, Unchanged, caller, refused
from tests.factories import FOOD, START, Story, bring, open_story
from workflows.actor import Role
from workflows.events import Act

Quiet = Callable[[], Unchanged]
PARTS = ("notice", "notifications", "cards", "duties", "procedures", "children", "appointments")


async def case_in(app: Litestar, clock: Clock, state: str, **opening: Any) -> Story:
    """A case in this state; the server's time follows it."""
    story = await bring(context_of(app), state, **opening)
    clock.now = story.now + timedelta(minutes=10)
    return story


async def overdue(app: Litestar, clock: Clock) -> Story:
    """A case under review whose promised limit has passed, with its cards and the explanation that is owed."""
    story = await case_in(app, clock, "REVIEW")
    clock.now = START + timedelta(days=9)
    await fire_case(context_of(app), story.number, clock.now)
    return story


async def test_every_part_of_a_case_is_shown_to_who_sees_it_and_to_nobody_else(
    app: Litestar, http: httpx.AsyncClient, clock: Clock, officer: Caller, other_officer: Caller
) -> None:
    story = await case_in(app, clock, "CORRECTION")
    for part in PARTS:
        path = f"/api/v1/cases/{story.number}/{part}"
        assert (await officer.get(path)).status_code == 200, part
        refused(await other_officer.get(path), 404, "case_not_found")
        refused(await http.get(path), 401, "not_authenticated")
        refused(await officer.get(f"{path}?colour=red"), 422, "unknown_parameter")


async def test_the_notice_shows_lines_met_and_open_and_what_had_been_told_before(
    app: Litestar, clock: Clock, clerk: Caller
) -> None:
    asked = {
        "item": FOOD.code,
        "question": "要什么？",
        "answer": "见清单。",
        "gaps": [{"material": "M05", "defect": "未携带", "how_to_obtain": "打印"}],
    }
    number = (await clerk.post("/api/v1/consultations", asked)).json()["consultation"]
    opened = await clerk.open_case(consultation=number)
    empty = (await clerk.get(f"/api/v1/cases/{opened}/notice")).json()
    assert (empty["given_at"], empty["lines"]) == (None, [])
    assert [(hint["material"], hint["source"], hint["number"]) for hint in empty["hints"]] == [
        ("M05", "consultation", number)
    ]
    story = await case_in(app, clock, "CORRECTION")
    view = (await clerk.get(f"/api/v1/cases/{story.number}/notice")).json()
    assert [(line["line"], line["met_at"], line["violation"]) for line in view["lines"]] == [(1, None, False)]
    assert view["notices"][0]["number"] == 1
    await story.go("clerk", Act.SUPPLY, lines=[1])
    view = (await clerk.get(f"/api/v1/cases/{story.number}/notice")).json()
    assert view["lines"][0]["met_at"]


async def test_an_overrun_shows_its_cards_what_is_owed_and_who_was_told(
    app: Litestar, clock: Clock, officer: Caller
) -> None:
    story = await overdue(app, clock)
    cards = (await officer.get(f"/api/v1/cases/{story.number}/cards")).json()
    red = next(card for card in cards if card["rule"] == "promise_red")
    assert (red["title"], red["level"], red["state"], red["due_on"]) == (
        "超过承诺期限",
        "red",
        "standing",
        "2026-03-09",
    )
    duties = (await officer.get(f"/api/v1/cases/{story.number}/duties")).json()
    assert [(duty["kind"], duty["done_at"]) for duty in duties] == [("overdue_explanation", None)]
    told = (await officer.get(f"/api/v1/cases/{story.number}/notifications")).json()
    assert {(row["recipient"], row["way"]) for row in told if row["event"] == "promise_red"} == {
        ("department", "task"),
        ("supervisor", "task"),
    }
    assert not [row for row in told if story.number in str(row["data"].get("applicant", ""))]


async def test_the_board_has_the_cards_of_those_who_watch_over_them(
    app: Litestar, http: httpx.AsyncClient, clock: Clock, clerk: Caller
) -> None:
    story = await overdue(app, clock)
    supervisor = await caller(http, "supervisor", Role.supervisor, "460100", clock.now)
    board = (await supervisor.get("/api/v1/cards")).json()
    assert {row["case"] for row in board["items"]} == {story.number}
    reds = (await supervisor.get("/api/v1/cards", params={"level": "red"})).json()["items"]
    assert reds
    assert {row["level"] for row in reds} == {"red"}
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await supervisor.get("/api/v1/cards", params=params)).json()
        seen += [row["number"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [row["number"] for row in board["items"]]
    refused(await clerk.get("/api/v1/cards"), 403, "role_not_allowed")
    refused(await supervisor.get("/api/v1/cards", params={"level": "blue"}), 400, "malformed_request")
    refused(await supervisor.get("/api/v1/cards", params={"cursor": "bm8"}), 422, "unknown_cursor")
    other = await caller(http, "approver.health", Role.approver, "health", clock.now)
    assert (await other.get("/api/v1/cards")).json()["items"] == []


async def test_lists_are_narrowed_to_priority_and_to_those_one_answers_for(
    app: Litestar, clock: Clock, clerk: Caller, officer: Caller
) -> None:
    plain = await open_story(context_of(app))
    first = await open_story(context_of(app), by="clerk2")
    await first.go("clerk2", Act.MARK_PRIORITY, group="veteran", evidence="优待证")

    async def numbers(who: Caller, **params: str) -> list[str]:
        answer = await who.get("/api/v1/cases", params=params)
        assert answer.status_code == 200, answer.text
        return [row["number"] for row in answer.json()["items"]]

    assert await numbers(clerk) == [first.number, plain.number]
    assert await numbers(clerk, priority="true") == [first.number]
    assert await numbers(clerk, owner="me") == [plain.number]
    assert await numbers(clerk, owner="me", priority="true") == []
    assert await numbers(officer, owner="me") == []
    refused(await clerk.get("/api/v1/cases", params={"owner": "clerk2"}), 400, "malformed_request")
    head = (await clerk.get(f"/api/v1/cases/{first.number}")).json()
    assert (head["priority"], head["owner_name"]) == ("veteran", "郑春晖")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"day": "2026-03-03"}, 422, "payload_invalid"),
        ({"day": "tomorrow", "time": "09:30"}, 422, "payload_invalid"),
        ({"day": "2026-03-03", "time": "09:30:00", "window": "w01"}, 422, "payload_invalid"),
        ({"day": "2026-03-07", "time": "09:30:00"}, 409, "hall_closed_that_day"),
        ({"day": "2026-03-03", "time": "13:00:00"}, 409, "outside_hall_hours"),
        ({"day": "2026-02-27", "time": "09:30:00"}, 409, "visit_in_the_past"),
    ],
)
async def test_a_visit_that_cannot_take_place_is_not_booked(
    clerk: Caller, unchanged: Quiet, body: dict[str, Any], status: int, code: str
) -> None:
    number = await clerk.open_case()
    async with unchanged():
        refused(await clerk.post(f"/api/v1/cases/{number}/appointments", body), status, code)


async def test_a_booked_visit_moves_when_the_hall_is_closed(
    http: httpx.AsyncClient, clock: Clock, clerk: Caller, officer: Caller, unchanged: Quiet
) -> None:
    number = await clerk.open_case()
    path = f"/api/v1/cases/{number}/appointments"
    booked = await clerk.post(path, {"day": "2026-03-03", "time": "09:30:00"})
    assert (booked.status_code, booked.json()) == (201, {"case": number, "day": "2026-03-03", "time": "09:30"})
    assert [row["state"] for row in (await clerk.get(path)).json()] == ["booked"]
    typhoon = {"day": "2026-03-03", "reason": "台风停止办公"}
    async with unchanged():
        refused(await officer.post("/api/v1/closures", typhoon), 403, "role_not_allowed")
    manager = await caller(http, "hall_manager", Role.hall_manager, "hall", clock.now)
    closed = await manager.post("/api/v1/closures", typhoon)
    assert closed.json() == {"hall": "hall", "day": "2026-03-03", "appointments": 1}
    refused(await manager.post("/api/v1/closures", typhoon), 409, "closure_declared_already")
    refused(await manager.post("/api/v1/closures", typhoon | {"hall": "town-hall"}), 404, "organisation_not_found")
    listed = (await clerk.get("/api/v1/closures", params={"from": "2026-03-01"})).json()
    assert [(row["hall"], row["day"]) for row in listed["items"]] == [("hall", "2026-03-03")]
    assert (await clerk.get("/api/v1/closures", params={"from": "2026-03-04"})).json()["items"] == []


async def test_recounts_are_listed_with_what_they_changed(clerk: Caller) -> None:
    listed = (await clerk.get("/api/v1/calendar/recounts")).json()
    assert listed["next"] is None
    for row in listed["items"]:
        one = (await clerk.get(f"/api/v1/calendar/recounts/{row['id']}")).json()
        assert (one["year"], one["lines"]) == (row["year"], [])
    absent = "0190f3e0-0000-7000-8000-000000000000"
    refused(await clerk.get(f"/api/v1/calendar/recounts/{absent}"), 404, "recount_not_found")
