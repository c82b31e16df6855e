"""合并送达: the results of several cases of one party, handed over together under one certificate of service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from engine import issuing, proxying
from engine.committing import commit
from engine.context import Context
from engine.once import once
from engine.timing import fire_case
from engine.watching import Overtaken, refuse_overtaken
from engine.work import Answer, Command, Work, prepare
from storage import cases
from storage.db import Connection
from workflows import scope
from workflows.actor import Actor
from workflows.errors import Conflict, Malformed
from workflows.events import Act

_MOST: Final = 50
_READY: Final = "READY"
_SERVICE: Final = "D18"
_NO_VERSIONS: Final[Mapping[str, int]] = MappingProxyType({})


async def deliver_package(
    context: Context,
    actor: Actor,
    numbers: Sequence[str],
    delivery: Mapping[str, Any],
    now: datetime,
    key: str = "",
    *,
    split: bool = False,
    versions: Mapping[str, int] = _NO_VERSIONS,
) -> Answer:
    """Deliver several cases at once: all of them, or none. One D18 lists every document; each case keeps its own event.

    :param numbers: 2 to 50 cases of one party in one hall.
    :param delivery: what is sent with each delivery: ``recipient``, and ``mandate`` or ``mandate_number`` where
        somebody collects for them.
    :param now: UTC. :param key: idempotency key.
    :param split: the applicant agrees that what is not ready follows later.
    :param versions: the case versions that the caller has seen; machines must give each.
    :returns: ``document`` (number of the D18), ``delivered`` (an answer for each case), ``left`` (numbers).
    :raises Malformed: ``package_size_wrong``, ``case_twice``, ``payload_invalid``.
    :raises NotFound: ``case_not_found``, also for a case outside the actor's organisation.
    :raises Conflict: ``package_of_several_parties``, ``package_not_ready``, and what bars a single delivery.
    :raises Forbidden: ``role_not_allowed``. :raises Stale: ``case_changed``.
    """
    _refuse_bad_list(numbers)
    commands = [Command(actor, one, Act.DELIVER, delivery, now, version=versions.get(one)) for one in sorted(numbers)]
    request = ["package", sorted(numbers), dict(delivery), split, dict(versions)]
    write = partial(_write, context, commands, split=split)
    try:
        answer = await once(actor, key, request, now, write)
    except Overtaken:
        for command in commands:
            await fire_case(context, command.number, now)
        answer = await once(actor, key, request, now, write)
    context.wake()
    return answer


async def _write(context: Context, commands: list[Command], connection: Connection, *, split: bool) -> Answer:
    """Every case is locked, in the order of their numbers, before any is looked at for what it lacks."""
    found = [(command, await _lock(context, connection, command)) for command in commands]
    _refuse_strangers([case for _, case in found])
    ready, left = _choose(found, split=split)
    works = [await prepare(context, connection, command, case) for command, case in ready]
    return {**await _deliver(connection, works), "left": left}


def _refuse_bad_list(numbers: Sequence[str]) -> None:
    if not 2 <= len(numbers) <= _MOST:
        raise Malformed(
            "package_size_wrong",
            f"合并送达应为2至{_MOST}件，请重新选择。",
            f"A package holds 2 to {_MOST} cases; choose again.",
        )
    if len(set(numbers)) != len(numbers):
        raise Malformed("case_twice", "同一办件重复列出，请删除重复项。", "A case is listed twice; remove one.")


async def _lock(context: Context, connection: Connection, command: Command) -> dict[str, Any]:
    case = await cases.lock(connection, command.number, command.actor.person, "")
    if case is None:
        raise scope.not_found()
    flow = await context.flow(case["flow"], case["flow_version"])
    routed = case["state"] != flow.initial
    agents = proxying.in_sight(case)
    place = (case["hall_path"], case["department_path"])
    if not scope.sees(command.actor, *place, routed=routed, number=case["number"], agents=agents):
        raise scope.not_found()
    refuse_overtaken(case, command.now)
    return case


def _choose(
    found: list[tuple[Command, dict[str, Any]]], *, split: bool
) -> tuple[list[tuple[Command, dict[str, Any]]], list[str]]:
    """Those that are ready, and the numbers of those that are not."""
    ready = [pair for pair in found if pair[1]["state"] == _READY]
    left = [case["number"] for _, case in found if case["state"] != _READY]
    if not ready or (left and not split):
        raise Conflict(
            "package_not_ready",
            f"以下办件尚未待领取：{'、'.join(left)}。请等全部办结，或经申请人同意后分开送达。",
            f"Not ready for collection yet: {', '.join(left)}. Wait, or deliver apart if the applicant agrees.",
            basis="行政许可法44",
            cases=left,
        )
    return ready, left


def _refuse_strangers(found: list[dict[str, Any]]) -> None:
    if len({(case["party_id"], case["hall_id"]) for case in found}) > 1:
        raise Conflict(
            "package_of_several_parties",
            "合并送达只限同一申请人在同一大厅的办件，请分别送达。",
            "A package is for the cases of one party in one hall; deliver these separately.",
            basis="行政许可法44",
        )


async def _deliver(connection: Connection, works: list[Work]) -> Answer:
    """The first case issues the certificate of service; the others cite it."""
    for work in works:
        issuing.deliver(work)
    first = works[0]
    lines = [{"case": work.case["number"], "documents": work.data["delivered"]} for work in works]
    first.papers_data[_SERVICE]["lines"] = lines
    answers = [await commit(connection, first, "")]
    (paper,) = [paper["number"] for paper in answers[0]["documents"] if paper["code"] == _SERVICE]
    for work in works[1:]:
        work.cited = {_SERVICE: paper}
        answers.append(await commit(connection, work, ""))
    return {"document": paper, "delivered": answers}
