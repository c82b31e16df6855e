"""The same act on several cases of one party in one transaction: all of them, or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from engine.committing import commit
from engine.context import Context
from engine.mandates import proxying
from engine.once import once
from engine.timing import fire_case
from engine.watching import Overtaken, refuse_overtaken
from engine.work import Answer, Command, Work, prepare
from storage import cases
from storage.db import Connection
from workflows import scope
from workflows.errors import Conflict, Malformed

MOST: Final = 50
SERVICE: Final = "D18"

Found = list[tuple[Command, dict[str, Any]]]
"""Commands, each with its locked case."""
After = Callable[[Connection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Together:
    """What is done to several cases at once.

    ``operation`` is given each prepared act and its place, from 1; ``ready`` are the states that a case may wait in;
    ``served`` says that one certificate of service lists them all; ``split`` leaves what is not ready; ``after`` writes
    more in the same transaction.
    """

    operation: Callable[[Work, int], None]
    ready: frozenset[str]
    served: bool = False
    split: bool = False
    after: After | None = None


async def do_together(
    context: Context, commands: Sequence[Command], request: Any, what: Together, key: str = ""
) -> Answer:
    """Act on each of these cases in one transaction. Time goes first where its moment has passed.

    :param commands: of one actor, one act and one moment. :param request: what tells this request from another one
        under the same ``key``.
    :returns: ``document`` (number of the D18, empty when there is none), ``delivered`` (an answer for each case),
        ``left`` (numbers).
    :raises Conflict: ``package_of_several_parties``, ``package_not_ready``, and what bars the act on one case.
    """
    ordered = sorted(commands, key=lambda command: command.number)
    actor, now = ordered[0].actor, ordered[0].now
    write = partial(_write, context, ordered, what)
    try:
        answer = await once(actor, key, request, now, write)
    except Overtaken:
        for command in ordered:
            await fire_case(context, command.number, now)
        answer = await once(actor, key, request, now, write)
    context.wake()
    return answer


def refuse_bad_list(numbers: Sequence[str], least: int = 2) -> None:
    """:raises Malformed: ``package_size_wrong``, ``case_twice``."""
    if not least <= len(numbers) <= MOST:
        raise Malformed(
            "package_size_wrong",
            f"合并送达应为{least}至{MOST}件，请重新选择。",
            f"A package holds {least} to {MOST} cases; choose again.",
        )
    if len(set(numbers)) != len(numbers):
        raise Malformed("case_twice", "同一办件重复列出，请删除重复项。", "A case is listed twice; remove one.")


async def _write(context: Context, commands: list[Command], what: Together, connection: Connection) -> Answer:
    """Every case is locked, in the order of their numbers, before any is looked at for what it lacks."""
    found = [(command, await lock_case(context, connection, command)) for command in commands]
    refuse_strangers([case for _, case in found])
    ready, left = choose(found, what.ready, split=what.split)
    works = [await prepare(context, connection, command, case) for command, case in ready]
    for place, work in enumerate(works, 1):
        what.operation(work, place)
    answer = await _commit(connection, works, served=what.served)
    if what.after is not None:
        await what.after(connection)
    return answer | {"left": left}


async def lock_case(context: Context, connection: Connection, command: Command) -> dict[str, Any]:
    """A case within the actor's sight, locked until the transaction ends.

    :raises NotFound: ``case_not_found``. :raises Conflict: ``Overtaken`` when time must go first.
    """
    case = await cases.lock(connection, command.number, command.actor.person, "")
    if case is None:
        raise scope.not_found()
    flow = await context.flow(case["flow"], case["flow_version"])
    if not proxying.sees(command.actor, case, routed=case["state"] != flow.initial):
        raise scope.not_found()
    refuse_overtaken(case, command.now)
    return case


def choose(found: Found, states: frozenset[str], *, split: bool) -> tuple[Found, list[str]]:
    """Those that are ready, and the numbers of those that are not.

    :raises Conflict: ``package_not_ready``, unless the applicant agreed to ``split`` and some are ready.
    """
    ready = [pair for pair in found if pair[1]["state"] in states]
    left = [case["number"] for _, case in found if case["state"] not in states]
    if not ready or (left and not split):
        raise Conflict(
            "package_not_ready",
            f"以下办件尚未待领取：{'、'.join(left)}。请等全部办结，或经申请人同意后分开送达。",
            f"Not ready for collection yet: {', '.join(left)}. Wait, or deliver apart if the applicant agrees.",
            basis="行政许可法44",
            cases=left,
        )
    return ready, left


def refuse_strangers(found: Sequence[Mapping[str, Any]]) -> None:
    """:raises Conflict: ``package_of_several_parties``."""
    if len({(case["party_id"], case["hall_id"]) for case in found}) > 1:
        raise Conflict(
            "package_of_several_parties",
            "合并送达只限同一申请人在同一大厅的办件，请分别送达。",
            "A package is for the cases of one party in one hall; deliver these separately.",
            basis="行政许可法44",
        )


async def _commit(connection: Connection, works: list[Work], *, served: bool) -> Answer:
    """The first case issues the certificate of service, if there is one; the others cite it."""
    first, paper = works[0], ""
    if served:
        lines = [{"case": work.case["number"], "documents": work.data["delivered"]} for work in works]
        first.papers_data[SERVICE]["lines"] = lines
    answers = [await commit(connection, first, "")]
    if served:
        (paper,) = [one["number"] for one in answers[0]["documents"] if one["code"] == SERVICE]
    for work in works[1:]:
        work.cited = {SERVICE: paper} if served else {}
        answers.append(await commit(connection, work, ""))
    return {"document": paper, "delivered": answers}
