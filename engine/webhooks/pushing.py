"""Telling departments' systems (webhooks): an event is left for each, and each is served by one run at a time.

A run sends what is due for one webhook, a few at once, for some seconds, and rests in proportion to how slow the target
was; after a failure it waits, longer each time. So a target that is slow or down costs the others next to nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
import structlog

from engine.context import Context
from engine.later import Later
from engine.webhooks import outward
from engine.webhooks.outward import Rules, Undelivered
from storage import alarms, outbox, webhook_deliveries, webhooks
from storage.db import Connection, reading, transaction
from storage.webhook_deliveries import Outcome
from workflows.webhook import (
    DELIVERY,
    ROUTING,
    SIGNATURE,
    TIMESTAMP,
    Target,
    message,
    read_networks,
    read_target,
    sign,
    wait_after,
)

DELIVER: Final = "webhook.deliver"
"""The topic under which one webhook is served."""
DISABLED: Final = "webhook_disabled"
"""The alarm of a webhook that took nothing any more."""
SEALED: Final = "webhooks.secret_sealed"
"""What a secret is sealed for."""

_AT_ONCE: Final = 8
"""How many messages are under way to one target."""
_RUN_SECONDS: Final = 5.0
"""After how long a run sends no more and lets other work go first."""
_REST: Final = 4
"""How many times the slowest answer of a run its target is left alone."""
_BUSY: Final = timedelta(seconds=2)
_LOG: Final = structlog.get_logger("webhooks")

Clock = Callable[[], datetime]


async def fan_out(case: str, seq: int, now: datetime) -> None:
    """Leave an event of a case to be delivered to every webhook of its department; done again, it changes nothing.

    :param now: UTC.
    """
    async with reading() as connection:
        if not await webhooks.any_open(connection):
            return
    async with transaction() as connection:
        told = await webhook_deliveries.tell(connection, case, seq, ROUTING, now)
        for key in told:
            await leave(connection, key, now)
    if told:
        await outbox.wake()


def rules_of(context: Context) -> Rules:
    """Where this installation lets messages go."""
    settings = context.settings
    return Rules(read_networks(settings.webhook_networks), settings.webhook_plain_http, settings.webhook_seconds)


async def leave(connection: Connection, webhook: UUID, now: datetime) -> None:
    """A row of the outbox that serves this webhook."""
    await outbox.add(connection, DELIVER, {"webhook": str(webhook)}, None, now)


@dataclass
class _Run:
    """One run for one webhook: where to, with what, and how it has gone so far."""

    key: UUID
    target: Target
    secret: str
    base: str
    rules: Rules
    attempts: int
    dead_limit: int
    failures: int
    dead_in_row: int
    slowest: float = 0.0

    async def send(self, http: httpx.AsyncClient, row: dict[str, Any], now: datetime) -> Outcome:
        """One attempt, signed for this moment; the outcome says what becomes of the delivery."""
        event = row | {"id": row["event_id"]}
        body = msgspec.json.encode(message(event, self.base))
        moment = int(now.timestamp())
        headers = {TIMESTAMP: str(moment), SIGNATURE: sign(self.secret, moment, body), DELIVERY: str(row["id"])}
        began = time.monotonic()
        try:
            status = await outward.post(http, self.target, self.rules, body, headers)
        except Undelivered as problem:
            last = row["attempts"] + 1 >= self.attempts
            due_at = now + wait_after(row["attempts"] + 1)
            return Outcome(row["id"], "dead" if last else "waiting", due_at, problem.status, problem.reason)
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)
        return Outcome(row["id"], "delivered", now, status, "")

    def count(self, outcomes: list[Outcome]) -> bool:
        """Remember how some attempts went; whether one arrived, which forgets the failures before it."""
        arrived = any(one.state == "delivered" for one in outcomes)
        if arrived:
            self.failures = self.dead_in_row = 0
        else:
            self.failures += 1
            self.dead_in_row += sum(one.state == "dead" for one in outcomes)
        return arrived


async def deliver(context: Context, key: UUID, clock: Clock) -> None:
    """Deliver what is due for one webhook.

    :param clock: says what time it is, UTC.
    :raises Later: when more is to be done at a known moment, or another run serves this webhook now.
    """
    async with reading() as connection:
        if not await webhooks.hold(connection, key):
            raise Later(clock() + _BUSY)
        try:
            await _serve(context, connection, key, clock)
        finally:
            if not connection.is_closed():
                await webhooks.release(connection, key)


async def _serve(context: Context, connection: Connection, key: UUID, clock: Clock) -> None:
    row = await webhooks.begin(connection, key)
    if row is None:
        return
    held = row["held_until"]
    if held is not None and held > clock():
        await _come_back(connection, key, held)
        return
    run = _opened(context, row)
    await _send_what_is_due(connection, context, run, clock)
    now = clock()
    stopped = run.dead_in_row >= run.dead_limit
    until = now + wait_after(run.failures) if run.failures else None
    await webhooks.mark(
        connection,
        key,
        failures=run.failures,
        dead_in_row=run.dead_in_row,
        held_until=until,
        disabled_at=now if stopped else None,
    )
    if stopped:
        await _tell_of_end(connection, run, now)
        return
    due = await webhook_deliveries.next_due(connection, key)
    if due is not None:
        rest = now + timedelta(seconds=_REST * run.slowest)
        await _come_back(connection, key, max(due, until or rest))


def _opened(context: Context, row: dict[str, Any]) -> _Run:
    settings = context.settings
    return _Run(
        row["id"],
        read_target(row["url"], plain=True),
        context.sealer.open(row["secret_sealed"], SEALED),
        settings.public_url.rstrip("/"),
        rules_of(context),
        settings.webhook_attempts,
        settings.webhook_dead_limit,
        row["failures"],
        row["dead_in_row"],
    )


async def _send_what_is_due(connection: Connection, context: Context, run: _Run, clock: Clock) -> None:
    """Send, a few at once, until nothing is due, nothing arrives, or the run has lasted long enough."""
    until = time.monotonic() + _RUN_SECONDS
    async with outward.client(context.settings.webhook_ca_file) as http:
        while time.monotonic() < until:
            now = clock()
            rows = await webhook_deliveries.due(connection, run.key, now, _AT_ONCE)
            if not rows:
                return
            outcomes = await asyncio.gather(*(run.send(http, row, now) for row in rows))
            await webhook_deliveries.record(connection, outcomes, clock())
            if not run.count(outcomes):
                return


async def _come_back(connection: Connection, key: UUID, moment: datetime) -> None:
    """Keep this row of the outbox for a later moment, unless another one waits for the webhook already.

    :raises Later: with that moment.
    """
    if await webhooks.expect(connection, key):
        raise Later(moment)


async def _tell_of_end(connection: Connection, run: _Run, now: datetime) -> None:
    """A target that took nothing for so long is left alone until somebody resumes it."""
    _LOG.error("webhook disabled", webhook=str(run.key), dead=run.dead_in_row)
    await alarms.sound(connection, DISABLED, str(run.key), {"dead_in_row": run.dead_in_row}, now)
