"""Counts and times of requests, as Prometheus reads them; by route and status, never by who or what."""

from __future__ import annotations

from time import perf_counter
from typing import Any, Final, cast

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.health import Watch
from engine.keeping.scrubbing import BROKEN

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What one process has served."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("yichuang_requests", "Requests served.", labels, registry=self._registry)
        self._seconds = Histogram(
            "yichuang_request_seconds",
            "Time until the answer began.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._outbox = Gauge(
            "yichuang_outbox_rows", "Rows of the outbox by state.", ("state",), registry=self._registry
        )

        self._alarms = Gauge("yichuang_alarms", "Open alarms by code.", ("code",), registry=self._registry)
        self._broken = Gauge(
            "yichuang_evidence_broken", "Evidence not whole when last read.", ("result",), registry=self._registry
        )
        self._oldest = Gauge(
            "yichuang_evidence_read_seconds",
            "When the evidence that was read longest ago was read, Unix time; 0: none was.",
            registry=self._registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer. :param route: the path template, so that no number or code becomes a label."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def expose(self, depths: dict[str, int], watch: Watch) -> bytes:
        """Everything as text. :param depths: rows of the outbox by state. :param watch: alarms, state of evidence."""
        for state in ("waiting", "sent", "dead"):
            self._outbox.labels(state).set(depths.get(state, 0))
        for gauge, counts, known in ((self._alarms, watch.alarms, ()), (self._broken, watch.broken, BROKEN)):
            gauge.clear()
            for code in {*known, *counts}:
                gauge.labels(code).set(counts.get(code, 0))
        self._oldest.set(watch.oldest.timestamp() if watch.oldest else 0)
        return generate_latest(self._registry)


def metrics_of(app: Litestar) -> Metrics:
    """The metrics of this application."""
    return cast("Metrics", app.state.metrics)


def measured(app: ASGIApp) -> ASGIApp:
    """Middleware: count every answer when it begins."""

    async def measure(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        began = perf_counter()
        metrics = metrics_of(scope["litestar_app"])
        described: Any = scope

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = described.get("path_template", "")
                metrics.count(described["method"], route, message["status"], perf_counter() - began)
            await send(message)

        await app(scope, receive, counting)

    return measure
