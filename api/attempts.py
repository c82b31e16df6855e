"""A limit on what an unknown caller may try in vain: codes that open something without a session.

A code has 60 bits, so that nobody finds one by trying; the limit keeps somebody who tries from costing the hall its
machine. It is kept in this process: several processes allow as many times as much.
"""

from __future__ import annotations

import ipaddress
import time
from collections import deque
from typing import Any, Final

from litestar import Request

from workflows.errors import TooMany

_MOST: Final = 20
"""Refused attempts from one address within the window."""
_WINDOW_SECONDS: Final = 600.0
_ADDRESSES: Final = 10_000
"""How many addresses are remembered at most; the one that has been quiet for longest is forgotten first."""


class Attempts:
    """The attempts in vain of each address, newest last."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """Refuse an address that has tried in vain too often.

        :raises TooMany: ``too_many_attempts``.
        """
        failed = self._failed.get(address)
        if failed is None:
            return
        earliest = time.monotonic() - _WINDOW_SECONDS
        while failed and failed[0] < earliest:
            failed.popleft()
        if len(failed) >= _MOST:
            minutes = int(_WINDOW_SECONDS // 60)
            raise TooMany(
                "too_many_attempts",
                f"查询失败次数过多，请{minutes}分钟后再试，或到大厅咨询台办理。",
                f"Too many attempts failed; try again in {minutes} minutes, or ask at the hall's desk.",
            )

    def count(self, address: str) -> None:
        """Remember an attempt in vain."""
        failed = self._failed.pop(address, None) or deque(maxlen=_MOST)
        failed.append(time.monotonic())
        self._failed[address] = failed
        if len(self._failed) > _ADDRESSES:
            del self._failed[next(iter(self._failed))]


def address_of(request: Request[Any, Any, Any]) -> str:
    """Where a request comes from: the peer, or who the proxy in front says it is, when the peer is within the house."""
    peer = request.client.host if request.client else ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return told[:45] if told and _is_inside(peer) else peer


def _is_inside(peer: str) -> bool:
    """A socket of this machine has no address."""
    try:
        return ipaddress.ip_address(peer).is_private
    except ValueError:
        return True


def attempts_of(request: Request[Any, Any, Any]) -> Attempts:
    """The memory of this application."""
    attempts: Attempts = request.app.state.attempts
    return attempts
