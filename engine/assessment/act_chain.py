"""Proof that assessments are whole: the chain of each one's acts, and the score that was approved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from engine.assessment.publishing_tables import table_of
from engine.auditing import Breach
from storage import assessment_acts, assessment_entries, assessments
from storage.access import GENESIS, digest_of
from storage.db import Connection, transaction
from workflows.assessment_score import Scored, score


async def verify_assessments() -> list[Breach]:
    """Walk the acts of every assessment and add up every approved one again; the first fault of each is named."""
    found: dict[Any, Breach] = {}
    async with transaction() as connection:
        async for breach, key in _chains(connection):
            found.setdefault(key, breach)
        for key in await assessments.approved_keys(connection):
            wrong = None if key in found else await _score(connection, key)
            if wrong is not None:
                found[key] = wrong
    return list(found.values())


async def _chains(connection: Connection) -> AsyncIterator[tuple[Breach, Any]]:
    """Every act that does not fit the one before it, and every chain that does not end where it should."""
    key, seq, digest, head = None, 0, GENESIS, (0, GENESIS)
    async for row in assessment_acts.walk(connection):
        if row["assessment_id"] != key:
            if (seq, digest) != head:
                yield _fault(key, seq + 1, "missing", "最后的办理记录缺失", "the last acts are missing"), key
            key, seq, digest = row["assessment_id"], 0, GENESIS
            head = row["head_seq"], row["head_digest"] or GENESIS
        if row["seq"] is None:
            continue
        if not _fits(row, seq, digest):
            yield _fault(key, seq + 1, "altered", "办理记录被改动或者缺失", "an act was altered or is missing"), key
        seq, digest = row["seq"], row["digest"]
    if (seq, digest) != head:
        yield _fault(key, seq + 1, "missing", "最后的办理记录缺失", "the last acts are missing"), key


def _fits(row: dict[str, Any], seq: int, digest: str) -> bool:
    """Whether an act follows from the one before it, and its columns say what its text says."""
    linked = (row["seq"], row["previous"], row["digest"]) == (seq + 1, digest, digest_of(digest, row["body"]))
    if not linked:
        return False
    told = msgspec.json.decode(row["body"])
    actor = None if row["actor"] is None else str(row["actor"])
    return (told["name"], told["actor"], told["seq"]) == (row["name"], actor, row["seq"])


async def _score(connection: Connection, key: Any) -> Breach | None:
    """Whether the score of an approved assessment is what its entries come to and what its record says."""
    row = await assessments.read(key)
    if row is None:
        raise LookupError(key)
    entries = await assessment_entries.confirmed(connection, key)
    counted = score(await table_of(row["table_id"]), (Scored(*one) for one in entries)).total
    told = await assessment_acts.last_body(connection, key)
    if (told.get("name"), told.get("score"), row["score"]) == ("approve", counted, counted):
        return None
    return _fault(key, row["head_seq"], "score_mismatch", "得分与记录不符", "the score is not what was approved")


def _fault(key: Any, seq: int, code: str, zh: str, en: str) -> Breach:
    return Breach(
        f"assessment:{key}", seq, code, f"考核表 {key} 第 {seq} 条：{zh}", f"assessment {key}, act {seq}: {en}"
    )
