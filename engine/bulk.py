"""The same act on many cases (批量办理): each case on its own, with a result of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from engine.context import Context
from engine.operations import act
from engine.reading import problem_of
from engine.work import Command
from workflows.actor import Actor
from workflows.errors import Malformed, YichuangError
from workflows.events import Act

MOST: Final = 100
"""How many cases one request may name."""


async def act_on_each(
    context: Context,
    actor: Actor,
    what: Act,
    cases: Sequence[tuple[str, int | None]],
    payload: Mapping[str, Any],
    now: datetime,
    key: str = "",
) -> list[dict[str, Any]]:
    """Do one act on each of these cases, in this order; a refusal of one never stops the others.

    Every case is a transaction of its own, and checked as if it had been the only one. Repeated under the same key,
    what was done is answered again and what was refused is tried again.

    :param cases: number, and the version that the caller has seen (machines must give it); at most 100.
    :param now: UTC. :param key: idempotency key of the whole request; each case gets one derived from it.
    :returns: for each case its ``number`` and either ``answer`` (as :func:`engine.work.perform`) or ``problem``:
        status, code, both sentences, basis.
    :raises Malformed: ``cases_none``, ``cases_too_many``, ``case_twice``; then nothing was done to any case.
    """
    _check(cases)
    return [
        await _one(context, Command(actor, number, what, payload, now, _key_of(key, number), version))
        for number, version in cases
    ]


async def _one(context: Context, command: Command) -> dict[str, Any]:
    try:
        return {"number": command.number, "answer": await act(context, command), "problem": None}
    except YichuangError as refusal:
        problem = {"status": refusal.status, **problem_of(refusal)}
        return {"number": command.number, "answer": None, "problem": problem}


def _key_of(key: str, number: str) -> str:
    return f"each:{hashlib.sha256(f'{key} {number}'.encode()).hexdigest()}" if key else ""


def _check(cases: Sequence[tuple[str, int | None]]) -> None:
    if not cases:
        raise Malformed("cases_none", "请至少选择一个办件。", "Name at least one case.")
    if len(cases) > MOST:
        raise Malformed(
            "cases_too_many",
            f"一次最多办理{MOST}件，请分批提交。",
            f"At most {MOST} cases at a time; send the rest in another request.",
            limit=MOST,
        )
    numbers = [number for number, _ in cases]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise Malformed(
            "case_twice",
            f"同一办件重复出现：{'、'.join(twice)}。请每件只选一次。",
            f"The same case is named twice: {', '.join(twice)}. Name each once.",
            cases=twice,
        )
