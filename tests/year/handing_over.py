"""From the decision into the applicant's hands: each function is one way in which it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tests.year.life import Life
from workflows.events import Act


async def made(life: Life, wait: int) -> None:
    """The certificate is made and waits on its shelf."""
    await life.pause(wait)
    await life.go(life.issuer, Act.MAKE_CERTIFICATE)
    await life.go(life.issuer, Act.MARK_READY)


async def collected(life: Life) -> None:
    await made(life, life.chance.randrange(2))
    await life.pause(life.chance.randrange(4))
    await life.go(life.issuer, Act.DELIVER, recipient=life.recipient())


async def later(life: Life) -> None:
    await made(life, 1)
    await life.pause(life.chance.randrange(5, 9))
    await life.go(life.issuer, Act.DELIVER, recipient=life.recipient())


async def by_agent(life: Life) -> None:
    await made(life, 1)
    await life.pause(1)
    recipient = {"name": "示例代领人", "id_kind": "resident_id", "id_number": "11010519491231002X", "relation": "agent"}
    await life.go(life.issuer, Act.DELIVER, recipient=recipient, mandate=True)


async def posted(life: Life) -> None:
    await made(life, 1)
    parcel = f"EX{life.number}"
    await life.go(life.issuer, Act.SEND_BY_POST, carrier="示例速递", waybill=parcel)
    await life.pause(life.chance.randrange(2, 5))
    await life.go(life.issuer, Act.SIGN_OFF_POST, waybill=parcel, signed_by=life.who.name)


async def electronic(life: Life) -> None:
    await made(life, 0)
    await life.go(life.issuer, Act.CONSENT_ELECTRONIC, electronic_address="office@example.cn", signed=True)
    await life.go(life.issuer, Act.DELIVER_ELECTRONICALLY)


ISSUE: Final[Mapping[str, Callable[[Life], Awaitable[None]]]] = {
    way.__name__: way for way in (collected, later, by_agent, posted, electronic)
}


async def denial_served(life: Life) -> None:
    """The decision not to grant reaches the party, who may refuse to take it."""
    await life.pause(life.chance.randrange(3))
    if life.chance.random() < 0.3:
        await life.go(life.issuer, Act.DELIVER, refused=True, witness="示例社区工作人员")
    else:
        await life.go(life.issuer, Act.DELIVER, recipient=life.recipient())
