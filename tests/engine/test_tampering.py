"""The tampering drill: a dishonest administrator with every right over database and store, and what gives them away.

What breaks a chain in itself is in test_auditing.py; here chains are made good again, and only what was sealed tells.
"""

from __future__ import annotations

import asyncio
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

from engine.checkpoints.audit_bundle import Selection, export_bundle
from engine.checkpoints.checkpoint_file import sign_file, tree_of
from engine.checkpoints.checkpointing import key_file, keys_of, make_checkpoints
from engine.checkpoints.proving import verify_case
from engine.checkpoints.verifying import verify_all
from engine.context import Context
from engine.evidence import judge_scan, receive_scan
from engine.reading import log_access, read_case
from storage import audit, checkpoints
from storage.bundle_check import check_bundle, main
from storage.checkpoint_keys import Ed25519Signer, new_checkpoint_keys
from storage.objects_client import connect
from storage.scan_files import UploadSink
from tests.conftest import Database, Servers
from tests.engine.store_tampering import Volumes
from tests.factories import Story, bring, open_story
from tests.people import actor
from tests.storage.hostile_files import coded, picture
from workflows import events
from workflows.checkpoint import digest_of, read_header
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, Unavailable

AFTER_MIDNIGHT = datetime(2026, 3, 2, 16, 5, tzinfo=UTC)
DAY = timedelta(days=1)
SCAN = coded(picture(300, 400), "JPEG")
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
        self.scan = await stored(self.third, SCAN)
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
        """Make the second checkpoint anew over the rows as they are now, signed by a key, if asked in the store too."""
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
        await asyncio.to_thread(path.unlink, missing_ok=True)
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
    await judge_scan(story.context, UUID(answer["scan"]), lambda: story.now)
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
    kept = await hall.admin.fetchval(f"SELECT data FROM events WHERE seq = 3 AND {OF_CASE}", hall.story.number)
    for data, named in (("{}", f"{hall.story.number} 4"), (kept, "")):  # the next event names the digest that it had
        await hall.admin.execute(
            f"UPDATE events SET data = $2::jsonb WHERE seq = 3 AND {OF_CASE}", hall.story.number, data
        )
        assert await hall.bundled(path) == named
    for named in (f"{hall.story.number} 3", ""):
        for old, new in ((3, 99), (4, 3), (99, 4)):
            await hall.admin.execute(
                f"UPDATE events SET seq = $2 WHERE seq = $3 AND {OF_CASE}", hall.story.number, new, old
            )
        assert await hall.bundled(path) == named
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
    assert await hall.named() == {("checkpoint:2", 2, "checkpoint_copy_differs"), broken}
    await hall.forge(signer, store=True)
    assert await hall.named() == {("checkpoint:2", 2, "checkpoint_covered"), broken}


BESIDE = (
    ("UPDATE item_versions SET data = data || '{\"name\": \"x\"}' WHERE name LIKE '食品%'", "item:", 1, "item_altered"),
    ("UPDATE flow_versions SET source = source || ' ' WHERE name = 'PERMIT'", "flow:PERMIT", 2, "rewritten"),
    ("UPDATE calendar_days SET kind = 'work' WHERE day = '2026-10-01'", "calendar:2026", 1, "rewritten"),
    ("DELETE FROM access_log; DELETE FROM access_heads", "access:2026-03-02", 2, "rewritten"),
    ("UPDATE checkpoints SET header = '{}' WHERE number = 3", "checkpoint:3", 3, "checkpoint_altered"),
    ("DELETE FROM checkpoints WHERE number = 3", "checkpoint:3", 3, "checkpoint_row_missing"),
    ("UPDATE sealed_heads SET seq = 7 WHERE chain = 'access:2026-03-02'", "access:2026-03-02", 2, "rewritten"),
    ("UPDATE checkpoints SET signature = repeat('ab', 64) WHERE number = 2", "checkpoint:2", 2, "checkpoint_signature"),
    ("UPDATE checkpoints SET day = day - 1 WHERE number = 2", "checkpoint:2", 2, "checkpoint_altered"),
    ("UPDATE checkpoints SET object_version = repeat('0', 32) WHERE number = 1", "checkpoint:1", 1,
     "checkpoint_copy_missing"),
)  # fmt: skip
"""What else can be altered, one thing after the other: the statement, and what it is named as."""


async def test_what_is_altered_beside_the_chains_is_named(hall: Hall) -> None:
    before: set[tuple[str, int, str]] = set()
    for statement, chain, seq, code in BESIDE:
        await hall.admin.execute(statement)
        found = await hall.named()
        assert any((one[0].startswith(chain), one[1:]) == (True, (seq, code)) for one in found), (statement, found)
        assert found != before, statement
        before = found


async def test_objects_that_were_deleted_or_swapped_are_named(hall: Hall, servers: Servers) -> None:
    """Under retention the store refuses; in the store's own files, or by the rows, it goes, and is found."""
    context, number = hall.context, hall.third.number
    row = await hall.admin.fetchrow("SELECT * FROM scans WHERE id = $1", hall.scan)
    assert row is not None
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
    assert await hall.named() == {(number, 0, "object_unlike_trail"), (number, 3, "scan_row_missing")}
    await hall.admin.execute("UPDATE scans SET object_version = repeat('0', 32), size = $2, digest = $3 WHERE id = $1",
                             hall.scan, row["size"], row["digest"])  # fmt: skip
    verdict = await verify_case(context, await actor("auditor"), number, objects=True)
    assert [one.code for one in verdict.breaches] == ["object_missing"]
    await hall.admin.execute("UPDATE scans SET object_version = $2 WHERE id = $1", hall.scan, row["object_version"])

    sealed = (await checkpoints.listed(1, 1))[0]
    client.remove_object(context.objects.evidence, sealed["object_key"])
    assert await hall.named() == {("checkpoint:2", 2, "checkpoint_covered")}
    Volumes(servers.data, context.objects.evidence).overwrite(SCAN, SCAN[:-40] + bytes(38) + SCAN[-2:], checksum=True)
    assert await hall.named() == {("checkpoint:2", 2, "checkpoint_covered"), (number, 0, "object_altered")}


async def test_evidence_whose_row_is_gone_is_missed(hall: Hall) -> None:
    """A scan that lost its row or is called refused, a paper, a document: the trail still tells of each."""
    scanned, number = hall.third.number, hall.other.number
    stored_at = await hall.admin.fetchval(f"SELECT seq FROM events WHERE name = 'scan:stored' AND {OF_CASE}", scanned)
    told = {(scanned, stored_at, "scan_row_missing")}
    await hall.admin.execute("UPDATE scans SET state = 'refused' WHERE id = $1", hall.scan)
    assert await hall.named() == told
    await hall.admin.execute("DELETE FROM scans WHERE id = $1", hall.scan)
    assert await hall.named() == told
    verdict = await verify_case(hall.context, await actor("auditor"), scanned)
    assert [(one.seq, one.code) for one in verdict.breaches] == [(stored_at, "scan_row_missing")]
    assert str(hall.scan) in verdict.breaches[0].zh
    issued = await hall.admin.fetchval(f"SELECT min(seq) FROM documents WHERE {OF_CASE}", number)
    await hall.admin.execute(f"DELETE FROM documents WHERE {OF_CASE}", number)
    assert (number, issued, "document_row_missing") in await hall.named()


async def test_a_case_that_was_invented_afterwards_is_found_by_its_times(hall: Hall) -> None:
    """Whole in itself, stamped on a day that is sealed: named before it is sealed, and for good."""
    invented = await bring(hall.context, "RECEIVED", at=hall.story.now - timedelta(minutes=20))
    await hall.admin.execute("DELETE FROM scan_links WHERE scan_id <> $1", hall.scan)
    await hall.admin.execute("DELETE FROM scans WHERE id <> $1", hall.scan)
    assert await hall.named() == {(invented.number, 1, "backdated")}
    await make_checkpoints(hall.context, AFTER_MIDNIGHT + 2 * DAY)
    assert await hall.named() == {(invented.number, 1, "backdated")}
    verdict = await verify_case(hall.context, await actor("auditor"), invented.number)
    assert [(one.seq, one.code) for one in verdict.breaches] == [(1, "backdated")]


async def test_a_day_of_the_access_log_that_was_not_lawfully_archived_is_named(hall: Hall) -> None:
    """A made-up row about the archive: too young a day, a moment yet to come, a head that nothing seals."""
    day, chain, over = date(2024, 3, 4), "access:2024-03-04", datetime(2024, 9, 4, tzinfo=UTC)
    for _ in range(2):
        await log_access(await actor("auditor"), hall.story.number, "case.read", datetime(2024, 3, 4, 2, tzinfo=UTC))
    await hall.admin.execute("DELETE FROM access_log WHERE day = $1", day)
    await hall.admin.execute(
        "INSERT INTO access_archives (day, entries, digest, file_digest, archived_at)"
        " SELECT day, seq, digest, repeat('a', 64), $2 FROM access_heads WHERE day = $1",
        day,
        over,
    )
    assert await hall.named() == {(chain, 2, "access_archive_unlawful")}
    await make_checkpoints(hall.context, AFTER_MIDNIGHT + 2 * DAY)
    assert await hall.named() == set()
    for moment in (over - timedelta(hours=1), datetime.now(UTC) + 2 * DAY):
        await hall.admin.execute("UPDATE access_archives SET archived_at = $1", moment)
        assert await hall.named() == {(chain, 2, "access_archive_unlawful")}


async def test_a_bundle_is_checked_alone_on_another_machine(hall: Hall, tmp_path: Path) -> None:
    """By the file in the bundle alone; what is altered inside is named; a key of one's own is not enough."""
    path = tmp_path / "bundle.zip"
    assert await hall.bundled(path, case=hall.third.number, files=True) == ""
    with zipfile.ZipFile(path) as package:
        (tmp_path / "verify.py").write_bytes(package.read("verify.py"))
        names = package.namelist()
    assert sum(name.startswith("files/") for name in names) == 1
    public = next(iter(keys_of(hall.context).public.values())).hex()

    def check(bundle: Path, *more: str, blind: bool = False) -> tuple[int, str]:
        script = [str(tmp_path / "verify.py")]
        if blind:  # as where cryptography is not installed
            run = "import sys, runpy; sys.modules['cryptography'] = None; sys.argv = sys.argv[1:]"
            script = ["-c", run + "; runpy.run_path(sys.argv[0], run_name='__main__')", *script]
        done = subprocess.run([sys.executable, "-I", *script, str(bundle), *more], capture_output=True, text=True,
                              cwd=tmp_path, check=False)  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert check(path, "--key", public) == (0, check(path, "--key", public)[1])
    assert "trusted\n完整 whole" in check(path, "--key", public)[1]
    assert "未核对" in check(path)[1]
    assert check(path, "--key", "ab" * 32)[0] == 1
    code, text = check(path, "--key", public, blind=True)
    assert (code, "no signature was checked" in text) == (3, True)
    assert (check(tmp_path / "verify.py")[0], check(path, "--key")[0]) == (2, 2)

    scan = next(name for name in names if name.startswith("files/"))
    place = f"{hall.third.number} 2"
    for part, old, new, said in (
        ("events.jsonl", b'"seq":1', b'"seq":2', place[:-1] + "1"),
        ("events.jsonl", "示例".encode(), "别人".encode(), place),
        ("heads.jsonl", b'"seq":3', b'"seq":2', f"{hall.third.number} 3"),
        ("proofs.jsonl", b'"path":["', b'"path":["00', f"{place[:-1]}3"),
        ("proofs.jsonl", b'"place":', b'"place":1', place[:-2]),
        ("checkpoints.jsonl", b'"size\\":0', b'"size\\":1', "checkpoint 3"),
        ("evidence.jsonl", b'"digest":"', b'"digest":"0', scan),
        (scan, SCAN[-9:], bytes(9), scan),
        ("bundle.json", scan.encode(), b"files/none", "files/none"),
    ):
        assert said in check(altered(path, part, old, new))[1], part
    assert check(altered(path, "events.jsonl", b"", b""))[0] == 1


def altered(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """A copy of a bundle with something else in one part; without ``old``, with nothing in it."""
    copy = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(copy, "w") as fresh:
        for name in package.namelist():
            content = package.read(name)
            if name == part:
                assert old in content, (part, old)
                content = content.replace(old, new, 1) if old else b""
            fresh.writestr(name, content)
    return copy


async def test_what_cannot_be_bundled_is_refused_and_taking_one_is_logged(hall: Hall, tmp_path: Path) -> None:
    path, now = tmp_path / "bundle.zip", AFTER_MIDNIGHT + DAY
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    number = hall.story.number

    async def refused(kind: type[Exception], chosen: Selection, who: str = "auditor", reason: str = "抽查留痕") -> None:
        with pytest.raises(kind):
            await export_bundle(hall.context, await actor(who), chosen, reason, path, now)

    await refused(Malformed, Selection())
    await refused(Malformed, Selection(first=tuesday, last=monday))
    await refused(Malformed, Selection(first=monday))
    await refused(Malformed, Selection(case=number, first=monday, last=monday))
    await refused(Conflict, Selection(case=number), reason=" 查 ")
    await refused(Forbidden, Selection(case=number), who="clerk")
    await refused(NotFound, Selection(case="0"))
    assert not path.exists()
    done = await export_bundle(hall.context, await actor("auditor"), Selection(case=number), "抽查留痕", path, now)
    assert (done.cases, done.events, done.checkpoints, done.files) == (1, 5, 3, 0)
    entry = await hall.admin.fetchrow("SELECT subject, body FROM access_log WHERE action = 'audit.bundle'")
    assert entry is not None
    assert (entry["subject"], json.loads(entry["body"])["purpose"]) == (number, "抽查留痕")
    with pytest.raises(FileExistsError):
        await export_bundle(hall.context, await actor("auditor"), Selection(case=number), "抽查留痕", path, now)


class Forger:
    """Makes other bundles out of a whole one, and asks the verifier with the hall's key."""

    def __init__(self, path: Path, key: str) -> None:
        self.path, self.key = path, key
        with zipfile.ZipFile(path) as package:
            self.parts = {name: package.read(name) for name in package.namelist()}

    def said(self, **parts: Any) -> tuple[int, str]:
        """Exit code and words on a bundle in which some parts say something else; ``files``: more of them."""
        copy, said = self.path.with_name("forged.zip"), list[str]()
        named = {f"{name}.jsonl": rows(value) for name, value in parts.items() if name not in {"about", "files"}}
        about = {"bundle.json": json.dumps(self.about | parts.get("about", {})).encode()}
        with zipfile.ZipFile(copy, "w") as package:
            for name, content in (self.parts | named | about | parts.get("files", {})).items():
                package.writestr(name, content)
        return main([str(copy), "--key", self.key], said.append), said[0]

    @property
    def about(self) -> dict[str, Any]:
        """What the bundle says of itself."""
        found: dict[str, Any] = json.loads(self.parts["bundle.json"])
        return found

    def read(self, name: str) -> list[dict[str, Any]]:
        """The lines of a part."""
        return [json.loads(line) for line in self.parts[f"{name}.jsonl"].splitlines()]

    def rewritten(self, **altered: Any) -> dict[str, Any]:
        """Every event with another reason, and whatever else, chained anew; the heads with it."""
        heads, events_now = {row["chain"]: row for row in self.read("heads")}, self.read("events")
        last: dict[str, str] = {}
        for row in events_now:
            row.update(altered, reason="补写的理由", previous=last.get(row["case"], events.GENESIS.hex()))
            last[row["case"]] = hashlib.sha256(rows([row]).strip()).hexdigest()
            heads[row["case"]].update(seq=row["seq"], digest=last[row["case"]])
        return {"events": events_now, "heads": list(heads.values()), "proofs": []}


def rows(values: list[dict[str, Any]]) -> bytes:
    """Lines of a part as the engine writes them."""
    return b"".join(
        json.dumps(one, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n" for one in values
    )


@pytest.fixture
async def forger(hall: Hall, tmp_path: Path) -> Forger:
    """A bundle of all three cases with their files, whole so far."""
    path = tmp_path / "bundle.zip"
    assert await hall.bundled(path, first=date(2026, 3, 2), last=date(2026, 3, 3), files=True) == ""
    return Forger(path, next(iter(keys_of(hall.context).public.values())).hex())


async def test_a_bundle_without_the_checkpoints_that_should_be_there_is_not_whole(forger: Forger) -> None:
    """Events written anew, checkpoints left out: named, however the bundle is described; without any: a code apart."""
    first, none = forger.read("checkpoints")[:1], "0" * 64
    assert forger.said()[0] == 0
    started = digest_of(first[0]["header"].encode())
    for kept, newest in (([], none), (first, started)):
        forged = forger.rewritten() | {"checkpoints": kept}
        assert "newest checkpoints are missing" in forger.said(**forged)[1]
        code, said = forger.said(**forged, about={"newest": newest})
        assert (code, "not sealed though it should have been" in said) == (1, True)
    early = {"made_at": "2026-03-01T20:00:00Z", "midnight": "2026-03-01T16:00:00Z", "newest": none}
    code, said = forger.said(**forger.rewritten(), checkpoints=[], about=early)
    assert (code, "later than the bundle was made" in said) == (1, True)
    fresh = forger.rewritten(at="2026-03-03T15:00:00Z")
    assert "its midnight" in forger.said(**fresh, about={"midnight": "2026-03-01T16:00:00Z"})[1]
    code, said = forger.said(**fresh, checkpoints=[], access=[], about={"newest": none})
    assert code == 1  # heads of the access log are left
    fresh["heads"] = [row for row in fresh["heads"] if ":" not in row["chain"]]
    holds = forger.about["holds"] | {"days": 0, "checkpoints": 0}
    code, said = forger.said(**fresh, checkpoints=[], access=[], about={"newest": none, "holds": holds})
    assert (code, "not sealed: nothing proves the age" in said) == (4, True)


async def test_evidence_or_a_log_that_was_put_in_or_left_out_of_a_bundle_is_named(forger: Forger, hall: Hall) -> None:
    listed, content = forger.read("evidence"), b"forged"
    digest, files = hashlib.sha256(content).hexdigest(), forger.about["files"]
    foreign = {"kind": "scan", "name": str(UUID(int=7)), "digest": digest, "algorithm": "sha256", "size": len(content),
               "case": hall.third.number, "file": "files/x"}  # fmt: skip
    code, said = forger.said(evidence=[*listed, foreign], about={"files": [*files, "files/x"]},
                             files={"files/x": content})  # fmt: skip
    assert (code, "no event of the trail tells of it" in said) == (1, True)
    holds = forger.about["holds"]
    kept = [one for one in listed if one["name"] != str(hall.scan)]
    code, said = forger.said(evidence=[one | {"file": None} for one in kept],
                             about={"holds": holds | {"evidence": len(kept)}})  # fmt: skip
    assert (code, f"{hall.third.number} {hall.scan}" in said) == (1, True)
    trails = {name: [row for row in forger.read(name) if ":" not in row["chain"]] for name in ("heads", "proofs")}
    code, said = forger.said(**trails, access=[])
    assert (code, "it does not hold what it lists: days" in said) == (1, True)


async def test_a_bundle_is_whole_after_two_checkpoints_on_one_day(hall: Hall, tmp_path: Path) -> None:
    """The day of the access log goes on after both; what came in since is not overdue."""
    now = AFTER_MIDNIGHT + DAY + timedelta(hours=3)
    for minutes in (0, 90):
        await make_checkpoints(hall.context, now + timedelta(minutes=minutes), at_once=True)
    late = now + timedelta(minutes=100)
    await read_case(hall.context, await actor("auditor"), hall.story.number, late)
    path = tmp_path / "bundle.zip"
    chosen = Selection(first=date(2026, 3, 2), last=date(2026, 3, 4))
    await export_bundle(hall.context, None, chosen, "抽查留痕", path, late)
    found = check_bundle(path, [key.hex() for key in keys_of(hall.context).public.values()])
    assert (found.fault, found.counts["unsealed"]) == (None, 2)


async def test_a_bundle_is_made_and_not_whole_where_sealed_heads_were_deleted(hall: Hall, tmp_path: Path) -> None:
    await hall.admin.execute("DELETE FROM sealed_heads WHERE chain = $1", hall.story.number)
    assert await hall.bundled(tmp_path / "bundle.zip") != ""
    assert (await hall.bundled(tmp_path / "bundle.zip", case=hall.story.number)) == f"{hall.story.number} 1"
