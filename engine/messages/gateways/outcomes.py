"""What a gateway is given, and what it makes of it. No answer of a gateway is kept in its own words: it may quote."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

_CODE: Final = re.compile(r"[a-z0-9_]{1,40}")
_NAME: Final = re.compile(r"[\x21-\x7e]{1,80}")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way out. ``id`` stays the same however often it is sent, so that the gateway sends it once.

    :param to: the number or address, in clear; never shown, logged or kept. :param subject: for mail.
    :param at: UTC. :param more: what else the gateway is told.
    """

    id: UUID
    to: str = field(repr=False)
    text: str
    language: str
    at: datetime
    subject: str = ""
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """The gateway has the message and calls it ``provider_id``."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway will never send this message."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """The gateway works, but not for this message now."""

    reason: str


@dataclass(frozen=True, slots=True)
class Down:
    """The gateway does not work. :param wait: how long it asks to be left alone."""

    reason: str
    wait: timedelta | None = None


Outcome: TypeAlias = Taken | Refused | Deferred | Down


def code_of(value: Any, otherwise: str) -> str:
    """A reason that is a plain code, as it may be kept; anything else is not repeated."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else otherwise


def name_of(value: Any) -> str:
    """The gateway's own name for a message, if it is a plain one; empty otherwise."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""
