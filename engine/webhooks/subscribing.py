"""Departments' systems: where they want to be told, what became of it, and the feed that they read from a cursor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from engine.context import Context
from engine.listing import reach
from engine.webhooks.outward import resolve
from engine.webhooks.pushing import DISABLED, SEALED, leave, rules_of
from storage import access, alarms, feed, organisations, webhook_deliveries, webhooks
from storage.db import Connection, transaction, uuid7
from storage.feed import START, Place
from workflows.actor import Actor, Role
from workflows.errors import Forbidden, NotFound
from workflows.payload import Code, refuse_control_characters
from workflows.webhook import ROUTING, message, read_target

MANAGERS: Final = frozenset({Role.item_steward, Role.authority_head})
"""Who says where a department's system is told."""
SECRET_PREFIX: Final = "yws_"  # noqa: S105  # marks a secret in the open, so that a leaked one can be recognised
FIRST: Final = UUID(int=0)
"""Where the first page begins."""
_REPLAYED: Final = 500
_READS: Final = "GB/T 22239-2019 8.1.4"


class Subscribing(Struct, forbid_unknown_fields=True, frozen=True):
    """A webhook that is wanted: the code of the department, the address of its system, what it is called."""

    organisation: Code
    url: Annotated[str, Meta(min_length=1, max_length=500)]
    name: Annotated[str, Meta(min_length=1, max_length=80)]


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new webhook, with its secret, shown this once, and the place in the feed from which it is told."""

    id: UUID
    secret: str
    place: Place


async def subscribe(context: Context, actor: Actor, request: Subscribing, now: datetime) -> Subscribed:
    """A webhook for a department and everything below it.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``, also out of reach.
    :raises Malformed: ``webhook_url_wrong``, ``control_character``.
    :raises Conflict: ``webhook_target_refused``, ``webhook_host_unknown``.
    """
    refuse_control_characters(request.name)
    paths = _managed(actor)
    place = await organisations.by_code(request.organisation)
    if place is None or place["kind"] != "department" or place["id"] not in await organisations.subtree(paths):
        raise NotFound("organisation_not_found", "没有该部门。", "There is no such department within your reach.")
    rules = rules_of(context)
    await resolve(read_target(request.url, plain=rules.plain), rules)
    key, secret = uuid7(), SECRET_PREFIX + secrets.token_urlsafe(32)
    async with transaction() as connection:
        await webhooks.add(
            connection,
            {
                "id": key,
                "organisation_id": place["id"],
                "name": request.name,
                "url": request.url,
                "secret_sealed": context.sealer.seal(secret, SEALED),
                "created_by": actor.staff,
                "created_at": now,
            },
        )
        await _log(connection, actor, key, "webhook.subscribe", now)
        begins = await feed.now(connection)
    return Subscribed(key, secret, begins)


def _managed(actor: Actor) -> list[str]:
    """The organisations for which an actor says where their systems are told."""
    paths = [grant.path for grant in actor.grants if grant.role in MANAGERS]
    if not paths:
        roles = sorted(MANAGERS)
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{'、'.join(role.zh for role in roles)}办理。",
            f"Your role may not do this; it is for: {', '.join(role.en for role in roles)}.",
            basis=_READS,
            roles=[role.value for role in roles],
        )
    return paths


async def _log(connection: Connection, actor: Actor, key: UUID, action: str, now: datetime) -> None:
    row = {"at": now, "actor": actor.person, "subject": f"webhook:{key}", "action": action, "purpose": ""}
    await access.add(connection, row)


async def _own(actor: Actor, key: UUID) -> dict[str, Any]:
    """A webhook within the actor's reach.

    :raises NotFound: ``webhook_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    reachable = await organisations.subtree(_managed(actor))
    row = await webhooks.read(key)
    if row is None or row["organisation_id"] not in reachable:
        raise NotFound("webhook_not_found", "没有该推送地址。", "There is no such webhook within your reach.")
    return row


async def list_webhooks(actor: Actor, *, after: UUID = FIRST, limit: int = 50) -> list[dict[str, Any]]:
    """A page of the webhooks within reach, with how much waits and how much is dead. Never their secrets.

    :raises Forbidden: ``role_not_allowed``.
    """
    return await webhooks.of(await organisations.subtree(_managed(actor)), after, limit)


async def read_webhook(actor: Actor, key: UUID) -> dict[str, Any]:
    """One webhook as :func:`list_webhooks` shows it. Refusals as in :func:`resume`."""
    return {name: value for name, value in (await _own(actor, key)).items() if name != "secret_sealed"}


async def unsubscribe(actor: Actor, key: UUID, now: datetime) -> None:
    """Send nothing there any more, and forget the secret. Refusals as in :func:`resume`. :param now: UTC."""
    await _own(actor, key)
    async with transaction() as connection:
        await webhooks.end(connection, key, now)
        await alarms.close(connection, DISABLED, str(key), now)
        await _log(connection, actor, key, "webhook.end", now)


async def resume(context: Context, actor: Actor, key: UUID, now: datetime) -> None:
    """Serve a webhook again at once, after it was disabled or while it is left alone for its failures.

    :param now: UTC.
    :raises NotFound: ``webhook_not_found``, also out of reach. :raises Forbidden: ``role_not_allowed``.
    """
    await _own(actor, key)
    async with transaction() as connection:
        await webhooks.resume(connection, key)
        await alarms.close(connection, DISABLED, str(key), now)
        await _log(connection, actor, key, "webhook.resume", now)
        await _serve_now(connection, key, now)
    context.wake()


async def _serve_now(connection: Connection, key: UUID, now: datetime) -> None:
    """A new row of the outbox even where one waits: that one may wait for long."""
    await webhooks.expect(connection, key)
    await leave(connection, key, now)


async def list_deliveries(
    actor: Actor, key: UUID, *, state: str | None = None, after: UUID = FIRST, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of what was or is to be delivered to a webhook, the oldest first. Refusals as in :func:`resume`.

    :param state: only ``waiting``, ``delivered`` or ``dead``.
    """
    await _own(actor, key)
    return await webhook_deliveries.page(key, state, after, limit)


async def retry_delivery(context: Context, actor: Actor, key: UUID, delivery: UUID, now: datetime) -> None:
    """Try a dead delivery again from the start.

    :param now: UTC.
    :raises NotFound: ``delivery_not_found``, ``webhook_not_found``. :raises Forbidden: ``role_not_allowed``.
    """
    await _own(actor, key)
    async with transaction() as connection:
        if not await webhook_deliveries.retry(connection, key, delivery, now):
            raise NotFound("delivery_not_found", "没有该失败的推送。", "There is no such dead delivery.")
        await _serve_now(connection, key, now)
    context.wake()


async def replay(context: Context, actor: Actor, key: UUID, after: Place, now: datetime) -> tuple[int, Place, bool]:
    """Deliver again what happened after a place of the feed, at most 500 events at a time.

    Refusals as in :func:`resume`. :param now: UTC.
    :returns: how many events, the place after the last of them, whether there are more.
    """
    webhook = await _own(actor, key)
    within = await organisations.subtree([webhook["path"]])
    rows, end, more = await feed.page(after, halls=[], departments=within, routing=ROUTING, limit=_REPLAYED)
    async with transaction() as connection:
        await webhook_deliveries.again(connection, key, [row["id"] for row in rows], now)
        await _log(connection, actor, key, "webhook.replay", now)
        await _serve_now(connection, key, now)
    context.wake()
    return len(rows), end, more


async def follow(
    context: Context, actor: Actor, *, after: Place = START, limit: int = 50
) -> tuple[list[dict[str, Any]], Place, bool]:
    """A page of the events of the cases within the actor's organisation, in the order of commits.

    None is left out, however late its transaction ended: the feed waits for it.

    :returns: the events as messages, the place after which to read on, whether there are more now.
    """
    halls, departments = await reach(actor)
    rows, end, more = await feed.page(after, halls=halls, departments=departments, limit=limit)
    return [message(row, context.settings.public_url.rstrip("/")) for row in rows], end, more
