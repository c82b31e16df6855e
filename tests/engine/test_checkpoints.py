"""Every day of the hall is sealed once, in order, whoever dies meanwhile; what came late is in the next checkpoint."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from engine.checkpoints.checkpoint_file import is_signed, read_file
from engine.checkpoints.checkpointing import ALARM, keys_of, make_checkpoints, read_locked, watch_checkpoints
from engine.checkpoints.proving import prove, verify_case
from engine.checkpoints.verifying import verify_all
from engine.context import Context
from engine.reading import read_case
from storage import alarms, checkpoints
from storage.checkpoint_keys import CheckpointKeys, load_checkpoint_keys, new_checkpoint_keys
from storage.db import reading
from tests.conftest import Database
from tests.factories import OPINION, START, bring
from tests.people import actor
from workflows.checkpoint import Head, read_header
from workflows.errors import DefinitionError, Forbidden
from workflows.events import Act
from workflows.merkle import leaf_hash, root_through

MONDAY = date(2026, 3, 2)
AFTER_MIDNIGHT = datetime(2026, 3, 2, 16, 5, tzinfo=UTC)
"""Five past midnight of Tuesday in the hall."""
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def equipped(context: Context, tmp_path: Path) -> None:
    """Buckets, and a key that signs."""
    context.objects.ensure_buckets()
    path = tmp_path / "checkpoint.toml"
    new_checkpoint_keys(path)
    context.settings = context.settings.model_copy(update={"checkpoint_key_file": path})


async def sealed_cases(number: int) -> dict[str, int]:
    """The cases that a checkpoint seals, and how far."""
    return {head.chain: head.seq for head in await checkpoints.heads_of(number) if ":" not in head.chain}


async def test_a_day_is_sealed_once_it_is_over_and_missed_days_are_made_up_in_order(
    context: Context,
) -> None:
    one, two = await bring(context, "RECEIVED"), await bring(context, "ACCEPTED")
    await read_case(context, await actor("auditor"), one.number, one.now)
    assert await make_checkpoints(context, AFTER_MIDNIGHT - timedelta(minutes=6)) == [1]  # all up to Sunday
    assert await sealed_cases(1) == {}
    assert {head.chain.partition(":")[0] for head in await checkpoints.heads_of(1)} == {
        "access", "flow", "item", "calendar",
    }  # fmt: skip
    assert await asyncio.gather(*(make_checkpoints(context, AFTER_MIDNIGHT) for _ in range(2))) in (
        [[2], []],
        [[], [2]],
    )
    assert await make_checkpoints(context, AFTER_MIDNIGHT) == []
    assert await sealed_cases(2) == {one.number: 2, two.number: 3}

    # What is stamped on a later day waits for it; what was committed after Monday was sealed is in the next one.
    await one.go("officer", Act.ACCEPT, at=START + 2 * DAY)
    late = await bring(context, "RECEIVED", at=AFTER_MIDNIGHT - timedelta(minutes=30))
    assert await make_checkpoints(context, AFTER_MIDNIGHT + 3 * DAY) == [3, 4, 5]
    assert [row["day"] for row in await checkpoints.listed(0, 9)] == [MONDAY - DAY + n * DAY for n in range(5)]
    assert [await sealed_cases(n) for n in (3, 4, 5)] == [{late.number: 2}, {one.number: 3}, {}]
    whole = await verify_all(context)
    assert (whole.breaches, whole.checkpoints) == ([], 5)

    row = (await checkpoints.listed(1, 1))[0]
    version, data = read_locked(context, row["object_key"])
    copy = read_file(data)
    assert (version, copy.text.decode(), copy.lines) == (
        row["object_version"], row["header"], [head.line() for head in await checkpoints.heads_of(2)],
    )  # fmt: skip
    assert is_signed(copy.header, copy.text, copy.signature.signature, keys_of(context))
    assert copy.header.until == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert row["retain_until"] > AFTER_MIDNIGHT + 30 * 365 * DAY


async def test_a_day_sealed_at_once_is_sealed_again_when_it_is_over(context: Context) -> None:
    assert await make_checkpoints(context, START, at_once=True) == [1, 2]  # Sunday, and Monday so far
    story = await bring(context, "RECEIVED", at=START + timedelta(hours=3))
    assert await make_checkpoints(context, AFTER_MIDNIGHT) == [3]
    assert [row["day"] for row in await checkpoints.listed(0, 9)] == [MONDAY - DAY, MONDAY, MONDAY]
    assert await sealed_cases(3) == {story.number: 2}
    assert (await verify_all(context)).whole


async def test_more_heads_than_one_checkpoint_takes_go_into_the_next_ones_of_the_day(context: Context) -> None:
    stories = [await bring(context, "RECEIVED") for _ in range(5)]
    made = await make_checkpoints(context, AFTER_MIDNIGHT, leaves=2)
    rows = await checkpoints.listed(0, 99)
    assert made == [row["number"] for row in rows]
    assert {row["day"] for row in rows} == {MONDAY}
    assert {read_header(row["header"]).size for row in rows[:-1]} == {2}
    sealed = [head.chain for number in made for head in await checkpoints.heads_of(number)]
    assert len(sealed) == len(set(sealed))
    assert {story.number for story in stories} < set(sealed)
    assert await make_checkpoints(context, AFTER_MIDNIGHT, leaves=2) == []
    assert (await verify_all(context)).whole


async def test_a_maker_that_died_after_the_file_leaves_it_to_the_next_one(context: Context, database: Database) -> None:
    story = await bring(context, "RECEIVED")
    assert await make_checkpoints(context, AFTER_MIDNIGHT) == [1]
    kept = await checkpoints.newest()
    connection = await asyncpg.connect(database.superuser)
    await connection.execute(
        "SET session_replication_role = replica; DELETE FROM checkpoints; DELETE FROM sealed_heads"
    )
    await connection.close()
    assert await make_checkpoints(context, AFTER_MIDNIGHT + DAY) == [2]
    again = (await checkpoints.listed(0, 1))[0]
    assert kept is not None
    assert again | {"id": 0} == kept | {"id": 0}
    assert await sealed_cases(1) == {story.number: 2}
    assert (await verify_all(context)).whole


async def test_a_case_is_proved_from_its_events_to_the_signature(context: Context) -> None:
    story, auditor = await bring(context, "REVIEW"), await actor("auditor")
    before = await verify_case(context, auditor, story.number)
    assert (before.whole, before.sealed_to, before.checkpoint) == (True, 0, None)
    assert "尚未由校验点封存" in before.zh
    await make_checkpoints(context, AFTER_MIDNIGHT)
    tuesday = AFTER_MIDNIGHT + timedelta(hours=10)
    await story.go("officer", Act.SUBMIT_REVIEW, at=tuesday, opinion=OPINION, proposal="grant")
    assert await make_checkpoints(context, story.now + timedelta(minutes=1), at_once=True) == [2]
    await story.go("approver", Act.GRANT, opinion=OPINION)

    found = await verify_case(context, auditor, story.number)
    assert (found.whole, found.events, found.sealed_to, found.checkpoint) == (True, 7, 6, 2)
    assert found.zh.endswith("第 1 至 6 条已由第 2 号校验点（2026-03-03）签名封存，其后 1 条待下一校验点封存。")
    assert found.en.endswith("1 later ones wait for the next checkpoint.")
    with pytest.raises(Forbidden):
        await verify_case(context, await actor("clerk"), story.number)

    proof = await prove(context, auditor, story.number)
    digests = {row["seq"]: row["digest"] for row in proof["events"]}
    assert len(digests) == 7
    headers = {row["number"]: row for row in proof["checkpoints"]}
    assert [row["seq"] for row in proof["proofs"]] == [5, 6]
    for row in proof["proofs"]:
        assert row["digest"] == digests[row["seq"]]
        text = headers[row["checkpoint"]]["header"].encode()
        header = read_header(text)
        leaf = Head(row["chain"], row["seq"], row["digest"]).line()
        path = [bytes.fromhex(one) for one in row["path"]]
        assert root_through(leaf_hash(leaf), row["place"], header.size, path).hex() == header.root
        public = bytes.fromhex(headers[row["checkpoint"]]["public_key"])
        trusted = CheckpointKeys({header.key: public})
        assert is_signed(header, text, headers[row["checkpoint"]]["signature"], trusted)


async def test_keys_are_rotated_and_without_one_an_alarm_is_raised(context: Context) -> None:
    path = context.settings.checkpoint_key_file
    assert path is not None
    await make_checkpoints(context, AFTER_MIDNIGHT)
    first = load_checkpoint_keys(path)
    new_checkpoint_keys(path, first.public)
    second = load_checkpoint_keys(path)
    assert first.signer is not None
    assert second.signer is not None
    assert set(second.public) == {first.signer.key, second.signer.key}
    assert "PRIVATE" not in repr(second)
    assert await make_checkpoints(context, AFTER_MIDNIGHT + DAY) == [2]
    assert [row["key"] for row in await checkpoints.listed(0, 9)] == [first.signer.key, second.signer.key]
    assert (await verify_all(context)).whole

    path.write_text("".join(line for line in path.read_text("utf-8").splitlines(keepends=True)
                            if not line.startswith("current")), "utf-8")  # fmt: skip
    assert (await verify_all(context)).whole
    with pytest.raises(DefinitionError) as refusal:
        await watch_checkpoints(context, AFTER_MIDNIGHT + 2 * DAY)
    assert refusal.value.code == "checkpoint_key_missing"
    assert (await alarms.counts())[ALARM] == 1
    new_checkpoint_keys(path, second.public)
    assert await watch_checkpoints(context, AFTER_MIDNIGHT + 2 * DAY) == 1
    assert ALARM not in await alarms.counts()
    for text in ("current = 1", 'current = "k"', '[public]\nk = "AAAA"', "[public", 'public = "x"'):
        path.write_text(text, "utf-8")
        with pytest.raises(DefinitionError) as refusal:
            keys_of(context)
        assert refusal.value.code == "checkpoint_key_wrong"


async def test_the_application_can_only_add_checkpoints(context: Context, database: Database) -> None:
    await make_checkpoints(context, AFTER_MIDNIGHT)
    app, owner = await asyncpg.connect(database.app), await asyncpg.connect(database.owner)
    try:
        for statement in (
            "UPDATE checkpoints SET header = ''", "DELETE FROM checkpoints", "UPDATE sealed_heads SET seq = 1",
            "DELETE FROM sealed_heads", "TRUNCATE sealed_heads", "TRUNCATE checkpoints",
        ):  # fmt: skip
            for connection in (app, owner):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
    finally:
        await app.close()
        await owner.close()
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM checkpoints") == 1
