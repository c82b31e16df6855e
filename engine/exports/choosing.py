"""Which cases an export may have: those of the halls and departments of who asks, as far as they were chosen."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from storage import export_feed, organisations
from storage.db import reading
from storage.export_feed import Wanted
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.export import DISCLOSERS, EXPORTERS, Selection, Wish
from workflows.scope import DEPARTMENT_ROLES, HALL_ROLES

Reach = tuple[list[UUID], list[UUID]]
"""Keys of halls, and of departments."""


def may_export(actor: Actor, *, clear: bool = False) -> bool:
    """Whether somebody takes cases out at all, or with people in clear."""
    return actor.staff is not None and not actor.roles.isdisjoint(DISCLOSERS if clear else EXPORTERS)


def staff_of(actor: Actor, *, clear: bool) -> UUID:
    """The person who takes cases out; for a machine, who answers for it.

    :raises Forbidden: ``role_not_allowed``.
    """
    if actor.staff is not None and may_export(actor, clear=clear):
        return actor.staff
    roles = DISCLOSERS if clear else EXPORTERS
    what, what_en = ("未脱敏的个人信息", "People in clear are") if clear else ("办件数据", "Cases are")
    raise Forbidden(
        "role_not_allowed",
        f"{what}由{'、'.join(role.zh for role in roles)}导出。",
        f"{what_en} taken out by: {', '.join(role.en for role in roles)}.",
        basis="个人信息保护法6",
        roles=[role.value for role in roles],
    )


async def reach_of(actor: Actor, *, clear: bool) -> Reach:
    """The halls and departments whose cases somebody takes out."""
    roles = frozenset(DISCLOSERS if clear else EXPORTERS)
    halls, departments = (_paths(actor, roles & behind) for behind in (HALL_ROLES, DEPARTMENT_ROLES))
    return (
        await organisations.halls_of(halls) if halls else [],
        await organisations.subtree(departments) if departments else [],
    )


def _paths(actor: Actor, roles: Collection[Role]) -> list[str]:
    return [grant.path for grant in actor.grants if grant.role in roles]


def wanted(selection: Selection, reach: Reach) -> Wanted:
    """A selection within a reach."""
    return Wanted(
        halls=reach[0],
        departments=reach[1],
        by=selection.by,
        since=selection.since,
        until=selection.until,
        items=list(selection.items) or None,
        in_halls=list(selection.halls) or None,
        in_departments=list(selection.departments) or None,
        states=list(selection.states) or None,
        numbers=list(selection.numbers) or None,
    )


async def check_selection(wish: Wish, reach: Reach) -> None:
    """Refuse what is out of reach, and what has no case at all.

    :raises NotFound: ``organisation_not_found``, ``case_not_found``: not there or out of reach, which is not told
        apart. :raises Conflict: ``selection_empty``.
    """
    chosen = wish.selection
    await _check_places(chosen, reach)
    async with reading() as connection:
        if chosen.numbers:
            there = await export_feed.known(connection, reach, list(chosen.numbers))
            if missing := sorted(set(chosen.numbers) - there):
                raise NotFound(
                    "case_not_found",
                    f"以下办件不存在或不在您的管辖范围内：{'、'.join(missing[:10])}。请核对后重试。",
                    f"These cases are not there or not within your organisation: {', '.join(missing[:10])}.",
                    numbers=missing[:10],
                )
        if not await export_feed.any_case(connection, wanted(chosen, reach)):
            raise Conflict(
                "selection_empty",
                "所选范围内没有办件，未生成文件。请放宽条件后重试。",
                "No case fits this selection, so no file is made; widen it and try again.",
            )


async def _check_places(chosen: Selection, reach: Reach) -> None:
    halls, departments = reach
    rows = await organisations.every() if chosen.halls or chosen.departments else []
    seen = {row["code"] for row in rows if row["kind"] == "hall" and (departments or row["id"] in halls)}
    known = {row["code"] for row in rows if row["kind"] == "department" and (halls or row["id"] in departments)}
    missing = sorted((set(chosen.halls) - seen) | (set(chosen.departments) - known))
    if missing:
        raise NotFound(
            "organisation_not_found",
            f"没有找到大厅或部门：{'、'.join(missing[:10])}，或者不在您的管辖范围内。",
            f"There is no such hall or department within your reach: {', '.join(missing[:10])}.",
            organisations=missing[:10],
        )
