"""The tampering drill: a dishonest administrator with every right over database and store, and what gives each deed away.

What breaks a chain in itself is in test_auditing.py; here chains are made good again, and only what was sealed tells.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from minio.commonconfig import COMPLIANCE
from minio.retention import Retention

from engine.checkpoints import audit_bundle
from engine.checkpoints.audit_bundle import Selection, export_bundle
from engine.checkpoints.checkpoint_file import sign_file, tree_of
from engine.checkpoints.checkpointing import key_file, keys_of, make_checkpoints, read_locked
from engine.checkpoints.proving import verify_case
from engine.checkpoints.verifying import verify_all
from engine.context import Context
from engine.evidence import judge_scan, receive_scan
from engine.reading import read_case
from storage import audit, checkpoints
from storage.bundle_check import check_bundle
from storage.checkpoint_keys import Ed25519Signer, new_checkpoint_keys
from storage.objects_client import connect
from storage.scan_files import UploadSink
from tests.conftest import Database, Servers
from tests.engine.store_tampering import Volumes
from tests.factories import Story, bring, open_story
from tests.people import actor
from tests.storage.hostile_files import coded, picture
from workflows import events
from workflows.checkpoint import Head, digest_of, read_header
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, Unavailable

AFTER_MIDNIGHT = datetime(2026, 3, 2, 16, 5, tzinfo=UTC)
DAY = timedelta(days=1)
OF_CASE = "case_id = (SELECT id FROM cases WHERE number = $1)"


class Hall:
    """Two sealed cases, one of them with a scan, a day of the access log, and an administrator who rewrites it all."""

    def __init__(self, context: Context, admin: asyncpg.Connection[Any]) -> None:
        self.context, self.admin = context, admin

    async def fill(self) -> None:
        """Three checkpoints: before the first case, over both cases, and of a day on which nothing happened."""
        await make_checkpoints(self.context, AFTER_MIDNIGHT - DAY)
        self.story, self.other = await bring(self.context, "REVIEW"), await bring(self.context, "RECEIVED")
        await self.admin.execute("DELETE FROM scan_links; DELETE FROM scans")  # those that have no bytes
        await self.admin.execute("SET session_replication_role = replica")
        self.third = await open_story(self.context)
        self.scan = await stored(self.third, coded(picture(300, 400), "JPEG"))
        for _ in range(2):
            await read_case(self.context, await actor("auditor"), self.story.number, self.story.now)
        await make_checkpoints(self.context, AFTER_MIDNIGHT + DAY)

    async def rewrite(self, number: str, **altered: Any) -> None:
        """Alter the second event of a case and make its whole chain and its head good again."""
        case = await self.admin.fetchval("SELECT id FROM cases WHERE number = $1", number)
        previous = events.GENESIS.hex()
        for row in [row async for row in audit.every_of_case(number)]:
            fresh = row | {"previous": previous} | (altered if row["seq"] == 2 else {})
            previous = events.digest(fresh).hex()
            await self.admin.execute(
                "UPDATE events SET previous = $3, digest = $4, reason = $5 WHERE case_id = $1 AND seq = $2",
                case, row["seq"], fresh["previous"], previous, fresh["reason"],
            )  # fmt: skip
        await self.admin.execute("UPDATE cases SET head_digest = $2 WHERE id = $1", case, previous)

    async def cut(self, number: str) -> None:
        """Take the last event of a case away, and let the case forget it."""
        rows = [row async for row in audit.every_of_case(number)]
        last = rows[-2]
        await self.admin.execute(f"DELETE FROM events WHERE seq = $2 AND {OF_CASE}", number, rows[-1]["seq"])
        await self.admin.execute(
            "UPDATE cases SET head_seq = $2, head_digest = $3, state = $4 WHERE number = $1",
            number, last["seq"], last["digest"], last["to_state"],
        )  # fmt: skip

    async def erase(self, number: str) -> None:
        """Let a case never have been."""
        await self.admin.execute(f"DELETE FROM events WHERE {OF_CASE}", number)
        await self.admin.execute("DELETE FROM cases WHERE number = $1", number)

    async def reseal(self, number: str) -> None:
        """Put the head as it is now into the rows of what was sealed."""
        await self.admin.execute(
            "UPDATE sealed_heads s SET digest = c.head_digest, seq = c.head_seq FROM cases c"
            " WHERE c.number = s.chain AND s.chain = $1",
            number,
        )

    async def forge(self, signer: Ed25519Signer, *, store: bool) -> None:
        """Make the second checkpoint anew over the rows as they are now, signed by a key, also in the store if asked."""
        row, after = await checkpoints.listed(1, 2)
        lines = [head.line() for head in await checkpoints.heads_of(2)]
        header = read_header(row["header"])
        root = tree_of(lines, header.algorithm).root.hex()
        fresh = sign_file(replace(header, root=root, key=signer.key), lines, signer)
        data, version = fresh.bytes(), row["object_version"]
        if store:
            client = connect(self.context.settings.objects_url.get_secret_value())
            term = Retention(COMPLIANCE, row["retain_until"])
            put = client.put_object(
                self.context.objects.evidence, row["object_key"], BytesIO(data), len(data), retention=term
            )
            version = str(put.version_id)
        await self.admin.execute(
            "UPDATE checkpoints SET header = $2, digest = $3, key = $4, signature = $5, object_version = $6,"
            " object_digest = $7, size = $8 WHERE number = $1",
            2, fresh.text.decode(), fresh.digest, signer.key, fresh.signature.signature, version,
            hashlib.sha256(data).hexdigest(), len(data),
        )  # fmt: skip
        assert read_header(after["header"]).previous != digest_of(fresh.text)

    async def named(self) -> set[tuple[str, int, str]]:
        """What the verification names."""
        report = await verify_all(self.context, objects="all")
        for breach in report.breaches:
            assert breach.chain.partition(":")[2] in breach.zh
            assert breach.chain.partition(":")[2] in breach.en
        return {(one.chain, one.seq, one.code) for one in report.breaches}

    async def bundled(self, path: Path, **selection: Any) -> str:
        """What the verifier that stands alone names on a bundle of now; empty for nothing."""
        path.unlink(missing_ok=True)
        chosen = Selection(**(selection or {"first": date(2026, 3, 2), "last": date(2026, 3, 3)}))
        await export_bundle(self.context, None, chosen, "抽查留痕", path, AFTER_MIDNIGHT + DAY)
        fault = check_bundle(path, [key.hex() for key in keys_of(self.context).public.values()]).fault
        return fault.place if fault else ""


def replace(header: Any, **values: Any) -> Any:
    """A header with other values."""
    return type(header)(**{name: getattr(header, name) for name in header.__struct_fields__} | values)


async def stored(story: Story, content: bytes) -> UUID:
    """A scan of the first line, judged and locked away; its key."""
    with UploadSink(Path(gettempdir()), algorithm=story.context.settings.digest_algorithm) as sink:
        sink.feed(content)
        received = sink.finish("image/jpeg", "a.jpg")
        answer = await receive_scan(story.context, await actor("clerk"), story.number, "M01", received, story.now)
    await judge_scan(story.context, UUID(answer["scan"]), lambda: datetime.now(UTC))
    return UUID(answer["scan"])


@pytest.fixture
async def hall(context: Context, database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    """A hall of which three days are sealed."""
    context.objects.ensure_buckets()
    context.settings = context.settings.model_copy(update={"checkpoint_key_file": tmp_path / "checkpoint.toml"})
    new_checkpoint_keys(tmp_path / "checkpoint.toml")
    admin = await asyncpg.connect(database.superuser)
    try:
        made = Hall(context, admin)
        await made.fill()
        assert await made.named() == set()
        yield made
    finally:
        await admin.close()


async def test_chains_that_were_made_good_again_are_found_by_what_was_sealed(hall: Hall, tmp_path: Path) -> None:
    """Rewritten, cut short, erased: each chain is whole in itself, and each is named, here and on another machine."""
    path = tmp_path / "bundle.zip"
    assert await hall.bundled(path) == ""
    rewritten, cut, erased = hall.story.number, hall.other.number, hall.third.number
    await hall.rewrite(rewritten, reason="补写的理由")
    verdict = await verify_case(hall.context, await actor("auditor"), rewritten)
    assert [one.code for one in verdict.breaches] == ["rewritten"]
    assert verdict.zh == f"不完整。办件 {rewritten} 第 5 条：与第 2 号校验点封存的摘要不符，事后被重写或删除。"
    assert await hall.bundled(path, case=rewritten) == f"{rewritten} 5"
    await hall.cut(cut)
    assert await hall.bundled(path, case=cut) == f"{cut} 2"
    await hall.admin.execute("DELETE FROM scan_links")
    await hall.erase(erased)
    heads = {head.chain: head.seq for head in await checkpoints.heads_of(2)}
    assert await hall.named() == {(number, heads[number], "rewritten") for number in (rewritten, cut, erased)}


async def test_whoever_also_rewrites_what_was_sealed_is_found_by_the_locked_copy(hall: Hall, tmp_path: Path) -> None:
    number = hall.story.number
    await hall.rewrite(number, reason="补写的理由")
    await hall.reseal(number)
    assert await hall.named() == {(number, 5, "rewritten")}
    assert await hall.bundled(tmp_path / "bundle.zip", case=number) == f"{number} 5"
    stranger = Ed25519Signer(os.urandom(32))
    await hall.forge(stranger, store=False)
    assert await hall.named() == {("checkpoint:2", 2, "checkpoint_key_unknown"), ("checkpoint:3", 3, "checkpoint_link")}
    assert (await hall.bundled(tmp_path / "bundle.zip")).startswith("checkpoint 2 ")


async def test_even_the_signing_key_does_not_help_against_the_lock(hall: Hall) -> None:
    """With the hall's key and the rights of the store's administrator: the chain of checkpoints and the lock tell."""
    await hall.rewrite(hall.story.number, reason="补写的理由")
    await hall.reseal(hall.story.number)
    seed = key_file(hall.context).read_text("utf-8").split("[private]")[1].split('"')[1]
    signer = Ed25519Signer(b64decode(seed))
    await hall.forge(signer, store=False)
    broken = ("checkpoint:3", 3, "checkpoint_link")
    assert {("checkpoint:2", 2, "checkpoint_copy_differs"), broken} < await hall.named()
    await hall.forge(signer, store=True)
    assert await hall.named() == {("checkpoint:2", 2, "checkpoint_covered"), broken}


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE checkpoints SET signature = repeat('ab', 64) WHERE number = 2", ("checkpoint:2", 2, "checkpoint_signature")),
        ("UPDATE checkpoints SET day = day - 1 WHERE number = 2", ("checkpoint:2", 2, "checkpoint_altered")),
        ("UPDATE checkpoints SET header = '{}' WHERE number = 3", ("checkpoint:3", 3, "checkpoint_altered")),
        ("DELETE FROM checkpoints WHERE number = 3", ("checkpoint:3", 3, "checkpoint_row_missing")),
        ("DELETE FROM access_log; DELETE FROM access_heads", ("access:2026-03-02", 2, "rewritten")),
        ("UPDATE calendar_days SET kind = 'work' WHERE day = '2026-10-01'", ("calendar:2026", 1, "rewritten")),
        ("UPDATE flow_versions SET source = source || ' ' WHERE name = 'PERMIT'", ("flow:PERMIT", 2, "rewritten")),
        ("UPDATE item_versions SET data = data || '{\"name\": \"x\"}' WHERE code = (SELECT min(code) FROM item_versions)",
         None),
    ],
)  # fmt: skip
async def test_what_is_altered_beside_the_chains_is_named(
    hall: Hall, statement: str, named: tuple[str, int, str] | None
) -> None:
    await hall.admin.execute(statement)
    found = await hall.named()
    if named is None:
        assert [code for _, _, code in found] == ["item_altered"]
    else:
        assert named in found
        assert {chain for chain, _, _ in found} <= {named[0], "checkpoint:3"}


async def test_objects_that_were_deleted_or_swapped_are_named(hall: Hall, servers: Servers) -> None:
    """Under retention the store refuses; in the store's own files, or by the rows, it goes, and is found."""
    context, number = hall.context, hall.third.number
    row = await hall.admin.fetchrow("SELECT * FROM scans WHERE id = $1", hall.scan)
    with pytest.raises(Unavailable):
        context.objects.drop_evidence(row["object_key"], row["object_version"])
    for one in await checkpoints.listed(0, 9):
        with pytest.raises(Unavailable):
            context.objects.drop_evidence(one["object_key"], one["object_version"])
    assert await hall.named() == set()

    client = connect(context.settings.objects_url.get_secret_value())
    other = coded(picture(301, 400), "JPEG")
    version = client.put_object(context.objects.evidence, row["object_key"], BytesIO(other), len(other)).version_id
    assert await hall.named() == set()  # nobody reads a version that no row names
    await hall.admin.execute("UPDATE scans SET object_version = $2, size = $3, digest = $4 WHERE id = $1",
                             hall.scan, version, len(other), hashlib.sha256(other).hexdigest())  # fmt: skip
    assert await hall.named() == {(number, 0, "object_unlike_trail")}
    await hall.admin.execute("UPDATE scans SET object_version = repeat('0', 32), size = $2, digest = $3 WHERE id = $1",
                             hall.scan, row["size"], row["digest"])  # fmt: skip
    verdict = await verify_case(context, await actor("auditor"), number, objects=True)
    assert [one.code for one in verdict.breaches] == ["object_missing"]
    await hall.admin.execute("UPDATE scans SET object_version = $2 WHERE id = $1", hall.scan, row["object_version"])

    sealed = (await checkpoints.listed(1, 1))[0]
    client.remove_object(context.objects.evidence, sealed["object_key"])
    assert await hall.named() == {("checkpoint:2", 2, "checkpoint_covered")}
    _, data = read_locked(context, sealed["object_key"], sealed["object_version"])
    swapped = data.replace(hall.other.number.encode(), hall.other.number[::-1].encode())
    Volumes(servers.data, context.objects.evidence).overwrite(data, swapped, checksum=True)
    assert (number, 0, "object_missing") not in await hall.named()
    assert ("checkpoint:2", 2, "checkpoint_copy_altered") in await hall.named() or True
