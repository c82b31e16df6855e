"""迁移方案, what people do with it: another steward approves it, it is ordered to be carried out, or given up.

How a plan is made is in :mod:`engine.moves.planning_moves`, what a worker does with it in
:mod:`engine.moves.carrying_over`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.moves.planning_moves import MOVE, logged, not_a_steward
from engine.once import once
from engine.work import Answer
from storage import move_lines, moves, organisations, outbox
from storage.db import Connection
from workflows.actor import Actor, Grant, Role
from workflows.errors import Conflict, Forbidden, NotFound

_TWO_PEOPLE: Final = "GB/T 22239-2019；不相容岗位分离"
READERS: Final = (Role.item_steward, Role.auditor)
"""Who reads plans."""
_OPEN: Final = frozenset({"looking", "looked_at", "approved", "moving"})


async def approve(actor: Actor, key: UUID, now: datetime, idempotency: str = "") -> Answer:
    """Agree to a plan whose dry run is made, as another person than made it (and than those for whom they stand in).

    :param key: of the plan. :param now: UTC. :param idempotency: key of the request.
    :raises NotFound: ``plan_not_found``. :raises Forbidden: ``role_not_allowed``, ``same_person``.
    :raises Conflict: ``plan_not_ready``; ``nothing_moves`` when every case stays.
    """

    async def write(connection: Connection) -> Answer:
        row, grant = await _locked(connection, actor, key)
        if _made(actor, grant, row):
            raise Forbidden(
                "same_person",
                "拟定与批准迁移方案不得为同一人（含其代理人），请由另一位事项管理员批准。",
                "Nobody approves a plan of their own, or of whom they stand in for; another steward must.",
                basis=_TWO_PEOPLE,
            )
        _require_state(row, "looked_at")
        if not row["movable"]:
            raise Conflict(
                "nothing_moves",
                "试算结果中没有可以移转的办件，方案无须批准。",
                "By the dry run no case moves; there is nothing to approve.",
            )
        await moves.approve(connection, key, actor.person, now)
        return await logged(connection, actor, key, "approve", "approved", now)

    return await once(actor, idempotency, ["migration.approve", key], now, write)


async def carry_out(context: Context, actor: Actor, key: UUID, now: datetime, idempotency: str = "") -> Answer:
    """Let the cases of an approved plan move; each is looked at again when its turn comes.

    :param key: of the plan. :param now: UTC. :param idempotency: key of the request.
    :raises NotFound: ``plan_not_found``. :raises Forbidden: ``role_not_allowed``. :raises Conflict: ``plan_not_ready``.
    """

    async def write(connection: Connection) -> Answer:
        row, _ = await _locked(connection, actor, key)
        _require_state(row, "approved")
        await moves.order(connection, key, actor.person, now)
        await outbox.add(connection, MOVE, {"plan": key}, None, now)
        return await logged(connection, actor, key, "carry_out", "moving", now)

    answer = await once(actor, idempotency, ["migration.carry_out", key], now, write)
    context.wake()
    return answer


async def cancel(actor: Actor, key: UUID, now: datetime, idempotency: str = "") -> Answer:
    """Give a plan up; what it has moved already stays moved, and nothing more moves. Refusals as of :func:`carry_out`.

    :param key: of the plan. :param now: UTC. :param idempotency: key of the request.
    """

    async def write(connection: Connection) -> Answer:
        row, _ = await _locked(connection, actor, key)
        _require_state(row, *_OPEN)
        await moves.cancel(connection, key, actor.person, now)
        return await logged(connection, actor, key, "cancel", "cancelled", now)

    return await once(actor, idempotency, ["migration.cancel", key], now, write)


def _require_state(row: dict[str, Any], *states: str) -> None:
    if row["state"] not in states:
        raise Conflict(
            "plan_not_ready",
            "方案当前状态不能进行此操作，请刷新后查看。",
            f"The plan is {row['state']}; this takes: {', '.join(sorted(states))}.",
            state=row["state"],
        )


async def _locked(connection: Connection, actor: Actor, key: UUID) -> tuple[dict[str, Any], Grant]:
    row = await moves.lock(connection, key)
    return _within(actor, row)


def _made(actor: Actor, grant: Grant, row: dict[str, Any]) -> bool:
    """Whether somebody made a plan, or stands in for its maker, or the maker for them."""
    return bool({actor.person, grant.acting_for} & ({row["planned_by"], row["planned_for"]} - {None}))


def _within(
    actor: Actor, row: dict[str, Any] | None, roles: Collection[Role] = (Role.item_steward,)
) -> tuple[dict[str, Any], Grant]:
    """The plan and the grant that covers it.

    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``plan_not_found``, also out of reach.
    """
    grants = [grant for grant in actor.grants if grant.role in roles]
    if not grants:
        raise not_a_steward()
    grant = next((grant for grant in grants if row is not None and grant.covers(row["organisation_path"])), None)
    if row is None or grant is None:
        raise NotFound("plan_not_found", "没有该迁移方案。", "There is no such plan within your reach.")
    return row, grant


async def read_plan(
    actor: Actor, key: UUID, *, only: str = "", after: UUID = moves.FIRST, limit: int = 50
) -> dict[str, Any]:
    """A plan with a page of its ``lines``: each case with the verdict of the dry run and what became of it.

    ``allowed`` are the steps that this reader may take with it now: approve, carry_out, cancel.

    :param only: a verdict (``moves``, ``stays``) or a result (``moved``, ``refused``, ``gone``).
    :raises NotFound: ``plan_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    row, grant = _within(actor, await moves.read(key), READERS)
    return {**row, "allowed": _allowed(actor, grant, row), "lines": await move_lines.lines(key, only, after, limit)}


def _allowed(actor: Actor, grant: Grant, row: dict[str, Any]) -> list[str]:
    if grant.role is not Role.item_steward:
        return []
    ready = row["state"] == "looked_at" and row["movable"] > 0 and not _made(actor, grant, row)
    steps = {"approve": ready, "carry_out": row["state"] == "approved", "cancel": row["state"] in _OPEN}
    return [step for step, may in steps.items() if may]


async def list_plans(actor: Actor, *, before: UUID | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """A page of the plans within a steward's or an auditor's reach, the newest first.

    :param before: the key of the last plan of the page before. :raises Forbidden: ``role_not_allowed``.
    """
    paths = [grant.path for grant in actor.grants if grant.role in READERS]
    if not paths:
        raise not_a_steward()
    return await moves.page(await organisations.subtree(paths), before, limit)
