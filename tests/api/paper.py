"""Paper as it comes out of a scanner: separator sheets printed by us, pages with a number on them, files of both."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pypdfium2
import segno
import zxingcpp
from PIL import Image, ImageDraw

from api.state import context_of
from engine.jobs import run_row
from storage.db import reading
from tests.api.hall import Caller, Clock

DPI = 100


def leaf(number: int) -> Image.Image:
    """A page of A5 with its number on it, in a code that is not ours."""
    drawn = io.BytesIO()
    segno.make(f"leaf {number}", micro=False).save(drawn, kind="png", scale=12)
    page = Image.new("L", (583, 827), 255)
    with Image.open(drawn) as code:
        page.paste(code.convert("L"), (140, 280))
    ImageDraw.Draw(page).rectangle((40, 60, 540, 90), outline=0, width=3)
    return page


def look(image: Image.Image) -> int:
    """The number of the page on a picture of any size; 0 where it has none."""
    found = [code.text for code in zxingcpp.read_barcodes(image.convert("L")) if code.text.startswith("leaf ")]
    return int(found[0].removeprefix("leaf ")) if found else 0


async def sheets(who: Caller, number: str, *lines: str, dpi: int = DPI) -> list[Image.Image]:
    """Our separator sheets for lines of a case, as a scanner sees them."""
    answer = await who.get(f"/api/v1/cases/{number}/separators", params={"line": list(lines)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(answer.content) as document:
        assert len(document) == len(lines)
        return [document[at].render(scale=dpi / 72).to_pil().convert("L") for at in range(len(document))]


def tiff(pages: Sequence[Image.Image]) -> bytes:
    """A fax-coded file of many frames, black and white."""
    frames = [page.point(lambda value: 255 * (value > 128)).convert("1") for page in pages]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="group4", dpi=(DPI, DPI))
    return out.getvalue()


def pdf(pages: Sequence[Image.Image]) -> bytes:
    """A PDF of pictures."""
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=DPI)
    return out.getvalue()


def jpeg(page: Image.Image) -> bytes:
    """One picture."""
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80, dpi=(DPI, DPI))
    return out.getvalue()


@dataclass
class Desk:
    """Somebody with a scanner, and the workers behind."""

    app: Any
    clock: Clock
    who: Caller

    async def open(self, **wanted: Any) -> str:
        """Begin a batch."""
        answer = await self.who.post("/api/v1/capture/batches", wanted)
        assert answer.status_code == 201, answer.text
        batch: str = answer.json()["batch"]
        return batch

    async def add(self, batch: str, files: Iterable[tuple[str, bytes]]) -> list[dict[str, Any]]:
        """Send files in one request."""
        answer = await self.who.http.post(
            f"/api/v1/capture/batches/{batch}/files",
            files=[("file", (name, content)) for name, content in files],
            headers=self.who.headers,
        )
        assert answer.status_code == 201, answer.text
        lines: list[dict[str, Any]] = answer.json()["files"]
        return lines

    async def close(self, batch: str) -> dict[str, Any]:
        """Say that nothing more comes, let the workers work, and read the batch."""
        assert (await self.who.post(f"/api/v1/capture/batches/{batch}/close")).status_code == 200
        await self.work()
        return await self.read(batch)

    async def read(self, batch: str) -> dict[str, Any]:
        """A batch as it is now."""
        body: dict[str, Any] = (await self.who.get(f"/api/v1/capture/batches/{batch}")).json()
        return body

    async def work(self) -> None:
        """Do what waits in the outbox for capture, as workers do."""
        async with reading() as connection:
            rows = await connection.fetch(
                "SELECT id FROM outbox WHERE state IN ('waiting', 'sent')"
                " AND (topic LIKE 'batch.%' OR topic LIKE 'scan.%') ORDER BY id"
            )
        for row in rows:
            # The store's own clock says whether a lock lies ahead.
            await run_row(context_of(self.app), row["id"], lambda: datetime.now(UTC))

    async def pages(self, number: str) -> dict[str, list[tuple[str, int]]]:
        """Each line of a case with its pages in order, as scan and page number."""
        answer = await self.who.get(f"/api/v1/cases/{number}/pages")
        assert answer.status_code == 200, answer.text
        return {
            line["line"]: [(page["scan"], page["page"]) for page in line["pages"]] for line in answer.json()["lines"]
        }

    async def edit(self, number: str, *edits: dict[str, Any], seen: int | None = None) -> Any:
        """Put pages in order; the answer."""
        return await self.who.post(f"/api/v1/cases/{number}/pages", {"edits": list(edits), "seen": seen})

    async def numbers(self, pages: Iterable[tuple[str, int]]) -> list[int]:
        """What stands on these pages, as the viewing copies show it."""
        context, read = context_of(self.app), []
        for scan, page in pages:
            async with reading() as connection:
                key = await connection.fetchval(
                    "SELECT image_key FROM scan_pages WHERE scan_id = $1 AND number = $2", UUID(scan), page
                )
            with context.objects.open_view(key) as stream:
                read.append(look(Image.open(io.BytesIO(stream.read()))))
        return read
