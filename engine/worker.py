"""The Celery application: a task gets the key of an outbox row and does it. One event loop and one pool a process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
import uvloop
from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown, worker_ready
from kombu.exceptions import ChannelError

from engine import evidence
from engine.archive.dossier import drop_dossiers
from engine.capture import uploading
from engine.checkpoints.checkpointing import watch_checkpoints
from engine.context import Context, open_context
from engine.exports.ordering import drop_exports
from engine.figures.day_summing import sum_days
from engine.figures.reporting import order_due
from engine.impasse_watch import watch_impasses
from engine.issue.shipping import track
from engine.jobs import run_row
from engine.keeping import collecting, scrubbing
from engine.logs import configure_logs
from engine.memory import settle_memory
from engine.parents import end_with_parent
from engine.projecting import project
from engine.purging import purge
from engine.settings import Settings, load_settings
from engine.sweeping import sweep
from storage import people, registers
from storage.db import close_pool, open_pool

KEEP_ANSWERS: Final = timedelta(days=7)
"""How long a repeated request is answered from the first one."""
_TASK_SECONDS: Final = 900
_SWEEP_SECONDS: Final = 25
"""How long a sweep may take; the next one goes on where it ended."""
_SCRUB_SECONDS: Final = 120.0
"""How long a portion of the evidence may take to be read again."""
_PROJECT_SECONDS: Final = 5.0
"""How often the facts are brought up to the trail, and how long one run may take; the next one goes on."""
_CHECKPOINT_SECONDS: Final = 300.0
"""How often it is looked whether a day is over that no checkpoint seals."""
_REPORT_SECONDS: Final = 300.0
"""How often it is looked whether a period is over that has no report."""
_TRACK_SECONDS: Final = 600.0
"""How often the courier is asked where its parcels are."""
_WAIT_SECONDS: Final = 300.0
"""How long a turn may at least wait behind other work before it is dropped; a second one finds nothing to do."""
_LOG: Final = structlog.get_logger("worker")


def _every(task: str, seconds: float) -> dict[str, Any]:
    """A task whose turns may wait as long as three of them take."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(_WAIT_SECONDS, 3 * seconds)}}


app = Celery("yichuang")


def configure(settings: Settings) -> Celery:
    """Point the Celery application at its broker. Results are not kept: an outbox row knows what became of it."""
    app.conf.update(
        broker_url=settings.broker_url.get_secret_value(),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_keepalive": True, "max_retries": 1, "interval_start": 0},
        task_ignore_result=True,
        task_time_limit=_TASK_SECONDS,
        worker_prefetch_multiplier=1,
        worker_concurrency=settings.worker_processes,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        task_default_queue="yichuang",
        timezone="UTC",
        beat_schedule={
            "tidy": {"task": "tidy", "schedule": 600.0},
            "checkpoint": _every("checkpoint", _CHECKPOINT_SECONDS),
            "track": _every("track", _TRACK_SECONDS),
            "project": _every("project", _PROJECT_SECONDS),
            "report": _every("report", _REPORT_SECONDS),
            "scrub": _every("scrub", float(settings.scrub_seconds)),
            "sweep": _every("sweep", float(settings.sweep_seconds)),
        },
        beat_scheduler="celery.beat:Scheduler",
    )
    return app


class _Process:
    """What one worker process keeps between tasks."""

    def __init__(self) -> None:
        configure_logs()
        self.settings = load_settings()
        self.runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self.context: Context | None = None

    def run(self, operation: Callable[[Context], Coroutine[Any, Any, Any]]) -> Any:
        """Run an operation on the process's loop, connecting first if need be."""
        return self.runner.run(self._connected(operation))

    async def _connected(self, operation: Callable[[Context], Coroutine[Any, Any, Any]]) -> Any:
        if self.context is None:
            await open_pool(self.settings.database_url.get_secret_value(), size=6)
            self.context = open_context(self.settings)
            settle_memory()
        return await operation(self.context)

    def close(self) -> None:
        """Give the connections back."""
        if self.context is not None:
            self.runner.run(close_pool())
        self.runner.close()


_process: list[_Process] = []


@worker_process_init.connect
def _begin(**_: Any) -> None:
    end_with_parent(os.getppid())
    _process.append(_Process())


@worker_process_shutdown.connect
def _end(**_: Any) -> None:
    while _process:
        _process.pop().close()


def server_time() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


@app.task(name="outbox")
def run_outbox_row(key: str) -> None:
    """Do one outbox row; repeated without harm."""
    _process[0].run(lambda context: run_row(context, UUID(key), server_time))


@app.task(name="tidy")
def tidy() -> None:
    """Drop what has had its time (sessions, answers, done work, uploads of no case); mark tickets that are late."""
    _process[0].run(_tidy)


async def _tidy(context: Context) -> None:
    now = server_time()
    sessions = await people.purge_sessions(now)
    answers = await registers.forget_before(now - KEEP_ANSWERS)
    ended = await uploading.collect_expired(context, now)
    orphans = await evidence.collect_orphans(context, now)
    late = await watch_impasses(context, now)
    passed = await purge(context, now)
    passed["dossiers"] = await drop_dossiers(context, now)
    passed["exports"] = await drop_exports(context, now)
    _LOG.info("tidied", sessions=sessions, answers=answers, uploads=ended, orphans=orphans, late=late, **passed)


@app.task(name="checkpoint")
def seal_days() -> None:
    """Seal the days that are over by signed checkpoints."""
    _process[0].run(_seal_days)


async def _seal_days(context: Context) -> None:
    made = await watch_checkpoints(context, server_time())
    if made:
        _LOG.info("sealed", checkpoints=made)


@app.task(name="track")
def track_parcels() -> None:
    """Ask the courier where its parcels are."""
    _process[0].run(_track)


async def _track(context: Context) -> None:
    ended = await track(context, server_time())
    if ended:
        _LOG.info("tracked", ended=ended)


@app.task(name="scrub")
def scrub_evidence() -> None:
    """Read a portion of the evidence again, and look for objects that no row names."""
    _process[0].run(_scrub)


async def _scrub(context: Context) -> None:
    now, portion = server_time(), context.settings.scrub_bytes
    views = await collecting.collect_views(context, now)
    unclaimed = await collecting.collect_evidence(context, now)
    done = await scrubbing.scrub(context, server_time, portion=portion, seconds=_SCRUB_SECONDS)
    if done.objects or views or unclaimed:
        _LOG.info("scrubbed", objects=done.objects, broken=done.broken, views=views, unclaimed=unclaimed)


@app.task(name="project")
def project_facts() -> None:
    """Bring the facts of cases and notices up to the trail."""
    _process[0].run(_project)


async def _project(_: Context) -> None:
    done = await project(seconds=_PROJECT_SECONDS, now=server_time())
    if done.whole:
        await sum_days(seconds=_PROJECT_SECONDS)
    if done.cases:
        _LOG.info("projected", cases=done.cases, whole=done.whole)


@app.task(name="report")
def order_reports() -> None:
    """Order the reports of the periods that are over."""
    _process[0].run(_order_reports)


async def _order_reports(context: Context) -> None:
    ordered = await order_due(context, server_time())
    if ordered:
        _LOG.info("reports ordered", ordered=ordered)


@app.task(name="sweep", expires=_WAIT_SECONDS)
def sweep_cases() -> None:
    """Carry out what time has to do; what this sweep does not reach is the next one's."""
    _process[0].run(_sweep)


async def _sweep(context: Context) -> None:
    swept = await sweep(context, server_time(), seconds=_SWEEP_SECONDS)
    if swept.carried_out or swept.failed or not swept.whole:
        _LOG.info("swept", carried_out=swept.carried_out, failed=swept.failed, whole=swept.whole)


@worker_ready.connect
def _sweep_at_once(**_: Any) -> None:
    """A worker that was away does not wait for the timer."""
    sweep_cases.delay()


def waiting_rows() -> int:
    """How many rows wait at the broker for a worker.

    :raises Exception: whatever the broker's client raises.
    """
    with app.producer_pool.acquire(block=True, timeout=5) as producer:
        try:
            channel: Any = producer.channel
            return int(channel.queue_declare(app.conf.task_default_queue, passive=True).message_count)
        except ChannelError:  # nothing was ever sent: no such queue yet
            return 0


def send_rows(rows: list[tuple[UUID, str]]) -> None:
    """Hand outbox rows to the broker over one connection.

    :raises Exception: whatever the broker's client raises; then nothing counts as sent.
    """
    with app.producer_pool.acquire(block=True, timeout=5) as producer:
        for key, _ in rows:
            app.send_task("outbox", args=[str(key)], producer=producer, retry=False)
