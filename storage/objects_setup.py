"""Makes the buckets of a deployment, and refuses a store that would not keep evidence as it must be kept."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from minio import Minio
from minio.error import MinioException, S3Error
from minio.sse import SseS3
from urllib3.exceptions import HTTPError

from storage.objects_client import silent
from workflows.errors import Conflict

_OURS: Final = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}
_TRIAL: Final = b"trial of encryption"
_KEY: Final = "trial-of-encryption"


def make_bucket(client: Minio, bucket: str, *, lock: bool) -> None:
    """Make a bucket; one that somebody else has just made for us is fine."""
    try:
        client.make_bucket(bucket, object_lock=lock)
    except S3Error as error:
        if error.code not in _OURS:
            raise


def require_lock(client: Minio, bucket: str) -> None:
    """Refuse a bucket for evidence that has no object lock.

    :raises Conflict: ``evidence_not_lockable``. :raises Unavailable: the store does not answer.
    """
    try:
        client.get_object_lock_config(bucket)
    except S3Error as error:
        if error.response.status >= 500:
            raise silent() from error
        raise Conflict(
            "evidence_not_lockable",
            f"桶 {bucket} 没有启用对象锁，不能存放证据。请改用启用对象锁的新桶，或更换桶名前缀。",
            f"Bucket {bucket} has no object lock and cannot hold evidence."
            " Make it anew with object lock, or choose another bucket prefix.",
        ) from error


def require_encryption(client: Minio, bucket: str) -> None:
    """Write something encrypted, read a part of it and delete it, so that nothing is kept that cannot be read again.

    :param client: one that does not try again: a store that cannot answers with a failure of its own.
    :raises Conflict: ``objects_not_encryptable``.
    """
    try:
        client.put_object(bucket, _KEY, BytesIO(_TRIAL), len(_TRIAL), sse=SseS3())
        encrypted = "x-amz-server-side-encryption" in (client.stat_object(bucket, _KEY).metadata or {})
        answer = client.get_object(bucket, _KEY, 2, 4)
        part = answer.read()
        answer.close()
        answer.release_conn()
        client.remove_object(bucket, _KEY)
    except (MinioException, HTTPError) as error:
        raise _not_encryptable() from error
    if part != _TRIAL[2:6] or not encrypted:
        raise _not_encryptable()


def _not_encryptable() -> Conflict:
    return Conflict(
        "objects_not_encryptable",
        "对象存储不能加密保存，或不能读回加密的内容（SSE-S3），未写入任何文件。请为对象存储配置加密密钥，或将"
        " YICHUANG_OBJECT_ENCRYPTION 改为 none。",
        "The object store cannot encrypt (SSE-S3), or cannot read back what it encrypted; nothing was kept."
        " Give the store its key, or set YICHUANG_OBJECT_ENCRYPTION to none.",
    )
