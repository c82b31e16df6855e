"""In which hall and at which window somebody works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage import organisations
from workflows.actor import Actor, Grant, Role
from workflows.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is opened, and under which grant."""

    grant: Grant
    hall: dict[str, Any]
    window: dict[str, Any] | None

    @property
    def role(self) -> Role:
        """As what somebody works there."""
        return self.grant.role


async def find_place(actor: Actor, roles: tuple[Role, ...], hall: str | None, window: str | None) -> Place:
    """The hall in which somebody works, from their grant and what they name.

    :raises Forbidden: ``role_not_allowed`` without one of these roles; ``hall_needed`` when a grant covers no single
        hall.
    :raises NotFound: ``organisation_not_found`` for a hall or window that is not there or out of reach.
    """
    grant = next((grant for role in roles for grant in actor.grants if grant.role is role), None)
    if grant is None:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in roles)}办理。",
            f"Your role may not do this; it is for: {', '.join(role.en for role in roles)}.",
            roles=[role.value for role in roles],
        )
    by_path = {row["path"]: row for row in await organisations.every()}
    by_code = {row["code"]: row for row in by_path.values()}
    named = by_code.get(hall) if hall else _hall_above(by_path, grant.path)
    if named is None and hall is None:
        raise Forbidden("hall_needed", "请指明办事大厅。", "Say which hall this is for.")
    desk = by_code.get(window) if window else None
    wrong_hall = (
        named is None or named["kind"] != "hall" or not (grant.covers(named["path"]) or _below(grant.path, named))
    )
    if wrong_hall or named is None or (window and (desk is None or not _below(desk["path"], named))):
        raise NotFound(
            "organisation_not_found", "没有找到该大厅或窗口。", "There is no such hall or window within your reach."
        )
    return Place(grant, named, desk)


def _hall_above(by_path: dict[str, dict[str, Any]], path: str) -> dict[str, Any] | None:
    while path:
        row = by_path.get(path)
        if row is not None and row["kind"] == "hall":
            return row
        path = path.rpartition("/")[0]
    return None


def _below(path: str, hall: dict[str, Any]) -> bool:
    return path == hall["path"] or path.startswith(hall["path"] + "/")
