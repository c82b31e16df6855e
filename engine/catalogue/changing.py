"""Items suspended, resumed and cancelled (事项暂停、恢复、取消): proposed by one steward, done when another approves.

A suspended item takes no application in any version until it is resumed. A cancelled one takes none after its last day;
until that day has passed, a resumption lifts the cancellation. Cases that are open go on under their version.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal

from engine.publishing import require_not_cancelled
from storage import versions
from workflows.errors import Conflict, Malformed, NotFound

ChangeKind = Literal["suspension", "resumption", "cancellation"]
_BASIS: Final = "国办函〔2016〕108号"


async def check_change(kind: str, code: str, last_day: date | None, today: date) -> dict[str, Any]:
    """Refuse a change that the item does not allow now; its newest version otherwise.

    :param last_day: of a cancellation, the last day on which applications are taken. :param today: both in hall time.
    :raises NotFound: ``item_not_found``. :raises Conflict: ``item_suspended``, ``item_not_suspended``,
        ``item_cancelled``. :raises Malformed: ``last_day_passed``.
    """
    published = await versions.of_item(code)
    if not published:
        raise NotFound("item_not_found", "没有该事项，请核对事项编码。", "There is no such item; check its code.")
    newest = published[0]
    if kind == "resumption":
        _check_resumption(newest, today)
    else:
        require_not_cancelled(newest)
    if kind == "suspension" and newest["suspended"]:
        raise Conflict("item_suspended", "该事项已经暂停。", "The item is suspended already.", basis=_BASIS)
    if kind == "cancellation" and (last_day is None or last_day < today):
        raise Malformed(
            "last_day_passed",
            f"取消事项须写明最后实施日，且不早于今天（{today:%Y-%m-%d}）。",
            f"A cancellation names the last day on which the item applies, not before today ({today}).",
        )
    return newest


def _check_resumption(item: dict[str, Any], today: date) -> None:
    ends = item["cancelled_after"]
    if ends is not None and ends < today:
        require_not_cancelled(item)
    if ends is None and not item["suspended"]:
        raise Conflict(
            "item_not_suspended",
            "该事项没有暂停，也没有将要到来的取消，无需恢复。",
            "The item is neither suspended nor about to be cancelled, so there is nothing to resume.",
            basis=_BASIS,
        )


async def change(kind: str, code: str, last_day: date | None) -> None:
    """Do what was proposed and approved; needs a transaction that holds the code."""
    if kind == "cancellation":
        await versions.cancel(code, last_day)
    else:
        await versions.suspend(code, suspended=kind == "suspension")
    if kind == "resumption":
        await versions.cancel(code, None)
