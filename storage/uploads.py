"""Resumable uploads (tus 1.0.0): what is to come, how much has come, and in which objects its parts lie."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, BigInt, ForeignKey, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.batches import Batch
from storage.db import DB, Connection, reading
from storage.people import Person


class Upload(Table, db=DB, tablename="uploads"):
    """One upload; sizes in bytes. ``state``: open, done, refused (then ``refusal`` says why: code, zh, en).

    It is for a line of a case (``case_number``, ``line``) or for a batch. ``scan_id``: the scan that it became.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    owner_id = ForeignKey(Person, null=False)
    file_name = Varchar(length=200)
    media_type = Varchar(length=80, default="")
    size = BigInt()
    received = BigInt(default=0)
    case_number = Varchar(length=24, default="")
    line = Varchar(length=40, default="")
    batch_id = ForeignKey(Batch, null=True)
    replaces = UUIDColumn(null=True, default=None)
    state = Varchar(length=10)
    scan_id = UUIDColumn(null=True, default=None)
    refusal = JSONB(null=True, default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz()


class UploadPart(Table, db=DB, tablename="upload_parts"):
    """Some bytes of an upload, from byte ``start`` on, and the incoming object that holds them."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    upload_id = ForeignKey(Upload, null=False)
    start = BigInt()
    size = BigInt()
    object_key = Varchar(length=120)


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new upload, open."""
    await connection.execute(
        "INSERT INTO uploads (id, owner_id, file_name, media_type, size, received, case_number, line, batch_id,"
        " replaces, state, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, 'open', $10, $11)",
        row["id"], row["owner_id"], row["file_name"], row["media_type"], row["size"], row["case_number"], row["line"],
        row["batch_id"], row["replaces"], row["created_at"], row["expires_at"],
    )  # fmt: skip


async def read(upload: UUID, owner: UUID) -> dict[str, Any] | None:
    """An upload of its owner."""
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM uploads WHERE id = $1 AND owner_id = $2", upload, owner)
    return dict(row) if row else None


async def count_open(connection: Connection, owner: UUID) -> int:
    """How many uploads somebody has begun and not ended."""
    count: int = await connection.fetchval("SELECT count(*) FROM uploads WHERE owner_id = $1 AND state = 'open'", owner)
    return count


_ADVANCE: Final = """
UPDATE uploads SET received = received + $3, expires_at = $4
WHERE id = $1 AND received = $2 AND state = 'open' AND received + $3 <= size RETURNING id
"""


async def advance(
    connection: Connection, upload: UUID, parts: list[tuple[int, int, str]], expires_at: datetime
) -> bool:
    """Keep parts (start, size, object) that follow each other; False when somebody else was there first."""
    size = sum(part[1] for part in parts)
    if await connection.fetchval(_ADVANCE, upload, parts[0][0], size, expires_at) is None:
        return False
    await connection.executemany(
        "INSERT INTO upload_parts (id, upload_id, start, size, object_key) VALUES (uuidv7(), $1, $2, $3, $4)",
        [(upload, *part) for part in parts],
    )
    return True


async def parts_of(upload: UUID) -> list[dict[str, Any]]:
    """The parts of an upload, from its first byte on."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT start, size, object_key FROM upload_parts WHERE upload_id = $1 ORDER BY start", upload
        )
    return [dict(row) for row in rows]


async def end(upload: UUID, scan: UUID | None, refusal: dict[str, str] | None) -> None:
    """An upload is over: it became a scan, or was refused. Its parts are needed no more."""
    state = "refused" if refusal else "done"
    async with reading() as connection:
        await connection.execute(
            "UPDATE uploads SET state = $2, scan_id = $3, refusal = $4, received = size"
            " WHERE id = $1 AND state = 'open'",
            upload,
            state,
            scan,
            refusal,
        )
        await connection.execute("DELETE FROM upload_parts WHERE upload_id = $1", upload)


async def forget(upload: UUID) -> None:
    """Drop an upload; the collector takes objects that no part names any more."""
    async with reading() as connection:
        await connection.execute("DELETE FROM upload_parts WHERE upload_id = $1", upload)
        await connection.execute("DELETE FROM uploads WHERE id = $1", upload)


async def expired(now: datetime, limit: int) -> list[UUID]:
    """Uploads whose time has run out (UTC), ended ones too."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM uploads WHERE expires_at < $1 LIMIT $2", now, limit)
    return [row["id"] for row in rows]


async def part_keys(keys: list[str]) -> set[str]:
    """Which of these incoming object keys hold parts of an upload."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT object_key FROM upload_parts WHERE object_key = ANY($1)", keys)
    return {row["object_key"] for row in rows}
