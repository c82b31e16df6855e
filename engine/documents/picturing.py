"""Samples of documents as pictures, to be looked at beside the form before anything is signed."""

from __future__ import annotations

import asyncio
import threading
from io import BytesIO
from typing import Any, Final

import pypdfium2

from engine.command import Command
from engine.context import Context
from engine.documents.drafting import preview

MOST_PAGES: Final = 8
"""How many pages are shown; the sample itself has them all."""
_SCALE: Final = 1.4
"""Pixels a point: about 830 across a page of A4."""
_ONE: Final = threading.Lock()
"""PDFium serves one thread at a time."""


async def picture_preview(context: Context, command: Command) -> list[bytes]:
    """The pages of what an act would issue, as PNG, marked as samples; nothing is written.

    Refusals as :func:`engine.documents.drafting.preview`.
    """
    return await asyncio.to_thread(_pictures, await preview(context, command))


def _pictures(pdf: bytes) -> list[bytes]:
    with _ONE, pypdfium2.PdfDocument(pdf) as document:
        return [_picture(document[number]) for number in range(min(len(document), MOST_PAGES))]


def _picture(page: Any) -> bytes:
    bitmap, drawn = page.render(scale=_SCALE), BytesIO()
    bitmap.to_pil().convert("RGB").quantize(32).save(drawn, "PNG")
    bitmap.close()
    page.close()
    return drawn.getvalue()
