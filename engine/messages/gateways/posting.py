"""The protocol that SMS, voice and call gateways are spoken to: one JSON POST a message.

The body is ``{"id", "to", "text", "language", …}``, under ``Authorization: Bearer KEY`` and ``Idempotency-Key: id``; a
gateway that gets the same ``id`` again sends nothing and answers as before. The answer is ``{"id": its name for the
message}``, or ``{"refused": code}`` for one that it will never send.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from functools import cache
from typing import Any, Final

import httpx
import msgspec

from engine.messages.gateways.outcomes import Deferred, Down, Outcome, Outgoing, Refused, Taken, code_of, name_of

_MOST_BYTES: Final = 64 * 2**10
_LONGEST_WAIT: Final = 3600
_NEVER: Final = frozenset({400, 404, 409, 410, 413, 422})
"""Statuses that speak of the message; every other one beside 2xx and 425 speaks of the gateway or of our key."""


async def post(url: str, key: str, message: Outgoing, seconds: float) -> Outcome:
    """Hand one message to a gateway.

    No proxy is taken from the environment and no redirect is followed: the address stands in the settings.

    :param seconds: how long it may take in all.
    """
    body = {"id": str(message.id), "to": message.to, "text": message.text, "language": message.language}
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(message.id),
        "User-Agent": "yichuang",
    }
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False, timeout=seconds) as client,
            client.stream("POST", url, content=msgspec.json.encode(body | message.more), headers=headers) as answer,
        ):
            return _judge(answer.status_code, answer.headers.get("Retry-After", ""), await _read(answer))
    except TimeoutError:
        return Down("timeout")
    except httpx.TimeoutException:
        return Down("timeout")
    except httpx.HTTPError:
        return Down("no_answer")


@cache
def _trust() -> ssl.SSLContext:
    """Building one takes longer than a message."""
    return httpx.create_ssl_context(trust_env=False)


async def _read(answer: httpx.Response) -> bytes:
    read = b""
    async for part in answer.aiter_raw():
        read += part
        if len(read) > _MOST_BYTES:
            return b""
    return read


def _judge(status: int, retry_after: str, body: bytes) -> Outcome:
    if 200 <= status < 300:
        return _answered(_object(body))
    if status in _NEVER:
        return Refused(code_of(_object(body).get("refused"), f"refused_{status}"))
    if status == 425:
        return Deferred("too_early")
    if status in {401, 403}:
        return Down("key_refused")
    wait = min(int(retry_after), _LONGEST_WAIT) if retry_after.isascii() and retry_after.isdigit() else None
    return Down(f"status_{status}", timedelta(seconds=wait) if wait else None)


def _answered(answer: dict[str, Any]) -> Outcome:
    if "refused" in answer:
        return Refused(code_of(answer["refused"], "refused"))
    name = name_of(answer.get("id"))
    return Taken(name) if name else Down("answer_not_understood")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
