"""Evidence stays locked for the longest term anybody asked for, under either digest; walks see every key once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention

from storage.digests import Algorithm, hex_digest, new_digest
from storage.embedded import Supervisor
from storage.embedded.credentials import Credentials
from storage.embedded.objects_server import ObjectsServer
from storage.embedded.places import ensure_socket_folder
from storage.objects import ObjectStore
from storage.objects_client import connect
from storage.scan_files import UploadSink
from workflows.errors import Conflict, NotFound, Unavailable

TERM = datetime(2056, 11, 20, 4, 0, tzinfo=UTC)
DATA = b"%PDF-" + hashlib.shake_128(b"kept").digest(40_000)


@pytest.fixture(scope="module")
def store(objects_url: str) -> ObjectStore:
    """The buckets of this module."""
    made = ObjectStore(objects_url, f"t{uuid4().hex[:12]}")
    made.ensure_buckets()
    return made


def locked(store: ObjectStore, tmp_path: Path, algorithm: Algorithm = "sha256") -> tuple[str, str]:
    """Evidence of :data:`DATA`; its key and version."""
    name, key = f"in/{uuid4()}", f"case/{uuid4()}"
    with UploadSink(tmp_path, algorithm=algorithm) as sink:
        sink.feed(DATA)
        received = sink.finish("application/pdf", "scan.pdf")
        assert received.sha256 == hashlib.sha256(DATA).hexdigest()
        assert (received.digest, received.algorithm) == (hex_digest(algorithm, DATA), algorithm)
        store.put_incoming(name, received.path)
    version = store.promote(name, key, digest=received.digest, retain_until=TERM, algorithm=algorithm)
    return key, version


def test_a_longer_term_extends_the_lock_and_a_shorter_one_never_shortens_it(
    store: ObjectStore, objects_url: str, tmp_path: Path
) -> None:
    key, version = locked(store, tmp_path)
    longer = TERM + timedelta(days=3660)
    assert store.retain_longer(key, version, TERM - timedelta(days=365)) == TERM
    assert store.retain_longer(key, version, longer) == longer
    for shorter in (TERM, datetime(2030, 1, 1, tzinfo=UTC)):
        assert store.retain_longer(key, version, shorter) == longer
        term = Retention(COMPLIANCE, shorter)
        with pytest.raises(S3Error, match="AccessDenied"):
            connect(objects_url).set_object_retention(store.evidence, key, term, version)
    assert store.retained_until(key, version) == longer
    with pytest.raises(Unavailable) as refusal:
        store.drop_evidence(key, version)
    assert refusal.value.code == "objects_refused"


def test_evidence_is_kept_under_sm3_where_the_deployment_says_so(store: ObjectStore, tmp_path: Path) -> None:
    key, version = locked(store, tmp_path, "sm3")
    stored = store.stat_evidence(key, version)
    assert (stored.sm3, stored.sha256) == (hex_digest("sm3", DATA), None)
    assert store.fetch_evidence(key, version, tmp_path / "out", "sm3") == stored.sm3
    name = f"in/{uuid4()}"
    (tmp_path / "other").write_bytes(b"%PDF-other")
    store.put_incoming(name, tmp_path / "other")
    with pytest.raises(Conflict) as refusal:
        store.promote(name, "case/other", digest=stored.sm3 or "", retain_until=TERM, algorithm="sm3")
    assert refusal.value.code == "digest_mismatch"


def test_sm3_is_that_of_the_standard_with_and_without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    """GB/T 32905-2016 annex A: the digests of ``abc`` and of sixteen times ``abcd``."""
    vectors = {
        b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    }
    for available in (hashlib.algorithms_available, {"sha256"}):
        monkeypatch.setattr(hashlib, "algorithms_available", available)
        for data, expected in vectors.items():
            taken = new_digest("sm3")
            for byte in data:
                taken.update(bytes([byte]))
            assert taken.hexdigest() == expected


def test_a_walk_sees_every_key_once_and_goes_on_where_it_stopped(store: ObjectStore) -> None:
    prefix = uuid4().hex
    keys = sorted(f"{prefix}/{number}" for number in range(5))
    for key in keys:
        store.put_view(key, b"x", "image/jpeg")
    seen: list[str] = []
    while found := store.list_views(seen[-1] if seen else "", 2):
        seen += [one.key for one in found]
    assert [key for key in seen if key.startswith(prefix)] == keys
    assert len(seen) == len(set(seen))
    store.drop_view(keys[0])
    store.drop_view(keys[0])
    after = [one.key for one in store.list_views(keys[0], 100)]
    assert [key for key in after if key.startswith(prefix)] == keys[1:]
    with pytest.raises(NotFound):
        store.stat_view(keys[0])


def test_a_store_that_cannot_encrypt_is_refused_before_anything_is_kept(objects_url: str) -> None:
    """SeaweedFS without a key of its own answers a write that asks for SSE-S3 with 500."""
    prefix = f"t{uuid4().hex[:12]}"
    with pytest.raises(Conflict) as refusal:
        ObjectStore(objects_url, prefix, encrypted=True).ensure_buckets()
    assert refusal.value.code == "objects_not_encryptable"
    assert ObjectStore(objects_url, prefix).list_views("", 10) == []


class Keyed(ObjectsServer):
    """The embedded store with a key to encrypt with.

    ``plain``: its parts speak HTTP to each other as in the cluster of ``compose.yaml``. SeaweedFS 4.48 fetches the
    chunks of encrypted objects from its volume servers by plain HTTP whatever its settings say.
    """

    plain = True

    def _security(self) -> str:
        tables = super()._security().split("[")
        kept = [table for table in tables if not (self.plain and table.startswith("https."))]
        return "[".join(kept) + '[s3.sse]\nkey = "a key of this test alone"\n'

    def _has_volume_server(self) -> bool:
        return True if self.plain else super()._has_volume_server()


class KeyedOverTls(Keyed):
    """The same with the TLS that the embedded store has inside."""

    plain = False


@pytest.fixture(params=[Keyed, KeyedOverTls])
def keyed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[ObjectsServer, Path]]:
    """A store of this test's own that has a key."""
    data = tmp_path / "var"
    data.mkdir()
    run = ensure_socket_folder(data)
    server: ObjectsServer = request.param(data, run, Credentials())
    server.prepare()
    with Supervisor(data) as supervisor:
        supervisor.start(server.child())
        yield server, data


def test_a_store_with_a_key_keeps_everything_encrypted_or_is_refused(
    keyed: tuple[ObjectsServer, Path], tmp_path: Path
) -> None:
    server, data = keyed
    store = ObjectStore(server.url, "enc", encrypted=True)
    if isinstance(server, KeyedOverTls):
        with pytest.raises(Conflict) as refusal:
            store.ensure_buckets()
        assert refusal.value.code == "objects_not_encryptable"
        return
    until_ready(server)
    store.ensure_buckets()
    big = hashlib.shake_128(b"big").digest(17 * 2**20 + 3)
    (tmp_path / "big").write_bytes(big)
    store.put_incoming("big", tmp_path / "big")
    version = store.promote("big", "case/big", digest=hashlib.sha256(big).hexdigest(), retain_until=TERM)
    assert store.stat_evidence("case/big", version).encrypted
    assert store.retained_until("case/big", version) == TERM
    with store.open_evidence("case/big", version, 9 * 2**20 + 5, 7) as part:
        assert part.read() == big[9 * 2**20 + 5 : 9 * 2**20 + 12]
    assert store.fetch_evidence("case/big", version, tmp_path / "out") == hashlib.sha256(big).hexdigest()
    store.put_view("1/1", DATA, "image/jpeg")
    raw = [path.read_bytes() for path in (data / "objects" / "files").glob("enc-*.dat")]
    assert sum(map(len, raw)) > 2 * len(big)
    assert not any(piece in file for file in raw for piece in (big[:64], big[9 * 2**20 :][:64], DATA[64:128]))


def until_ready(server: ObjectsServer) -> None:
    """Until a volume takes bytes: without TLS the readiness of its volume server is not asked for."""
    client: Minio = connect(server.url)
    client.make_bucket("ready")
    for _ in range(40):
        try:
            client.put_object("ready", "x", BytesIO(b"x"), 1)
        except MinioException:
            continue
        return
