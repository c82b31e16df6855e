"""Bytes go into the store, become evidence under lock, and come out again as they went in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from minio.error import S3Error

from storage.objects import ObjectStore
from storage.objects_client import connect
from storage.scan_files import UploadSink
from workflows.errors import Conflict, Malformed, NotFound, Unavailable

KEPT_UNTIL = datetime(2056, 11, 20, 4, 0, tzinfo=UTC)
SIZES = {"small": 10, "in several parts": 17 * 1024 * 1024 + 3}


@pytest.fixture(scope="module")
def store(objects_url: str) -> ObjectStore:
    """The buckets of this module."""
    made = ObjectStore(objects_url, f"t{uuid4().hex[:12]}")
    made.ensure_buckets()
    return made


@pytest.fixture(params=SIZES.values(), ids=list(SIZES))
def data(request: pytest.FixtureRequest) -> bytes:
    """Bytes that differ from place to place."""
    size: int = request.param
    return b"%PDF-" + hashlib.shake_128(str(size).encode()).digest(size - 5)


@pytest.fixture
def key(store: ObjectStore, data: bytes, tmp_path: Path) -> Iterator[str]:
    """An incoming object of these bytes."""
    name = f"in/{uuid4()}"
    with UploadSink(tmp_path) as sink:
        sink.feed(b"%PDF-")
        sink.feed(data[5:])
        store.put_incoming(name, sink.finish("application/pdf", "scan.pdf").path)
    yield name
    store.drop_incoming(name)


def promote(store: ObjectStore, key: str, data: bytes) -> str:
    return store.promote(key, f"ev/{key}", digest=hashlib.sha256(data).hexdigest(), retain_until=KEPT_UNTIL)


def test_evidence_is_what_came_in_under_lock_until_its_term_ends(
    store: ObjectStore, key: str, data: bytes, tmp_path: Path
) -> None:
    version = promote(store, key, data)
    stored = store.stat_evidence(f"ev/{key}", version)
    assert (stored.size, stored.version, stored.sha256) == (
        len(data),
        version,
        hashlib.sha256(data).hexdigest(),
    )
    assert store.retained_until(f"ev/{key}", version) == KEPT_UNTIL
    assert store.fetch_evidence(f"ev/{key}", version, tmp_path / "out") == stored.sha256
    assert (tmp_path / "out").read_bytes() == data


def test_nobody_deletes_evidence_before_its_term_ends(
    store: ObjectStore, objects_url: str, key: str, data: bytes
) -> None:
    version = promote(store, key, data)
    with pytest.raises(S3Error, match="AccessDenied"):
        connect(objects_url).remove_object(store.evidence, f"ev/{key}", version)
    assert store.stat_evidence(f"ev/{key}", version).size == len(data)


def test_promoting_again_gives_the_same_version(store: ObjectStore, key: str, data: bytes) -> None:
    version = promote(store, key, data)
    assert promote(store, key, data) == version
    store.drop_incoming(key)
    assert promote(store, key, data) == version


def test_bytes_that_changed_since_the_upload_never_become_evidence(store: ObjectStore, key: str) -> None:
    with pytest.raises(Conflict) as refusal:
        promote(store, key, b"something else")
    assert refusal.value.code == "digest_mismatch"
    with pytest.raises(NotFound):
        store.stat_evidence(f"ev/{key}")


def test_evidence_is_never_replaced_by_other_bytes(store: ObjectStore, key: str, data: bytes) -> None:
    promote(store, key, data)
    with pytest.raises(Conflict) as refusal:
        promote(store, key, b"something else")
    assert refusal.value.code == "evidence_key_taken"


def test_a_range_of_the_evidence_is_read_alone(store: ObjectStore, key: str, data: bytes) -> None:
    version = promote(store, key, data)
    with store.open_evidence(f"ev/{key}", version, 3, 4) as part:
        assert (part.length, b"".join(part)) == (4, data[3:7])
    with store.open_evidence(f"ev/{key}", version, len(data) - 2) as rest:
        assert b"".join(rest) == data[-2:]
    with pytest.raises(Malformed) as refusal:
        store.open_evidence(f"ev/{key}", version, len(data) + 1)
    assert refusal.value.code == "range_outside_object"


def test_the_collector_sees_only_what_waited_long_enough(store: ObjectStore, key: str, data: bytes) -> None:
    written = store.stat_incoming(key).modified
    found = {item.key: item.size for item in store.list_incoming(written + timedelta(seconds=1))}
    assert found[key] == len(data)
    assert key not in {item.key for item in store.list_incoming(written)}
    store.drop_incoming(key)
    store.drop_incoming(key)
    assert key not in {item.key for item in store.list_incoming(written + timedelta(seconds=1))}


def test_a_viewing_copy_can_be_made_again_and_dropped(store: ObjectStore) -> None:
    store.put_view("scan/1/page", b"old", "image/jpeg")
    store.put_view("scan/1/page", b"newer", "image/jpeg")
    with store.open_view("scan/1/page") as page:
        assert (page.content_type, page.length, b"".join(page)) == ("image/jpeg", 5, b"newer")
    store.put_view("scan/12/page", b"other", "image/jpeg")
    store.drop_views("scan/1/")
    with pytest.raises(NotFound) as refusal:
        store.open_view("scan/1/page")
    assert refusal.value.code == "object_missing"
    assert store.stat_view("scan/12/page").size == 5


def test_a_reader_that_goes_away_leaves_the_store_usable(store: ObjectStore) -> None:
    store.put_view("scan/2/page", bytes(300_000), "image/jpeg")
    for _ in range(40):
        with store.open_view("scan/2/page") as page:
            next(iter(page))
    assert store.healthy()


def test_what_is_not_there_is_said_to_be_missing(store: ObjectStore, tmp_path: Path) -> None:
    for act in (
        lambda: store.open_evidence("no", "no"),
        lambda: store.stat_view("no"),
        lambda: store.fetch_incoming("no", tmp_path / "no"),
        lambda: promote(store, "no", b""),
    ):
        with pytest.raises(NotFound):
            act()
    assert not (tmp_path / "no").exists()


def test_a_bucket_without_object_lock_is_no_place_for_evidence(objects_url: str) -> None:
    prefix = f"t{uuid4().hex[:12]}"
    connect(objects_url).make_bucket(f"{prefix}-evidence")
    with pytest.raises(Conflict) as refusal:
        ObjectStore(objects_url, prefix).ensure_buckets()
    assert refusal.value.code == "evidence_not_lockable"


def test_buckets_are_made_once(store: ObjectStore) -> None:
    store.ensure_buckets()
    assert store.healthy()


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    dead = ObjectStore("http://key:secret@127.0.0.1:1")
    assert not dead.healthy()
    with pytest.raises(Unavailable) as refusal:
        dead.put_view("a", b"x", "image/jpeg")
    assert refusal.value.code == "objects_unavailable"


def test_wrong_credentials_are_named_without_repeating_them(objects_url: str) -> None:
    place = urlsplit(objects_url)
    stranger = ObjectStore(f"http://{place.username}:wrong-secret@{place.hostname}:{place.port}")
    assert not stranger.healthy()
    with pytest.raises(Unavailable) as refusal:
        stranger.put_view("a", b"x", "image/jpeg")
    assert refusal.value.code == "objects_refused"
    assert "wrong-secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:9000", "http://127.0.0.1:9000", "ftp://a:b@127.0.0.1"])
def test_a_malformed_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(Malformed) as refusal:
        ObjectStore(url)
    assert refusal.value.code == "objects_url_invalid"
