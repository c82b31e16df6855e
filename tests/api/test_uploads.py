"""Uploads that go on where they were cut: other people's clients, cut connections, a server that starts again."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar
from tusclient.client import TusClient

from api.state import context_of
from engine.capture import uploading
from engine.context import Context
from engine.evidence import collect_orphans
from engine.settings import Settings
from storage.embedded import Child, Supervisor
from tests.api.filing import picture
from tests.api.hall import PDF, Caller, Clock, caller, refused
from tests.api.paper import Desk
from workflows.actor import Role

ROOT = Path(__file__).resolve().parents[2]
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
PATIENCE = 20


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Starts a server process on this test's database, and again on the same address; it dies with the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "YICHUANG_DATABASE_URL": settings.database_url.get_secret_value(),
        "YICHUANG_OBJECTS_URL": settings.objects_url.get_secret_value(),
        "YICHUANG_BROKER_URL": settings.broker_url.get_secret_value(),
        "YICHUANG_KEY_FILE": str(settings.key_file),
        "YICHUANG_BUCKET_PREFIX": settings.bucket_prefix,
        "YICHUANG_UPLOAD_MAX_BYTES": str(16 * 2**20),
    }

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False

    supervisors: list[Supervisor] = []

    def begin() -> str:
        while supervisors:
            supervisors.pop().__exit__(None, None, None)
        folder = tmp_path / f"var{random.getrandbits(32)}"
        folder.mkdir()
        supervisor = Supervisor(folder).__enter__()
        supervisors.append(supervisor)
        argv = (sys.executable, "-m", "api.cli", "serve", "--port", str(port))
        supervisor.start(Child("api", argv, env=environment, cwd=ROOT, ready=ready))
        return address

    try:
        yield begin
    finally:
        while supervisors:
            supervisors.pop().__exit__(None, None, None)


def told(**values: str) -> str:
    """``Upload-Metadata``."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def cut_off(who: Caller, url: str, offset: int, content: bytes, announced: int) -> None:
    """Send some bytes over a raw connection and break it off without a word."""
    parts = urlsplit(url)
    head = [f"PATCH {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Authorization: Bearer {who.token}"]
    head += [f"{name}: {value}" for name, value in PIECE.items()]
    head += [f"Upload-Offset: {offset}", f"Content-Length: {announced}", "", ""]
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as wire:
        wire.sendall("\r\n".join(head).encode() + content)


async def stands_at(who: Caller, url: str, least: int) -> int:
    """Where an upload stands, once it has come this far."""
    deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    while True:
        found = int((await who.http.head(url, headers=who.headers | TUS)).headers["Upload-Offset"])
        if found >= least:
            return found
        assert datetime.now(UTC) < deadline, f"only {found} of {least} bytes stayed"


async def test_an_upload_cut_anywhere_goes_on_and_arrives_whole(
    start: Callable[[], str], context: Context, tmp_path: Path
) -> None:
    context.objects.ensure_buckets()
    address = start()
    content = PDF + random.Random(5).randbytes(9 * 2**20)
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        who = await caller(http, "clerk", Role.clerk, "hall", datetime.now(UTC))
        number = await who.open_case()
        about = told(filename="大件.pdf", filetype="application/pdf", case=number, line="M01")
        headers = who.headers | TUS | {"Upload-Length": str(len(content)), "Upload-Metadata": about}
        made = await http.post("/api/v1/uploads", headers=headers)
        assert made.status_code == 201, made.text
        url = address + made.headers["Location"]
        reached = 0
        for share in (0.10, 0.50, 0.99):
            upto = int(len(content) * share)
            cut_off(who, url, reached, content[reached:upto], len(content) - reached)
            reached = await stands_at(who, url, upto)
            assert reached == upto
            if share == 0.50:
                assert start() == address  # the bytes are not in that process
        refused(await http.patch(url, content=b"x", headers=who.headers | PIECE | {"Upload-Offset": "0"}), 409,
                "upload_offset_wrong")  # fmt: skip
        last = who.headers | PIECE | {"Upload-Offset": str(reached)}
        done = await http.patch(url, content=content[reached:], headers=last)
        assert (done.status_code, done.headers["Upload-Offset"]) == (204, str(len(content)))
        state = (await http.get(url, headers=who.headers)).json()
        assert (state["state"], state["received"]) == ("done", len(content))
        scans = (await who.get(f"/api/v1/cases/{number}/scans")).json()
        assert [(row["id"], row["size"]) for row in scans] == [(state["scan_id"], len(content))]
        kept = context.objects.fetch_incoming(state["scan_id"], tmp_path / "kept")
        assert kept == hashlib.sha256(content).hexdigest()
        far = datetime.now(UTC) + timedelta(days=1)
        assert [one.key for one in context.objects.list_incoming(far)] == [state["scan_id"]]
        await _a_client_of_others_is_served(http, who, number, tmp_path)


async def _a_client_of_others_is_served(http: httpx.AsyncClient, who: Caller, number: str, tmp_path: Path) -> None:
    path = tmp_path / "第1页.jpg"
    path.write_bytes(picture())
    client = TusClient(f"{str(http.base_url).rstrip('/')}/api/v1/uploads", headers=who.headers)
    about = {"filename": path.name, "filetype": "image/jpeg", "case": number, "line": "M03"}
    with path.open("rb") as file:
        upload = client.uploader(file_stream=file, chunk_size=len(picture()) // 3, metadata=about, upload_checksum=True)
        upload.upload_chunk()  # type: ignore[no-untyped-call]  # the client has no types
        assert 0 < upload.offset < path.stat().st_size
        again = client.uploader(file_stream=file, url=upload.url, chunk_size=1000)
        assert again.get_offset() == upload.offset
        again.upload()
    state = (await http.get(str(upload.url), headers=who.headers)).json()
    assert state["state"] == "done"
    rows = (await who.get(f"/api/v1/cases/{number}/scans")).json()
    assert ("M03", path.name, path.stat().st_size) in {(row["line"], row["file_name"], row["size"]) for row in rows}


async def test_an_upload_keeps_to_what_it_said(
    app: Litestar, clock: Clock, clerk: Caller, issuer: Caller, http: httpx.AsyncClient
) -> None:
    number, desk, context = await clerk.open_case(), Desk(app, clock, clerk), context_of(app)
    content = picture()

    async def begin(length: int = len(content), **metadata: str) -> httpx.Response:
        about = told(**({"filename": "a.jpg", "case": number, "line": "M01"} | metadata))
        headers = clerk.headers | TUS | {"Upload-Length": str(length), "Upload-Metadata": about}
        return await http.post("/api/v1/uploads", headers=headers)

    async def send(url: str, offset: int, piece: bytes, **headers: str) -> httpx.Response:
        asked = clerk.headers | PIECE | {"Upload-Offset": str(offset)} | headers
        return await http.patch(url, content=piece, headers=asked)

    spoken = await http.options("/api/v1/uploads", headers=clerk.headers)
    assert (spoken.status_code, spoken.headers["Tus-Version"]) == (204, "1.0.0")
    assert set(spoken.headers["Tus-Extension"].split(",")) == {"creation", "termination", "expiration", "checksum"}
    for answer, status, code in (
        (await begin(0), 422, "empty_file"),
        (await begin(51 * 2**20), 413, "file_too_large"),
        (await begin(line="M99"), 409, "material_not_on_list"),
        (await begin(filename="../x.jpg"), 422, "unsafe_file_name"),
        (await begin(case="", line=""), 422, "upload_target_missing"),
        (await http.post("/api/v1/uploads", headers=clerk.headers), 412, "tus_version_needed"),
        (await http.post("/api/v1/uploads", headers=clerk.headers | TUS), 422, "upload_header_wrong"),
    ):
        refused(answer, status, code)
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    url = (await begin()).headers["Location"]
    assert (await http.head(url, headers=issuer.headers | TUS)).status_code == 404
    refused(await send(url, 0, b"x", **{"Content-Type": "application/pdf"}), 415, "offset_stream_needed")
    wrong = base64.b64encode(hashlib.sha1(b"other", usedforsecurity=False).digest()).decode()
    refused(await send(url, 0, content[:100], **{"Upload-Checksum": f"sha1 {wrong}"}), 460, "checksum_mismatch")
    refused(await send(url, 0, content[:100], **{"Upload-Checksum": "crc x"}), 422, "checksum_malformed")
    refused(await send(url, 0, content + b"more"), 413, "upload_longer_than_said")
    right = base64.b64encode(hashlib.sha256(content[:100]).digest()).decode()
    first = await send(url, 0, content[:100], **{"Upload-Checksum": f"sha256 {right}"})
    assert first.headers["Upload-Offset"] == "100"
    assert (await send(url, 100, content[100:])).status_code == 204
    refused(await send(url, len(content), b""), 409, "upload_over")

    bad = (await begin(filename="a.pdf")).headers["Location"]
    refused(await send(bad, 0, content), 415, "type_mismatch")
    assert (await http.get(bad, headers=clerk.headers)).json()["refusal"]["code"] == "type_mismatch"
    batch = await desk.open()
    into = (await begin(batch=batch, case="", line="")).headers["Location"]
    assert (await send(into, 0, content)).status_code == 204
    assert [row["state"] for row in (await desk.close(batch))["files"]] == ["stored"]
    gone = (await begin()).headers["Location"]
    await send(gone, 0, content[:50])
    assert (await http.delete(gone, headers=clerk.headers | TUS)).status_code == 204
    assert (await http.head(gone, headers=clerk.headers | TUS)).status_code == 404

    late = (await begin()).headers["Location"]
    await send(late, 0, content[:50])
    assert await collect_orphans(context, datetime.now(UTC) + timedelta(days=2)) == 0  # parts are not orphans
    clock.advance(hours=25)
    refused(await send(late, 50, content[50:]), 404, "upload_not_found")
    assert await uploading.collect_expired(context, clock.now) >= 1
    kept = {one.key for one in context.objects.list_incoming(datetime.now(UTC) + timedelta(days=1))}
    assert not [key for key in kept if key.startswith("uploads/")]
