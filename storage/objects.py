"""Objects in S3: bytes not yet judged, evidence under lock, and viewing copies that can be made again.

Three buckets: ``<prefix>-incoming`` (no lock), ``<prefix>-evidence`` (versioned, each object under
COMPLIANCE retention from the moment it is written) and ``<prefix>-viewing``. Every function blocks: call it
from a worker or a thread. Keys are opaque here; nothing in this module decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import SEEK_END, BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from minio.commonconfig import COMPLIANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention
from minio.sse import SseS3

from storage.digests import Algorithm
from storage.object_stream import ObjectStream, Verified, save
from storage.objects_client import connect, translated
from storage.objects_setup import make_bucket, require_encryption, require_lock
from workflows.errors import Conflict, NotFound, Unavailable, YichuangError

_NO_LOCK = {"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"}
PART_BYTES = 8 * 1024 * 1024
_DIGEST = "x-amz-meta-"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store knows of one object; size in bytes, times in UTC, digests (hex) only where recorded.

    :param encrypted: whether the store says that it keeps the bytes encrypted.
    """

    key: str
    size: int
    modified: datetime
    content_type: str | None = None
    version: str | None = None
    sha256: str | None = None
    sm3: str | None = None
    encrypted: bool = False


class ObjectStore:
    """The three buckets of one deployment.

    :param url: ``http(s)://ACCESS:SECRET@host:port[?region=NAME]``, keys percent-encoded.
    :param bucket_prefix: first part of the bucket names.
    :param encrypted: ask the store to encrypt whatever is written (SSE-S3); what is there already is read either way.
    :raises Malformed: the address is not of that form.
    """

    def __init__(self, url: str, bucket_prefix: str = "yichuang", *, encrypted: bool = False) -> None:
        self._client = connect(url)
        self._sse = SseS3() if encrypted else None
        self._probe = connect(url, read_seconds=2, connect_seconds=1, retries=0)
        self._once = connect(url, retries=0)
        # Whoever looks at a page is told soon that the store hangs, and does not hold up everybody else.
        self._quick = connect(url, read_seconds=5, connect_seconds=2, retries=1)
        self.incoming = f"{bucket_prefix}-incoming"
        self.evidence = f"{bucket_prefix}-evidence"
        self.viewing = f"{bucket_prefix}-viewing"

    def ensure_buckets(self) -> None:
        """Create the buckets that are missing; repeatable.

        :raises Conflict: the evidence bucket exists without object lock (``evidence_not_lockable``), or the store
            cannot read what it encrypts (``objects_not_encryptable``).
        :raises Unavailable: the store does not answer.
        """
        for bucket, lock in ((self.incoming, False), (self.evidence, True), (self.viewing, False)):
            with translated():
                if not self._client.bucket_exists(bucket):
                    make_bucket(self._client, bucket, lock=lock)
        require_lock(self._client, self.evidence)
        if self._sse is not None:
            require_encryption(self._probe, self.viewing)

    def healthy(self) -> bool:
        """Say within about three seconds whether the store answers and holds the three buckets."""
        try:
            with translated():
                return all(self._probe.bucket_exists(b) for b in (self.incoming, self.evidence, self.viewing))
        except YichuangError:
            return False

    def put_incoming(self, key: str, path: Path) -> None:
        """Store the bytes of a file that is not yet judged, replacing an earlier try under the same key."""
        with translated():
            self._client.fput_object(
                self.incoming, key, str(path), part_size=PART_BYTES, num_parallel_uploads=1, sse=self._sse
            )

    def fetch_incoming(self, key: str, path: Path, algorithm: Algorithm = "sha256") -> str:
        """Copy an incoming object into a new file and return the digest (hex) of what was read."""
        with self._open(self.incoming, key) as stream:
            return save(stream, path, algorithm)

    def fetch_evidence(self, key: str, version: str, path: Path, algorithm: Algorithm = "sha256") -> str:
        """Copy one version of the evidence into a new file and return the digest (hex) of what was read."""
        with self.open_evidence(key, version) as stream:
            return save(stream, path, algorithm)

    def promote(
        self, key: str, evidence_key: str, *, digest: str, retain_until: datetime, algorithm: Algorithm = "sha256"
    ) -> str:
        """Copy an incoming object into the evidence under COMPLIANCE retention and return its version id.

        The digest is checked before the last byte leaves, so bytes that do not match are never locked in.
        Repeatable: where the same digest is already in evidence under this key, its version is returned, also
        after the incoming object was dropped. The incoming object stays; drop it once the version is noted.

        :param digest: hex digest by ``algorithm``, computed while the upload streamed in.
        :param retain_until: UTC; before then nobody can delete it, not even the store's administrator.
        :raises NotFound: there is no such incoming object.
        :raises Conflict: the bytes changed (``digest_mismatch``), or the key holds other evidence.
        """
        if version := self._evidence_version(evidence_key, digest, algorithm):
            return version
        with self._open(self.incoming, key) as stream, translated():
            result = self._client.put_object(
                self.evidence,
                evidence_key,
                cast(BinaryIO, Verified(stream, digest, algorithm)),
                stream.length,
                part_size=PART_BYTES,
                num_parallel_uploads=1,
                metadata={_DIGEST + algorithm: digest},
                sse=self._sse,
                retention=Retention(COMPLIANCE, retain_until.astimezone(UTC)),
            )
        # A multipart answer of some servers carries no version id; the object itself always does.
        return str(result.version_id or self.stat_evidence(evidence_key).version)

    def drop_incoming(self, key: str) -> None:
        """Delete an incoming object; one that is already gone is fine."""
        with translated():
            self._client.remove_object(self.incoming, key)

    def list_incoming(self, older_than: datetime) -> Iterator[Stored]:
        """Yield incoming objects last written before ``older_than`` (UTC), for the collector of orphans."""
        with translated():
            for found in self._client.list_objects(self.incoming, recursive=True):
                if found.last_modified and found.last_modified < older_than:
                    yield Stored(str(found.object_name), int(found.size or 0), found.last_modified)

    def put_view(self, key: str, data: bytes | Path, content_type: str) -> None:
        """Store a viewing copy, replacing an earlier one. :param data: its bytes, or the file that holds them."""
        with data.open("rb") if isinstance(data, Path) else BytesIO(data) as file, translated():
            size = file.seek(0, SEEK_END)
            file.seek(0)
            self._client.put_object(self.viewing, key, file, size, content_type=content_type, sse=self._sse)

    def drop_views(self, prefix: str) -> None:
        """Delete every viewing copy whose key begins with ``prefix``.

        :raises Unavailable: at least one of them could not be deleted; repeat.
        """
        with translated():
            found = self._client.list_objects(self.viewing, prefix=prefix, recursive=True)
            names = [DeleteObject(str(item.object_name)) for item in found]
            if list(self._client.remove_objects(self.viewing, names)):
                raise Unavailable(
                    "views_not_dropped",
                    "部分页面图像未能删除，请稍后重试。",
                    "Some page images could not be deleted; try again shortly.",
                )

    def open_incoming(self, key: str) -> ObjectStream:
        """Open an object that is not yet judged, or a part of one."""
        return self._open(self.incoming, key)

    def open_view(self, key: str, offset: int = 0, length: int | None = None) -> ObjectStream:
        """Open a viewing copy, or ``length`` bytes of it from byte ``offset`` on."""
        return self._open(self.viewing, key, offset=offset, length=length)

    def open_evidence(self, key: str, version: str, offset: int = 0, length: int | None = None) -> ObjectStream:
        """Open one version of the evidence, or ``length`` bytes of it from byte ``offset`` on."""
        return self._open(self.evidence, key, version, offset, length)

    def read_once(self, key: str, version: str) -> ObjectStream:
        """Open one version of the evidence, without trying again where the store fails to give it.

        :raises Unavailable: the store does not answer, or cannot give these bytes.
        """
        with translated():
            return ObjectStream(self._once.get_object(self.evidence, key, version_id=version))

    def stat_view(self, key: str) -> Stored:
        """Describe a viewing copy; raises NotFound."""
        return self._stat(self.viewing, key)

    def stat_incoming(self, key: str) -> Stored:
        """Describe an incoming object; raises NotFound."""
        return self._stat(self.incoming, key)

    def stat_evidence(self, key: str, version: str | None = None) -> Stored:
        """Describe one version of the evidence, the newest without ``version``; raises NotFound."""
        return self._stat(self.evidence, key, version)

    def retained_until(self, key: str, version: str) -> datetime | None:
        """Return until when (UTC) this version is locked, None where it is not; raises NotFound."""
        with translated():
            try:
                held = self._client.get_object_retention(self.evidence, key, version)
            except S3Error as error:
                if error.code not in _NO_LOCK:
                    raise
                return None
        return held.retain_until_date if held and held.mode == COMPLIANCE else None

    def retain_longer(self, key: str, version: str, until: datetime) -> datetime | None:
        """Lock one version until this moment (UTC) at least; a lock that is longer stays. Until when it is locked now.

        :raises NotFound: there is no such version.
        """
        held = self.retained_until(key, version)
        if held is None or held < until.replace(microsecond=0):
            with translated():
                term = Retention(COMPLIANCE, until.astimezone(UTC))
                self._client.set_object_retention(self.evidence, key, term, version)
            held = self.retained_until(key, version)
        return held

    def list_views(self, after: str, limit: int) -> list[Stored]:
        """At most ``limit`` viewing copies in the order of their keys, from behind the key ``after`` on."""
        return self._list(self.viewing, after, limit)

    def list_evidence(self, after: str, limit: int) -> list[Stored]:
        """At most ``limit`` objects of the evidence in the order of their keys, the newest version of each."""
        return self._list(self.evidence, after, limit)

    def list_versions(self, prefix: str) -> Iterator[tuple[str, str, bool]]:
        """Every version of the evidence under a prefix: key, version, whether it only marks a deletion."""
        with translated():
            found = self._client.list_objects(self.evidence, prefix=prefix, recursive=True, include_version=True)
            yield from ((str(one.object_name), str(one.version_id), one.is_delete_marker) for one in found)

    def drop_view(self, key: str) -> None:
        """Delete one viewing copy; one that is already gone is fine."""
        with translated():
            self._client.remove_object(self.viewing, key)

    def drop_evidence(self, key: str, version: str) -> None:
        """Delete one version of the evidence whose lock has ended.

        :raises Unavailable: ``objects_refused`` while it is locked.
        """
        with translated():
            self._client.remove_object(self.evidence, key, version)

    def _list(self, bucket: str, after: str, limit: int) -> list[Stored]:
        with translated():
            found = self._client.list_objects(bucket, recursive=True, start_after=after or None)
            return [Stored(str(one.object_name), int(one.size or 0), one.last_modified)
                    for one in islice(found, limit) if one.last_modified]  # fmt: skip

    def _open(
        self, bucket: str, key: str, version: str | None = None, offset: int = 0, length: int | None = None
    ) -> ObjectStream:
        client = self._quick if bucket == self.viewing else self._client
        with translated():
            response = client.get_object(bucket, key, offset, length or 0, version_id=version)
        return ObjectStream(response)

    def _stat(self, bucket: str, key: str, version: str | None = None) -> Stored:
        with translated():
            found = self._client.stat_object(bucket, key, version_id=version)
        headers = found.metadata or {}
        return Stored(
            key,
            int(found.size or 0),
            cast(datetime, found.last_modified),
            found.content_type,
            found.version_id,
            headers.get(_DIGEST + "sha256"),
            headers.get(_DIGEST + "sm3"),
            "x-amz-server-side-encryption" in headers,
        )

    def _evidence_version(self, key: str, digest: str, algorithm: Algorithm) -> str | None:
        try:
            found = self.stat_evidence(key)
        except NotFound:
            return None
        if getattr(found, algorithm) == digest:
            return found.version
        raise Conflict(
            "evidence_key_taken",
            "该存储位置已有另一份证据文件，不得覆盖。请重新上传，系统将另存一份。",
            "Other evidence is stored under this key and is not replaced. Upload again to store a new copy.",
        )
