"""意见模板: sentences for opinions, kept by whoever wrote them and put in by whoever signs.

A template is never an opinion by itself: it is put into a field that its reader then signs (审批表须有本人意见, D14).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from engine.browsing import read_item
from engine.context import Context
from engine.once import once
from engine.work import Answer
from storage import opinion_templates, organisations
from storage.db import Connection, uuid7
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.payload import refuse_control_characters
from workflows.scope import DEPARTMENT_ROLES

WRITERS: Final = DEPARTMENT_ROLES | {Role.government_head}
"""Who signs opinions, and so keeps templates."""
MOST: Final = 100
"""How many templates one person may keep."""
_LISTED: Final = 200

Row = dict[str, Any]


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template as somebody writes it.

    :param text: at most 500 characters. :param item: code of the only item that it is for; empty for every one.
    :param shared: whether colleagues of the writer's departments see it too.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    item: Annotated[str, msgspec.Meta(max_length=50)] = ""
    shared: bool = False


async def list_templates(actor: Actor, *, item: str | None = None) -> list[Row]:
    """The actor's own templates and those that colleagues share; ``own`` says which are whose.

    :param item: only what fits a case of this item, by code.
    :raises Forbidden: ``role_not_allowed``.
    """
    departments = await _departments(actor)
    rows = await opinion_templates.seen(_writer(actor), departments, item, _LISTED)
    return [{**row, "own": row["maker_id"] == actor.staff} for row in rows]


async def keep_template(context: Context, actor: Actor, template: Template, now: datetime, repeat: str = "") -> UUID:
    """Keep a template. :param now: UTC. :param repeat: idempotency key. :returns: its key.

    :raises Forbidden: ``role_not_allowed``. :raises Malformed: ``control_character``, ``key_reused``.
    :raises NotFound: ``item_not_found``. :raises Conflict: ``templates_enough``, ``department_needed``.
    """
    maker, departments = _writer(actor), await _departments(actor)
    refuse_control_characters([template.title, template.text])
    if template.item:
        await read_item(context, template.item, now)
    if template.shared and not departments:
        raise Conflict(
            "department_needed",
            "您不在任何部门任职，模板只能自己使用。",
            "You work in no department; keep the template for yourself.",
        )
    row = {"id": uuid7(), "maker_id": maker, "department_id": departments[0] if template.shared else None,
           "item_code": template.item, "title": template.title, "text": template.text, "made_at": now}  # fmt: skip

    async def write(connection: Connection) -> Answer:
        if await opinion_templates.standing(connection, maker) >= MOST:
            raise Conflict(
                "templates_enough",
                f"每人最多保存{MOST}条意见模板，请先删除不再使用的。",
                f"One person keeps at most {MOST} templates; remove one that you no longer use.",
            )
        await opinion_templates.add(connection, row)
        return {"id": str(row["id"])}

    answer = await once(actor, repeat, ["opinion template", template], now, write)
    return UUID(answer["id"])


async def change_template(actor: Actor, key: UUID, template: Template) -> None:
    """Put another title and text into a template of one's own; for whom it is stays as it was.

    :raises NotFound: ``template_not_found``, also for a colleague's. Other refusals as :func:`keep_template`.
    """
    refuse_control_characters([template.title, template.text])
    if not await opinion_templates.change(key, _writer(actor), template.title, template.text):
        raise _not_found()


async def end_template(actor: Actor, key: UUID, now: datetime) -> None:
    """Use a template of one's own no more. :param now: UTC.

    :raises NotFound: ``template_not_found``, also for a colleague's. :raises Forbidden: ``role_not_allowed``.
    """
    if not await opinion_templates.end(key, _writer(actor), now):
        raise _not_found()


def _writer(actor: Actor) -> UUID:
    if actor.staff is not None and not actor.roles.isdisjoint(WRITERS):
        return actor.staff
    titles = sorted(WRITERS)
    raise Forbidden(
        "role_not_allowed",
        f"意见模板供签署意见的岗位使用：{'、'.join(role.zh for role in titles)}。",
        f"Templates are for those who sign opinions: {', '.join(role.en for role in titles)}.",
        basis="岗位权限",
        roles=[role.value for role in titles],
    )


async def _departments(actor: Actor) -> list[UUID]:
    """The departments of the actor's own grants, the first one first, then what lies below them."""
    own = [grant for grant in actor.grants if grant.role in DEPARTMENT_ROLES and grant.acting_for is None]
    below = await organisations.subtree([grant.path for grant in own]) if own else []
    return list(dict.fromkeys([*(grant.organisation for grant in own), *below]))


def _not_found() -> NotFound:
    return NotFound(
        "template_not_found",
        "没有这条意见模板，或者它是别人的。只有编写人可以修改或删除。",
        "There is no such template, or it is somebody else's; only who wrote it may change or remove it.",
    )
