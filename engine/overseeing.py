"""What stands on a case beside its way: cards, duties, messages, procedures, visits; and the board of cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.hints import hints_of_case
from engine.listing import reach
from engine.reading import seen_case
from storage import appointments, cards, duties, notifications, people, procedures, services
from storage.db import Connection, reading
from workflows.actor import Actor, Role
from workflows.duty import DUTIES
from workflows.errors import Forbidden
from workflows.flow import Flow
from workflows.scope import HALL_ROLES

BOARD_ROLES: Final = frozenset(
    {Role.supervisor, Role.hall_manager, Role.auditor, Role.government_head, Role.authority_head, Role.approver}
)
"""Who watches over the cards of a hall or a department."""
_UNLAWFUL: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "told_twice": ("一次性告知后又提出新的补正要求", "New lines after the one-time notice"),
        "hearing_late": ("听证未在二十个工作日内举行", "The hearing was not held in time"),
        "inspectors_late": ("未在五个工作日内指派检验人员", "No inspectors were assigned in time"),
    }
)
"""Rules that an act itself breaks; every other card comes of a watch or a duty."""
_CARD: Final = (
    "number", "rule", "level", "clock", "due_on", "raised_at", "recorded_at", "state", "appealed_at", "appeal",
    "settled_at", "settlement",
)  # fmt: skip
_DUTY: Final = ("kind", "opened_at", "due_on", "due_at", "done_at", "outcome", "data")


def may_follow(actor: Actor) -> bool:
    """Whether the actor sees a whole hall, and so the cases of other departments that take part in one."""
    return not actor.roles.isdisjoint(HALL_ROLES)


async def list_cards(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """Every card of a case with the title of its rule, oldest first; those that were lifted too.

    :raises NotFound: ``case_not_found``, also for a case out of the actor's sight.
    """
    case, flow = await seen_case(context, actor, number)
    async with reading() as connection:
        rows = await cards.of_case(connection, case["id"])
    return [_card(row, [flow]) for row in rows]


async def list_duties(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """What is or was owed on a case beside its limits, oldest first.

    :raises NotFound: ``case_not_found``.
    """
    case, _ = await seen_case(context, actor, number)
    async with reading() as connection:
        rows = await duties.of_case(connection, case["id"])
    return [_duty(row) for row in rows]


async def list_notifications(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """Every message of a case, in the order in which it came about: to whom, by which way, of what.

    :raises NotFound: ``case_not_found``.
    """
    await seen_case(context, actor, number)
    return await notifications.of_case(number)


async def list_appointments(context: Context, actor: Actor, number: str) -> list[dict[str, Any]]:
    """Every visit that was booked for a case, oldest first; days and times of the hall.

    :raises NotFound: ``case_not_found``.
    """
    await seen_case(context, actor, number)
    return await appointments.of_case(number)


async def read_beside(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    """Everything that stands beside the way of a case, for its page, in a fixed number of queries.

    :returns: ``cards``, ``duties``, ``special``, ``hearing``, ``third_parties``, ``hints`` (what had been told before
        the notice), ``papers`` (documents, served or not), ``colleagues`` (who works where the case is).
    :raises NotFound: ``case_not_found``.
    """
    case, flow = await seen_case(context, actor, number)
    async with reading() as connection:
        return {
            "cards": [_card(row, [flow]) for row in await cards.of_case(connection, case["id"])],
            "duties": [_duty(row) for row in await duties.of_case(connection, case["id"])],
            "hints": await hints_of_case(connection, case["id"]),
            "papers": await services.papers_of_case(connection, case["id"]),
            "colleagues": await people.around(connection, case["hall_path"], case["department_path"]),
            **await _procedures(connection, case["id"]),
        }


async def _procedures(connection: Connection, case: UUID) -> dict[str, Any]:
    return {
        "special": await procedures.special_of_case(connection, case),
        "hearing": await procedures.hearing_of_case(connection, case),
        "third_parties": await procedures.third_parties_of_case(connection, case),
    }


async def read_procedures(context: Context, actor: Actor, number: str) -> dict[str, Any]:
    """The latest special procedure, the hearing and the third parties of a case; None and empty where there is none.

    :raises NotFound: ``case_not_found``.
    """
    case, _ = await seen_case(context, actor, number)
    async with reading() as connection:
        return await _procedures(connection, case["id"])


def watching(actor: Actor) -> Actor:
    """The actor as who watches over limits, with no other of their roles.

    :raises Forbidden: ``role_not_allowed`` for who does not.
    """
    if actor.roles.isdisjoint(BOARD_ROLES):
        titles = sorted(BOARD_ROLES)
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能查看亮牌清单和预警看板，这些供{'、'.join(role.zh for role in titles)}使用。",
            "Your role does not see the boards of cards and warnings; they are for: "
            f"{', '.join(role.en for role in titles)}.",
            basis="监察督办",
            roles=[role.value for role in titles],
        )
    return replace(actor, grants=tuple(grant for grant in actor.grants if grant.role in BOARD_ROLES))


async def list_board(
    context: Context,
    actor: Actor,
    *,
    levels: list[str] | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of the cards that count within the actor's organisation, the newest first.

    :param levels: ``amber``, ``yellow``, ``red``; None for all.
    :param after: ``raised_at`` (UTC) and ``id`` of the last row of the page before.
    :raises Forbidden: ``role_not_allowed`` for who does not watch over cards.
    """
    halls, departments = await reach(watching(actor))
    flows = await context.newest_flows()
    return [_titled(row, flows) for row in await cards.board(halls, departments, levels, after, limit)]


def _card(row: Mapping[str, Any], flows: Iterable[Flow]) -> dict[str, Any]:
    return _titled({name: row[name] for name in _CARD}, flows)


def _duty(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _DUTY}


def _titled(row: dict[str, Any], flows: Iterable[Flow]) -> dict[str, Any]:
    """A card with what its rule says, in both languages; the rule's name where no flow has it any more."""
    titles = dict(_UNLAWFUL) | {one.rule: (one.title, one.title_en) for one in DUTIES.values()}
    titles |= {watch.rule: (watch.title, watch.title_en) for flow in flows for watch in flow.watches}
    title, title_en = titles.get(row["rule"], (row["rule"], row["rule"]))
    return {**row, "title": title, "title_en": title_en}
