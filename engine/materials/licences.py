"""Outside services that hold electronic certificates (电子证照): what they are asked, and the one that speaks HTTP.

What is spoken, JSON over TLS: ``POST /licences/search`` with ``request``, ``name`` and ``holder`` gives ``request`` and
``licences``; ``POST /licences/file`` with ``request`` and ``licence`` gives the bytes of its file. The caller shows the
key as a bearer token, or signs each body with it as :func:`workflows.webhook.sign` does. Where bodies are signed the
answers are too, over the ``request`` they answer, a line break and their body, so that an older one fits no question.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Protocol

import httpx
import msgspec
from msgspec import Meta, Struct

from engine.settings import Settings
from storage.db import uuid7
from storage.scan_files import UploadSink
from workflows.errors import NotFound, Unavailable, YichuangError
from workflows.webhook import SIGNATURE, TIMESTAMP, sign, verify

UNAVAILABLE: Final = "licence_service_unavailable"
_MOST_BYTES: Final = 256 * 1024
"""How long a list of certificates may be."""
_MOST_FOUND: Final = 50
Short = Annotated[str, Meta(min_length=1, max_length=200)]


class Licence(Struct, frozen=True):
    """A certificate that an outside service holds. ``id`` is the service's own; dates are the certificate's."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:\-]{1,100}$")]
    name: Short
    number: Short
    issuer: Short
    valid_from: date
    state: Literal["valid", "revoked", "expired"]
    valid_to: date | None = None

    def in_force(self, today: date) -> bool:
        """Whether it may be used on a day (hall date)."""
        begun = self.state == "valid" and self.valid_from <= today
        return begun and (self.valid_to is None or today <= self.valid_to)


class LicenceService(Protocol):
    """What an outside service is asked."""

    async def find(self, name: str, id_kind: str, id_number: str) -> list[Licence]:
        """The certificates of this name that the holder of this number has.

        :raises Unavailable: ``licence_service_unavailable``, also for an answer that is not understood.
        """

    async def fetch(self, licence: str, sink: UploadSink) -> str:
        """The file of a certificate into a sink; the media type that the service declares.

        :raises NotFound: ``licence_not_found``. :raises Unavailable: idem. :raises TooLarge: ``file_too_large``.
        """


class _Found(Struct, frozen=True):
    request: str
    licences: Annotated[list[Licence], Meta(max_length=_MOST_FOUND)]


class HttpLicenceService:
    """The service that the settings name. No proxy is taken from the environment and no redirect is followed."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        if settings.licence_url is None:
            raise ValueError("no licence service is set")
        self._url = settings.licence_url.get_secret_value().rstrip("/")
        self._key = settings.licence_key.get_secret_value()
        self._signed = settings.licence_auth == "hmac"
        self._seconds = settings.licence_seconds
        self._trust = ssl.create_default_context(cafile=settings.licence_ca_file)
        self._clock = clock

    async def find(self, name: str, id_kind: str, id_number: str) -> list[Licence]:
        """See :meth:`LicenceService.find`."""
        request = str(uuid7())
        holder = {"id_kind": id_kind, "id_number": id_number}
        body = bytearray()
        asked = {"request": request, "name": name, "holder": holder}
        async with self._ask("/licences/search", asked) as answer:
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > _MOST_BYTES:
                    raise _unavailable("the answer is too long")
            self._require_signature(answer, request, bytes(body))
        try:
            found = msgspec.json.decode(body, type=_Found)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise _unavailable("the answer is not understood") from problem
        if found.request != request:
            raise _unavailable("the answer is to another question")
        return [licence for licence in found.licences if licence.name == name]

    async def fetch(self, licence: str, sink: UploadSink) -> str:
        """See :meth:`LicenceService.fetch`."""
        request, body = str(uuid7()), bytearray()
        async with self._ask("/licences/file", {"request": request, "licence": licence}) as answer:
            async for part in answer.aiter_bytes():
                await asyncio.to_thread(sink.feed, part)
                if self._signed:
                    body += part
            self._require_signature(answer, request, bytes(body))
            return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip()

    @asynccontextmanager
    async def _ask(self, path: str, asked: dict[str, Any]) -> AsyncIterator[httpx.Response]:
        content = msgspec.json.encode(asked)
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(
                    verify=self._trust, trust_env=False, follow_redirects=False, timeout=self._seconds
                ) as client,
                client.stream("POST", self._url + path, content=content, headers=self._headers(content)) as answer,
            ):
                _require_success(answer.status_code)
                yield answer
        except YichuangError:
            raise
        except TimeoutError as problem:
            raise _unavailable("timeout") from problem
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise _unavailable(type(problem).__name__) from problem

    def _headers(self, content: bytes) -> dict[str, str]:
        shown = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "yichuang"}
        if not self._signed:
            return shown | {"Authorization": f"Bearer {self._key}"}
        stamp = int(self._clock().timestamp())
        return shown | {TIMESTAMP: str(stamp), SIGNATURE: sign(self._key, stamp, content)}

    def _require_signature(self, answer: httpx.Response, request: str, body: bytes) -> None:
        stamp, signature = answer.headers.get(TIMESTAMP, ""), answer.headers.get(SIGNATURE, "")
        signed = request.encode() + b"\n" + body
        if self._signed and not verify(self._key, stamp, signature, signed, int(self._clock().timestamp())):
            raise _unavailable("the signature of the answer is wrong")


def service_of(settings: Settings, clock: Callable[[], datetime]) -> LicenceService | None:
    """The licence service that is connected, if one is. :param clock: what time it is, UTC."""
    return HttpLicenceService(settings, clock) if settings.licence_url is not None else None


def _require_success(status: int) -> None:
    if status == httpx.codes.NOT_FOUND:
        raise NotFound(
            "licence_not_found",
            "电子证照服务没有该证照，请重新查询。",
            "The licence service has no such certificate; ask again.",
        )
    if status != httpx.codes.OK:
        raise _unavailable(f"HTTP {status}")


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        UNAVAILABLE,
        "电子证照服务暂时不可用，不影响办理：可以稍后再试，也可以改为扫描纸质件。",
        f"The licence service cannot be used now ({why}). Nothing waits for it: try again later, or scan the paper.",
    )
