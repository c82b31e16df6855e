"""Sending what people are to be told: by which gateway, at which moment, and what became of it.

An act only writes its messages. The outbox brings each one here; it waits for the morning, for its turn at the gateway
or for a gateway that is down, and takes up no attempt of the outbox meanwhile. A message may reach the gateway twice,
under the same id; it is never lost: it is sent, or it stands in the list of those that were not, with the reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from engine.context import Context
from engine.issue.counter import pickup_code
from engine.later import Later
from engine.messages.gateways import hall_call, mail, sms, voice
from engine.messages.gateways.outcomes import Deferred, Down, Outcome, Outgoing, Refused, Taken
from engine.messages.telling import language_of, told_of
from engine.settings import Settings
from storage import access, alarms, gateways, notifications
from storage.db import reading, transaction
from workflows.actor import SYSTEM
from workflows.messages.composing import compose, count_parts
from workflows.messages.sending import Gateway, gives_up_at, pause_after, quiet_until, route
from workflows.messages.templates import CODE_WORD, is_secret

SEND: Final = "notification.send"
"""The topic of a message that a gateway is to carry; :mod:`storage.acts` writes it with the message."""
DOWN: Final = "gateway_down"
"""The alarm of a gateway that has failed several times in a row."""
_ALARMING: Final = 3
_DEFERRED: Final = 5
"""A message that the gateway does not take now waits as if the gateway had failed so often already: over a minute."""
_LOG: Final = structlog.get_logger("notifying")

Clock = Callable[[], datetime]
Adapter = Callable[[Settings, Outgoing], Awaitable[Outcome]]

ADAPTERS: Final[Mapping[Gateway, Adapter]] = MappingProxyType(
    {Gateway.sms: sms.send, Gateway.voice: voice.send, Gateway.mail: mail.send, Gateway.call: hall_call.send}
)
"""What speaks to each gateway."""


def configured(settings: Settings) -> frozenset[Gateway]:
    """The gateways that this installation has."""
    known = {Gateway.sms: sms, Gateway.voice: voice, Gateway.mail: mail, Gateway.call: hall_call}
    return frozenset(gateway for gateway, adapter in known.items() if adapter.configured(settings))


async def send(context: Context, message: UUID, clock: Clock) -> None:
    """Send one message, unless it was sent, is not to be sent, or has waited too long.

    :param clock: says what time it is, UTC.
    :raises Later: when it has to wait: for the end of the quiet hours, for its turn, for its gateway.
    """
    row, now = await notifications.read(message), clock()
    if row is None or row["state"] != "waiting":
        return
    since = row["waiting_since"] or row["created_at"]
    if now >= gives_up_at(row["way"], since, context.settings.notification_hours):
        await notifications.give_up(message, "failed", row["reason"] or "too_late")
        return
    mobile, mail_address = _addresses(context, row)
    known = configured(context.settings)
    gateway, reason = route(row["way"], mobile=bool(mobile), mail=bool(mail_address), configured=known)
    if gateway is None:
        await notifications.give_up(message, "suppressed", reason)
    elif gateway is Gateway.hand:
        await notifications.take_turn(message, gateway, None)
    else:
        await _wait_for_turn(context, row, gateway, now)
        address = {Gateway.mail: mail_address, Gateway.call: ""}.get(gateway, mobile)
        await _send_now(context, row, gateway, address, clock)


def _addresses(context: Context, row: Mapping[str, Any]) -> tuple[str, str]:
    """The applicant's telephone number and confirmed e-mail address, in clear; empty where there is none."""
    if row["recipient"] != "applicant":
        return "", ""
    filed = msgspec.json.decode(context.sealer.open(row["applicant_sealed"], "cases.applicant_sealed"))["mobile"]
    sealed = row["address_sealed"]
    confirmed = context.sealer.open(sealed, "electronic_addresses.address_sealed") if sealed else ""
    is_mail = "@" in confirmed
    return filed or ("" if is_mail else confirmed), confirmed if is_mail else ""


async def _wait_for_turn(context: Context, row: Mapping[str, Any], gateway: Gateway, now: datetime) -> None:
    """Go on only in the message's own turn, outside the quiet hours, at a gateway that is not left alone.

    :raises Later: with the moment to come again.
    """
    settings = context.settings
    zone = context.hours(row["hall_hours"]).zone
    morning = quiet_until(gateway, now, zone, settings.quiet_from, settings.quiet_until)
    if morning is not None:
        await notifications.take_turn(row["id"], gateway, None)
        raise Later(morning)
    left_alone = await gateways.down_until(gateway, now)
    slot: datetime | None = row["slot_at"] if row["gateway"] == gateway and left_alone is None else None
    if slot is None:
        apart = timedelta(seconds=1 / settings.gateway_per_second)
        slot = await gateways.take_slot(gateway, now, apart, apart * (settings.gateway_burst - 1))
        await notifications.take_turn(row["id"], gateway, slot)
    if slot > now:
        raise Later(slot)


async def _send_now(context: Context, row: Mapping[str, Any], gateway: Gateway, address: str, clock: Clock) -> None:
    """Hand the message over, after the log of accesses says that the address was used, and keep what came of it."""
    language, now = language_of(row), clock()
    told = await told_of(context, row)
    if is_secret(told.audience, told.event) and (code := await pickup_code(context, row["number"])):
        told = replace(told, said={**told.said, CODE_WORD: code})
    text = compose(told, language)
    parts = count_parts(text) if gateway is Gateway.sms else 0
    subject = f"{told.item[language == 'en'] or told.item[0]} {told.number}"
    more: dict[str, Any] = {}
    if gateway is Gateway.call:
        more = {"hall": row["hall"], "number": row["number"], "window": row["data"].get("window", "")}
    else:
        await _log_use(row, gateway, now)
    outgoing = Outgoing(row["id"], address, text, language, now, subject, more)
    outcome = await ADAPTERS[gateway](context.settings, outgoing)
    await _record(row, gateway, outcome, language, parts, clock())


async def _log_use(row: Mapping[str, Any], gateway: Gateway, now: datetime) -> None:
    async with reading() as connection:
        entry = {"at": now, "actor": SYSTEM.person, "subject": row["number"], "action": f"send.{gateway}"}
        await access.add(connection, entry | {"purpose": row["event"]})


async def _record(
    row: Mapping[str, Any], gateway: Gateway, outcome: Outcome, language: str, parts: int, now: datetime
) -> None:
    match outcome:
        case Taken(provider_id):
            await notifications.record_sent(row["id"], provider_id, language, parts, now)
        case Refused(reason):
            await notifications.give_up(row["id"], "failed", reason)
        case Deferred(reason):
            await notifications.put_off(row["id"], reason)
            raise Later(now + pause_after(row["attempts"] + _DEFERRED))
        case Down(reason, wait):
            until = await _leave_alone(gateway, reason, wait, now)
            await notifications.put_off(row["id"], reason)
            raise Later(until)
    await _answered(gateway, now)


async def _leave_alone(gateway: Gateway, reason: str, wait: timedelta | None, now: datetime) -> datetime:
    """Count a failure of a gateway and let nobody try it for a while, so that no worker waits for it in vain."""
    async with transaction() as connection:
        failures = await gateways.count_failure(connection, gateway, reason, now)
        until = now + max(pause_after(failures), wait or timedelta())
        await gateways.pause(connection, gateway, until)
        if failures >= _ALARMING:
            await alarms.sound(connection, DOWN, gateway, {"reason": reason}, now)
    _LOG.warning("gateway failed", gateway=gateway.value, reason=reason, failures=failures)
    return until


async def _answered(gateway: Gateway, now: datetime) -> None:
    async with transaction() as connection:
        if await gateways.mark_up(connection, gateway):
            await alarms.close(connection, DOWN, gateway, now)
