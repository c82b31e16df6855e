"""A whole hall over real sockets in which the test moves the clock: a server, and what workers do in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from api.app import create_app
from api.state import context_of
from engine.context import Context
from engine.jobs import run_row
from engine.settings import Settings
from engine.sweeping import sweep
from storage.db import reading
from tests.api.filing import picture
from tests.api.hall import Caller, Clock, caller
from tests.storage.hostile_files import pdf
from workflows.actor import Role

API = "/api/v1"
PLACES = {
    "clerk": "hall", "issuer": "hall", "agent": "hall", "guide": "hall", "hall_manager": "hall", "officer": "amr",
    "approver": "amr",
}  # fmt: skip
"""Who works where in the sample hall; the sign-in name is that of the role."""


@dataclass
class Hall:
    """A running hall: its address, its people, its clock. ``versions`` are those that they have seen of each case."""

    app: Litestar
    http: httpx.AsyncClient
    clock: Clock
    people: dict[str, Caller] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        return context_of(self.app)

    async def work(self) -> int:
        """What workers would do by now, over and over until nothing is due; how many pieces of work were done."""
        done = 0
        while True:
            async with reading() as connection:
                rows = await connection.fetch(
                    # What an act leaves is due at once, by the database's own clock.
                    "SELECT id FROM outbox WHERE state IN ('waiting', 'sent') AND (due_at <= $1 OR due_at = created_at)"
                    " ORDER BY id",
                    self.clock.now,
                )
            if not rows:
                assert await self._failed() == []
                return done
            for row in rows:
                done += await run_row(self.context, row["id"], self.clock)

    async def _failed(self) -> list[str]:
        """Why work was not done, but for what waits for a gateway."""
        async with reading() as connection:
            rows = await connection.fetch(
                "SELECT topic || ': ' || error AS why FROM outbox WHERE error <> '' AND topic <> 'notification.send'"
            )
        return [row["why"] for row in rows]

    async def until(self, moment: datetime) -> None:
        """Let time pass up to a moment, with workers and the timer at work."""
        self.clock.now = moment
        await sweep(self.context, moment)
        await self.work()

    async def get(self, who: str, path: str) -> Any:
        answer = await self.people[who].get(f"{API}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, who: str, path: str, body: Any, status: int = 201) -> Any:
        answer = await self.people[who].post(f"{API}{path}", body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def try_act(self, who: str, number: str, action: str, **payload: Any) -> httpx.Response:
        """Try an act on a case as it stands."""
        self.clock.advance(minutes=2)
        version = (await self.get("clerk", f"/cases/{number}"))["version"]
        return await self.people[who].act(number, action, version, body=payload)

    async def act(self, who: str, number: str, action: str, **payload: Any) -> dict[str, Any]:
        """Do an act that must succeed."""
        answer = await self.try_act(who, number, action, **payload)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def open(self, who: str, path: str, **body: Any) -> str:
        """Register an application; its number."""
        number: str = (await self.post(who, path, body))["case"]
        return number

    async def scan(self, who: str, number: str) -> list[dict[str, Any]]:
        """Scan every line that asks for paper; the counts of everything that was handed in."""
        counts = []
        for line in await self.get("clerk", f"/cases/{number}/materials"):
            if line["e_cert"]:
                counts.append({"line": line["line"], "exempt": "e_cert", "checked": True})
                continue
            sent = await self.people[who].upload(number, line["line"], picture(), name="page.jpg", kind="image/jpeg")
            assert sent.status_code == 201, sent.text
            counts.append({"line": line["line"], **line["asked"], "pages": 1, "checked": True})
        await self.work()
        return counts

    async def grant(self, number: str) -> None:
        """From the papers to a result that waits at the counter, shelf A1."""
        counts = await self.scan("clerk", number)
        await self.act("clerk", number, "receive", materials=counts)
        await self.act("officer", number, "accept")
        await self.act("clerk", number, "dispatch")
        await self.act("officer", number, "sign_in")
        await self.act("officer", number, "submit_review", opinion="符合条件。", proposal="grant")
        await self.act("approver", number, "grant", opinion="准予。")
        await self.act("issuer", number, "make_certificate")
        await self.act("issuer", number, "mark_ready", shelf="A1")
        await self.work()

    async def state(self, number: str) -> str:
        found: str = (await self.get("clerk", f"/cases/{number}"))["state"]
        return found

    async def mandate(self, who: str, given: dict[str, Any]) -> str:
        """A mandate drawn up, printed, signed, registered under its number, its paper scanned; the number."""
        terms = {name: value for name, value in given.items() if name not in {"signed", "visit"}}
        number: str = (await self.post(who, "/mandates/forms", terms))["number"]
        await self.work()
        form = await self.people[who].get(f"{API}/slips/{number}/content")
        assert form.headers["content-type"] == "application/pdf", form.text
        kept = await self.post(who, "/mandates", given | {"form": number})
        files = {"file": ("委托书.pdf", pdf(), "application/pdf")}
        path = f"{API}/mandates/{kept['mandate']}/scans"
        scan = await self.http.post(path, files=files, headers=self.people[who].headers)
        assert scan.status_code == 201, scan.text
        await self.work()
        assert (await self.get(who, f"/mandates/{kept['mandate']}"))["state"] == "in_force"
        return f"{kept['mandate']} {number}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Hall]:
    """A hall that serves on loopback, as somebody would reach it; it ends with the block."""
    clock, port = Clock(), free_port()
    app = create_app(settings, clock)
    server = Server(app, "127.0.0.1", port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            await _until_live(http, serving)
            hall = Hall(app, http, clock)
            await asyncio.to_thread(hall.context.objects.ensure_buckets)
            hall.people = {who: await caller(http, who, Role(who), place, clock.now) for who, place in PLACES.items()}
            yield hall
    finally:
        server.stop()
        await serving


async def _until_live(http: httpx.AsyncClient, serving: asyncio.Task[None]) -> None:
    async with asyncio.timeout(20):
        while not serving.done():
            try:
                if (await http.get("/health/live")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.02)
    await serving
