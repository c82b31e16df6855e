"""The file of a document, locked away for as long as it has to be kept."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from engine.context import Context
from engine.judging import DAYS_A_YEAR, lock_away


async def lock_file(context: Context, made: bytes, folder: str, years: int, now: datetime) -> dict[str, Any]:
    """Lock a PDF away; a repeated try finds its own bytes again.

    :param folder: of the evidence. :param years: how long it is kept. :param now: UTC.
    :returns: ``object_key``, ``object_version``, ``digest`` (SHA-256), ``size`` (bytes), ``pages``, ``retain_until``.
    :raises Unavailable: ``evidence_not_locked``, or when the object store does not answer.
    """
    digest = hashlib.sha256(made).hexdigest()
    incoming = {"object_key": f"paper-{digest}", "digest": digest}
    key = f"{folder}/{digest}"
    until = now + timedelta(days=DAYS_A_YEAR * years)
    await asyncio.to_thread(_put, context, incoming["object_key"], made)
    version, held = await lock_away(context, incoming, key, until)
    await asyncio.to_thread(context.objects.drop_incoming, incoming["object_key"])
    pages = len(PdfReader(BytesIO(made)).pages)
    return {"object_key": key, "object_version": version, "digest": digest, "size": len(made), "pages": pages,
            "retain_until": held}  # fmt: skip


def _put(context: Context, key: str, made: bytes) -> None:
    with tempfile.NamedTemporaryFile(prefix="yc-paper-") as file:
        file.write(made)
        file.flush()
        context.objects.put_incoming(key, Path(file.name))
