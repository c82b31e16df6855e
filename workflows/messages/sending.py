"""When and by which gateway a message is sent: routes, quiet hours, turns at a gateway, pauses after a failure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo


class Gateway(StrEnum):
    """What carries a message out of the system; ``hand`` is a person of the hall, with a printer or a telephone."""

    sms = "sms"
    voice = "voice"
    mail = "mail"
    call = "call"
    hand = "hand"


class MessageState(StrEnum):
    """What became of a message. A task is delivered once somebody has read it."""

    waiting = "waiting"
    sent = "sent"
    delivered = "delivered"
    failed = "failed"
    suppressed = "suppressed"


TITLES: Final[dict[str, tuple[str, str]]] = {
    Gateway.sms: ("短信网关", "SMS gateway"),
    Gateway.voice: ("语音外呼网关", "voice gateway"),
    Gateway.mail: ("电子邮件", "e-mail"),
    Gateway.call: ("大厅呼叫", "in-hall call"),
    Gateway.hand: ("人工", "by hand"),
    MessageState.waiting: ("待发送", "waiting"),
    MessageState.sent: ("已发送", "sent"),
    MessageState.delivered: ("已送达", "delivered"),
    MessageState.failed: ("发送失败", "failed"),
    MessageState.suppressed: ("未发送", "not sent"),
}
"""Gateways and states in Chinese and English."""

CARRIED: Final = frozenset({"sms", "voice", "call"})
"""Ways that need a gateway. Letters and tasks need none."""
DISTURBING: Final = frozenset({Gateway.sms, Gateway.voice})
"""Gateways that keep quiet hours; mail lies until it is read, and nobody is called in a closed hall."""
CALL_LASTS: Final = timedelta(minutes=5)
"""A call in the hall that comes later than this is not made."""
_SHORTEST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=10)


class Route(NamedTuple):
    """By which gateway a message goes, or why by none."""

    gateway: Gateway | None
    reason: str = ""


def route(way: str, *, mobile: bool, mail: bool, configured: Collection[Gateway]) -> Route:
    """The gateway for a message to the applicant.

    A short message goes by mail where there is no telephone number or no gateway for it; a telephone call that no
    gateway makes is made by a person.

    :param way: one of :data:`CARRIED`. :param mobile: whether a telephone number is known.
    :param mail: whether an e-mail address was confirmed.
    """
    if way == "call":
        return Route(Gateway.call) if Gateway.call in configured else Route(None, "no_gateway")
    if way == "voice":
        if not mobile:
            return Route(None, "no_address")
        return Route(Gateway.voice if Gateway.voice in configured else Gateway.hand)
    if mobile and Gateway.sms in configured:
        return Route(Gateway.sms)
    if mail and Gateway.mail in configured:
        return Route(Gateway.mail)
    return Route(None, "no_gateway" if mobile or mail else "no_address")


def quiet_until(gateway: Gateway, now: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime | None:
    """The end of the quiet hours (UTC) when this gateway must be silent now; None when it may speak.

    :param now: UTC. :param begins: hall time; equal to ``ends`` when there are no quiet hours.
    """
    if gateway not in DISTURBING or begins == ends:
        return None
    local = now.astimezone(zone)
    clock = local.timetz().replace(tzinfo=None)
    over_midnight = begins > ends
    quiet = (clock >= begins or clock < ends) if over_midnight else begins <= clock < ends
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= begins else 0)
    return datetime.combine(day, ends, zone).astimezone(UTC)


def pause_after(failures: int) -> timedelta:
    """How long a gateway is left alone after so many failures in a row: 5 seconds, doubled each time, 10 minutes."""
    doubled: timedelta = _SHORTEST * 2 ** min(max(failures, 1) - 1, 20)
    return min(doubled, _LONGEST)


def gives_up_at(way: str, since: datetime, hours: int) -> datetime:
    """When a message that could not be sent has failed. :param hours: how long anything but a call is tried."""
    return since + (CALL_LASTS if way == "call" else timedelta(hours=hours))
