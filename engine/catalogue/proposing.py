"""Drafts: what one steward (事项管理员) proposes to publish or to change, for another to approve.

Everything is checked when it is proposed and again when it is published, by :func:`engine.catalogue.candidates.check`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from engine.catalogue.candidates import BASIS, TEXTS, Candidate, DraftKind, check, read_candidate
from engine.context import Context
from engine.once import once
from engine.publishing import digest_of, require_departments
from storage import access, catalogues, drafts, versions
from storage.db import Connection, uuid7
from workflows.actor import Actor, Grant, Role
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.item import ItemVersion
from workflows.payload import refuse_control_characters

MAX_TEXT: Final = 200_000
"""Characters in the text of a draft; the longest packaged flow with its parts has about 57,000."""


class Proposal(Struct, forbid_unknown_fields=True, frozen=True):
    """What is wanted.

    ``kind``: ``item`` or ``flow`` publishes a version from ``text`` (an item as TOML or JSON, a flow as TOML); the
    others change the item that ``item`` names. ``in_force_from``: the first day of a flow version, by default the day
    of its publication (an item's stands in its text). ``last_day``: of a cancellation. Days are of the hall.
    """

    kind: DraftKind
    text: Annotated[str, Meta(max_length=MAX_TEXT)] = ""
    item: Annotated[str, Meta(max_length=50)] = ""
    in_force_from: date | None = None
    last_day: date | None = None
    reason: Annotated[str, Meta(max_length=1000)] = ""


def may_propose(actor: Actor) -> bool:
    """Whether the actor is an item steward anywhere."""
    return Role.item_steward in actor.roles


async def propose(context: Context, actor: Actor, request: Proposal, now: datetime, key: str = "") -> dict[str, Any]:
    """Propose a version or a change, once checked. The same text proposed again is answered as before.

    :param now: UTC. :param key: the caller's idempotency key. :returns: ``draft``, ``state``.
    :raises Forbidden: ``role_not_allowed``, ``flow_beyond_reach``. :raises NotFound: ``organisation_not_found``.
    :raises Conflict: ``draft_open`` while another proposal on the same thing waits; and what :func:`check` refuses.
    """
    refuse_control_characters([request.text, request.item, request.reason])
    _require_reason(request)
    candidate = read_candidate(
        request.kind, request.text.replace("\r\n", "\n"), request.item, request.in_force_from, request.last_day
    )

    async def write(connection: Connection) -> dict[str, Any]:
        await catalogues.hold(candidate.subject)
        grant = steward_of(actor, await paths_of(candidate), frozenset())
        known = await _proposed_before(candidate)
        if known is not None:
            return {"draft": known["id"], "state": known["state"]}
        found = await check(candidate, context.hours(None).day(now))
        row = _row(actor, grant, candidate, found, request.reason, now)
        await drafts.add(row)
        await log(connection, actor, row, "draft.propose", now, request.reason)
        return {"draft": row["id"], "state": "proposed"}

    return await once(actor, key, request, now, write)


def _require_reason(request: Proposal) -> None:
    if request.kind not in TEXTS and not request.reason.strip():
        raise Malformed("reason_missing", "请写明暂停、恢复或者取消的理由。", "Say why, in the field reason.")


async def paths_of(candidate: Candidate) -> list[str]:
    """The places that a steward must cover: every department of the item, or of the items under the flow."""
    if candidate.kind == "flow":
        return await versions.paths_under(candidate.subject)
    paths = await versions.paths_of_item(candidate.subject)
    if isinstance(candidate.content, ItemVersion):
        paths = [*paths, (await require_departments(candidate.content))["path"]]
    return paths


def steward_of(actor: Actor, paths: list[str], others: frozenset[UUID]) -> Grant:
    """The grant under which the actor acts as steward of all these places, their own first.

    :param others: the people with whom the actor must not be one, nor stand in for them.
    :raises Forbidden: ``role_not_allowed``, ``same_person``, ``beyond_reach``.
    """
    held = [grant for grant in actor.grants if grant.role is Role.item_steward]
    if not held:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{Role.item_steward.zh}办理。",
            f"Your role may not do this; it is for: {Role.item_steward.en}.",
            basis="岗位权限",
            roles=[Role.item_steward.value],
        )
    allowed = [grant for grant in held if not {actor.person, grant.acting_for} & others]
    if not allowed:
        raise Forbidden(
            "same_person",
            "提出人与审核人不得为同一人（含其代理人），请由另一位事项管理员办理。",
            "Who proposed it, or a delegate of theirs, does not approve it; another item steward must.",
            basis=BASIS,
        )
    fitting = [grant for grant in allowed if all(grant.covers(path) for path in paths)]
    if not fitting:
        raise Forbidden(
            "beyond_reach",
            "涉及您管辖范围以外的部门，请由管辖全部相关部门的事项管理员办理。",
            "It concerns departments outside your reach; a steward of all of them must act.",
            basis="岗位权限",
        )
    return min(fitting, key=lambda grant: grant.acting_for is not None)


async def _proposed_before(candidate: Candidate) -> dict[str, Any] | None:
    """The draft of this very proposal that waits or was published.

    :raises Conflict: ``draft_open`` when another one waits.
    """
    waiting = await drafts.open_on(candidate.subject)
    if waiting is not None:
        if _same(waiting, candidate):
            return waiting
        raise Conflict(
            "draft_open",
            f"“{waiting['title']}”已有一份待审核的草案，请先审核、退回或者撤回该草案。",
            f"A draft on {candidate.subject} waits already; it must be settled or withdrawn first.",
            draft=str(waiting["id"]),
        )
    if candidate.version is None:
        return None
    done = await drafts.published(candidate.kind, candidate.subject, candidate.version)
    return done if done is not None and _same(done, candidate) else None


def _same(row: dict[str, Any], candidate: Candidate) -> bool:
    digest = digest_of(candidate.content) if candidate.content is not None else ""
    mine = (candidate.kind, digest, candidate.in_force_from, candidate.last_day)
    return (row["kind"], row["digest"], row["in_force_from"], row["last_day"]) == mine


def _row(
    actor: Actor, grant: Grant, candidate: Candidate, found: dict[str, Any], reason: str, now: datetime
) -> dict[str, Any]:
    content = candidate.content
    return {
        "id": uuid7(),
        "kind": candidate.kind,
        "subject": candidate.subject,
        "version": candidate.version,
        "title": candidate.title or found["name"],
        "title_en": candidate.title_en or found["name_en"] or "",
        "text": candidate.text,
        "digest": digest_of(content) if content is not None else "",
        "in_force_from": candidate.in_force_from,
        "last_day": candidate.last_day,
        "reason": reason,
        "organisation_id": found.get("department_id", found.get("id")) if candidate.kind != "flow" else None,
        "proposed_by": actor.staff,
        "proposed_for": grant.acting_for,
        "proposed_at": now,
    }


async def log(
    connection: Connection, actor: Actor, row: dict[str, Any], action: str, now: datetime, purpose: str
) -> None:
    """Chain one step of a draft to the log of the day: who, what, which version under which digest, and why."""
    entry = {"at": now, "actor": actor.person, "subject": f"{row['kind']}:{row['subject']}", "action": action}
    told = {name: row[name] for name in ("version", "digest", "in_force_from", "last_day")} | {"draft": row["id"]}
    await access.add(connection, entry | told | {"purpose": purpose})
