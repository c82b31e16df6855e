"""The embedded servers: what they keep, whom they refuse, and which places they refuse to work in."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
from kombu import Connection
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from storage.embedded import Addresses, Embedded, Supervisor, with_database
from storage.embedded.accounts import unprivileged_account
from storage.embedded.places import SOCKET_PATH_LIMIT, data_folder, socket_folder
from storage.embedded.ports import ensure_ports
from storage.embedded.supervisor import Step
from tests.storage.steps import WAIT, Steps
from workflows.errors import Unavailable, YichuangError

BUCKET = "certificates"

INSTANCE = """
import sys
from pathlib import Path
from storage.embedded import Embedded, Supervisor
data = Path(sys.argv[1])
embedded = Embedded(data)
embedded.prepare()
with Supervisor(data) as supervisor:
    supervisor.start(*embedded.commands())
    print(*supervisor.pids.values(), flush=True)
    supervisor.run_until_stopped()
"""

# As root without one of its rights: what a restricted container, or a disk of another machine, looks like.
WITHOUT_RIGHTS = """
import ctypes, os, sys
for right in sys.argv[1].split(","):
    if ctypes.CDLL(None).prctl(24, int(right), 0, 0, 0) != 0:
        raise SystemExit("cannot drop the right")
os.execv(sys.executable, [sys.executable, "-c", sys.argv[2], sys.argv[3]])
"""
PREPARE = """
import sys
from pathlib import Path
from storage.embedded import Embedded
from workflows.errors import YichuangError
try:
    Embedded(Path(sys.argv[1])).prepare()
except YichuangError as error:
    print(error.code, error.en)
"""


@dataclass(frozen=True)
class Running:
    data: Path
    addresses: Addresses
    supervisor: Supervisor
    embedded: Embedded
    steps: Steps


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    # Below a folder that others cannot enter, with a name that is not plain.
    data = tmp_path_factory.mktemp("embedded") / "数据 目录"
    embedded, steps = Embedded(data, durable=False), Steps()
    embedded.prepare()
    try:
        with Supervisor(data, steps) as supervisor:
            supervisor.start(*embedded.commands())
            yield Running(data, embedded.addresses(), supervisor, embedded, steps)
    finally:
        embedded.close()


def s3(url: str) -> Minio:
    parts = urlsplit(url)
    return Minio(f"127.0.0.1:{parts.port}", parts.username, parts.password, secure=False)


def store(client: Minio, name: str, content: bytes, locked: bool = False) -> str | None:
    retention = Retention(COMPLIANCE, datetime.now(UTC) + timedelta(days=1)) if locked else None
    if not client.bucket_exists(BUCKET):
        client.make_bucket(BUCKET, object_lock=True)
    return client.put_object(BUCKET, name, io.BytesIO(content), len(content), retention=retention).version_id


def fetch(client: Minio, name: str) -> bytes:
    response = client.get_object(BUCKET, name)
    try:
        return bytes(response.read())
    finally:
        response.close()
        response.release_conn()


# What a client with the right key can do


async def test_the_application_role_cannot_create_tables(running: Running) -> None:
    connection = await asyncpg.connect(running.addresses.database_url)
    try:
        assert await connection.fetchval("SELECT current_user") == "yichuang_app"
        for statement in ("CREATE TABLE t (id int)", "CREATE TEMP TABLE t (id int)", "CREATE SCHEMA s"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_migration_role_owns_the_database_and_no_more(running: Running) -> None:
    connection = await asyncpg.connect(running.addresses.migration_database_url)
    try:
        await connection.execute("CREATE TABLE mine (id int); DROP TABLE mine")
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    finally:
        await connection.close()


async def test_the_database_keeps_chinese_and_checks_its_pages(running: Running) -> None:
    url = with_database(running.addresses.superuser_database_url, "yichuang")
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("SELECT '综合窗口𠮷'") == "综合窗口𠮷"
        settings = {
            "server_encoding": "UTF8",
            "data_checksums": "on",
            "listen_addresses": "",
            "password_encryption": "scram-sha-256",
            "TimeZone": "UTC",
        }
        for name, value in settings.items():
            assert await connection.fetchval("SELECT current_setting($1)", name) == value
        methods = await connection.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert [row["auth_method"] for row in methods] == ["scram-sha-256"]
    finally:
        await connection.close()


async def test_what_a_failed_statement_said_of_a_person_stays_out_of_the_log(running: Running) -> None:
    connection = await asyncpg.connect(running.addresses.superuser_database_url)
    try:
        await connection.execute("CREATE TEMP TABLE people (name text UNIQUE); INSERT INTO people VALUES ('张三丰')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO people VALUES ('张三丰')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO people VALUES ($1)", "张三丰")
    finally:
        await connection.close()
    log = (running.data / "log" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "张三丰" not in log


def test_a_locked_object_cannot_be_deleted(running: Running) -> None:
    client = s3(running.addresses.objects_url)
    version = store(client, "licence.pdf", b"granted", locked=True)
    with pytest.raises(S3Error) as refused:
        client.remove_object(BUCKET, "licence.pdf", version_id=version)
    assert refused.value.code == "AccessDenied"
    assert fetch(client, "licence.pdf") == b"granted"


def test_a_job_passes_through_the_broker(running: Running) -> None:
    with Connection(running.addresses.broker_url) as connection:
        jobs = connection.SimpleQueue("jobs")
        jobs.put({"outbox": "0198"})
        message = jobs.get(timeout=WAIT)
        assert message.payload == {"outbox": "0198"}
        message.ack()
        jobs.close()
        password = urlsplit(running.addresses.broker_url).password
        assert password is not None
        assert password not in connection.as_uri()


def test_another_process_finds_the_addresses(running: Running) -> None:
    script = (
        "import sys; from pathlib import Path; from storage.embedded import Embedded;"
        "print(Embedded(Path(sys.argv[1])).addresses().database_url)"
    )
    argv = [sys.executable, "-c", script, str(running.data)]
    found = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=WAIT).stdout
    assert found.strip() == running.addresses.database_url


# What nobody else can do


def test_no_secret_is_shown_by_mistake(running: Running) -> None:
    password = urlsplit(running.addresses.database_url).password
    assert password is not None
    assert password not in repr(running.addresses)
    assert password not in repr(running.embedded.commands())
    for process in server_processes(running):
        assert password not in " ".join(process.cmdline())


def test_every_file_is_closed_to_other_people(running: Running) -> None:
    passable = {"run"}
    for path in running.data.iterdir():
        expected = {0o710, 0o700} if path.name in passable else {0o700, 0o600}
        assert stat.S_IMODE(path.stat().st_mode) in expected, path
    for folder in (running.data, running.data / "run"):
        assert folder.stat().st_mode & 0o067 == 0, "others may not even enter, the account's group may only pass"
    assert stat.S_IMODE((running.data / "credentials.json").stat().st_mode) == 0o600


def test_postgresql_runs_without_the_rights_of_root(running: Running) -> None:
    lines = Path(f"/proc/{running.supervisor.pids['postgres']}/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    account = unprivileged_account()
    expected = os.geteuid() if account is None else account.uid
    assert status["Uid"].split() == [str(expected)] * 4
    # None, or the one that lets it pass a closed folder above the program or the data.
    assert int(status["CapEff"], 16) in {0, 1 << 1, 1 << 2}
    assert expected != 0


@pytest.mark.parametrize("password", ["wrong", None])
async def test_the_database_wants_the_password(running: Running, password: str | None) -> None:
    for role in ("postgres", "yichuang_owner", "yichuang_app"):
        with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)):
            await asyncpg.connect(
                host=str(socket_folder(running.data) / "postgres"), user=role, password=password, database="yichuang"
            )


def server_processes(running: Running) -> list[psutil.Process]:
    leaders = [psutil.Process(pid) for pid in running.supervisor.pids.values()]
    return [process for leader in leaders for process in (leader, *leader.children(recursive=True))]


def tcp_listeners(running: Running) -> set[tuple[str, int]]:
    connections = [c for process in server_processes(running) for c in process.net_connections("inet")]
    listening = [c for c in connections if c.status in {psutil.CONN_LISTEN, psutil.CONN_NONE}]
    return {(str(c.laddr[0]), int(str(c.laddr[1]))) for c in listening}


def unix_listeners(running: Running) -> set[Path]:
    """Read from the kernel, since psutil loses paths with a space in them."""
    listening = "00010000"
    rows = [line.split(maxsplit=7) for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    paths = {f"socket:[{row[6]}]": Path(row[7]) for row in rows if len(row) == 8 and row[3] == listening}
    opened = {link for process in server_processes(running) for link in open_sockets(process.pid)}
    return {path for link, path in paths.items() if link in opened}


def open_sockets(pid: int) -> set[str]:
    links = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        # The list itself is read through a descriptor that is gone afterwards.
        with suppress(FileNotFoundError):
            links.add(str(descriptor.readlink()))
    return links


def connect(address: tuple[str, int] | Path) -> socket.socket:
    family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
    stranger = socket.socket(family, socket.SOCK_STREAM)
    stranger.settimeout(5)
    stranger.connect(str(address) if isinstance(address, Path) else address)
    return stranger


def says_in_clear(address: tuple[str, int] | Path, request: bytes) -> bytes:
    """The first bytes that a stranger gets for ``request``, none if the connection is closed."""
    with connect(address) as stranger:
        stranger.sendall(request)
        try:
            return stranger.recv(4096)
        except ConnectionError:
            return b""


def says_in_tls(address: tuple[str, int] | Path, request: bytes) -> bytes:
    """The same inside TLS, without a certificate of our own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with connect(address) as raw:
        try:
            with context.wrap_socket(raw) as stranger:
                stranger.sendall(request)
                return stranger.recv(4096)
        except (ssl.SSLError, ConnectionError):
            return b""


def http(method: str, path: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
POSTGRES = b"\x00\x00\x00\x23\x00\x03\x00\x00user\x00postgres\x00database\x00pg\x00\x00"
REQUESTS = [
    http(method, path)
    for path in (
        "/",
        "/buckets/",
        "/dir/status",
        "/dir/assign",
        "/cluster/status",
        "/ui/index.html",
        "/1,01",
        "/metrics",
    )
    for method in ("GET", "PUT", "POST", "DELETE")
] + [http("GET", "/debug/pprof/"), b"PING\r\n", b"KEYS *\r\n"]
REFUSAL = re.compile(rb"(HTTP/1\.[01] (400|401|403|404|405|411) |-NOAUTH |-ERR )|$")


def is_refusal(answer: bytes) -> bool:
    return REFUSAL.match(answer) is not None


def test_every_tcp_listener_refuses_a_stranger(running: Running) -> None:
    listeners = tcp_listeners(running)
    assert len(listeners) == 8, "master, volume, filer and S3, each with HTTP and gRPC; the others have no port"
    assert {host for host, _ in listeners} == {"127.0.0.1"}
    s3_port = urlsplit(running.addresses.objects_url).port
    for listener in listeners:
        for request in REQUESTS:
            answer = says_in_clear(listener, request)
            assert is_refusal(answer), (listener, request, answer)
            if listener[1] != s3_port:
                answer = says_in_tls(listener, request)
                assert answer == b"", (listener, request, answer)
        assert says_in_tls(listener, HTTP2) == b""


def test_every_unix_socket_is_closed_and_refuses_a_stranger_besides(running: Running) -> None:
    listeners = unix_listeners(running)
    sockets = {path.name for path in listeners}
    assert {".s.PGSQL.5432", "redis.sock", "filer.sock", "s3.sock"} <= sockets
    for listener in listeners:
        assert listener.stat().st_mode & 0o077 == 0, listener
        if listener.name == ".s.PGSQL.5432":
            assert says_in_clear(listener, POSTGRES)[:1] == b"R", "asks for proof before anything else"
            continue
        for request in REQUESTS:
            answer = says_in_clear(listener, request)
            assert is_refusal(answer), (listener, request, answer)
        if "grpc" in listener.name:
            assert says_in_tls(listener, HTTP2) == b"", listener


def test_s3_refuses_anonymous_and_forged_requests(running: Running) -> None:
    client = s3(running.addresses.objects_url)
    store(client, "private.pdf", b"secret")
    listener = ("127.0.0.1", urlsplit(running.addresses.objects_url).port or 0)
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        for path in (f"/{BUCKET}", f"/{BUCKET}/private.pdf", f"/{BUCKET}/private.pdf?retention"):
            assert says_in_clear(listener, http(method, path)).startswith(b"HTTP/1.1 403"), (method, path)
    access = urlsplit(running.addresses.objects_url).username
    forged = Minio(f"127.0.0.1:{listener[1]}", access, "a-guessed-secret", secure=False)
    with pytest.raises(S3Error) as refused:
        forged.list_buckets()
    assert refused.value.code == "SignatureDoesNotMatch"
    # All that S3 tells a stranger is that it lives.
    for path in ("/healthz", "/status"):
        head, _, body = says_in_clear(listener, http("GET", path)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body == b""


# What survives


@pytest.mark.parametrize("name", ["postgres", "objects", "redis"])
async def test_a_killed_server_comes_back_with_what_it_acknowledged(running: Running, name: str) -> None:
    owner = await asyncpg.connect(running.addresses.migration_database_url)
    await owner.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    client = s3(running.addresses.objects_url)
    store(client, f"before-{name}", b"scan" * 100_000)
    killed = running.supervisor.pids[name]
    os.kill(killed, signal.SIGKILL)
    running.steps.wait_for(name, Step.DIED)
    running.steps.wait_for(name, Step.READY)
    running.embedded.wait_ready(WAIT)
    owner.terminate()
    owner = await asyncpg.connect(running.addresses.migration_database_url)
    try:
        assert await owner.fetchval("SELECT id FROM kept") == 7
    finally:
        await owner.close()
    assert fetch(client, f"before-{name}") == b"scan" * 100_000
    assert running.supervisor.pids[name] != killed


def start_instance(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", INSTANCE, str(data)], stdout=subprocess.PIPE, text=True)


def long_folder(base: Path) -> Path:
    """A data folder whose path is too long for a socket in it."""
    path = base / ("a-township-with-a-long-name-" * 5)
    assert len(os.fsencode(path)) > SOCKET_PATH_LIMIT
    return path


async def test_everything_killed_at_once_recovers_at_the_next_start(tmp_path: Path) -> None:
    data = long_folder(tmp_path)
    try:
        with start_instance(data) as first:
            assert first.stdout is not None
            children = [psutil.Process(int(pid)) for pid in first.stdout.readline().split()]
            assert len(children) == 3
            addresses = Embedded(data).addresses()
            owner = await asyncpg.connect(addresses.migration_database_url)
            await owner.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
            store(s3(addresses.objects_url), "kept.pdf", b"scan", locked=True)
            first.kill()
            for child in children:
                child.kill()
            owner.terminate()
            psutil.wait_procs(children, timeout=WAIT)
        with start_instance(data) as second:
            assert second.stdout is not None
            assert second.stdout.readline().split()
            addresses = Embedded(data).addresses()
            owner = await asyncpg.connect(addresses.migration_database_url)
            assert await owner.fetchval("SELECT id FROM kept") == 7
            assert fetch(s3(addresses.objects_url), "kept.pdf") == b"scan"
            await owner.close()
            second.send_signal(signal.SIGTERM)
            assert second.wait(WAIT) == 0
    finally:
        shutil.rmtree(socket_folder(data), ignore_errors=True)


def test_a_second_start_is_refused_while_one_runs(running: Running) -> None:
    argv = [sys.executable, "-c", PREPARE, str(running.data)]
    answer = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=WAIT).stdout
    assert answer.startswith(f"already_running already running (pid {os.getpid()}")


# Where the servers refuse to work


def test_a_place_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(Unavailable) as refused:
        Embedded(Path("/proc/yichuang/var")).prepare()
    assert "--data" in refused.value.en
    assert "--data" in refused.value.zh


def test_a_file_in_the_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("not a folder")
    with pytest.raises(Unavailable, match="is not a folder"):
        Embedded(tmp_path / "var").prepare()


def test_a_folder_that_others_can_write_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.mkdir()
    data.chmod(0o777)
    with pytest.raises(Unavailable, match="other users can write"):
        Embedded(data).prepare()
    assert stat.S_IMODE(data.stat().st_mode) == 0o777


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    for mode in (0o700, 0o750, 0o755):
        data = tmp_path / oct(mode)
        data.mkdir()
        data.chmod(mode)
        data_folder(data)
        assert stat.S_IMODE(data.stat().st_mode) == mode


def test_a_database_without_its_credentials_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    embedded = Embedded(tmp_path)
    with pytest.raises(Unavailable, match=r"credentials.json are gone"):
        embedded.prepare()
    embedded.close()


def test_a_place_where_nothing_was_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no embedded servers"):
        Embedded(tmp_path).addresses()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"redis": "x"'])
def test_damaged_credentials_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "credentials.json").write_text(text)
    with pytest.raises(Unavailable, match=r"is damaged"):
        Embedded(tmp_path).addresses()


def test_a_control_character_in_the_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(YichuangError, match="control character"):
        data_folder(tmp_path / "a\nb")


@pytest.mark.parametrize("name", ["long-" * 30, "a,b"])
def test_sockets_move_to_the_temporary_folder_where_a_path_cannot_hold_them(tmp_path: Path, name: str) -> None:
    place = socket_folder(tmp_path / name)
    assert place.parent in {Path(tempfile.gettempdir()), Path("/tmp")}
    assert place != socket_folder(tmp_path / f"{name}2")


def test_ports_are_kept_while_free_and_chosen_anew_when_taken(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    first = ensure_ports(path, ("a", "b"))
    assert ensure_ports(path, ("a", "b")) == first
    with socket.create_server(("127.0.0.1", first["b"])):
        second = ensure_ports(path, ("a", "b"))
    assert first["b"] not in second.values()
    assert ensure_ports(path, ("a", "b")) == second


if os.geteuid() == 0:
    CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH = 0, 1, 2

    def prepare_without(data: Path, *rights: int) -> str:
        names = ",".join(str(right) for right in rights)
        argv = [sys.executable, "-c", WITHOUT_RIGHTS, names, PREPARE, str(data)]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=WAIT).stdout

    def test_root_works_below_a_closed_folder_with_the_rights_of_a_container(tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        assert prepare_without(tmp_path / "var", DAC_READ_SEARCH) == ""
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700

    def test_root_that_cannot_pass_a_closed_folder_on_is_told_what_to_do(tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        answer = prepare_without(tmp_path / "var", DAC_OVERRIDE, DAC_READ_SEARCH)
        assert answer.startswith("place_unusable PostgreSQL does not run as root")
        assert "--data" in answer
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700

    def test_a_disk_that_keeps_no_owners_is_refused(tmp_path: Path) -> None:
        answer = prepare_without(tmp_path / "var", CHOWN)
        assert "does not let an owner be changed" in answer
        assert not (tmp_path / "var").exists()
