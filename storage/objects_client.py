"""The S3 connection: one client with bounded time, and its failures as the engine's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlsplit

from minio import Minio
from minio.error import MinioException, S3Error
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from workflows.errors import Malformed, NotFound, Unavailable, YichuangError

CONNECT_SECONDS = 3.0
READ_SECONDS = 30.0
RETRIES = 3
POOL_SIZE = 16

_MISSING = {"NoSuchKey", "NoSuchBucket", "NoSuchVersion", "ResourceNotFound", "MethodNotAllowed"}


def connect(
    url: str,
    *,
    read_seconds: float = READ_SECONDS,
    connect_seconds: float = CONNECT_SECONDS,
    retries: int = RETRIES,
) -> Minio:
    """Make a client; nothing is sent yet.

    :param url: ``http(s)://ACCESS:SECRET@host:port[?region=NAME]``; the keys are percent-encoded.
    :param read_seconds: longest silence of the server within one request, in seconds.
    :param connect_seconds: longest wait for a connection, in seconds.
    :param retries: how often a failed connection or a 5xx answer is tried again, with growing pauses.
    :raises Malformed: the address is not of that form; the message does not repeat it, it holds the secret.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not (parts.hostname and parts.username and parts.password):
        raise Malformed(
            "objects_url_invalid",
            "对象存储地址的格式应为 http(s)://访问密钥:私密密钥@主机:端口（密钥须作百分号编码），请检查设置。",
            "The object store address must read http(s)://ACCESS:SECRET@host:port with percent-encoded keys;"
            " check the settings.",
        )
    pool = PoolManager(
        num_pools=4,
        maxsize=POOL_SIZE,
        timeout=Timeout(connect=connect_seconds, read=read_seconds),
        retries=Retry(total=retries, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
        cert_reqs="CERT_REQUIRED",
    )
    return Minio(
        parts.netloc.rpartition("@")[2],
        access_key=unquote(parts.username),
        secret_key=unquote(parts.password),
        secure=parts.scheme == "https",
        region=parse_qs(parts.query).get("region", [None])[0],
        http_client=pool,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn every failure of the S3 client into one of the engine's errors; keys and secrets stay out of them.

    :raises NotFound: there is no such object or version (``object_missing``).
    :raises Malformed: the range asked for lies outside the object (``range_outside_object``).
    :raises Unavailable: no answer, a failing server, or one that refuses our credentials.
    """
    try:
        yield
    except S3Error as error:
        raise _meaning(error.code or "", error.response.status) from error
    except (MinioException, HTTPError) as error:
        raise silent() from error


def _meaning(code: str, status: int) -> YichuangError:
    if code in _MISSING or status == 404:
        return NotFound(
            "object_missing",
            "对象存储中没有这个文件。请刷新页面；如仍缺失，请联系系统管理员核查。",
            "The object store holds no such file. Reload; if it stays missing, tell the administrator.",
        )
    if code == "InvalidRange" or status == 416:
        return Malformed(
            "range_outside_object",
            "请求的字节范围超出文件长度，请按文件长度重新请求。",
            "The range asked for lies outside the file; ask again within its length.",
        )
    if status >= 500:
        return silent()
    return Unavailable(
        "objects_refused",
        "对象存储拒绝了本系统的请求，请系统管理员检查访问密钥与桶的权限。",
        "The object store refuses this system; the administrator should check access key and bucket rights.",
        reason=code,
    )


def silent() -> Unavailable:
    """Make the error for a store that does not answer."""
    return Unavailable(
        "objects_unavailable",
        "对象存储暂时没有响应，请稍后重试。",
        "The object store does not answer. Try again shortly.",
    )
