"""The trail is whole, and any rewriting by the database's superuser is found and named by its first bad row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from engine.auditing import verify
from engine.context import Context
from engine.reading import log_access, read_case, unmask
from storage import audit
from tests.conftest import Database
from tests.factories import START, Story, bring
from tests.people import actor
from workflows import events


async def tamper(database: Database, *statements: str, **values: Any) -> None:
    """Rewrite history as only the server's superuser can: with every trigger and foreign key off."""
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement.format(**values))
    finally:
        await connection.close()


OF_CASE = "case_id = (SELECT id FROM cases WHERE number = '{case}')"


async def breach(story: Story) -> tuple[str, int, str]:
    """The one row that verification names."""
    report = await verify()
    assert not report.whole
    (found,) = report.breaches
    assert found.chain in found.zh
    assert found.chain in found.en
    assert (await verify(story.number)).breaches == [found]
    return found.chain, found.seq, found.code


async def test_an_untouched_trail_is_whole(context: Context) -> None:
    one, two = await bring(context, "ARCHIVED"), await bring(context, "CORRECTION")
    await read_case(context, await actor("auditor"), one.number, one.now)
    report = await verify()
    assert report.whole
    assert (report.cases, report.events) == (2, len(await one.events()) + len(await two.events()))
    assert (report.access_days, report.access_entries) == (1, 1)
    assert ((await verify(two.number)).cases, (await verify("0")).cases) == (1, 0)


@pytest.mark.parametrize(
    ("statements", "seq", "code"),
    [
        (["UPDATE events SET data = data || '{{\"payload\": {{}}}}' WHERE seq = 2 AND " + OF_CASE], 2, "altered"),
        (["UPDATE events SET at = at + interval '1 ms' WHERE seq = 2 AND " + OF_CASE], 2, "altered"),
        (["UPDATE events SET actor_name = '别人' WHERE seq = 4 AND " + OF_CASE], 4, "altered"),
        (["UPDATE events SET clocks = '{{}}' WHERE seq = 3 AND " + OF_CASE], 3, "altered"),
        (["UPDATE events SET reason = '补写的理由' WHERE seq = 4 AND " + OF_CASE], 4, "altered"),
        (["UPDATE events SET item_version = 2 WHERE seq = 1 AND " + OF_CASE], 1, "altered"),
        (["DELETE FROM events WHERE seq = 3 AND " + OF_CASE], 3, "missing"),
        (["DELETE FROM events WHERE seq = 1 AND " + OF_CASE], 1, "missing"),
        (["DELETE FROM events WHERE seq = 5 AND " + OF_CASE], 5, "missing"),
        (["DELETE FROM events WHERE " + OF_CASE], 1, "missing"),
        (
            [
                "UPDATE events SET seq = 99 WHERE seq = 3 AND " + OF_CASE,
                "UPDATE events SET seq = 3 WHERE seq = 4 AND " + OF_CASE,
                "UPDATE events SET seq = 4 WHERE seq = 99 AND " + OF_CASE,
            ],
            3,
            "broken_link",
        ),
        (
            [
                "INSERT INTO events SELECT uuidv7(), case_id, 6, name, at, claimed_at, actor, actor_name, role,"
                ' organisation, "window", acting_for, from_state, to_state, reason, data, item_version, flow,'
                " flow_version, clocks, algorithm, previous, digest, txid FROM events WHERE seq = 5 AND " + OF_CASE
            ],
            6,
            "broken_link",
        ),
        (["UPDATE cases SET state = 'GRANTED' WHERE number = '{case}'"], 5, "state_mismatch"),
        (["UPDATE cases SET head_digest = repeat('0', 64) WHERE number = '{case}'"], 5, "head_mismatch"),
        (["UPDATE cases SET head_seq = 4 WHERE number = '{case}'"], 5, "inserted"),
        (["UPDATE cases SET head_seq = 6 WHERE number = '{case}'"], 6, "missing"),
        (["UPDATE events SET algorithm = 'md5' WHERE seq = 2 AND " + OF_CASE], 2, "altered"),
    ],
)
async def test_a_rewritten_trail_is_found_by_its_first_bad_row(
    context: Context, database: Database, statements: list[str], seq: int, code: str
) -> None:
    sound, story = await bring(context, "RECEIVED"), await bring(context, "REVIEW")
    await tamper(database, *statements, case=story.number)
    assert await breach(story) == (story.number, seq, code)
    assert (await verify(sound.number)).whole


@pytest.mark.parametrize(
    ("statements", "seq", "code"),
    [
        (["UPDATE events SET txid = '9000000000000' WHERE seq = 3 AND " + OF_CASE], 3, "ahead"),
        (
            [
                "UPDATE events SET id = uuidv7(interval '-1 hour') WHERE seq = 2 AND " + OF_CASE,
                "UPDATE events SET txid = (SELECT max(txid) FROM events) WHERE seq = 2 AND " + OF_CASE,
            ],
            3,
            "out_of_order",
        ),
        (
            [
                "INSERT INTO late_events (event_id, case_id, known_at)"
                " SELECT uuidv7(), case_id, at FROM events WHERE seq = 2 AND " + OF_CASE,
            ],
            0,
            "late_invented",
        ),
        (
            [
                "INSERT INTO late_events (event_id, case_id, known_at)"
                " SELECT id, case_id, '2100-01-01' FROM events WHERE seq = 2 AND " + OF_CASE,
            ],
            2,
            "late_invented",
        ),
    ],
)
async def test_an_event_that_is_kept_from_the_facts_is_named(
    context: Context, database: Database, statements: list[str], seq: int, code: str
) -> None:
    sound, story = await bring(context, "RECEIVED"), await bring(context, "REVIEW")
    await tamper(database, *statements, case=story.number)
    assert await breach(story) == (story.number, seq, code)
    assert (await verify(sound.number)).whole


async def test_an_event_with_a_digest_of_its_own_still_breaks_the_chain(context: Context, database: Database) -> None:
    """Whoever alters an event and computes its digest anew is found at the next one, or at the head."""
    story = await bring(context, "REVIEW")
    for seq, found_at, code in ((3, 4, "broken_link"), (5, 4, "broken_link")):
        row = next(one for one in await audit.of_case(story.number) if one["seq"] == seq) | {"reason": "补写"}
        await tamper(
            database,
            "UPDATE events SET reason = '补写', digest = '{digest}' WHERE seq = {seq} AND " + OF_CASE,
            case=story.number,
            seq=seq,
            digest=events.digest(row).hex(),
        )
        assert await breach(story) == (story.number, found_at, code)


async def test_every_bad_case_is_named_once(context: Context, database: Database) -> None:
    stories = [await bring(context, "RECEIVED") for _ in range(3)]
    await tamper(database, "UPDATE events SET reason = '改' WHERE seq = 2")
    report = await verify()
    assert sorted((one.chain, one.seq) for one in report.breaches) == sorted((story.number, 2) for story in stories)


@pytest.mark.parametrize("table", ["events", "access_log", "clock_entries"])
async def test_neither_the_application_nor_the_owner_can_rewrite_history(
    context: Context, database: Database, table: str
) -> None:
    story = await bring(context, "ACCEPTED")
    await read_case(context, await actor("auditor"), story.number, story.now)
    column = {"events": "reason", "access_log": "action", "clock_entries": "note"}[table]
    changes = (f"UPDATE {table} SET {column} = '改'", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE")
    schema = (
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"ALTER TABLE {table} ADD COLUMN more text",
        f"DROP TABLE {table}",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    )
    app, owner = await asyncpg.connect(database.app), await asyncpg.connect(database.owner)
    try:
        for statement in (*changes, *schema):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(statement)
        for statement in changes:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await owner.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute("SET session_replication_role = replica")
    finally:
        await app.close()
        await owner.close()
    assert (await verify()).whole


PASSING = {
    "sessions", "idempotency_keys", "role_grants", "outbox", "webhook_deliveries", "uploads", "upload_parts",
    "case_facts", "notice_facts", "figure_days", "figure_days_due", "figure_day_editions", "status_attempts",
}  # fmt: skip


async def test_the_application_deletes_no_record_and_changes_nothing_published(
    context: Context, database: Database
) -> None:
    await bring(context, "DELIVERED")
    app = await asyncpg.connect(database.app)
    try:
        found = await app.fetch("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")
        tables = {row["relname"] for row in found}
        for table in tables - PASSING:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(f"DELETE FROM {table}")
        for statement in ("UPDATE flow_versions SET source = ''", "UPDATE item_versions SET data = '{}'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(statement)
    finally:
        await app.close()


async def looked_at(context: Context) -> Story:
    """A case that was looked at thrice on one day and once on the next."""
    story = await bring(context, "ACCEPTED")
    auditor = await actor("auditor")
    for _ in range(2):
        await read_case(context, auditor, story.number, story.now)
    await unmask(context, auditor, story.number, "id_number", "核对抽查样本", story.now)
    await log_access(auditor, story.number, "case.print", START + timedelta(days=1), "存档")
    return story


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        (
            "UPDATE access_log SET body = replace(body, 'case.read', 'case.peek') WHERE day = '2026-03-02' AND seq = 2",
            2,
        ),
        ("UPDATE access_log SET action = 'case.peek' WHERE day = '2026-03-02' AND seq = 2", 2),
        ("UPDATE access_log SET actor = uuidv7() WHERE day = '2026-03-02' AND seq = 3", 3),
        ("DELETE FROM access_log WHERE day = '2026-03-02' AND seq = 2", 2),
        ("DELETE FROM access_log WHERE day = '2026-03-02' AND seq = 3", 3),
        ("DELETE FROM access_log WHERE day = '2026-03-02'", 1),
        ("UPDATE access_heads SET digest = repeat('0', 64) WHERE day = '2026-03-02'", 3),
        ("UPDATE access_heads SET seq = 2 WHERE day = '2026-03-02'", 3),
        ("DELETE FROM access_heads WHERE day = '2026-03-02'", 1),
    ],
)
async def test_a_rewritten_access_log_is_found(context: Context, database: Database, statement: str, seq: int) -> None:
    await looked_at(context)
    assert (await verify()).whole
    await tamper(database, statement)
    assert [(one.chain, one.seq) for one in (await verify()).breaches] == [("access:2026-03-02", seq)]
