"""The warning board: its numbers are those of a plain count, and every number is as long as the list behind it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from engine.compliance.warning_board import FIRST, UNHELD, list_owed, list_warned, read_board
from engine.context import Context
from engine.invariants import check_case
from engine.listing import list_cases
from engine.ratings import rating
from engine.redress import Registering, register_impasse
from engine.sweeping import sweep
from storage.db import reading
from tests.engine.test_law_rating import work
from tests.engine.test_law_recount import carried_out, imported
from tests.engine.test_refusals import refused
from tests.engine.test_straight_path import hall
from tests.factories import FOOD, ITEMS, START, Story, bring, firm
from tests.people import actor
from workflows.actor import Actor
from workflows.calendar import Holiday, packaged_editions
from workflows.clock import ClockKind, Entry, Unit, derive
from workflows.errors import Forbidden, NotFound
from workflows.events import Act
from workflows.light import Light, light
from workflows.warning import obliging

NOW = hall("2026-03-10", "10:00")
"""A Tuesday."""
RANKS = [Light.green, Light.amber, Light.yellow, Light.red]
WHENS = ("now", "today", "next_day")
ORDER: dict[str, Any] = {"reason": "该办件超过承诺期限，请说明情况。", "reply_days": 1}


async def planted(context: Context) -> dict[str, Story]:
    """Cases of two departments at every distance from their limits, and something owed of most kinds."""
    days = {number: START + timedelta(days=number) for number in range(9)}
    stories = {
        "overdue": await bring(context, "REVIEW"),
        "due tomorrow": await bring(context, "ACCEPTED", at=days[2], who=firm(2)),
        "due in two days": await bring(context, "ACCEPTED", at=days[3], who=firm(3)),
        "long": await bring(context, "ACCEPTED", ITEMS[27], at=hall("2026-02-14"), who=firm(4)),
        "waiting for the applicant": await bring(context, "CORRECTION", at=days[1], who=firm(5)),
        "to be told today": await bring(context, "RECEIVED", at=days[1], who=firm(6)),
        "green": await bring(context, "RECEIVED", at=days[7], who=firm(7)),
        "in review": await bring(context, "REVIEW", at=days[7], who=firm(8)),
        "new": await bring(context, "NEW", at=days[7], who=firm(9)),
        "withdrawn": await bring(context, "WITHDRAWN", at=days[4], who=firm(10)),
        "delivered": await bring(context, "DELIVERED", at=days[7], who=firm(11)),
    }
    late = stories["overdue"]
    late.now = NOW - timedelta(hours=1)
    await sweep(context, late.now)
    (red,) = [row for row in await late.rows("cards") if row["rule"] == "promise_red"]
    await late.go("officer", Act.APPEAL_CARD, card=red["number"], reason="系统停机。")
    await late.go("supervisor", Act.SUPERVISE, **ORDER)
    bad = stories["delivered"]
    bad.now = NOW - timedelta(hours=1)
    await rating.rate(context, bad.answers[0]["query_code"], 5, "等候时间太长。", bad.now)
    await work(bad, "rating.rectify")
    handler = await actor("impasse_handler")
    for at, case in ((START, None), (NOW, late.number)):
        request = Registering(person="示例人", matter="跑了三次仍未办成。", contact="13800001234", case=case)
        await register_impasse(context, handler, request, at)
    return stories


async def at_moment(context: Context, stories: dict[str, Story], now: datetime, *, before: bool) -> dict[str, int]:
    """How each case stands, counted out from its ledger; red begins after its moment. :param before: just before it."""
    calendar, hours = await context.calendar(now), context.hours(None)
    moment = now - timedelta(microseconds=1) if before else now
    found = {}
    for name, story in stories.items():
        row = await story.row()
        flow = await context.flow(row["flow"], row["flow_version"])
        entries = [_entry(one) for one in await story.rows("clock_entries", "seq, ordinal")]
        states = derive(entries, calendar, hours, max(moment, NOW))
        lights = [light(one, moment, calendar, hours) for one in obliging(states, flow, row["state"]) if one.running]
        found[name] = max(map(RANKS.index, lights), default=0)
    return found


def _entry(row: dict[str, Any]) -> Entry:
    kind, unit = ClockKind(row["kind"]), Unit(row["unit"]) if row["unit"] else None
    return Entry(kind, row["act"], row["at"], row["amount"], unit, row["basis"], row["by"], row["note"])


async def every(context: Context, who: Actor, lister: Any, place: str, **asked: Any) -> list[dict[str, Any]]:
    """All pages of a list, two rows at a time."""
    rows: list[dict[str, Any]] = []
    while True:
        after = (rows[-1][place], rows[-1]["id"]) if rows else FIRST
        page = await lister(context, who, NOW, **asked, after=after, limit=2)
        rows += page
        if len(page) < 2:
            return rows


async def agrees(context: Context, who: Actor, levels: list[dict[str, Any]], **narrowed: Any) -> None:
    """Every number of these levels is the length of its list."""
    for row in levels:
        for when in WHENS:
            listed = await every(context, who, list_warned, "red_at", level=Light(row["light"]), when=when, **narrowed)
            assert len({one["case"] for one in listed}) == len(listed) == row[when], (row, when, narrowed)


async def test_every_number_of_the_board_is_counted_out_and_has_its_list(context: Context) -> None:
    stories = await planted(context)
    supervisor = await actor("supervisor")
    board = await read_board(context, supervisor, NOW)
    assert board["next_day"].isoformat() == "2026-03-11"
    levels = {row["light"]: row for row in board["levels"]}

    stands = {
        "now": await at_moment(context, stories, NOW, before=False),
        "before": await at_moment(context, stories, hall("2026-03-10", "00:00"), before=True),
        "today": await at_moment(context, stories, hall("2026-03-11", "00:00"), before=True),
        "next_day": await at_moment(context, stories, hall("2026-03-12", "00:00"), before=True),
    }
    for rank in (1, 2, 3):
        found = levels[RANKS[rank].value]
        assert found["now"] == sum(one == rank for one in stands["now"].values())
        for when, start in (("today", "before"), ("next_day", "today")):
            comes = [name for name in stories if stands[when][name] == rank > stands[start][name]]
            assert found[when] == len(comes), (rank, when, comes)
    assert {name: tuple(stands[when][name] for when in stands) for name in stories if stands["next_day"][name]} == {
        "overdue": (3, 3, 3, 3),
        "due tomorrow": (2, 0, 2, 3),
        "due in two days": (0, 0, 0, 2),
        "long": (1, 0, 1, 1),
        "to be told today": (2, 2, 3, 3),
        "in review": (0, 0, 0, 2),
    }

    await agrees(context, supervisor, board["levels"])
    for one in board["departments"]:
        await agrees(context, supervisor, one["levels"], department=one["department"])
    for one in board["people"]:
        await agrees(context, supervisor, one["levels"], person=one["person"] or UNHELD)
    for name in ("departments", "people"):
        summed = [sum(one["levels"][n]["now"] for one in board[name]) for n in range(3)]
        assert summed == [row["now"] for row in board["levels"]]
    (head, *_) = await list_warned(context, supervisor, NOW, level=Light.red)
    assert (head["case"], head["clock"], head["light"], head["person"]) == (
        stories["overdue"].number, "stage", "red", "officer",
    )  # fmt: skip

    owed = {row["kind"]: row for row in board["owed"]}
    wanted = {
        "supervision_reply": (1, 0, 0, 1),
        "overdue_explanation": (1, 0, 0, 0),
        "rater_contact": (1, 0, 0, 1),
        "rectification": (1, 0, 0, 0),
        "rater_follow_up": (0, 0, 0, 0),
        "card_appeal": (1, 0, 0, 0),
        "impasse_contact": (2, 1, 1, 0),
        "impasse_solution": (2, 1, 0, 0),
    }
    pressing = ("open", "overdue", "today", "next_day")
    assert {kind: tuple(row[name] for name in pressing) for kind, row in owed.items()} == wanted
    for kind, row in owed.items():
        for name in pressing:
            assert len(await every(context, supervisor, list_owed, "at", kind=kind, pressing=name)) == row[name]
            for one in row["departments"]:
                if one["department"] is not None:
                    of = one["department"]
                    listed = await every(context, supervisor, list_owed, "at", kind=kind, pressing=name, department=of)
                    assert len(listed) == one[name]
    (reply,) = await list_owed(context, supervisor, NOW, kind="supervision_reply")
    assert (reply["case"], reply["due_at"]) == (stories["overdue"].number, hall("2026-03-11", "17:30"))

    await only_their_own(context, stories)


async def only_their_own(context: Context, stories: dict[str, Story]) -> None:
    """A department sees what it has; a case that is being prepared is nobody's yet; others see no board."""
    approver = await actor("approver")
    board = await read_board(context, approver, NOW)
    assert {one["department"] for one in board["departments"]} == {FOOD.department}
    seen = {row["number"] for row in await list_cases(approver, limit=100)}
    reds = await list_warned(context, approver, NOW, level=Light.red)
    assert {row["case"] for row in reds} < seen
    health = await read_board(context, await actor("approver.health"), NOW)
    assert all(row[when] == 0 for row in health["levels"] for when in WHENS)
    assert [row["open"] for row in health["owed"]] == [0] * 8
    for who in ("clerk", "officer", "archivist"):
        async with refused("role_not_allowed", Forbidden):
            await read_board(context, await actor(who), NOW)
        async with refused("role_not_allowed", Forbidden):
            await list_owed(context, await actor(who), NOW, kind="card_appeal")
    async with refused("organisation_not_found", NotFound):
        await list_warned(context, approver, NOW, level=Light.red, department="nowhere")
    assert await list_warned(context, approver, NOW, level=Light.red, department="health") == []
    assert stories["new"].number not in {row["case"] for row in reds}


async def test_a_light_that_turns_earlier_under_a_corrected_calendar_is_known_though_no_limit_moved(
    context: Context,
) -> None:
    """Thursday 12 March becomes a day off and Saturday 7 March is worked: ten working days from the 2nd still end on
    the 16th, but two of them are left a day earlier."""
    story = await bring(context, "GRANTED")
    old = await story.row()
    assert (old["red_at"], old["amber_at"]) == (hall("2026-03-16", "17:30"), hall("2026-03-12", "00:00"))
    (known,) = [edition for edition in packaged_editions() if edition.year == 2026]
    swapped = Holiday(name="调休", name_en="Swapped", off=(date(2026, 3, 12),), work=(date(2026, 3, 7),))
    await imported(replace(known, version=2, holiday=(*known.holiday, swapped)), START)
    assert await carried_out(context, START) == 2
    new = await story.row()
    assert (new["red_at"], new["amber_at"]) == (old["red_at"], hall("2026-03-11", "00:00"))
    assert (new["version"], new["head_seq"]) == (old["version"], old["head_seq"])
    assert await check_case(context, story.number, START) == []
    async with reading() as connection:
        await connection.execute("UPDATE cases SET amber_at = red_at WHERE number = $1", story.number)
    assert await check_case(context, story.number, START) == ["clock_index_stale"]
