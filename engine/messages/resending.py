"""Messages that were not sent, what gateways report about those that were, and how the gateways are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from engine.context import Context
from engine.listing import reach
from engine.messages.gateways.outcomes import code_of
from engine.messages.notifying import SEND, configured
from storage import gateways, notifications, outbox
from storage.db import transaction
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, NotAuthenticated, NotFound
from workflows.messages.sending import TITLES, Gateway
from workflows.webhook import verify

WATCHERS: Final = (Role.system_admin, Role.hall_manager)
"""Who sees what was not sent: the system's administrator everything, a hall's manager what their hall sent."""
UNSENT: Final = ("failed", "suppressed")
MACHINES: Final = (Gateway.sms, Gateway.voice, Gateway.mail, Gateway.call)


class Report(Struct, forbid_unknown_fields=True, frozen=True):
    """What a gateway says became of a message: ``id`` is ours, ``reason`` a plain code where it was not delivered."""

    id: UUID
    state: Literal["delivered", "failed"]
    reason: Annotated[str, Meta(max_length=80)] = ""


async def list_unsent(
    actor: Actor, *, states: tuple[str, ...] = UNSENT, before: UUID, limit: int
) -> list[dict[str, Any]]:
    """A page of the messages that failed or were suppressed, newest first, with the reason; no personal data.

    :raises Forbidden: ``role_not_allowed``.
    """
    return await notifications.unsent(list(states), await _halls(actor), before, limit)


async def send_again(context: Context, actor: Actor, message: UUID, now: datetime) -> None:
    """Let a message that was not sent be tried anew.

    :param now: UTC.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``message_not_found``, also when it waits already.
    """
    halls = await _halls(actor)
    async with transaction() as connection:
        case = await notifications.try_again(connection, message, halls, now)
        if case is None:
            raise message_not_found()
        await outbox.add(connection, SEND, {"notification": message}, case, now)
    context.wake()


async def _halls(actor: Actor) -> list[UUID] | None:
    if Role.system_admin in actor.roles:
        return None
    managing = tuple(grant for grant in actor.grants if grant.role is Role.hall_manager)
    if not managing:
        raise Forbidden(
            "role_not_allowed",
            f"您的岗位不能进行此操作，应由{'或'.join(role.zh for role in WATCHERS)}办理。",
            f"Your role may not do this; it is for: {', '.join(role.en for role in WATCHERS)}.",
            basis="岗位权限",
            roles=[role.value for role in WATCHERS],
        )
    halls, _ = await reach(Actor(actor.person, actor.name, managing))
    return halls


def message_not_found() -> NotFound:
    """The same answer for a message that is not there, is elsewhere, or does not wait for this."""
    return NotFound(
        "message_not_found",
        "没有该消息，或它无需此操作。",
        "There is no such message, or nothing is to be done about it.",
    )


async def gateway_states(context: Context) -> dict[str, str]:
    """How each gateway is, by name: ``not_configured``, ``ok`` or ``failing``."""
    known, seen = configured(context.settings), await gateways.every()
    return {
        gateway.value: "not_configured" if gateway not in known else _health(seen.get(gateway)) for gateway in MACHINES
    }


def _health(row: dict[str, Any] | None) -> str:
    return "failing" if row and row["failures"] else "ok"


async def list_gateways(context: Context, actor: Actor) -> list[dict[str, Any]]:
    """How each gateway is, since when and why it fails, and how many messages wait for it.

    :raises Forbidden: ``role_not_allowed``.
    """
    await _halls(actor)
    states, seen, waiting = await gateway_states(context), await gateways.every(), await gateways.queues()
    return [
        {
            "gateway": name,
            "title": TITLES[name][0],
            "title_en": TITLES[name][1],
            "state": state,
            "since": seen.get(name, {}).get("down_since"),
            "reason": seen.get(name, {}).get("reason", ""),
            "waiting": waiting.get(name, 0),
        }
        for name, state in states.items()
    ]


def check_signature(context: Context, gateway: str, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Refuse a report that is not signed with the gateway's key (:func:`workflows.webhook.sign`), or is old.

    :raises NotFound: ``gateway_unknown`` when there is no such gateway here.
    :raises NotAuthenticated: ``signature_wrong``.
    """
    keys = {name: getattr(context.settings, f"{name}_key") for name in ("sms", "voice", "call")}
    if gateway not in keys or gateway not in configured(context.settings):
        raise NotFound("gateway_unknown", "没有该网关。", "There is no such gateway here.")
    secret = keys[gateway].get_secret_value()
    if not verify(secret, timestamp, signature, body, int(now.timestamp())):
        raise NotAuthenticated(
            "signature_wrong",
            "签名不符，或时间戳相差超过5分钟。",
            "The signature does not fit, or the timestamp is more than five minutes off.",
        )


async def take_report(gateway: str, report: Report, now: datetime) -> None:
    """Keep what a gateway reports; repeated and late reports change nothing that is delivered.

    :param now: UTC. :raises NotFound: ``message_not_found`` for one that this gateway does not carry.
    """
    reason = code_of(report.reason, "not_delivered") if report.state == "failed" else ""
    if not await notifications.report(report.id, gateway, report.state, reason, now):
        raise message_not_found()


def require_gateway(context: Context, gateway: Gateway) -> None:
    """Refuse what needs a gateway that is not there. :raises Conflict: ``gateway_not_configured``."""
    if gateway not in configured(context.settings):
        title, title_en = TITLES[gateway]
        raise Conflict(
            "gateway_not_configured",
            f"本系统未配置{title}，请改用人工方式。",
            f"This installation has no {title_en}; do it by hand.",
        )
