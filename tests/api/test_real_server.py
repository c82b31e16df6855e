"""The server as it is deployed, over real sockets: what only a real connection can do to it."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.context import Context
from engine.settings import Settings
from storage.embedded import Child, Supervisor
from tests.api.filing import picture
from tests.api.hall import OPENING, PDF, Caller, Unchanged, refused
from tests.conftest import PASSWORD, Database

ROOT = Path(__file__).resolve().parents[2]
HEAD = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of a server process on this test's database; it dies with the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False

    argv = (sys.executable, "-m", "api.cli", "serve", "--port", str(port))
    (tmp_path / "var").mkdir()
    with Supervisor(tmp_path / "var") as supervisor:
        supervisor.start(Child("api", argv, env=_environment(settings), cwd=ROOT, ready=ready))
        yield address


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "YICHUANG_DATABASE_URL": settings.database_url.get_secret_value(),
        "YICHUANG_OBJECTS_URL": settings.objects_url.get_secret_value(),
        "YICHUANG_BROKER_URL": settings.broker_url.get_secret_value(),
        "YICHUANG_KEY_FILE": str(settings.key_file),
        "YICHUANG_BUCKET_PREFIX": settings.bucket_prefix,
        "YICHUANG_UPLOAD_MAX_BYTES": str(2**20),
    }


async def signed_in(http: httpx.AsyncClient, login: str) -> dict[str, str]:
    """The header for changes, after signing in."""
    answer = await http.post("/api/v1/session", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return {"X-CSRF-Token": answer.json()["csrf_token"]}


async def machine(http: httpx.AsyncClient) -> Caller:
    """A clerk's token, issued over HTTP by the security administrator."""
    async with httpx.AsyncClient(base_url=http.base_url) as browser:
        csrf = await signed_in(browser, "security_admin")
        wanted = {"person": "clerk", "role": "clerk", "organisation": "hall", "name": "kiosk"}
        issued = await browser.post("/api/v1/tokens", json=wanted, headers=csrf)
    return Caller(http, issued.json()["token"], issued.json()["id"])


async def send_raw(address: str, request: bytes, *, cut: bool) -> bytes:
    """What the server answers to these bytes; ``cut`` breaks the connection off instead of waiting."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await writer.drain()
    if cut:
        writer.transport.abort()
        return b""
    try:
        return await asyncio.wait_for(reader.read(65536), 10)
    finally:
        writer.close()


def upload_of(caller: Caller, number: str, length: str) -> bytes:
    """The head of an upload as bytes on the wire."""
    return (
        f"POST /api/v1/cases/{number}/materials/M01/scans HTTP/1.1\r\nHost: hall\r\n"
        f"Authorization: Bearer {caller.token}\r\nContent-Type: multipart/form-data; boundary=B\r\n{length}\r\n\r\n"
    ).encode()


async def test_uploads_over_real_connections(server: str, context: Context, database: Database) -> None:
    await asyncio.to_thread(context.objects.ensure_buckets)
    async with httpx.AsyncClient(base_url=server) as http:
        clerk = await machine(http)
        number = await clerk.open_case()
        async with Unchanged(database.superuser, context):
            half = upload_of(clerk, number, "Content-Length: 500000") + HEAD + PDF * 2000
            await send_raw(server, half, cut=True)
            chunked = upload_of(clerk, number, "Transfer-Encoding: chunked")
            body = HEAD + PDF
            await send_raw(server, chunked + f"{len(body):x}\r\n".encode() + body + b"\r\n", cut=True)
            announced = await send_raw(server, upload_of(clerk, number, "Content-Length: 99999999"), cut=False)
            assert b" 413 " in announced.split(b"\r\n")[0]
            assert b'"file_too_large"' in announced
            refused(await clerk.upload(number, "M01", PDF + bytes(2**20)), 413, "file_too_large")
            refused(await clerk.upload(number, "M99", PDF), 409, "material_not_on_list")
        kept = await clerk.upload(number, "M01", picture(), name="a.jpg", kind="image/jpeg")
        assert kept.status_code == 201
        assert (await http.get("/health/ready")).json()["status"] == "ok"


async def test_a_person_works_in_a_session_over_a_real_connection(server: str) -> None:
    async with httpx.AsyncClient(base_url=server) as http:
        csrf = await signed_in(http, "clerk")
        opened = await http.post("/api/v1/cases", json=OPENING, headers=csrf)
        assert opened.status_code == 201
        refused(await http.post("/api/v1/cases", json=OPENING), 403, "csrf_refused")
        assert (await http.get(f"/public/cases/{opened.json()['query_code']}")).json()["state"] == "NEW"
        big = b'{"item": "' + b"x" * 2**20 + b'"}'
        headers = csrf | {"Content-Type": "application/json"}
        refused(await http.post("/api/v1/cases", content=big, headers=headers), 413, "payload_too_large")
        assert (await http.get("/api/v1/me")).status_code == 200
