"""A worker binds the dossier of a case: cover, contents, documents and materials in filing order, and what was done.

Documents go in as they were printed, pages as they stand after every edit, each in its viewing copy; one page at a
time is in memory. Repeated without harm.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from pypdf import PdfReader

from engine.archive.dossier_file import DossierFile
from engine.archive.dossier_pages import CUSTODY, PART_OF_LIST, TRAIL, Bound, custody_list, front, trail_list
from engine.context import Context
from engine.documents.typesetting import typesetter
from engine.papers.locating import moves_of
from engine.viewing.evidence_reading import picture_of
from engine.viewing.leafing import lines_of
from engine.viewing.watermark import drawn
from storage import audit, case_records, cases, dossiers, scans
from storage.db import reading, transaction
from workflows import scope
from workflows.arrangement import ArrangedPage
from workflows.documents import KINDS
from workflows.dossier import TITLES, Entry, Part, filed, numbered, part_of
from workflows.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class _Contents:
    """What is bound, in filing order, and where each thing comes from, by the key or title of its entry."""

    entries: tuple[Entry, ...]
    documents: Mapping[str, Mapping[str, Any]]
    lines: Mapping[str, tuple[ArrangedPage, ...]]
    lists: Mapping[str, bytes]


async def bind_dossier(context: Context, key: UUID, clock: Callable[[], datetime]) -> None:
    """Bind an ordered dossier that is not bound yet.

    :param clock: says what time it is, UTC.
    :raises Unavailable: when a server does not answer, or a lost picture is drawn again; to be tried again.
    """
    order = await dossiers.read(key)
    if order is None or order["state"] != "waiting":
        return
    folder = Path(tempfile.mkdtemp(prefix="yc-dossier-"))
    try:
        await _Binding(context, order, folder, clock).run()
    except (NotFound, Conflict) as refusal:
        await dossiers.fail(key, f"{refusal.zh} {refusal.en}", clock())
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Binding:
    """One dossier in the making. :param folder: for what must not be held in memory."""

    context: Context
    order: Mapping[str, Any]
    folder: Path
    clock: Callable[[], datetime]

    async def run(self) -> None:
        about = await self._about()
        contents = await self._contents(about)
        cover = _pages(await self._set(front(about, contents.entries), about))
        entries = numbered(contents.entries, cover)
        total = cover + sum(entry.pages for entry in entries)
        file = DossierFile(f"案卷 {about.number}", total)
        await asyncio.to_thread(file.add_pdf, await self._set(front(about, entries, total), about))
        file.bookmark("封面", 1)
        file.bookmark("目录", 2)
        heads: dict[Part, Any] = {}
        for entry in entries:
            if not entry.pages:
                continue
            await self._add(file, entry, contents, total, about)
            if entry.part not in heads:
                heads[entry.part] = file.bookmark(TITLES[entry.part], entry.first)
            file.bookmark(" ".join(filter(None, (entry.title, entry.key))), entry.first, heads[entry.part])
        await self._keep(file, about)

    async def _about(self) -> Bound:
        """The case as it stands: row, item, ways, events."""
        case = await cases.read(self.order["case_number"])
        if case is None:
            raise scope.not_found()
        async with transaction() as connection:
            events = [row async for row in audit.walk(connection, case["number"])]
        ways = {(row["flow"], row["flow_version"]) for row in events} | {(case["flow"], case["flow_version"])}
        flows = {way: await self.context.flow(*way) for way in ways}
        item, zone = await self.context.item(case["item_id"]), self.context.hours(case["hall_hours"]).zone
        return Bound(case, item, flows, events, zone, self.order["ordered_by_name"], self.order["ordered_at"])

    async def _contents(self, about: Bound) -> _Contents:
        async with reading() as connection:
            issued = await case_records.issued(connection, about.case["id"])
        lines = await lines_of(about.item, about.number)
        names = {line.code: line.name for line in about.item.materials}
        lists = {TRAIL: await self._set(trail_list(about), about)}
        if moves := await moves_of(about.case):
            lists[CUSTODY] = await self._set(custody_list(about, moves, names), about)
        entries = [
            *(Entry(part_of(one["code"]), one["number"], KINDS[one["code"]].title, one["pages"] or 0,
                    about.day(one["issued_at"])) for one in issued),
            *(Entry(Part.MATERIALS, line, names.get(line, line), len(pages)) for line, pages in lines.items()),
            *(Entry(PART_OF_LIST[title], "", title, _pages(made)) for title, made in lists.items()),
        ]  # fmt: skip
        return _Contents(filed(entries), {one["number"]: one for one in issued}, lines, lists)

    async def _set(self, values: Mapping[str, Any], about: Bound) -> bytes:
        return await asyncio.to_thread(typesetter(self.context.settings).pdf, values, about.at)

    async def _add(self, file: DossierFile, entry: Entry, contents: _Contents, total: int, about: Bound) -> None:
        """Bind one entry in."""
        if entry.part is Part.MATERIALS:
            await self._add_line(file, contents.lines[entry.key], total, about)
        elif not entry.key:
            await asyncio.to_thread(file.add_pdf, contents.lists[entry.title])
        else:
            row = contents.documents[entry.key]
            await asyncio.to_thread(file.add_pdf, await asyncio.to_thread(self._read, row))
        await dossiers.progress(self.order["id"], file.bound, total)

    def _read(self, row: Mapping[str, Any]) -> bytes:
        try:
            with self.context.objects.open_evidence(row["object_key"], row["object_version"]) as stream:
                return stream.read()
        except NotFound as missing:
            number = row["number"]
            raise NotFound(missing.code, f"文书{number}：{missing.zh}", f"{number}: {missing.en}") from missing

    async def _add_line(self, file: DossierFile, pages: tuple[ArrangedPage, ...], total: int, about: Bound) -> None:
        for page in pages:
            row = await scans.page(page.scan, page.page)
            if row is None:
                at = f"{page.line}/{page.position}"
                raise NotFound("page_not_found", f"材料页{at}没有图像。", f"There is no picture of page {at}.")
            image = await picture_of(self.context, row, "screen", self.clock())
            mark = about.mark if about.is_marked(page.line) else ""
            image = await drawn(self.context.settings, image, mark=mark, turned=page.turned)
            path = self.folder / f"{file.bound + 1:05d}.jpg"
            await asyncio.to_thread(path.write_bytes, image)
            await asyncio.to_thread(file.add_picture, path)
            await dossiers.progress(self.order["id"], file.bound, total)

    async def _keep(self, file: DossierFile, about: Bound) -> None:
        """Write what is bound, put it where it is fetched, and say so."""
        path = self.folder / "dossier.pdf"
        await asyncio.to_thread(file.write, path)
        with path.open("rb") as whole:
            digest = await asyncio.to_thread(hashlib.file_digest, whole, "sha256")
        await asyncio.to_thread(self.context.objects.put_view, self.order["object_key"], path, "application/pdf")
        kept = {"pages": file.bound, "working_copy": about.working, "seq": about.events[-1]["seq"],
                "digest": digest.hexdigest(), "size": path.stat().st_size, "at": self.clock()}  # fmt: skip
        await dossiers.finish(self.order["id"], kept)


def _pages(made: bytes) -> int:
    return len(PdfReader(BytesIO(made)).pages)
