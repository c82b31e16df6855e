"""A durable instance of the servers with cases to act on."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.cli.machine import answers, environment_of
from engine.context import Context, open_context
from engine.identity import by_token, issue_token
from engine.memory import settle_memory
from engine.opening import Applicant, Opening, open_case
from engine.operations import act
from engine.sample import load_sample
from engine.settings import Settings, load_settings
from engine.work import Command
from storage.db import close_pool, open_pool
from storage.embedded import Addresses, Embedded, Supervisor
from storage.migrate import migrate
from storage.objects import ObjectStore
from storage.sealing import new_key_file
from workflows.actor import Actor, Role
from workflows.events import Act
from workflows.item import load_catalogue

CLIENTS = 16
FOOD = next(item for item in load_catalogue() if item.name.startswith("食品经营许可"))


@dataclass(frozen=True)
class Hall:
    """Running servers, a loaded sample hall, and tokens of the two people who act."""

    data: Path
    addresses: Addresses
    settings: Settings
    clerk: str
    officer: str


@contextmanager
def running_hall() -> Iterator[Hall]:
    """Start the servers durably in a temporary folder and load the sample hall."""
    with tempfile.TemporaryDirectory(prefix="yc-bench-") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "var"
        embedded = Embedded(data)
        embedded.prepare()
        try:
            with Supervisor(data) as supervisor:
                supervisor.start(*embedded.commands())
                addresses = embedded.addresses()
                key_file = data / "keys.toml"
                new_key_file(key_file)
                settings = load_settings(
                    database_url=addresses.database_url,
                    objects_url=addresses.objects_url,
                    broker_url=addresses.broker_url,
                    key_file=key_file,
                )
                asyncio.run(migrate(addresses.migration_database_url, addresses.database_url))
                ObjectStore(addresses.objects_url).ensure_buckets()
                clerk, officer = asyncio.run(_people(settings))
                yield Hall(data, addresses, settings, clerk, officer)
        finally:
            embedded.close()


@contextmanager
def served(hall: Hall) -> Iterator[int]:
    """One API process on the hall, until the block ends; its port on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = Path(hall.data) / "log" / "bench-api.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
            env=os.environ | environment_of(hall.settings),
            stdout=output,
            stderr=output,
        )
        try:
            while not answers(f"http://127.0.0.1:{port}/health/live"):
                assert server.poll() is None, log.read_text()
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            server.wait(20)


async def _people(settings: Settings) -> tuple[str, str]:
    await open_pool(settings.database_url.get_secret_value())
    now = datetime.now(UTC)
    await load_sample(now)
    clerk = await issue_token("clerk", Role.clerk, "hall", "bench", now)
    officer = await issue_token("officer", Role.officer, "amr", "bench", now)
    await close_pool()
    return clerk.token, officer.token


async def received_cases(context: Context, clerk: Actor, count: int) -> tuple[list[str], float]:
    """So many cases in RECEIVED with their notice clock running, and how many receipts there were a second.

    A receipt takes a gap-free number for its document from a counter that all of the hall's receipts share.
    """
    who = Applicant("organisation", "示例餐饮有限公司", "uscc", "91350100M000100Y43")
    opening = Opening(item=FOOD.code, applicant=who)
    counts = {"materials": [{"line": "M02", "exempt": "e_cert"}]}
    numbers: list[str] = []

    async def opens() -> None:
        opened = [await open_case(context, clerk, opening, datetime.now(UTC)) for _ in range(count // CLIENTS)]
        numbers.extend(answer["case"] for answer in opened)

    async def receives(mine: list[str]) -> None:
        for number in mine:
            await act(context, Command(clerk, number, Act.RECEIVE, counts, datetime.now(UTC), version=1))

    await asyncio.gather(*(opens() for _ in range(CLIENTS)))
    begin = time.perf_counter()
    await asyncio.gather(*(receives(numbers[n::CLIENTS]) for n in range(CLIENTS)))
    return numbers, len(numbers) / (time.perf_counter() - begin)


async def connected_context(hall: Hall, size: int) -> tuple[Context, Actor, Actor]:
    """A connected engine and the two people."""
    await open_pool(hall.settings.database_url.get_secret_value(), size=size)
    now = datetime.now(UTC)
    settle_memory()
    return open_context(hall.settings), await by_token(hall.clerk, now), await by_token(hall.officer, now)
