"""The register of certificates (证照): number, holder, validity, seal, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person


class Certificate(Table, db=DB, tablename="certificates"):
    """A certificate or licence issued on a grant. Validity in hall dates, both included.

    ``state``: in_force, void, reissued (another one replaces it) or revoked. ``replaces`` is the one that it was issued
    for. What the issue window proposes waits in ``proposal`` (void or reissue) until somebody else consents.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    number = Varchar(length=60, unique=True)
    name = Varchar(length=120)
    holder = Varchar(length=200)
    issuer = Varchar(length=120)
    seal = Varchar(length=140, default="")
    valid_from = Date()
    valid_to = Date(null=True, default=None)
    state = Varchar(length=12)
    made_by = ForeignKey(Person, null=True)
    made_at = Timestamptz()
    replaces: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Certificate", module_path="storage.certificates"), null=True, unique=True
    )
    proposal = Varchar(length=10, default="")
    proposed_by = ForeignKey(Person, null=True)
    proposed_at = Timestamptz(null=True, default=None)
    reason = Text(default="")
    ended_at = Timestamptz(null=True, default=None)
    ended_by = ForeignKey(Person, null=True)


async def of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Every certificate of a case, oldest first: number, state, and what is proposed by whom."""
    rows = await connection.fetch(
        "SELECT number, state, proposal, proposed_by FROM certificates WHERE case_id = $1 ORDER BY made_at, id", case
    )
    return [dict(row) for row in rows]


async def propose(
    connection: Connection, case: UUID, proposal: str, reason: str, by: UUID | None, at: datetime
) -> None:
    """Keep what is proposed for the certificate in force; a later proposal takes the place of an earlier one.

    :param proposal: ``void`` or ``reissue``. :param at: UTC.
    """
    await connection.execute(
        "UPDATE certificates SET proposal = $2, reason = $3, proposed_by = $4, proposed_at = $5"
        " WHERE case_id = $1 AND state = 'in_force'",
        case, proposal, reason, by, at,
    )  # fmt: skip


async def end(connection: Connection, case: UUID, state: str, by: UUID | None, at: datetime) -> dict[str, Any]:
    """The certificate in force is so no longer; its ``id`` and ``valid_to``, or nothing when there was none.

    :param state: void, reissued or revoked. :param at: UTC.
    """
    row = await connection.fetchrow(
        "UPDATE certificates SET state = $2, ended_by = $3, ended_at = $4 WHERE case_id = $1 AND state = 'in_force'"
        " RETURNING id, valid_to",
        case, state, by, at,
    )  # fmt: skip
    return dict(row) if row else {}


_READ = """
SELECT c.number, c.name, c.holder, c.issuer, c.seal, c.valid_from, c.valid_to, c.state, c.made_at, c.reason, c.ended_at,
  c.proposal, k.number AS "case", before.number AS replaces, after.number AS replaced_by,
  h.path AS hall_path, h.hours AS hall_hours, d.path AS department_path, k.applicant_sealed
FROM certificates c
JOIN cases k ON k.id = c.case_id
JOIN organisations h ON h.id = k.hall_id
JOIN organisations d ON d.id = k.department_id
LEFT JOIN certificates before ON before.id = c.replaces
LEFT JOIN certificates after ON after.replaces = c.id
WHERE c.number = $1
"""


async def read(number: str) -> dict[str, Any] | None:
    """One certificate with its places, and the numbers of the one that it replaces and of the one that replaces it."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ, number)
    return dict(row) if row else None
