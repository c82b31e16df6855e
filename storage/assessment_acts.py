"""Acts on assessments: who did what when, one chain for each assessment. The application may only add to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.access import GENESIS, digest_of
from storage.assessments import Assessment
from storage.db import DB, Connection, reading


class AssessmentAct(Table, db=DB, tablename="assessment_acts"):
    """One act. ``body`` is the exact text that the digest covers (SHA-256, hexadecimal), after the digest before it."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    assessment_id = ForeignKey(Assessment, null=False)
    seq = Integer()
    name = Varchar(length=30)
    at = Timestamptz()
    actor = UUIDColumn(default=None, null=True)
    body = Text()
    previous = Varchar(length=64)
    digest = Varchar(length=64)


async def add(connection: Connection, assessment: UUID, row: dict[str, Any]) -> int:
    """Chain one act to an assessment that is locked; its number.

    :param row: ``name``, ``at`` (UTC), ``actor``, and whatever else is told of it.
    """
    head = await connection.fetchrow("SELECT head_seq, head_digest FROM assessments WHERE id = $1", assessment)
    if head is None:
        raise LookupError(assessment)
    seq, previous = head["head_seq"] + 1, head["head_digest"] or GENESIS
    body = msgspec.json.encode({"assessment": assessment, "seq": seq, **row}, order="sorted").decode()
    digest = digest_of(previous, body)
    await connection.execute(
        "INSERT INTO assessment_acts (id, assessment_id, seq, name, at, actor, body, previous, digest)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8)",
        assessment, seq, row["name"], row["at"], row["actor"], body, previous, digest,
    )  # fmt: skip
    await connection.execute(
        "UPDATE assessments SET head_seq = $2, head_digest = $3 WHERE id = $1", assessment, seq, digest
    )
    return int(seq)


async def of_assessment(key: UUID) -> list[dict[str, Any]]:
    """Every act of an assessment in order: ``seq``, ``name``, ``at``, ``actor_name``, ``body`` as it was told."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT a.seq, a.name, a.at, a.body, coalesce(p.name, '') AS actor_name FROM assessment_acts a"
            " LEFT JOIN people p ON p.id = a.actor WHERE a.assessment_id = $1 ORDER BY a.seq",
            key,
        )
    return [dict(row) | {"body": msgspec.json.decode(row["body"])} for row in rows]


async def last_body(connection: Connection, key: UUID) -> dict[str, Any]:
    """What was told of the last act of an assessment; empty where there is none."""
    body = await connection.fetchval(
        "SELECT body FROM assessment_acts WHERE assessment_id = $1 ORDER BY seq DESC LIMIT 1", key
    )
    found: dict[str, Any] = msgspec.json.decode(body) if body else {}
    return found


async def walk(connection: Connection) -> AsyncIterator[dict[str, Any]]:
    """Every act of every assessment in order, beside the head that the assessment remembers. Needs a transaction."""
    async for row in connection.cursor(
        "SELECT s.id AS assessment_id, s.head_seq, s.head_digest, a.seq, a.name, a.at, a.actor, a.body, a.previous,"
        " a.digest FROM assessments s LEFT JOIN assessment_acts a ON a.assessment_id = s.id ORDER BY s.id, a.seq",
        prefetch=500,
    ):
        yield dict(row)
