"""Short-lived addresses of page pictures: signed for one person, one page, one size, and dead within minutes.

A page of ours gives them out in the moment that it is drawn. Whoever copies one out gets
nothing by it: it works only in the session of the same person, and only until its time is over (个人信息保护法51).
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from engine.context import Context
from workflows.actor import Actor
from workflows.errors import Forbidden

Size = Literal["page", "screen", "thumbnail"]
"""How large a picture is: as scanned up to a bound, about 1,240 pixels wide, about 200 pixels wide."""
Turn = Literal[0, 90, 180, 270]
"""Degrees clockwise by which a page is turned from how it was scanned."""
_SIGNATURE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of one page.

    :param page: from 1. :param turned: degrees clockwise. :param seen: whether the page that gives its address out has
        logged the look itself.
    """

    scan: UUID
    page: int
    size: Size = "page"
    turned: int = 0
    seen: bool = False


def link_to(context: Context, actor: Actor, picture: Picture, now: datetime) -> str:
    """The address of a picture for this person, from now on for ``link_seconds``. :param now: UTC."""
    until = int((now + timedelta(seconds=context.settings.link_seconds)).timestamp())
    asked: dict[str, str | int] = {"size": picture.size}
    if picture.turned:
        asked["turned"] = picture.turned
    if picture.seen:
        asked["seen"] = "true"
    signed = urlencode(asked | {"until": until, "signature": _sign(context, actor, picture, until)})
    return f"/api/v1/scans/{picture.scan}/pages/{picture.page}?{signed}"


def check_link(context: Context, actor: Actor, picture: Picture, *, until: int, signature: str, now: datetime) -> None:
    """Refuse an address that is not this person's, or whose time is over.

    :param until: Unix time in seconds, as the address says. :param now: UTC.
    :raises Forbidden: ``link_refused``, ``link_over``.
    """
    if not hmac.compare_digest(signature.encode(), _sign(context, actor, picture, until).encode()):
        raise Forbidden(
            "link_refused",
            "该图像链接不是发给您的，或已被改动。请从办件页面重新打开。",
            "This address was not given to you, or was altered. Open the page from its case.",
            basis="个人信息保护法51",
        )
    if now.timestamp() > until:
        raise Forbidden(
            "link_over",
            "该图像链接已过期，请刷新页面。",
            "This address has had its time; reload the page.",
            basis="个人信息保护法51",
        )


def _sign(context: Context, actor: Actor, picture: Picture, until: int) -> str:
    told = f"{actor.person}\0{picture.scan}\0{picture.page}\0{picture.size}\0{picture.turned}\0{until}"
    told += "\0seen" if picture.seen else ""
    digest = context.sealer.index(told, "page-link")[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
