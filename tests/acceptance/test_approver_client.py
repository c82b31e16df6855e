"""An approver's system that works only through webhooks and the interface: the script of the guide, run as it is."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli.machine import environment_of
from engine import identity
from engine.context import Context
from engine.settings import Settings
from storage import cases
from storage.db import reading
from storage.embedded import Child, Supervisor
from tests.api.filing import COUNTS, picture
from tests.api.hall import FOOD, OPENING
from tests.factories import Story
from workflows.actor import Role

ROOT = Path(__file__).parents[2]
PAGES = sum("exempt" not in row for row in COUNTS)
ACTS = ["open", "receive", "accept", "dispatch", "sign_in", "submit_review", "grant"]
SCRIPT = ROOT / "docs/examples/approver_client.py"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.fixture
def hall(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of the hall: server, relay and worker on this test's database; they end with the tests."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    mine = settings.model_copy(
        update={"webhook_networks": "127.0.0.0/8", "webhook_plain_http": True, "worker_processes": 1, "port": port}
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("YICHUANG_")}
    environment = clean | environment_of(mine) | {"PYTHONUNBUFFERED": "1"}

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=1):
                return True
        except OSError:
            return False

    program = (sys.executable, "-m", "api.cli")
    (tmp_path / "var").mkdir()
    with Supervisor(tmp_path / "var") as supervisor:
        supervisor.start(
            Child("serve", (*program, "serve"), environment, ROOT, ready=ready, ready_timeout=120),
            *(Child(name, (*program, name), environment, ROOT) for name in ("worker", "relay")),
        )
        yield address


async def token(login: str, role: Role, organisation: str) -> str:
    return (await identity.issue_token(login, role, organisation, "approval system", datetime.now(UTC))).token


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[list[str]]:
    """The script as a process of its own, and the lines that it says."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment,
    )  # fmt: skip
    assert process.stdout is not None
    said: list[str] = []
    listening = threading.Thread(target=lambda: said.extend(line.strip() for line in process.stdout or ()))
    listening.start()
    try:
        yield said
    finally:
        process.kill()
        process.wait(10)
        listening.join(10)
        process.stdout.close()


async def until(story: Story, state: str, said: list[str]) -> None:
    """Until the case has come to a state, by whomever."""
    async with asyncio.timeout(60), reading() as connection:
        while (found := await cases.read(story.number)) is None or found["state"] != state:
            assert not any("Traceback" in line for line in said), said
            await connection.execute("SELECT pg_sleep(0.1)")


async def until_kept(story: Story, said: list[str]) -> None:
    """Until the decision of a case was fetched."""
    async with asyncio.timeout(30), reading() as connection:
        while not any(line.startswith(f"{story.number} D15") for line in said):
            await connection.execute("SELECT pg_sleep(0.05)")


async def until_listening(said: list[str]) -> None:
    async with asyncio.timeout(30), reading() as connection:
        while not any(line.startswith("listening") for line in said):
            assert not any("Traceback" in line for line in said), said
            await connection.execute("SELECT pg_sleep(0.05)")


async def subscribed(hall: str, port: int, asker: str) -> dict[str, Any]:
    wanted = {"organisation": "amr", "url": f"http://127.0.0.1:{port}/hall", "name": "审批系统"}
    async with httpx.AsyncClient(base_url=hall) as http:
        answer = await http.post("/api/v1/webhooks", json=wanted, headers={"Authorization": f"Bearer {asker}"})
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


async def test_a_case_is_decided_by_a_system_that_is_only_told(context: Context, hall: str, tmp_path: Path) -> None:
    await asyncio.to_thread(context.objects.ensure_buckets)
    port = free_port()
    added = await subscribed(hall, port, await token("item_steward", Role.item_steward, "460100"))
    environment = {
        "HALL_URL": hall,
        "HALL_SECRET": added["secret"],
        "OFFICER_TOKEN": await token("officer", Role.officer, "amr"),
        "APPROVER_TOKEN": await token("approver", Role.approver, "amr"),
    }
    clerk, papers = await token("clerk", Role.clerk, "hall"), tmp_path / "papers"
    papers.mkdir()
    arguments = ("--port", str(port), "--cursor", str(tmp_path / "cursor.txt"), "--documents", str(papers))
    waiting = await filed(context, hall, clerk)  # before the script runs: it begins with its tasks
    with running(environment, *arguments) as said:
        await until_listening(said)
        await until(waiting, "GRANTED", said)
        story = await filed(context, hall, clerk)
        await until(story, "GRANTED", said)
        await until_kept(story, said)
        await refuses_forged_messages(port)
    assert f"{story.number} {PAGES} pages read" in said
    decision = (await story.documents())["D15"]
    assert (papers / f"{decision}.pdf").read_bytes().startswith(b"%PDF")
    row = await story.row()
    assert row["approver_id"] != row["handler_id"]
    assert [name for name in await story.events() if name in {*ACTS, "deny"}] == ACTS
    missed = await filed(context, hall, clerk)
    with running(environment, *arguments) as said:
        await until(missed, "GRANTED", said)
    assert (await missed.row())["state"] == "GRANTED"


async def filed(context: Context, hall: str, clerk: str) -> Story:
    """An application with its papers scanned, judged by the worker, and received."""
    async with httpx.AsyncClient(base_url=hall, headers={"Authorization": f"Bearer {clerk}"}, timeout=30) as http:
        number = (await http.post("/api/v1/cases", json=OPENING)).json()["case"]
        case = f"/api/v1/cases/{number}"
        for row in COUNTS:
            if "exempt" not in row:
                file = {"file": ("第1页.jpg", picture(), "image/jpeg")}
                answer = await http.post(f"{case}/materials/{row['line']}/scans", files=file)
                assert answer.status_code == 201, answer.text
        async with asyncio.timeout(60), reading() as connection:
            while any(scan["state"] == "incoming" for scan in (await http.get(f"{case}/scans")).json()):
                await connection.execute("SELECT pg_sleep(0.1)")
        version = {"If-Match": str((await http.get(case)).json()["version"])}
        answer = await http.post(f"{case}/actions/receive", json={"materials": COUNTS}, headers=version)
        assert answer.status_code == 200, answer.text
    return Story(context, FOOD, number, datetime.now(UTC), [])


async def refuses_forged_messages(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        for headers in (
            {},
            {"X-Yichuang-Timestamp": str(int(datetime.now(UTC).timestamp())), "X-Yichuang-Signature": "sha256=00"},
            {"X-Yichuang-Timestamp": "٣", "X-Yichuang-Signature": "é"},
        ):
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            assert (await http.post("/hall", content=b"{}", headers=raw)).status_code == 401
