"""归档信息包: what is packed, what is refused, and that a package can be checked where nothing of ours is installed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import UUID

import pytest

from engine.archive.archiving import find_package, open_package, order_package, read_package
from engine.auditing import verify
from engine.context import Context
from engine.documents.drafting import render_documents
from engine.evidence import judge_scan, receive_scan
from engine.jobs import run_row
from engine.specimens import make_specimens
from storage.db import reading
from storage.package_check import check_package
from storage.scan_files import UploadSink
from tests.factories import PAYLOADS, Story, bring, complete, open_story
from tests.people import actor
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.events import Act

Files = dict[str, bytes]


def later() -> datetime:
    return datetime.now(UTC)


async def withdrawn_with_scans(context: Context, folder: Path) -> Story:
    """A case over before its acceptance, with a real scan for every paper that was received."""
    context.objects.ensure_buckets()
    content = next(path for path in make_specimens(folder, 3) if path.suffix == ".png").read_bytes()
    story = await open_story(context)
    counts = complete(story.item)
    for row in counts:
        if not row.get("exempt"):
            with UploadSink(Path(gettempdir())) as sink:
                sink.feed(content)
                received = sink.finish(None, f"{row['line']}.png")
                kept = await receive_scan(context, await actor("clerk"), story.number, row["line"], received, story.now)
            await judge_scan(context, UUID(kept["scan"]), lambda: story.now)
    await story.go("clerk", Act.RECEIVE, materials=counts)
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    return story


async def make(context: Context) -> None:
    """What a worker does with orders of packages."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = 'archive.package' AND state = 'waiting'")
    for row in rows:
        assert await run_row(context, row["id"], later)


async def test_a_package_is_made_once_the_file_is_complete_and_checked_without_us(
    context: Context, tmp_path: Path
) -> None:
    story = await withdrawn_with_scans(context, tmp_path)
    archivist = await actor("archivist")
    with pytest.raises(Conflict) as found:
        await order_package(context, archivist, story.number, "", story.now)
    assert found.value.code == "file_incomplete"
    numbers = (await story.documents()).values()
    assert sorted(found.value.extra["missing"]) == sorted(f"document_not_made:{number}" for number in numbers)
    await render_documents(context, story.number, lambda: story.now)
    assert (await read_package(context, archivist, story.number))["missing"] == []

    first = await order_package(context, archivist, story.number, "", story.now)
    again = await order_package(context, archivist, story.number, "", story.now)
    assert first["package"]["state"] == "waiting"
    assert first["package"]["id"] == again["package"]["id"], "one is in the making"
    await make(context)
    made = (await read_package(context, archivist, story.number))["package"]
    assert (made["state"], made["files_done"]) == ("ready", made["files"])
    assert context.objects.retained_until(made["object_key"], made["object_version"]) > later()

    path = tmp_path / "package.zip"
    content = await find_package(context, archivist, story.number, "移交市档案馆", story.now)
    with await open_package(context, content) as stream:
        path.write_bytes(stream.read())
    assert hashlib.sha256(path.read_bytes()).hexdigest() == made["digest"]
    (told,) = [row["data"] for row in await story.rows("events") if row["name"] == "archive:packaged"]
    assert (told["digest"], told["covers"]) == (made["digest"], made["seq"])
    with zipfile.ZipFile(path) as package:
        files = {name: package.read(name) for name in package.namelist()}
    assert check_package(path).fault is None
    seen = json.loads(files["case.json"])
    assert seen["applicant"]["id_number"], "the archive knows who it was"
    assert set(seen["rows"]) >= {"case_materials", "documents", "clock_entries", "scan_links"}
    assert files["trail.jsonl"].count(b"\n") == made["seq"] == check_package(path).events
    by_itself(tmp_path, files, story.number, made["digest"])
    for name, change, place in CHANGES:
        verdict = check_package(zipped(tmp_path / f"{name}.zip", change(dict(files))))
        assert verdict.fault is not None, name
        assert verdict.fault.place.startswith(place), (name, verdict.fault)
    assert (await verify(story.number)).whole


def by_itself(folder: Path, files: Files, number: str, digest: str) -> None:
    """The verifier of the package, run alone."""
    alone = folder / "alone"
    alone.mkdir()
    (alone / "verify.py").write_bytes(files["verify.py"])
    for name, code, word in (("package.zip", 0, "whole"), ("verify.py", 2, "not an archive package")):
        target = folder / name if name == "package.zip" else alone / name
        done = subprocess.run(
            [sys.executable, "-I", "-S", "verify.py", str(target)],
            cwd=alone,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, word in done.stdout) == (code, True), done
        assert code or (number in done.stdout and digest in done.stdout)


def zipped(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return path


def of(files: Files, folder: str) -> str:
    return next(name for name in sorted(files) if name.startswith(folder))


def altered_byte(files: Files) -> Files:
    name = of(files, "originals/")
    files[name] = files[name][:100] + bytes([files[name][100] ^ 1]) + files[name][101:]
    return files


def left_out(files: Files) -> Files:
    del files[of(files, "documents/")]
    return files


def put_in(files: Files) -> Files:
    return files | {"originals/M99/more.png": b"more"}


def exchanged(files: Files) -> Files:
    """Another original, with a manifest to match."""
    return described(files, of(files, "originals/"), b"another file")


def described(files: Files, name: str, content: bytes) -> Files:
    manifest = json.loads(files["manifest.json"])
    one = next(row for row in manifest["files"] if row["path"] == name)
    one |= {"size": len(content), "digest": hashlib.sha256(content).hexdigest()}
    return files | {name: content, "manifest.json": json.dumps(manifest).encode()}


def trail(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], Files]:
    """A trail that somebody changed, with a manifest to match."""
    return lambda files: described(
        files, "trail.jsonl", b"".join(change(files["trail.jsonl"].splitlines(keepends=True)))
    )


CHANGES: list[tuple[str, Callable[[Files], Files], str]] = [
    ("a byte altered", altered_byte, "originals/"),
    ("a document left out", left_out, "documents/"),
    ("a file put in", put_in, "originals/M99/more.png"),
    ("an original exchanged", exchanged, "originals/"),
    ("an event altered", trail(lambda rows: [rows[0].replace(b"open", b"opem"), *rows[1:]]), "trail.jsonl:2"),
    ("an event dropped", trail(lambda rows: rows[:2] + rows[3:]), "trail.jsonl:3"),
    ("the last event dropped", trail(lambda rows: rows[:-1]), "trail.jsonl:"),
    ("two events swapped", trail(lambda rows: [rows[0], rows[2], rows[1], *rows[3:]]), "trail.jsonl:2"),
]


async def test_what_may_not_be_packed_is_refused(context: Context, tmp_path: Path) -> None:
    archivist = await actor("archivist")
    running = await bring(context, "REVIEW")
    with pytest.raises(Conflict) as found:
        await order_package(context, archivist, running.number, "", running.now)
    assert found.value.code == "case_not_over"
    for who in ("clerk", "officer"):
        with pytest.raises(Forbidden):
            await order_package(context, await actor(who), running.number, "", running.now)
    with pytest.raises(NotFound):
        await order_package(context, archivist, "460100260302999999", "", running.now)
    story = await withdrawn_with_scans(context, tmp_path)
    await order_package(context, archivist, story.number, "文书由另一系统打印", story.now)
    with pytest.raises(NotFound) as none:
        await find_package(context, archivist, story.number, "移交市档案馆", story.now)
    assert none.value.code == "package_not_found"


async def test_a_package_without_one_of_its_originals_is_not_made_and_says_why(
    context: Context, tmp_path: Path
) -> None:
    story = await withdrawn_with_scans(context, tmp_path)
    archivist = await actor("archivist")
    async with reading() as connection:
        await connection.execute("UPDATE scans SET object_version = 'gone'")
    await order_package(context, archivist, story.number, "文书由另一系统打印", story.now)
    await make(context)
    failed: dict[str, Any] = (await read_package(context, archivist, story.number))["package"]
    assert (failed["state"], failed["digest"]) == ("failed", "")
    assert failed["failure"].startswith("originals/")
    again = await order_package(context, archivist, story.number, "文书由另一系统打印", story.now)
    assert (again["package"]["id"], again["package"]["state"]) != (failed["id"], "failed")
