"""Places: the tree of regions, halls, departments and windows, as a system administrator builds it up.

Nothing is ever taken out of the tree: cases, events and document numbers name its codes. What changes is what people
read (name, telephone) and, of a hall that has not taken in an application yet, its hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from storage import access, organisations
from storage.db import Connection, transaction, uuid7
from workflows.actor import ADMINISTRATORS, SYSTEM, Actor, Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.payload import refuse_control_characters
from workflows.place import INSIDE, Hours, Phone, Place, faults, list_problems
from workflows.toml_files import refusal

READERS: Final = ADMINISTRATORS
"""Who sees the tree, within their own places."""


class PlaceChange(Struct, forbid_unknown_fields=True, frozen=True):
    """What may change of a place; what is left out stays. :param hours: of a hall without any case yet."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")] | UnsetType = UNSET
    name_en: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")] | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    hours: Hours | UnsetType = UNSET


async def list_places(
    actor: Actor, *, after: str = "", kind: str = "", text: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the places within the actor's reach, from the top down.

    :param after: code of the last one of the page before. :param text: a code, or part of a name.
    :raises Forbidden: ``role_not_allowed`` for anybody but the three administrators.
    """
    return await organisations.page(_reach(actor, *READERS), after=after, kind=kind, text=text, limit=limit)


async def read_place(actor: Actor, code: str) -> dict[str, Any]:
    """One place, and ``allowed``: whether the actor may change it and add to it.

    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``, also out of reach.
    """
    _reach(actor, *READERS)
    row = await organisations.one(code)
    if row is None or not any(actor.may(role, within=row["path"]) for role in READERS):
        raise _none()
    return row | {"allowed": actor.may(Role.system_admin, within=row["path"])}


async def add_place(actor: Actor, request: Place, now: datetime) -> None:
    """Add a place below one that is there.

    :param now: UTC. :raises Forbidden: ``role_not_allowed`` for anybody but a system administrator.
    :raises NotFound: ``organisation_not_found`` when what it is to lie in is out of reach.
    :raises Malformed: ``place_wrong`` with the field. :raises Conflict: ``place_taken``, ``agency_word_taken``.
    """
    _reach(actor, Role.system_admin)
    refuse_control_characters(msgspec.to_builtins(request))
    async with transaction() as connection:
        await organisations.hold_tree(connection)
        above = await _held(actor, request.parent)
        _refuse_faults(request, as_place(above))
        await _refuse_taken(request)
        await _add(connection, request, above)
        await _log(connection, actor, request.code, "organisation.add", now)


def _refuse_faults(place: Place, above: Place | None) -> None:
    for found in faults(place, above):
        raise Malformed("place_wrong", f"{found.zh}。", f"{found.en}.", field=f"$.{found.field}")


async def _refuse_taken(place: Place) -> None:
    if await organisations.by_code(place.code):
        raise Conflict("place_taken", "该机构编码已被使用。", "The code is taken by another place.")
    if place.agency_word and await organisations.by_word(place.agency_word):
        raise Conflict(
            "agency_word_taken",
            "该机关代字已被使用；文号须能区分机关。",
            "The agency word is taken; document numbers must tell agencies apart.",
        )


async def change_place(actor: Actor, code: str, request: PlaceChange, now: datetime) -> None:
    """Change what people read of a place, or the hours of a hall that has no case yet.

    :param now: UTC. :raises Forbidden: ``role_not_allowed`` for anybody but a system administrator.
    :raises NotFound: ``organisation_not_found``, also out of reach. :raises Malformed: ``place_wrong``.
    :raises Conflict: ``hall_has_cases``: its limits were counted by the hours that it has.
    """
    _reach(actor, Role.system_admin)
    changes = msgspec.structs.asdict(request)
    wanted = {name: value for name, value in changes.items() if value is not UNSET}
    refuse_control_characters(msgspec.to_builtins(wanted))
    async with transaction() as connection:
        await organisations.hold_tree(connection)
        row = await _held(actor, code)
        before = as_place(row)
        after = msgspec.structs.replace(before, **wanted)
        _refuse_faults(after, None)
        if after.hours != before.hours and await organisations.has_cases(connection, row["id"]):
            raise Conflict(
                "hall_has_cases",
                "该大厅已有办件，办理期限按现有办公时间计算，不能更改办公时间。",
                "The hall has cases whose limits were counted by its hours; its hours cannot be changed.",
            )
        if after != before:
            await organisations.change(connection, row["id"], _columns(after))
            await _log(connection, actor, code, "organisation.change", now, ", ".join(sorted(wanted)))


async def _held(actor: Actor, code: str) -> dict[str, Any]:
    row = await organisations.one(code)
    if row is None or not actor.may(Role.system_admin, within=row["path"]):
        raise _none()
    return row


async def import_places(places: Iterable[Place], now: datetime, *, logged: bool = True) -> list[str]:
    """Add the places that are missing, from the command line of the machine; all of them or none.

    :param now: UTC. :param logged: in the access log; the sample hall comes without anybody's doing.
    :returns: the codes that were added. :raises DefinitionError: ``definition_not_wellformed``.
    :raises Conflict: ``agency_word_taken``.
    """
    wanted = list(places)
    async with transaction() as connection:
        await organisations.hold_tree(connection)
        rows = {row["code"]: row for row in await organisations.every()}
        codes = {row["id"]: code for code, row in rows.items()}
        known = {code: as_place(row | {"parent": codes.get(row["parent_id"], "")}) for code, row in rows.items()}
        problems = list_problems(wanted, known)
        problems += [
            f"places {one.code}: is there already, and differs" for one in wanted if known.get(one.code, one) != one
        ]
        if problems:
            raise refusal("organisations", problems)
        missing = [place for place in wanted if place.code not in known]
        for place in missing:
            await _refuse_taken(place)
            rows[place.code] = await _add(connection, place, rows.get(place.parent))
            if logged:
                await _log(connection, SYSTEM, place.code, "organisation.add", now, "command line")
    return [place.code for place in missing]


async def _add(connection: Connection, place: Place, above: dict[str, Any] | None) -> dict[str, Any]:
    path = f"{above['path']}/{place.code}" if above else place.code
    row = _columns(place) | {"id": uuid7(), "parent_id": above["id"] if above else None, "path": path}
    await organisations.add(connection, row)
    return row


def as_place(row: dict[str, Any]) -> Place:
    """A row with its ``parent`` as the place that was once added."""
    named = {name: row[name] for name in Place.__struct_fields__ if name not in {"region", "hours"}}
    hours = msgspec.convert(row["hours"], Hours) if row["hours"] else None
    return Place(**named, region=row["region_code"], hours=hours)


def _columns(place: Place) -> dict[str, Any]:
    columns: dict[str, Any] = msgspec.to_builtins(place)
    return columns | {"region_code": place.region}


def _reach(actor: Actor, *roles: Role) -> list[str]:
    paths = [grant.path for grant in actor.grants if grant.role in roles]
    if not paths:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in sorted(roles))}办理。",
            f"Your role may not do this; it is for: {', '.join(role.en for role in sorted(roles))}.",
        )
    return paths


def _none() -> NotFound:
    return NotFound("organisation_not_found", "没有该机构。", "There is no such organisation within your reach.")


async def _log(connection: Connection, actor: Actor, code: str, action: str, now: datetime, purpose: str = "") -> None:
    row = {"at": now, "actor": actor.person, "subject": f"organisation:{code}", "action": action, "purpose": purpose}
    await access.add(connection, row)


def lies_in(kind: str, above: str) -> bool:
    """Whether a place of this kind lies in one of the kind ``above``."""
    return INSIDE.get(kind) == above
