"""What time does beside the clocks: tickets that are late, files not archived, rows that have had their time."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from engine.context import Context
from engine.impasse_watch import watch_impasses
from engine.messages.informing import list_inbox
from engine.purging import purge
from engine.redress import Moving, Registering, list_impasses, move_impasse, read_impasse, register_impasse
from engine.sweeping import sweep
from storage.db import reading
from tests.engine.test_straight_path import hall
from tests.factories import START, Story, bring
from tests.people import actor
from workflows.events import Act
from workflows.impasse import ImpasseStep


async def take(context: Context, number: str, step: str, at: str, who: str = "impasse_handler") -> None:
    request = Moving("已处理。", "amr" if step == "assign" else None)
    await move_impasse(context, await actor(who), number, ImpasseStep(step), request, hall(at))


async def alarms(code: str) -> dict[str, bool]:
    """Alarms of a kind by what they are about, and whether they are open."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT subject, closed_at FROM alarms WHERE code = $1", code)
    return {row["subject"]: row["closed_at"] is None for row in rows}


async def test_a_ticket_that_is_late_is_marked_with_the_moment_and_sounds_an_alarm(context: Context) -> None:
    handler = await actor("impasse_handler")
    number = (await register_impasse(context, handler, Registering("示例人", "跑了三次。"), START))["impasse"]
    heard = (await register_impasse(context, handler, Registering("示例人二", "跑了两次。"), START))["impasse"]
    await take(context, heard, "contact", "2026-03-02")
    assert await watch_impasses(context, hall("2026-03-02", "17:30")) == 0
    assert await watch_impasses(context, hall("2026-03-02", "17:31")) == 1
    assert await watch_impasses(context, hall("2026-03-03")) == 0
    seen = await read_impasse(handler, number, START)
    assert (seen["contact_overdue_at"], seen["overdue_at"]) == (hall("2026-03-02", "17:30"), None)
    assert (seen["history"][-1]["step"], seen["history"][-1]["by"]) == ("contact_overdue", "系统")
    assert await alarms("impasse_late") == {number: True}
    await take(context, number, "assign", "2026-03-03")
    await take(context, number, "contact", "2026-03-03")
    # Both are due at the close of business on 9 March; a hall that was switched off marks them with that moment.
    assert await watch_impasses(context, hall("2026-03-12")) == 2
    rows = {row["number"]: row["overdue_at"] for row in await list_impasses(handler)}
    assert rows == dict.fromkeys((number, heard), hall("2026-03-09", "17:30"))
    await take(context, number, "solve", "2026-03-12", "officer")
    assert await alarms("impasse_late") == {number: False, heard: True}


async def archiving(story: Story) -> tuple[str, bool]:
    """Until when the file is owed to the archive, and whether that is done."""
    (row,) = [row for row in await story.rows("duties") if row["kind"] == "archiving"]
    return row["due_on"].isoformat(), row["done_at"] is not None


async def test_a_case_that_is_over_is_archived_within_thirty_days_or_the_archivist_is_told(context: Context) -> None:
    late, kept = await bring(context, "DELIVERED"), await bring(context, "WITHDRAWN")
    assert late.now.date() == kept.now.date() == START.date()
    assert await archiving(late) == await archiving(kept) == ("2026-04-01", False)
    await kept.go("archivist", Act.ARCHIVE, at=hall("2026-03-31"))
    assert await archiving(kept) == ("2026-04-01", True)
    assert (await sweep(context, hall("2026-04-01", "17:30"))).carried_out == 0
    assert (await sweep(context, hall("2026-04-02"))).carried_out == 1
    (card,) = await late.rows("cards")
    assert (card["rule"], card["level"], card["raised_at"]) == (
        "archiving_overdue", "amber", hall("2026-04-01", "17:30"),
    )  # fmt: skip
    assert "archiving_overdue" not in {row["rule"] for row in await kept.rows("cards")}
    told = [row["text"] for row in await list_inbox(context, await actor("archivist"), hall("2026-04-02"))]
    assert len(told) == 1
    assert late.number in told[0]
    await late.go("archivist", Act.ARCHIVE, at=hall("2026-04-02"))
    assert (await archiving(late))[1]


async def test_done_work_passes_after_its_days_and_what_is_not_done_stays(context: Context) -> None:
    await bring(context, "ACCEPTED")
    async with reading() as connection:
        await connection.execute("UPDATE outbox SET state = 'done', done_at = $1 WHERE topic = 'case.changed'", START)
        await connection.execute(
            "UPDATE outbox SET state = 'dead' WHERE id = (SELECT id FROM outbox WHERE state = 'waiting' LIMIT 1)"
        )
        left = await connection.fetchval("SELECT count(*) FROM outbox WHERE state <> 'done'")
        done = await connection.fetchval("SELECT count(*) FROM outbox WHERE state = 'done'")
    assert done > 0
    assert left > 1
    days = timedelta(days=context.settings.passing_days)
    assert await purge(context, START + days) == {"outbox": 0, "deliveries": 0, "status_attempts": 0}
    assert await purge(context, START + days + timedelta(seconds=1)) == {
        "outbox": done,
        "deliveries": 0,
        "status_attempts": 0,
    }
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == left
        for state in ("dead", "waiting"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("DELETE FROM outbox WHERE state = $1", state)
