"""Watches the folder that a scanner writes into, and sends what has stopped growing as a batch over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import httpx
import msgspec

JOURNAL: Final = ".yichuang-watch.json"
"""What is under way, written before the first byte is sent: after a restart it goes on under the same keys."""
SENT: Final = ".yichuang-watch.log"
"""Digest, batch and name of everything that was sent; the same bytes are not sent again."""
_UNFINISHED: Final = (".tmp", ".part", ".partial", ".crdownload", ".filepart", "~")
_MOST: Final = 200
_TIMEOUT: Final = httpx.Timeout(120, connect=10)


class Under(msgspec.Struct):
    """One file of the batch under way. ``refusal``: why it was not taken, once that is known."""

    name: str
    digest: str
    place: int = 0
    refusal: str = ""


class Journal(msgspec.Struct):
    """The batch under way. ``key``: stem of the idempotency keys. ``batch``: empty until it was opened."""

    key: str
    files: list[Under]
    batch: str = ""
    closed: bool = False


@dataclass
class Watch:
    """One watched folder; every :meth:`step` does what can be done now and can be cut short anywhere.

    :param http: with the address of the server and the token. :param opening: hall, or case and line, of its batches.
    :param max_bytes: larger files are refused without being read.
    """

    folder: Path
    http: httpx.AsyncClient
    opening: dict[str, str]
    max_bytes: int

    def __post_init__(self) -> None:
        self._seen: dict[str, tuple[int, int]] = {}
        for name in ("done", "refused"):
            (self.folder / name).mkdir(exist_ok=True)

    async def step(self) -> str:
        """Go on with the batch under way, or begin one once nothing in the folder grows; what was done, for a log.

        :raises httpx.HTTPError: the server does not answer or refuses; the files stay where they are.
        """
        journal = self._read_journal()
        if journal is None:
            settled = self._settled()
            journal = self._begin(settled) if settled else None
            if journal is None:
                return ""
        await self._send(journal)
        return await self._put_away(journal)

    def _settled(self) -> list[os.DirEntry[str]]:
        """Files that are as they were at the last look, in the order of their names; none while any still grows."""
        now: dict[str, tuple[int, int]] = {}
        entries = []
        with os.scandir(self.folder) as listing:
            for entry in listing:
                if entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED):
                    continue
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):  # no folders, and no links, which may lead anywhere
                    now[entry.name] = (found.st_size, found.st_mtime_ns)
                    entries.append(entry)
        before, self._seen = self._seen, now
        grows = any(before.get(name) != size for name, size in now.items())
        return [] if grows else sorted(entries, key=lambda entry: entry.name)[:_MOST]

    def _begin(self, settled: list[os.DirEntry[str]]) -> Journal | None:
        sent = self._sent()
        files: list[Under] = []
        for entry in settled:
            size = entry.stat(follow_symlinks=False).st_size
            if not 0 < size <= self.max_bytes:
                self._refuse(entry.name, "文件是空的。" if not size else f"文件超过 {self.max_bytes / 2**20:g} MB。")
                continue
            digest = _digest(Path(entry.path))
            if digest in sent or any(digest == one.digest for one in files):
                self._refuse(entry.name, "相同内容的文件已经上传过，未重复上传。")
                continue
            files.append(Under(entry.name, digest))
        if not files:
            return None
        stem = hashlib.sha256("\n".join(f"{one.digest} {one.name}" for one in files).encode()).hexdigest()[:32]
        journal = Journal(f"watch-{stem}-{os.urandom(4).hex()}", files)
        self._write_journal(journal)
        return journal

    async def _send(self, journal: Journal) -> None:
        if not journal.batch:
            body = {"name": self.folder.name[:80] or "watch", **self.opening}
            journal.batch = (await self._post("", json=body, key=journal.key))["batch"]
            self._write_journal(journal)
        for at, one in enumerate(journal.files, 1):
            if one.place or one.refusal:
                continue
            try:
                with (self.folder / one.name).open("rb") as file:
                    answer = await self._post(
                        f"/{journal.batch}/files", files={"file": (one.name, file)}, key=f"{journal.key}-{at}"
                    )
            except FileNotFoundError:
                one.refusal = "文件在上传前被移走。"
                continue
            except httpx.HTTPStatusError as problem:
                if problem.response.status_code != httpx.codes.CONFLICT:
                    raise
                # Somebody closed the batch: what is in it is put away, the rest goes into the next one.
                journal.files = [known for known in journal.files if known.place or known.refusal]
                break
            told = answer["files"][0]
            one.place, one.refusal = told["file"], told["zh"]
            self._write_journal(journal)
        if not journal.closed:
            await self._post(f"/{journal.batch}/close")
            journal.closed = True
            self._write_journal(journal)

    async def _post(self, path: str, key: str = "", **body: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.http.post(f"/api/v1/capture/batches{path}", headers=headers, **body)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    async def _put_away(self, journal: Journal) -> str:
        """Move the files once the server has said what became of each, and forget the batch."""
        answer = await self.http.get(f"/api/v1/capture/batches/{journal.batch}")
        answer.raise_for_status()
        batch = answer.json()
        if batch["sorted_at"] is None:
            return ""
        verdicts = {row["position"]: row for row in batch["files"]}
        for one in journal.files:
            row = verdicts.get(one.place, {})
            refusal = one.refusal or (row.get("verdict_zh") or "" if row.get("state") == "refused" else "")
            if refusal:
                self._refuse(one.name, refusal)
            else:
                self._log(one, journal.batch)
                self._move(one.name, "done")
        (self.folder / JOURNAL).unlink()
        unsorted = sum(page["state"] == "unsorted" for page in batch["pages"])
        return f"batch {journal.batch}: {len(journal.files)} files, {unsorted} pages unsorted"

    def _refuse(self, name: str, why: str) -> None:
        moved = self._move(name, "refused")
        if moved is not None:
            moved.with_name(moved.name + ".txt").write_text(why + "\n", "utf-8")

    def _move(self, name: str, into: str) -> Path | None:
        """Move a file, never over another one; None where it is gone already."""
        target, number = self.folder / into / name, 0
        while target.exists():
            number += 1
            target = self.folder / into / f"{number}-{name}"
        try:
            (self.folder / name).rename(target)
        except FileNotFoundError:
            return None
        return target

    def _log(self, one: Under, batch: str) -> None:
        if one.digest not in self._sent():
            with (self.folder / SENT).open("a", encoding="utf-8") as log:
                log.write(f"{one.digest} {batch} {one.name}\n")
                log.flush()
                os.fsync(log.fileno())

    def _sent(self) -> set[str]:
        log = self.folder / SENT
        return {line[:64] for line in log.read_text("utf-8").splitlines()} if log.exists() else set()

    def _read_journal(self) -> Journal | None:
        path = self.folder / JOURNAL
        return msgspec.json.decode(path.read_bytes(), type=Journal) if path.exists() else None

    def _write_journal(self, journal: Journal) -> None:
        path = self.folder / JOURNAL
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(journal))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Address of the server.")
@click.option("--token", envvar="YICHUANG_WATCH_TOKEN", required=True, help="Bearer token of a clerk.")
@click.option("--hall", default="", help="Code of the hall, where the token's grant covers several.")
@click.option("--seconds", default=3.0, show_default=True, help="Between two looks; a file must rest this long.")
@click.option("--max-mb", default=50, show_default=True, help="Larger files are refused, in MB.")
def watch(folder: Path, url: str, token: str, hall: str, seconds: float, max_mb: int) -> None:
    """Send what a scanner puts into FOLDER; then it is in done/, or in refused/ beside a .txt that says why."""
    place = folder.resolve()

    async def run() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT) as http:
            watched = Watch(place, http, {"hall": hall} if hall else {}, max_mb * 2**20)
            while True:
                try:
                    done = await watched.step()
                    if done:
                        click.echo(done)
                except httpx.HTTPError as problem:
                    click.echo(f"not sent, tried again: {problem}", err=True)
                await asyncio.sleep(seconds)

    asyncio.run(run())
