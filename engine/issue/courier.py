"""The courier's own system (承运方接口): waybills are asked for, parcels tracked, over JSON and HTTP.

What is spoken, all of it with ``Authorization: Bearer <courier_key>``: ``POST /waybills`` with an ``Idempotency-Key``
gives carrier and waybill; ``POST /waybills/{waybill}/cancel`` takes one back; ``GET /waybills/{waybill}`` says where it
is. The courier may also report by itself, signed with the key as :func:`workflows.webhook.sign` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Meta, Struct

from engine.settings import Settings
from workflows.errors import Conflict, NotAuthenticated, NotFound, Unavailable
from workflows.webhook import verify

UNAVAILABLE: Final = "courier_unavailable"
"""The code of the refusal while the courier does not answer."""
_SECONDS: Final = 10.0
_MOST_BYTES: Final = 64 * 1024

T = TypeVar("T")

Waybill = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.\-]{1,40}$")]
Short = Annotated[str, Meta(min_length=1, max_length=200)]


class Receiver(Struct, forbid_unknown_fields=True, frozen=True):
    """To whom and where a parcel goes; kept sealed until the courier has it."""

    name: Short
    phone: Annotated[str, Meta(pattern=r"^[0-9+\- ]{5,20}$")]
    address: Annotated[str, Meta(min_length=5, max_length=400)]


class Issued(Struct, frozen=True):
    """A waybill that the courier gave."""

    waybill: Waybill
    carrier: Short


class Tracking(Struct, frozen=True):
    """Where a parcel is. ``reference`` is what it was ordered under; ``signed_by`` and ``reason`` tell how it ended."""

    waybill: Waybill
    state: Literal["created", "in_transit", "signed", "returned"]
    reference: str = ""
    signed_by: Annotated[str, Meta(max_length=200)] = ""
    reason: Annotated[str, Meta(max_length=400)] = ""


class Refused(Exception):
    """The courier will not carry this parcel; ``reason`` is what it says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Courier:
    """Speaks to the courier that the settings name."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if settings.courier_url is None:
            raise Conflict(
                "courier_not_configured",
                "未接入承运方接口。请自行寄件后登记承运方和运单号。",
                "No courier is connected. Post the parcel yourself, then enter carrier and waybill.",
                basis="行政许可法44",
            )
        self._url = settings.courier_url.get_secret_value().rstrip("/")
        self._key = settings.courier_key.get_secret_value()
        self._transport = transport

    async def order(self, reference: str, receiver: Receiver, pieces: int) -> Issued:
        """Ask for a waybill; the same reference is always given the same one.

        :param pieces: how many cases the parcel holds.
        :raises Refused: when the courier will not carry it. :raises Unavailable: ``courier_unavailable``.
        """
        body = {"reference": reference, "receiver": msgspec.to_builtins(receiver), "pieces": pieces}
        return await self._ask("POST", "/waybills", Issued, body, {"Idempotency-Key": reference})

    async def cancel(self, waybill: str) -> None:
        """Take a waybill back that is not needed. :raises Refused: :raises Unavailable: idem."""
        await self._ask("POST", f"/waybills/{quote(waybill, safe='')}/cancel", dict, {}, {})

    async def track(self, waybill: str) -> Tracking:
        """Where a parcel is. :raises Refused: :raises Unavailable: idem."""
        return await self._ask("GET", f"/waybills/{quote(waybill, safe='')}", Tracking, None, {})

    async def _ask(self, method: str, path: str, kind: type[T], body: Any, headers: Mapping[str, str]) -> T:
        sent = {"Authorization": f"Bearer {self._key}", **headers}
        try:
            async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False, transport=self._transport) as client:
                answer = await client.request(method, f"{self._url}{path}", json=body, headers=sent)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise _unavailable(type(problem).__name__) from problem
        if answer.status_code in {400, 404, 409, 422}:
            raise Refused(_reason(answer.content))
        if not answer.is_success or len(answer.content) > _MOST_BYTES:
            raise _unavailable(f"HTTP {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as problem:
            raise _unavailable("the answer is not understood") from problem


def _reason(body: bytes) -> str:
    """What the courier says against it, if it says so in the agreed form."""
    try:
        return str(msgspec.json.decode(body, type=dict[str, Any]).get("reason", ""))[:200]
    except msgspec.DecodeError:
        return ""


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        UNAVAILABLE,
        "承运方系统暂时无法连接，寄件单已保留，将自动重试。",
        f"The courier's system does not answer ({why}); the order is kept and tried again.",
    )


def check_signature(settings: Settings, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Refuse a report that the courier did not sign with the key (:func:`workflows.webhook.sign`), or an old one.

    :param timestamp: the header as received. :param now: UTC.
    :raises NotFound: ``courier_not_connected``. :raises NotAuthenticated: ``signature_wrong``.
    """
    secret = settings.courier_key.get_secret_value()
    if settings.courier_url is None or not secret:
        raise NotFound("courier_not_connected", "未接入承运方接口。", "No courier is connected here.")
    if not verify(secret, timestamp, signature, body, int(now.timestamp())):
        raise NotAuthenticated(
            "signature_wrong",
            "签名不符，或时间戳相差超过5分钟。",
            "The signature does not fit, or the timestamp is more than five minutes off.",
        )
