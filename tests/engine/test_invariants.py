"""What must always hold is looked at again after every act; a breach is an alarm, once."""

from __future__ import annotations

import asyncpg
import pytest

from engine.context import Context
from engine.invariants import check_case
from storage.db import reading
from tests.conftest import Database
from tests.factories import bring


async def alarms() -> list[tuple[str, str]]:
    async with reading() as connection:
        return [(row["code"], row["subject"]) for row in await connection.fetch("SELECT * FROM alarms ORDER BY code")]


async def test_cases_in_every_state_hold(context: Context) -> None:
    for state in ("NEW", "PRE_PASSED", "CORRECTION", "NOT_ACCEPTED", "WITHDRAWN", "DENIED", "ARCHIVED"):
        story = await bring(context, state)
        assert (await story.row())["state"] == state
        assert await check_case(context, story.number, story.now) == [], state
    assert await alarms() == []
    assert await check_case(context, "0", story.now) == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE cases SET state = 'READY' WHERE id = $1", "state_mismatch"),
        ("UPDATE cases SET head_digest = repeat('0', 64) WHERE id = $1", "head_mismatch"),
        ("UPDATE cases SET endorser_id = approver_id WHERE id = $1", "one_person_decided"),
        ("UPDATE clocks SET running = true WHERE kind = 'statutory' AND case_id = $1", "clock_index_stale"),
        ("DELETE FROM clocks WHERE kind = 'delivery' AND case_id = $1", "clock_index_stale"),
        ("UPDATE clocks SET next_at = NULL WHERE kind = 'delivery' AND case_id = $1", "clock_index_stale"),
        ("UPDATE events SET reason = '改' WHERE seq = 7 AND case_id = $1", "event_altered"),
        ("DELETE FROM events WHERE case_id = $1", "trail_empty"),
    ],
)
async def test_each_breach_sounds_its_alarm_once(
    context: Context, database: Database, statement: str, code: str
) -> None:
    story = await bring(context, "GRANTED")
    superuser = await asyncpg.connect(database.superuser)
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute(statement, (await story.row())["id"])
    await superuser.close()
    for _ in range(2):
        assert await check_case(context, story.number, story.now) == [code]
    assert await alarms() == [(code, story.number)]
