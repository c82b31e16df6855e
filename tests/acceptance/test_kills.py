"""Every process is killed in the middle of work; nothing that was acknowledged is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psutil
import pytest
from PIL import Image

from api.cli.addresses import address_of
from engine.specimens import make_specimens
from storage.embedded import Addresses, Embedded, with_database
from storage.objects import ObjectStore
from workflows.item import load_catalogue

CASES = 25
PATIENCE = 120.0
FOOD = next(item for item in load_catalogue() if item.name.startswith("食品经营许可"))
VICTIMS = ("serve", "postgres", "worker", "weed", "valkey-server", "relay", "serve", "postgres")


@dataclass
class Machine:
    """A running ``yichuang up``."""

    data: Path
    process: subprocess.Popen[bytes]
    url: str

    def victim(self, name: str) -> psutil.Process | None:
        """The supervised child of that name (of PostgreSQL: the postmaster)."""
        for child in psutil.Process(self.process.pid).children():
            try:
                words = child.cmdline()
            except psutil.NoSuchProcess:  # killed a moment ago
                continue
            if words and (Path(words[0]).name == name or words[-1] == name):
                return child
        return None


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Everything on one machine, in a folder of its own; gone afterwards, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="yc-kill-"))
    folder.chmod(0o755)
    data = folder / "var"
    environment = os.environ | {"YICHUANG_OUTBOX_RESEND_SECONDS": "2"}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "up", "--data", str(data), "--ends-with", str(os.getpid())],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=environment,
    )
    assert process.stdout is not None
    output: list[bytes] = []
    threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True).start()
    deadline = time.monotonic() + 60
    try:
        while not address_of(data):
            assert process.poll() is None, b"".join(output).decode()
            assert time.monotonic() < deadline, b"".join(output).decode()
            threading.Event().wait(0.1)
        yield Machine(data, process, address_of(data))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Ledger:
    """What clients were told, for comparison with what the database holds."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    scans: dict[str, dict[str, Any]] = field(default_factory=dict)


class Client:
    """One person's session that repeats a request under its key until it is answered."""

    def __init__(self, machine: Machine, login: str, ledger: Ledger) -> None:
        password = json.loads((machine.data / "logins.json").read_text())[login]
        self.http = httpx.Client(base_url=machine.url, timeout=10, trust_env=False)
        answer = self.http.post("/api/v1/session", json={"login": login, "password": password})
        self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        self.ledger = ledger

    def insist(self, path: str, key: str, **request: Any) -> dict[str, Any]:
        """Send until there is an answer that is not a failure of a server."""
        headers = {"Idempotency-Key": key} | request.pop("headers", {})
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.http.post(path, headers=headers, **request)
                if answer.status_code < 500:
                    assert answer.is_success, answer.text
                    told: dict[str, Any] = answer.json()
                    return told
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"{path} was never answered"
            threading.Event().wait(0.1)

    def act(self, number: str, version: int, action: str, **payload: Any) -> dict[str, Any]:
        """One act, acknowledged."""
        key = str(uuid4())
        path = f"/api/v1/cases/{number}/actions/{action}"
        told = self.insist(path, key, json=payload, headers={"If-Match": f'"{version}"'})
        self.ledger.answers[key] = told
        return told


def one_case(clerk: Client, officer: Client, file: Path) -> None:
    """Eight acknowledged acts on one case, one of them an upload."""
    who = {"kind": "organisation", "name": "示例餐饮有限公司", "id_kind": "uscc", "id_number": "91350100M000100Y43"}
    key = str(uuid4())
    opened = clerk.insist("/api/v1/cases", key, json={"item": FOOD.code, "applicant": who})
    clerk.ledger.answers[key] = opened
    number = opened["case"]
    content = file.read_bytes()
    scan = clerk.insist(
        f"/api/v1/cases/{number}/materials/M01/scans", str(uuid4()), files={"file": (file.name, content, "image/png")}
    )
    clerk.ledger.scans[scan["scan"]] = scan
    lines = [
        {"material": code, "defect": "未提交或不清晰", "requirement": "补交", "basis": "办法第12条"}
        for code in ("M01", "M03", "M04", "M05")
    ]
    counts = [{"line": "M01", "originals": 1, "pages": 1}, {"line": "M02", "exempt": "e_cert"}]
    clerk.act(number, 1, "receive", materials=counts)
    officer.act(number, 2, "give_notice", lines=lines)
    clerk.act(number, 3, "supply", lines=[1])
    clerk.act(number, 4, "escalate", reason="存疑", article="32")
    officer.act(number, 5, "overrule_escalation", reason="应予受理")
    clerk.act(number, 6, "withdraw", reason="不办了", signed=True)


def kill_one_after_another(machine: Machine, ledger: Ledger, done: threading.Event) -> list[str]:
    """Kill the next victim each time some more acts were acknowledged."""
    killed: list[str] = []
    goals = iter(range(12, 8 * CASES, (8 * CASES - 20) // len(VICTIMS)))
    goal = next(goals)
    for name in VICTIMS:
        while len(ledger.answers) + len(ledger.scans) < goal and not done.is_set():
            done.wait(0.02)
        deadline = time.monotonic() + 30
        while (victim := machine.victim(name)) is None and time.monotonic() < deadline:
            done.wait(0.05)
        assert victim is not None, f"{name} did not come back"
        victim.send_signal(signal.SIGKILL)
        killed.append(name)
        goal = next(goals, goal)
    return killed


async def read(addresses: Addresses) -> dict[str, list[asyncpg.Record]]:
    """Everything of one instant: what a worker writes between two questions would be seen by one of them only."""
    connection = await asyncpg.connect(with_database(addresses.superuser_database_url, "yichuang"))
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return {
                "events": await connection.fetch(
                    "SELECT c.number, e.seq, e.name FROM events e JOIN cases c ON c.id = e.case_id ORDER BY 1, 2"
                ),
                "documents": await connection.fetch("SELECT agency, code, year, ordinal FROM documents"),
                "cases": await connection.fetch("SELECT number FROM cases"),
                "counters": await connection.fetch("SELECT name, last FROM counters"),
                "scans": await connection.fetch(
                    "SELECT id::text, state, digest, object_key, object_version FROM scans"
                ),
                "waiting": await connection.fetch("SELECT topic, state FROM outbox WHERE state <> 'done'"),
                "alarms": await connection.fetch("SELECT code, subject FROM alarms"),
            }
    finally:
        await connection.close()


def settle(machine: Machine) -> dict[str, list[asyncpg.Record]]:
    """What the database holds once the workers have nothing left to do."""
    addresses = Embedded(machine.data).addresses()
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            found = asyncio.run(read(addresses))
            if not found["waiting"]:
                return found
        except (OSError, asyncpg.PostgresError):
            found = {"waiting": []}
        assert time.monotonic() < deadline, found["waiting"]
        threading.Event().wait(0.3)


def test_nothing_acknowledged_is_lost_when_every_process_is_killed(machine: Machine) -> None:
    ledger, done = Ledger(), threading.Event()
    folder = machine.data / "specimens"
    folder.mkdir()
    file = next(path for path in make_specimens(folder, 7) if path.suffix == ".png")
    random.seed(7)
    with ThreadPoolExecutor(9) as pool:
        pairs = [(Client(machine, "clerk", ledger), Client(machine, "officer", ledger)) for _ in range(8)]
        killer = pool.submit(kill_one_after_another, machine, ledger, done)
        free = list(pairs)
        lock = threading.Lock()

        def work(_: int) -> None:
            with lock:
                clerk, officer = free.pop()
            try:
                one_case(clerk, officer, file)
            finally:
                with lock:
                    free.append((clerk, officer))

        try:
            list(pool.map(work, range(CASES)))
        finally:
            done.set()
        killed = killer.result()
    for clerk, officer in pairs:
        clerk.http.close()
        officer.http.close()
    assert sorted(killed) == sorted(VICTIMS)
    assert len(ledger.answers) + len(ledger.scans) == 8 * CASES

    found = settle(machine)
    acts = Counter((row["number"], row["seq"]) for row in found["events"] if row["name"].startswith("case:"))
    told = Counter((answer["case"], answer["seq"]) for answer in ledger.answers.values())
    assert acts == told, "every acknowledged act is there exactly once, and no other"
    by_kind: dict[tuple[Any, ...], list[int]] = {}
    for row in found["documents"]:
        by_kind.setdefault((row["agency"], row["code"], row["year"]), []).append(row["ordinal"])
    for kind, ordinals in by_kind.items():
        assert sorted(ordinals) == list(range(1, len(ordinals) + 1)), kind
    assert len(found["cases"]) == CASES
    last = {row["name"].split(":")[0]: row["last"] for row in found["counters"]}
    assert last["case"] == CASES, "no case number was skipped"

    store = ObjectStore(Embedded(machine.data).addresses().objects_url)
    assert {row["id"] for row in found["scans"]} >= set(ledger.scans)
    assert len(found["scans"]) == CASES, "no upload was kept twice"
    for row in found["scans"]:
        assert row["state"] == "stored"
        assert store.stat_evidence(row["object_key"], row["object_version"]).size > 0
    assert found["alarms"] == []

    verified = subprocess.run(
        [sys.executable, "-m", "api.cli", "audit", "verify", "--json", "--data", str(machine.data)],
        capture_output=True,
        check=False,
    )
    report = json.loads(verified.stdout)
    assert report["whole"], report["breaches"]
    assert report["events"] == len(found["events"])


UPLOADS = 300
UPLOAD_VICTIMS = ("weed", "worker", "serve", "worker", "weed", "serve")


def tiny_page(number: int) -> bytes:
    """A page that looks like no other, as PNG."""
    out = BytesIO()
    Image.new("L", (40 + number % 20, 60 + number // 20), number % 200).save(out, "PNG")
    return out.getvalue()


@dataclass
class Sent:
    """What was acknowledged: digest of the bytes by scan."""

    scans: dict[str, str] = field(default_factory=dict)

    def note(self, scan: str, content: bytes) -> None:
        """One acknowledged upload."""
        self.scans[scan] = hashlib.sha256(content).hexdigest()


def send_to_line(client: Client, sent: Sent, number: str, at: int) -> None:
    """One file for a line of a case."""
    content = tiny_page(at)
    files = {"file": (f"{at}.png", content, "image/png")}
    told = client.insist(f"/api/v1/cases/{number}/materials/M01/scans", str(uuid4()), files=files)
    sent.note(told["scan"], content)


def send_as_batch(client: Client, sent: Sent, number: str, wanted: range) -> None:
    """Files of one batch in one request."""
    opened = client.insist("/api/v1/capture/batches", str(uuid4()), json={"case": number, "line": "M03"})
    contents = [tiny_page(at) for at in wanted]
    files = [("file", (f"{at}.png", content, "image/png")) for at, content in zip(wanted, contents, strict=True)]
    path = f"/api/v1/capture/batches/{opened['batch']}"
    told = client.insist(f"{path}/files", str(uuid4()), files=files)
    for line, content in zip(told["files"], contents, strict=True):
        sent.note(line["scan"], content)
    client.insist(f"{path}/close", str(uuid4()))


def send_in_pieces(client: Client, sent: Sent, number: str, at: int) -> None:
    """One file by tus, asked again for its place after every failure."""
    content, tus = tiny_page(at), {"Tus-Resumable": "1.0.0"}
    values = {"filename": f"{at}.png", "case": number, "line": "M04"}
    about = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())
    url, deadline = "", time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < deadline, "an upload never ended"
        try:
            if not url:
                asked = tus | {"Upload-Length": str(len(content)), "Upload-Metadata": about}
                url = client.http.post("/api/v1/uploads", headers=asked).headers.get("Location", "")
                continue
            found = client.http.head(url, headers=tus)
            offset = int(found.headers.get("Upload-Offset", "-1"))
            if offset == len(content):
                sent.note(found.headers["Upload-Scan"], content)
                return
            if offset >= 0:
                asked = tus | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                client.http.patch(url, content=content[offset : offset + 40], headers=asked)
        except httpx.TransportError:
            threading.Event().wait(0.1)


def kill_at_random(machine: Machine, sent: Sent, done: threading.Event) -> list[str]:
    """Kill the next victim at a random moment of the uploads."""
    chance, killed = random.Random(11), list[str]()
    goals = sorted(chance.sample(range(10, UPLOADS - 30), len(UPLOAD_VICTIMS)))
    for name, goal in zip(UPLOAD_VICTIMS, goals, strict=True):
        while len(sent.scans) < goal and not done.is_set():
            done.wait(0.02)
        deadline = time.monotonic() + 30
        while (victim := machine.victim(name)) is None and time.monotonic() < deadline:
            done.wait(0.05)
        assert victim is not None, f"{name} did not come back"
        victim.send_signal(signal.SIGKILL)
        killed.append(name)
    return killed


def test_originals_are_exactly_the_acknowledged_uploads_whatever_is_killed(machine: Machine, tmp_path: Path) -> None:
    sent, done = Sent(), threading.Event()
    who = {"kind": "organisation", "name": "示例餐饮有限公司", "id_kind": "uscc", "id_number": "91350100M000100Y43"}
    clients = [Client(machine, "clerk", Ledger()) for _ in range(6)]
    opening = {"item": FOOD.code, "applicant": who}
    cases = [clients[0].insist("/api/v1/cases", str(uuid4()), json=opening)["case"] for _ in range(3)]
    jobs: list[tuple[Any, Any]] = [(send_to_line, at) for at in range(180)]
    jobs += [(send_as_batch, range(at, at + 10)) for at in range(180, 260, 10)]
    jobs += [(send_in_pieces, at) for at in range(260, UPLOADS)]
    random.Random(3).shuffle(jobs)
    with ThreadPoolExecutor(7) as pool:
        killer = pool.submit(kill_at_random, machine, sent, done)
        shares = [
            pool.submit(lambda at: [send(clients[at], sent, cases[at % 3], what) for send, what in jobs[at::6]], at)
            for at in range(6)
        ]
        try:
            for share in shares:
                share.result()
        finally:
            done.set()
        killed = killer.result()
    for client in clients:
        client.http.close()
    assert sorted(killed) == sorted(UPLOAD_VICTIMS)
    assert len(sent.scans) == UPLOADS

    found = settle(machine)
    assert {row["id"]: row["digest"] for row in found["scans"]} == sent.scans
    assert {row["state"] for row in found["scans"]} == {"stored"}
    assert found["alarms"] == []
    store = ObjectStore(Embedded(machine.data).addresses().objects_url)
    originals = {row["object_key"]: row for row in found["scans"]}
    assert {one.key for one in store.list_evidence("", 10_000)} == set(originals)
    for at, (key, row) in enumerate(originals.items()):
        assert store.fetch_evidence(key, row["object_version"], tmp_path / str(at)) == row["digest"]
