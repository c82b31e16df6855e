"""A whole instance, as ``make up`` starts it, for the length of a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.acceptance.halls import free_port

_START_SECONDS = 120.0


@dataclass
class Machine:
    """Where it answers and who may sign in."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    passwords: dict[str, str]

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + _START_SECONDS
        while not self.answers():
            assert self.process.poll() is None, (self.home / "log").read_text("utf-8")[-2000:]
            assert time.monotonic() < until, "the instance did not start"
            time.sleep(0.2)

    def kill_api(self) -> None:
        """The process that serves pages dies at once, as in a power cut; the supervisor starts another one."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # also of what has ended and was not yet waited for
                if "serve" in child.cmdline():
                    for process in [*child.children(recursive=True), child]:
                        process.send_signal(signal.SIGKILL)


@contextmanager
def machine() -> Iterator[Machine]:
    """Start one in a folder of its own; it ends with this process, even when that is killed."""
    with tempfile.TemporaryDirectory(prefix="yc-browser-") as folder:
        Path(folder).chmod(0o755)
        home, port = Path(folder) / "var", free_port()
        command = [sys.executable, "-m", "api.cli", "up", "--data", str(home), "--port", str(port)]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [*command, "--ends-with", str(os.getpid())],
                stdout=log,
                stderr=log,
                env={**os.environ, "YICHUANG_WEBHOOK_NETWORKS": "127.0.0.0/8"},  # a webhook of its own to look at
            )
        try:
            one = Machine(f"http://127.0.0.1:{port}", Path(folder), process, {})
            one.wait()
            one.passwords = json.loads((home / "logins.json").read_text("utf-8"))
            yield one
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
