"""What the JSON interface answers to departments' systems."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class FeedLinks(Struct):
    """Where to read on; relative unless the installation knows its public address."""

    case: str
    actions: str
    materials: str


class FeedRow(Struct):
    """Something that happened to a case; also the body of a webhook's message. No personal data.

    ``kind``: ``task`` for what puts work into somebody's hands, ``state`` for a change of state, ``note`` for the rest.
    ``seq`` is the order within the case, ``version`` the case's version after the event.
    """

    id: UUID
    event: str
    kind: str
    case: str
    seq: int
    from_state: str
    state: str
    version: int
    at: datetime
    links: FeedLinks


class FeedPage(Struct):
    """Events in the order of commits; read on from ``next``, at once when there is ``more``."""

    items: list[FeedRow]
    next: str
    more: bool


class WebhookAdded(Struct):
    """A new webhook; the secret is shown this once. From ``cursor`` on it is told of what happens."""

    id: UUID
    secret: str
    cursor: str


class WebhookRow(Struct):
    """A webhook. ``waiting`` and ``dead`` count its deliveries; ``failures`` are attempts in a row that failed."""

    id: UUID
    organisation: str
    name: str
    url: str
    created_at: datetime
    waiting: int
    dead: int
    failures: int
    held_until: datetime | None = None
    disabled_at: datetime | None = None


class WebhookPage(Struct):
    """Webhooks, and where the next page begins; no ``next`` on the last page."""

    items: list[WebhookRow]
    next: str | None = None


class DeliveryRow(Struct):
    """An event for a webhook: ``waiting``, ``delivered`` or ``dead``; ``status`` and ``error`` of the last attempt."""

    id: UUID
    event_id: UUID
    event: str
    case: str
    seq: int
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    error: str
    status: int | None = None
    delivered_at: datetime | None = None


class DeliveryPage(Struct):
    """Deliveries, and where the next page begins; no ``next`` on the last page."""

    items: list[DeliveryRow]
    next: str | None = None


class Replayed(Struct):
    """How many events will be delivered again; replay on from ``next`` while there is ``more``."""

    events: int
    next: str
    more: bool
