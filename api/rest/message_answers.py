"""What the JSON interface answers about messages and gateways."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class InboxRow(Struct):
    """A message in words; ``number`` is that of its case, ``read_at`` when the caller read it."""

    id: UUID
    number: str
    recipient: str
    way: str
    event: str
    state: str
    attempts: int
    created_at: datetime
    text: str
    text_en: str
    read_at: datetime | None = None


class InboxPage(Struct):
    """Messages, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[InboxRow]
    next: str | None = None


class MarkedRead(Struct):
    """How many of the messages lie in the caller's inbox and are read now."""

    read: int


class UnsentRow(Struct):
    """A message that was not sent, with the reason as a code."""

    id: UUID
    case: str
    event: str
    way: str
    gateway: str
    state: str
    reason: str
    attempts: int
    created_at: datetime


class UnsentPage(Struct):
    """Messages that were not sent, the newest first; no ``next`` on the last page."""

    items: list[UnsentRow]
    next: str | None = None


class Settled(Struct):
    """What came of a letter or a call by hand."""

    case: str
    state: str


class Called(Struct):
    """A call in the hall that is on its way."""

    case: str
    message: UUID


class GatewayState(Struct):
    """How a gateway is: ``not_configured``, ``ok`` or ``failing``, and how many messages wait for it."""

    gateway: str
    title: str
    title_en: str
    state: str
    reason: str
    waiting: int
    since: datetime | None = None
