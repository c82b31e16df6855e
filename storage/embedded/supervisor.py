"""Runs the programs of one machine: starts them, restarts what dies, stops all, and leaves no orphan behind.

One thread does all of it, because the kernel ends a child together with the thread that started it: when this
process dies, even by SIGKILL, every child dies with it.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from storage.embedded.child import Child
from storage.embedded.lock import InstanceLock
from storage.embedded.processes import RunningChild, last_words, log_size
from workflows.errors import Conflict, Unavailable, YichuangError

_TICK_SECONDS = 0.05
_BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_STEADY_SECONDS = 30.0
_LOG_CHECK_SECONDS = 30.0
_CANNOT_EXECUTE = 127


class Step(StrEnum):
    """What the supervisor reports of a child."""

    STARTING = "starting"
    READY = "ready"
    DIED = "died"
    STOPPING = "stopping"
    STOPPED = "stopped"


Progress = Callable[[str, Step], None]
"""Called with a child's name and the step, in the supervisor's thread."""


def _silent(_name: str, _step: Step) -> None:
    return None


@dataclass
class _Place:
    """A child's place among the supervised: its process, if it runs now, and its record of failures."""

    child: Child
    log: Path
    deadline: float
    log_since: int = 0
    running: RunningChild | None = None
    ready: bool = False
    was_ready: bool = False
    failures: int = 0
    next_start: float = 0.0
    started: float = 0.0
    last_error: str = ""


@dataclass(frozen=True)
class _Order:
    places: tuple[_Place, ...]
    done: Future[None]


class Supervisor:
    """Runs children for one data folder.

    Use it as a context manager: leaving it stops all children, the last started first.

    :param data: the data folder; one supervisor at a time, logs in ``data/log``.
    :param progress: told of every step, in the supervisor's own thread.
    """

    def __init__(self, data: Path, progress: Progress = _silent) -> None:
        self._logs = data.absolute() / "log"
        self._lock = InstanceLock(data)
        self._progress = progress
        self._places: list[_Place] = []
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._waiting: list[_Order] = []
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._failure: BaseException | None = None
        self._next_log_check = 0.0
        self._thread = threading.Thread(target=self._work, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process numbers of the children that run now, by name."""
        processes = {place.child.name: place.running for place in list(self._places)}
        return {name: process.pid for name, process in processes.items() if process is not None}

    def open(self) -> None:
        """Take the data folder and stand ready for :meth:`start`.

        :raises Conflict: another process runs on this data folder; the message names its pid and address.
        """
        self._lock.acquire()
        self._thread.start()

    def start(self, *children: Child) -> None:
        """Start the children in this order and return when all are ready; call it again for more.

        :raises Unavailable: one did not become ready in its time; the message has its last words.
        :raises Conflict: the supervisor is stopping, or a name is taken.
        """
        names = [child.name for child in children] + [place.child.name for place in self._places]
        if self._stopping.is_set() or len(set(names)) != len(names):
            raise _not_startable()
        places = tuple(_Place(child, self._logs / f"{child.name}.log", 0.0) for child in children)
        order = _Order(places, Future())
        self._orders.put(order)
        while not wait([order.done], timeout=1.0).done:
            if not self._thread.is_alive():
                raise self._failure or _not_startable()
        order.done.result()

    def announce(self, address: str) -> None:
        """Write the address that a second start shall name, such as ``http://127.0.0.1:8000``."""
        self._lock.announce(address)

    def run_until_stopped(self) -> None:
        """Wait for SIGINT or SIGTERM, then stop all children; a second signal kills them. Main thread only.

        :raises BaseException: whatever ended the supervisor's thread, if it was not asked to end.
        """
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            while self._thread.is_alive():
                self._thread.join(1.0)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        self.stop()

    def stop(self) -> None:
        """Stop all children, the last started first, and give the data folder back.

        :raises BaseException: whatever ended the supervisor's thread, if it was not asked to end.
        """
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._lock.release()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                self._take_order()
                for place in self._places:
                    self._tend(place, time.monotonic())
                self._report_orders()
                self._bound_logs(time.monotonic())
        except BaseException as error:  # handed to the thread that calls stop
            self._failure = error
        finally:
            self._stopping.set()
            self._stop_all()
            self._dismiss_orders()

    def _take_order(self) -> None:
        try:
            order = self._orders.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            return
        for place in order.places:
            place.deadline = time.monotonic() + place.child.ready_timeout
            place.log_since = log_size(place.log)
        self._places.extend(order.places)
        self._waiting.append(order)

    def _tend(self, place: _Place, now: float) -> None:
        if place.running is None:
            if now >= place.next_start:
                self._start(place, now)
        elif place.running.exit_status() is not None:
            self._bury(place, now)
        elif not place.ready and place.child.ready():
            place.ready = place.was_ready = True
            self._progress(place.child.name, Step.READY)

    def _start(self, place: _Place, now: float) -> None:
        self._progress(place.child.name, Step.STARTING)
        place.started = now
        try:
            place.running = RunningChild(place.child, place.log)
        except OSError as error:
            # Such as a full disk: it may pass, so it is one more failed start.
            place.last_error = str(error)
            self._postpone(place, now)

    def _bury(self, place: _Place, now: float) -> None:
        status = place.running.exit_status() if place.running else None
        if not place.was_ready and status == _CANNOT_EXECUTE:
            place.deadline = now
        place.last_error = last_words(place.log, place.log_since)
        self._postpone(place, now)

    def _postpone(self, place: _Place, now: float) -> None:
        self._progress(place.child.name, Step.DIED)
        if now - place.started > _STEADY_SECONDS:
            place.failures = 0
        place.running, place.ready = None, False
        place.next_start = now + _BACKOFF_SECONDS[min(place.failures, len(_BACKOFF_SECONDS) - 1)]
        place.failures += 1

    def _report_orders(self) -> None:
        now = time.monotonic()
        for order in list(self._waiting):
            late = [place for place in order.places if not place.was_ready and now >= place.deadline]
            if late:
                order.done.set_exception(_not_started(late[0]))
            elif all(place.was_ready for place in order.places):
                order.done.set_result(None)
            if order.done.done():
                self._waiting.remove(order)

    def _dismiss_orders(self) -> None:
        while not self._orders.empty():
            self._waiting.append(self._orders.get())
        for order in self._waiting:
            order.done.set_exception(self._failure or _not_startable())

    def _stop_all(self) -> None:
        for place in reversed(self._places):
            try:
                self._stop_one(place)
            except BaseException as error:  # the others must still be stopped
                self._failure = self._failure or error

    def _stop_one(self, place: _Place) -> None:
        if place.running is not None:
            self._progress(place.child.name, Step.STOPPING)
            place.running.stop(self._hurry)
            place.running = None
            self._progress(place.child.name, Step.STOPPED)

    def _bound_logs(self, now: float) -> None:
        if now < self._next_log_check:
            return
        self._next_log_check = now + _LOG_CHECK_SECONDS
        for place in self._places:
            if place.running is not None:
                place.running.bound_log()


def _not_startable() -> YichuangError:
    return Conflict(
        "not_startable",
        "正在停止，或名称重复，不能启动。",
        "the supervisor is stopping or the name is taken; nothing was started.",
    )


def _not_started(place: _Place) -> YichuangError:
    name, words = place.child.name, place.last_error or last_words(place.log, place.log_since)
    if not words:
        seconds = place.child.ready_timeout
        words = f"{seconds:g}秒内没有应答 (no answer within {seconds:g} seconds)"
    return Unavailable(
        "server_not_ready",
        f"{name} 未能启动：{words}。完整日志见 {place.log}。",
        f"{name} did not start: {words}. Its whole log is {place.log}.",
    )
