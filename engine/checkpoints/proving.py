"""Proof that a case is as it was sealed: digests of its events, their way up to signed roots, and what was found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from engine.auditing import Breach, verify
from engine.checkpoints.checkpoint_file import tree_of
from engine.checkpoints.checkpoint_verifying import verify_one, verify_sealed
from engine.checkpoints.checkpointing import keys_of
from engine.checkpoints.object_verifying import verify_objects_of
from engine.checkpoints.trail_verifying import verify_told
from engine.context import Context
from engine.reading import seen_case
from storage import audit, checkpoints
from workflows.actor import Actor, Role
from workflows.checkpoint import Head, read_header
from workflows.errors import Forbidden


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What a verification of one case found, and the same as a sentence in each language.

    ``sealed_to``: the last event that checkpoint ``checkpoint`` of ``day`` seals; 0 and None before there is one.
    ``objects``: how many of its files were read again; 0 where that was not asked for.
    """

    case: str
    events: int
    objects: int
    sealed_to: int
    checkpoint: int | None
    day: date | None
    breaches: list[Breach]
    zh: str
    en: str

    @property
    def whole(self) -> bool:
        """Whether everything fits."""
        return not self.breaches


async def verify_case(context: Context, actor: Actor, number: str, *, objects: bool = False) -> CaseVerdict:
    """Walk the trail of a case and hold it against every checkpoint that seals a part of it.

    :param objects: read its stored files too.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed`` for anybody but an auditor.
    :raises Unavailable: when a server does not answer.
    """
    await require_auditor(context, actor, number)
    report = await verify(number)
    breaches = report.breaches + await verify_sealed(number) + await verify_told(number)
    sealed = await checkpoints.sealed([number])
    checked = [await verify_one(context, checkpoint) for checkpoint, _, _ in sealed]
    breaches += [found for found in checked if found]
    read = 0
    if objects:
        read, broken = await verify_objects_of(context, number)
        breaches += broken
    last = sealed[-1] if sealed else None
    day = (await _rows([last[0]]))[last[0]]["day"] if last else None
    return CaseVerdict(
        case=number,
        events=report.events,
        objects=read,
        sealed_to=last[2].seq if last else 0,
        checkpoint=last[0] if last else None,
        day=day,
        breaches=breaches,
        zh=_said(number, report.events, last, day, breaches)[0],
        en=_said(number, report.events, last, day, breaches)[1],
    )


def _said(
    number: str, events: int, last: tuple[int, int, Head] | None, day: date | None, breaches: Sequence[Breach]
) -> tuple[str, str]:
    if breaches:
        return f"不完整。{breaches[0].zh}。", f"Not whole: {breaches[0].en}."
    whole = f"办件 {number} 的 {events} 条留痕完整", f"All {events} events of case {number} are whole"
    if last is None:
        return f"{whole[0]}；尚未由校验点封存。", f"{whole[1]}; no checkpoint seals them yet."
    sealed = last[2].seq
    rest = f"，其后 {events - sealed} 条待下一校验点封存" if events > sealed else ""
    more = f"; {events - sealed} later ones wait for the next checkpoint" if events > sealed else ""
    return (
        f"{whole[0]}；第 1 至 {sealed} 条已由第 {last[0]} 号校验点（{day}）签名封存{rest}。",
        f"{whole[1]}; 1 to {sealed} are sealed and signed by checkpoint {last[0]} of {day}{more}.",
    )


async def prove(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    """What somebody else needs to check a case by: event digests, leaves with their paths, signed headers, public keys.

    :returns: ``case``, ``events``, ``proofs`` as of :func:`proofs_of` and ``checkpoints`` as of :func:`signed_headers`.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed`` for anybody but an auditor.
    """
    await require_auditor(context, actor, number)
    events = [
        {
            "seq": row["seq"],
            "name": row["name"],
            "at": row["at"],
            "algorithm": row["algorithm"],
            "digest": row["digest"],
        }
        async for row in audit.every_of_case(number)
    ]
    proofs = [one async for one in proofs_of([number])]
    needed = sorted({one["checkpoint"] for one in proofs})
    return {"case": number, "events": events, "proofs": proofs, "checkpoints": await signed_headers(context, needed)}


async def proofs_of(chains: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
    """The sealed heads of chains with the path of each up to the root of its checkpoint, in order.

    :returns: ``chain``, ``seq``, ``digest``, ``checkpoint``, ``place`` (from 0) and ``path`` (hexadecimal); a path
        leads nowhere where heads of the checkpoint were deleted.
    """
    found = await checkpoints.sealed(list(chains))
    for checkpoint, heads in groupby(found, key=itemgetter(0)):
        row = (await _rows([checkpoint]))[checkpoint]
        lines = [head.line() for head in await checkpoints.heads_of(checkpoint)]
        tree = await asyncio.to_thread(tree_of, lines, read_header(row["header"]).algorithm)
        for _, place, head in heads:
            path = [one.hex() for one in tree.path(place)] if place < len(lines) else []
            yield {**head._asdict(), "checkpoint": checkpoint, "place": place, "path": path}


async def list_checkpoints(context: Context, actor: Actor, after: int, limit: int) -> list[dict[str, Any]]:
    """A page of the checkpoints in order, as of :func:`signed_headers`.

    :param after: the number to go on behind. :raises Forbidden: ``role_not_allowed`` for anybody but an auditor.
    """
    _require(actor)
    rows = await checkpoints.listed(after, limit)
    return await signed_headers(context, [row["number"] for row in rows])


async def signed_headers(context: Context, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Headers as they were signed, the signature, and the public key that belongs to it, in hexadecimal.

    ``public_key`` is empty where the key is not known here.
    """
    if not numbers:
        return []
    keys, rows = keys_of(context), await _rows(numbers)
    return [
        {
            "number": number,
            "header": rows[number]["header"],
            "signature": rows[number]["signature"],
            "key": rows[number]["key"],
            "public_key": keys.public.get(rows[number]["key"], b"").hex(),
        }
        for number in numbers
    ]


async def _rows(numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    return {row["number"]: row for row in await checkpoints.chosen(list(numbers))}


async def require_auditor(context: Context, actor: Actor, number: str) -> None:
    """Refuse whoever does not see a case, or sees it in another role than an auditor's.

    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    await seen_case(context, actor, number)
    _require(actor)


def _require(actor: Actor) -> None:
    if Role.auditor not in actor.roles:
        raise Forbidden(
            "role_not_allowed",
            "留痕校验与证明只供审计管理员使用。",
            "Verification and proofs of the trail are for auditors.",
            basis="GB/T 22239-2019 8.1.5",
            roles=[Role.auditor.value],
        )
