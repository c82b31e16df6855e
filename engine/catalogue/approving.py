"""Drafts settled: another steward publishes or returns them, their maker may withdraw them; and drafts read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from engine.catalogue.candidates import Candidate, check, read_candidate
from engine.catalogue.changing import change
from engine.catalogue.comparing import against_published
from engine.catalogue.proposing import log, paths_of, steward_of
from engine.context import Context
from engine.once import once
from engine.publishing import digest_of, put_flow, put_item
from storage import catalogues, drafts
from storage.db import Connection
from workflows.actor import Actor, Grant, Role
from workflows.difference import Change
from workflows.errors import Conflict, Forbidden, NotFound, YichuangError
from workflows.flow import Flow
from workflows.item import ItemVersion
from workflows.payload import refuse_control_characters

READERS: Final = frozenset({Role.item_steward, Role.auditor})
"""Who reads drafts, within their organisation."""


class Returning(Struct, forbid_unknown_fields=True, frozen=True):
    """Why a draft goes back to whoever proposed it."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]


async def publish(context: Context, actor: Actor, draft: UUID, now: datetime, key: str = "") -> dict[str, Any]:
    """Approve a draft: what it proposes is checked again, and published or done at once.

    :param now: UTC. :param key: the caller's idempotency key. :returns: ``draft``, ``state``.
    :raises NotFound: ``draft_not_found``. :raises Forbidden: ``same_person``, ``role_not_allowed``, ``beyond_reach``.
    :raises Conflict: ``draft_settled``; and what :func:`engine.catalogue.candidates.check` refuses.
    """

    async def write(connection: Connection) -> dict[str, Any]:
        row = await _held(actor, draft)
        if _settled_before(row, "published", actor):
            return _answer(row, "published")
        candidate = _candidate(row)
        grant = steward_of(actor, await paths_of(candidate), _makers(row))
        today = context.hours(None).day(now)
        await check(candidate, today)
        await _carry_out(candidate, now, today)
        digest = digest_of(candidate.content) if candidate.content is not None else ""
        await _settle(connection, actor, grant, row | {"digest": digest}, "published", now, "")
        return _answer(row, "published")

    return await once(actor, key, ["draft.publish", draft], now, write)


async def _carry_out(candidate: Candidate, now: datetime, today: date) -> None:
    content = candidate.content
    if isinstance(content, ItemVersion):
        await put_item(content, now)
    elif isinstance(content, Flow):
        await put_flow(content, now, candidate.in_force_from or today)
    else:
        await change(candidate.kind, candidate.subject, candidate.last_day)


async def send_back(actor: Actor, draft: UUID, request: Returning, now: datetime, key: str = "") -> dict[str, Any]:
    """Return a draft to its maker with a reason; nothing is published. Refusals as in :func:`publish`."""
    refuse_control_characters(request.reason)

    async def write(connection: Connection) -> dict[str, Any]:
        row = await _held(actor, draft)
        if not _settled_before(row, "returned", actor):
            grant = steward_of(actor, [row["path"]] if row["path"] else [], _makers(row))
            await _settle(connection, actor, grant, row, "returned", now, request.reason)
        return _answer(row, "returned")

    return await once(actor, key, ["draft.return", draft, request.reason], now, write)


async def withdraw(actor: Actor, draft: UUID, now: datetime, key: str = "") -> dict[str, Any]:
    """Take back one's own draft. :param now: UTC.

    :raises NotFound: ``draft_not_found``. :raises Forbidden: ``not_the_maker``. :raises Conflict: ``draft_settled``.
    """

    async def write(connection: Connection) -> dict[str, Any]:
        row = await _held(actor, draft)
        if row["proposed_by"] != actor.person:
            raise Forbidden(
                "not_the_maker",
                "只有提出人可以撤回草案；不同意的，请退回并说明理由。",
                "Only who proposed it withdraws a draft; another steward returns it with a reason.",
            )
        if not _settled_before(row, "withdrawn", actor):
            grant = steward_of(actor, [], frozenset())
            await _settle(connection, actor, grant, row, "withdrawn", now, "")
        return _answer(row, "withdrawn")

    return await once(actor, key, ["draft.withdraw", draft], now, write)


def _answer(row: dict[str, Any], state: str) -> dict[str, Any]:
    return {"draft": row["id"], "state": state}


async def _held(actor: Actor, draft: UUID) -> dict[str, Any]:
    """A draft that the actor may read, its subject held until the transaction ends."""
    row = await _seen(actor, draft)
    await catalogues.hold(row["subject"])
    return await drafts.read(draft) or row


def _settled_before(row: dict[str, Any], state: str, actor: Actor) -> bool:
    """Whether the actor did this already. :raises Conflict: ``draft_settled`` when something else became of it."""
    if row["state"] == "proposed":
        return False
    if (row["state"], row["settled_by"]) == (state, actor.person):
        return True
    raise Conflict(
        "draft_settled",
        "该草案已经处理完毕，不能再次处理。",
        "The draft is settled; nothing more is done with it.",
        state=row["state"],
    )


def _makers(row: dict[str, Any]) -> frozenset[UUID]:
    return frozenset({row["proposed_by"], row["proposed_for"]} - {None})


def _candidate(row: dict[str, Any]) -> Candidate:
    read = read_candidate(row["kind"], row["text"], row["subject"], row["in_force_from"], row["last_day"])
    return replace(read, title=row["title"], title_en=row["title_en"])


async def _settle(
    connection: Connection, actor: Actor, grant: Grant, row: dict[str, Any], state: str, now: datetime, reason: str
) -> None:
    await drafts.settle(row["id"], state, actor.person, grant.acting_for, now, reason)
    await log(connection, actor, row, f"draft.{_ACTS[state]}", now, reason)


_ACTS: Final = {"published": "publish", "returned": "return", "withdrawn": "withdraw"}


async def list_drafts(
    actor: Actor, *, state: str | None = None, after: UUID | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of the drafts within reach, the newest first; all flows are within everybody's reach.

    :param after: the key of the last row of the page before. :raises Forbidden: ``role_not_allowed``.
    """
    return await drafts.listed(_paths(actor), state=state, after=after, limit=limit)


async def read_draft(context: Context, actor: Actor, draft: UUID, now: datetime) -> dict[str, Any]:
    """A draft with its text, what differs from the version before it, what bars it now, and what the actor may do.

    :param now: UTC. :returns: the row with ``before``, ``changes``, ``problems`` (refusals) and ``allowed``.
    :raises NotFound: ``draft_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    row = await _seen(actor, draft)
    problems: list[YichuangError] = []
    before, changes = None, tuple[Change, ...]()
    try:
        candidate = _candidate(row)
        if candidate.content is not None:
            before, changes = await against_published(context, candidate.content)
        if row["state"] == "proposed":
            await check(candidate, context.hours(None).day(now))
    except YichuangError as refusal:
        problems.append(refusal)
    allowed = _allowed(actor, row) if row["state"] == "proposed" else []
    return row | {"before": before, "changes": changes, "problems": problems, "allowed": allowed}


def _allowed(actor: Actor, row: dict[str, Any]) -> list[str]:
    if row["proposed_by"] == actor.person:
        return ["withdraw"]
    try:
        steward_of(actor, [row["path"]] if row["path"] else [], _makers(row))
    except Forbidden:
        return []
    return ["publish", "return"]


async def _seen(actor: Actor, draft: UUID) -> dict[str, Any]:
    _paths(actor)
    row = await drafts.read(draft)
    held = [grant for grant in actor.grants if grant.role in READERS]
    if row is None or (row["path"] and not any(grant.covers(row["path"]) for grant in held)):
        raise NotFound("draft_not_found", "没有该草案。", "There is no such draft within your reach.")
    return row


def _paths(actor: Actor) -> list[str]:
    """The places whose drafts the actor reads. :raises Forbidden: ``role_not_allowed``."""
    paths = [grant.path for grant in actor.grants if grant.role in READERS]
    if not paths:
        roles = sorted(READERS)
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能查看草案，应由{'、'.join(role.zh for role in roles)}办理。",
            f"Your role does not read drafts; it is for: {', '.join(role.en for role in roles)}.",
            basis="岗位权限",
            roles=[role.value for role in roles],
        )
    return paths
