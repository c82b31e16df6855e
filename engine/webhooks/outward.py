"""Sending to an address that somebody else gave: only where it may go, only to the address that was looked at.

A name is resolved once; every address behind it must be permitted; the connection goes to one of those addresses and
TLS still asks for the name. So a name that answers differently the second time leads nowhere else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import httpx

from workflows.errors import Conflict
from workflows.webhook import Network, Target, permitted, refuse_address

_LONGEST: Final = 60.0
MOST_ANSWERED: Final = 64 * 2**10
"""How much of an answer is read, in bytes."""


class Undelivered(Exception):
    """An attempt that did not reach its receiver, with a reason fit to be shown, and the HTTP status if any."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class Rules:
    """Where messages may go: networks beside the public ones, and whether without TLS.

    ``seconds``: how long one attempt may take, from the name to the answer.
    """

    networks: tuple[Network, ...] = ()
    plain: bool = False
    seconds: float = 10.0


async def resolve(target: Target, rules: Rules) -> list[str]:
    """The addresses of a target.

    :raises Conflict: ``webhook_target_refused`` when one of them is not permitted; ``webhook_host_unknown``.
    """
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError:
        raise Conflict(
            "webhook_host_unknown",
            "推送地址的主机名无法解析，请核对。",
            "The host of the address is not known; check it.",
        ) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all("%" not in one and permitted(one, rules.networks) for one in addresses):
        raise refuse_address()
    return addresses


@asynccontextmanager
async def client(authorities: Path | None) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows no proxy and follows no redirect; connections to one target are kept while it is open.

    :func:`post` limits the whole attempt; the client's own limits never come first.

    :param authorities: a PEM file of certificate authorities to trust; None for those of this machine.
    """
    context = _trusting(str(authorities) if authorities else None)
    async with httpx.AsyncClient(
        verify=context, trust_env=False, follow_redirects=False, timeout=_LONGEST, headers={"User-Agent": "yichuang"}
    ) as opened:
        yield opened


@lru_cache(maxsize=4)
def _trusting(authorities: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authorities)


async def post(http: httpx.AsyncClient, target: Target, rules: Rules, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a JSON body; the status, which is one of success.

    :raises Undelivered: for whatever reason it did not arrive; a redirect is one.
    """
    if target.scheme != "https" and not rules.plain:
        raise Undelivered("webhook_url_wrong")
    try:
        async with asyncio.timeout(rules.seconds):
            addresses = await resolve(target, rules)
            status = await _to_one_of(http, target, addresses, body, headers)
    except Conflict as refusal:
        raise Undelivered(refusal.code) from refusal
    except (TimeoutError, httpx.TimeoutException) as problem:
        raise Undelivered("timeout") from problem
    except (httpx.HTTPError, ssl.SSLError) as problem:
        raise Undelivered(_reason(problem)) from problem
    if not 200 <= status < 300:
        raise Undelivered("redirect_not_followed" if 300 <= status < 400 else "not_accepted", status)
    return status


def _reason(problem: Exception) -> str:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls_failed"
        cause = cause.__cause__ or cause.__context__
    return "cannot_connect" if isinstance(problem, httpx.ConnectError) else "connection_broken"


async def _to_one_of(
    http: httpx.AsyncClient, target: Target, addresses: Sequence[str], body: bytes, headers: Mapping[str, str]
) -> int:
    """Send to the first address that takes a connection."""
    for place, address in enumerate(addresses, 1):
        try:
            return await _send(http, target, address, body, headers)
        except httpx.ConnectError:
            if place == len(addresses):
                raise
    raise Undelivered("webhook_host_unknown")


async def _send(http: httpx.AsyncClient, target: Target, address: str, body: bytes, headers: Mapping[str, str]) -> int:
    shown = f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    request = http.build_request(
        "POST",
        f"{target.scheme}://{shown}:{target.port}{target.path}",
        content=body,
        headers={**headers, "Host": target.authority, "Content-Type": "application/json"},
        extensions={"sni_hostname": target.host},
    )
    answer = await http.send(request, stream=True)
    try:
        read = 0
        async for part in answer.aiter_raw():
            read += len(part)
            if read > MOST_ANSWERED:
                break
    finally:
        await answer.aclose()
    return answer.status_code
