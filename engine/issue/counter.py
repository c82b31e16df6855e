"""The issue counter (出件窗口): collection by pickup code, custody on the shelf, the day's ledger."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from engine.context import Context
from engine.issue.issuing import SEALED_CODE, pickup_index
from engine.issue.packaging import deliver_package
from engine.once import once
from engine.operations import act
from engine.placing import find_place
from engine.reading import seen_case
from engine.work import Answer, Command
from storage import cases, pickups, results, shelf
from storage.db import Connection, transaction, uuid7
from workflows import pickup, scope
from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden
from workflows.events import Act

FIRST: Final = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Where the first page begins."""
LONG: Final = 15
"""Natural days after which what waits is followed up, where nobody says otherwise."""
_KEEPERS: Final = (Role.issuer, Role.hall_manager)
_READERS: Final = (*_KEEPERS, Role.supervisor, Role.auditor)


async def collect(
    context: Context,
    actor: Actor,
    code: str,
    number: str,
    delivery: Mapping[str, Any],
    now: datetime,
    key: str = "",
    *,
    version: int | None = None,
) -> Answer:
    """Hand over a result to who shows its code and is identified: the act ``deliver``, with the code checked first.

    :param delivery: what is sent with it: ``recipient``, and ``mandate`` where somebody collects for the applicant.
    :param now: UTC. :param key: idempotency key. :param version: the case version that the caller has seen.
    :raises Malformed: ``pickup_code_malformed``. :raises Conflict: ``pickup_code_wrong`` (counted), ``no_pickup_code``.
    :raises TooMany: ``pickup_locked`` after five wrong codes; and as :func:`engine.operations.act`.
    """
    await _check_codes(context, actor, {number: code}, now)
    return await act(context, Command(actor, number, Act.DELIVER, delivery, now, key, version))


async def collect_package(
    context: Context,
    actor: Actor,
    codes: Mapping[str, str],
    delivery: Mapping[str, Any],
    now: datetime,
    key: str = "",
    *,
    versions: Mapping[str, int],
) -> Answer:
    """Hand over several results at once to who shows the code of each; otherwise as ``deliver_package``.

    :param codes: the code of each case, by its number.
    """
    await _check_codes(context, actor, codes, now)
    return await deliver_package(context, actor, list(codes), delivery, now, key, versions=versions)


async def _check_codes(context: Context, actor: Actor, codes: Mapping[str, str], now: datetime) -> None:
    """Compare each code with the newest of its case. A wrong one is counted, whatever becomes of the request."""
    read = {number: pickup.read_code(code) for number, code in sorted(codes.items())}
    for number, code in read.items():
        case, _ = await seen_case(context, actor, number)
        if scope.role_at(actor, {Role.issuer}, case["hall_path"], case["department_path"]) is None:
            raise Forbidden("role_not_allowed", "凭码领取由出件员办理。", "Collection by code is for the issue clerk.")
        failed = await _compare(context, number, code, now)
        if failed is not None:
            raise pickup.wrong_code(failed)


async def _compare(context: Context, number: str, code: str, now: datetime) -> int | None:
    """None when it is the right code, else the wrong ones in a row; committed before anybody is told."""
    async with transaction() as connection:
        row = await pickups.lock_newest(connection, number)
        if row is None:
            raise pickup.no_code()
        pickup.refuse_locked(row["locked_until"], now)
        if hmac.compare_digest(row["code_index"], context.sealer.index(code, pickup_index(number))):
            return None
        failures, locked = pickup.after_wrong_code(row["failures"], now)
        await pickups.fail(connection, row["id"], failures, locked)
        return failures


async def pickup_code(context: Context, number: str) -> str | None:
    """The code of a case in clear, for the message that carries it to the applicant and for nothing else."""
    sealed = await pickups.sealed_of(number)
    return context.sealer.open(sealed, SEALED_CODE) if sealed else None


async def move(context: Context, actor: Actor, number: str, place: str, now: datetime) -> dict[str, str]:
    """Put a result on another shelf. :param now: UTC. :returns: ``case``, ``shelf`` and where it was, ``before``.

    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``. :raises Conflict: ``not_on_shelf``.
    """
    case, _ = await seen_case(context, actor, number)
    if scope.role_at(actor, _KEEPERS, case["hall_path"], case["department_path"]) is None:
        raise Forbidden("role_not_allowed", "移架由出件员办理。", "Shelves are for the issue clerk.")
    async with transaction() as connection:
        await cases.lock(connection, number, actor.person, "")
        stay = await shelf.of_case(connection, case["id"])
        if stay is None:
            raise Conflict(
                "not_on_shelf",
                "该办件不在架：尚未登记待领，或已领取、寄出。",
                "This result waits on no shelf: it is not ready yet, or it has left.",
            )
        await shelf.enter(connection, case["id"], case["hall_id"], place, actor.staff, now, "moved")
    return {"case": number, "shelf": place, "before": stay["shelf"]}


async def take_stock(
    actor: Actor,
    place: str,
    found: Sequence[str],
    now: datetime,
    key: str = "",
    *,
    hall: str | None = None,
) -> Answer:
    """盘点: compare what lies on a shelf with what should. The difference is kept; nothing is moved by it.

    :param found: the numbers of the cases whose results lie there. :param now: UTC.
    :returns: ``shelf``, ``expected``, ``found`` (counts), ``missing`` (numbers), ``surplus`` (number and where it
        should be: a shelf, or None when it waits nowhere or is no case of this hall).
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``.
    """
    where = await find_place(actor, _KEEPERS, hall, None)
    listed = sorted(set(found))
    write = partial(_take_stock, actor, where.hall["id"], place, listed, now)
    return await once(actor, key, ["stocktake", hall, place, listed], now, write)


async def _take_stock(
    actor: Actor, hall: UUID, place: str, found: list[str], now: datetime, connection: Connection
) -> Answer:
    expected = await shelf.hold(connection, hall, place)
    astray = [number for number in found if number not in expected]
    known = await shelf.places(connection, hall, astray)
    row = {
        "id": uuid7(),
        "hall_id": hall,
        "shelf": place,
        "taken_by": actor.staff,
        "taken_at": now,
        "expected": len(expected),
        "found": len(found),
        "missing": [number for number in expected if number not in found],
        "surplus": [{"case": number, "recorded": known.get(number)} for number in astray],
    }
    await shelf.add_stocktake(connection, row)
    return {name: row[name] for name in ("shelf", "expected", "found", "missing", "surplus")}


async def list_shelf(
    actor: Actor,
    now: datetime,
    *,
    place: str | None = None,
    days: int = 0,
    hall: str | None = None,
    after: tuple[datetime, UUID] = FIRST,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of what waits in a hall, the longest first, with how often and when the applicant was contacted.

    :param place: only this shelf. :param days: only what has waited so many natural days (催领); see :data:`LONG`.
    :param now: UTC.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``.
    """
    where = await find_place(actor, _READERS, hall, None)
    return await shelf.waiting(where.hall["id"], place, now - timedelta(days=days), after, limit)


async def daily_ledger(
    context: Context,
    actor: Actor,
    day: date,
    *,
    hall: str | None = None,
    after: tuple[datetime, UUID] = FIRST,
    limit: int = 200,
) -> dict[str, Any]:
    """出件日台账: what a hall handed over on a day, how, to whom and by whom, and the day's totals.

    :param day: hall date.
    :returns: ``day``, ``totals`` (by name) and a page of ``rows``. ``waiting`` and ``in_transit`` are as the day ended.
    :raises Forbidden: ``role_not_allowed``, ``hall_needed``.
    """
    where = await find_place(actor, _READERS, hall, None)
    hours = context.hours(where.hall["hours"])
    since = datetime.combine(day, datetime.min.time(), hours.zone).astimezone(UTC)
    until = datetime.combine(day + timedelta(days=1), datetime.min.time(), hours.zone).astimezone(UTC)
    key = where.hall["id"]
    rows = await results.delivered(key, since, until, after, limit)
    return {"day": day, "totals": await results.totals(key, since, until), "rows": rows}
