"""What stands in for the paper of a line (免提交), with the applicant's consent; and what could."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.certificates import Certificate
from storage.checks import MaterialCheck
from storage.db import DB, Connection, reading
from storage.mandates import Mandate
from storage.people import Person
from storage.scans import Scan

MOST_OFFERS: Final = 200
"""How many of a party's certificates or verified lines are looked through, the newest first."""


class Reuse(Table, db=DB, tablename="reuses"):
    """One proof used again for one line; ``kind``: certificate (issued here), scan (verified before) or licence.

    ``check_id`` is the check that an earlier scan rests on, ``scan_id`` the file fetched from a licence service.
    ``consented_by`` names who agreed, ``consent_way`` how; an agent agrees under ``mandate_id``. It stands until
    ``ended_at``.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    kind = Varchar(length=12)
    certificate_id = ForeignKey(Certificate, null=True)
    check_id = ForeignKey(MaterialCheck, null=True)
    scan_id = ForeignKey(Scan, null=True)
    source = Varchar(length=200)
    reference = Varchar(length=200)
    issuer = Varchar(length=200)
    valid_to = Date(null=True, default=None)
    consented_by = Varchar(length=200)
    consent_way = Varchar(length=12)
    mandate_id = ForeignKey(Mandate, null=True)
    recorded_by = ForeignKey(Person, null=True)
    recorded_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    ended_because = Text(default="")


_CERTIFICATES = """
SELECT c.id, c.number, c.name, c.issuer, c.state, c.valid_from, c.valid_to, c.made_at, h.name AS hall
FROM certificates c JOIN cases k ON k.id = c.case_id JOIN organisations h ON h.id = k.hall_id
WHERE k.party_id = $1 AND ($2::text IS NULL OR c.name = $2) AND ($3::uuid IS NULL OR c.id = $3)
ORDER BY c.made_at DESC, c.id DESC LIMIT $4
"""


async def certificates_of(
    connection: Connection, party: UUID, *, name: str | None = None, key: UUID | None = None
) -> list[dict[str, Any]]:
    """Certificates issued here to a party, of a name or by key, in whatever state; the newest first."""
    rows = await connection.fetch(_CERTIFICATES, party, name, key, MOST_OFFERS)
    return [dict(row) for row in rows]


_VERIFIED = """
SELECT ck.id, k.item_id, k.number AS "case", ck.line, ck.kind, ck.reference,
  ck.valid_to, ck.checked_at, ck.checked_name, h.name AS hall, ck.passed
    AND ck.id = (SELECT l.id FROM material_checks l WHERE l.case_id = k.id AND l.line = ck.line
                 ORDER BY l.checked_at DESC, l.id DESC LIMIT 1) AS newest,
  (SELECT coalesce(array_agg(s.id ORDER BY s.uploaded_at, s.id), '{}')
   FROM scan_links l JOIN scans s ON s.id = l.scan_id
   WHERE l.case_id = k.id AND l.line = ck.line AND l.replaced_at IS NULL AND s.state = 'stored'
     AND l.linked_at <= ck.checked_at) AS scans,
  EXISTS (SELECT FROM scan_links l JOIN scans s ON s.id = l.scan_id
   WHERE l.case_id = k.id AND l.line = ck.line AND l.replaced_at IS NULL AND s.state <> 'refused'
     AND l.linked_at > ck.checked_at) AS overtaken
FROM cases k
JOIN material_checks ck ON ck.case_id = k.id AND ck.kind IN ('original_checked', 'source_verified')
JOIN organisations h ON h.id = k.hall_id
WHERE k.party_id = $1 AND k.id <> $2 AND ($3::uuid IS NULL OR ck.id = $3)
ORDER BY ck.checked_at DESC, ck.id DESC LIMIT $4
"""


async def verified_of(
    connection: Connection, party: UUID, case: UUID, *, key: UUID | None = None
) -> list[dict[str, Any]]:
    """Lines of a party's other cases that somebody has checked, with the scans that were there then; the newest first.

    ``newest``: it passed and no later check says otherwise. ``overtaken``: another scan has been added since.
    """
    rows = await connection.fetch(_VERIFIED, party, case, key, MOST_OFFERS)
    return [dict(row) for row in rows]


_COLUMNS: Final = (
    "id", "case_id", "line", "kind", "certificate_id", "check_id", "scan_id", "source", "reference", "issuer",
    "valid_to", "consented_by", "consent_way", "mandate_id", "recorded_by", "recorded_at",
)  # fmt: skip
_ADD: Final = (
    f"INSERT INTO reuses ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'${n + 1}' for n in range(len(_COLUMNS)))})"  # noqa: S608  # constants
)
_LINK: Final = """
INSERT INTO scan_links (id, scan_id, case_id, line, linked_at) SELECT uuidv7(), s, $2, $3, $4 FROM unnest($1::uuid[]) s
ON CONFLICT (scan_id, case_id, line) DO UPDATE SET replaced_at = NULL, linked_at = excluded.linked_at
"""
_EXEMPT: Final = """
INSERT INTO case_materials (id, case_id, line, originals, copies, pages, exempt, counted_at)
VALUES (uuidv7(), $1, $2, 0, 0, 0, $3, $4)
ON CONFLICT (case_id, line) DO UPDATE SET exempt = excluded.exempt, counted_at = excluded.counted_at
"""


async def add(connection: Connection, row: dict[str, Any], scans: list[UUID], exempt: str) -> None:
    """Let something stand in for the paper of a line: its row, links to earlier scans, and why no paper is needed.

    :param row: the columns of :class:`Reuse`. :param exempt: ``e_cert`` or ``verified_before``.
    """
    await connection.execute(_ADD, *(row[name] for name in _COLUMNS))
    await connection.execute(_LINK, scans, row["case_id"], row["line"], row["recorded_at"])
    await connection.execute(_EXEMPT, row["case_id"], row["line"], exempt, row["recorded_at"])


_END = """
UPDATE reuses SET ended_at = $3, ended_because = $4 WHERE case_id = $1 AND line = $2 AND ended_at IS NULL
RETURNING id, kind, source, reference, check_id, scan_id
"""
_UNLINK = """
UPDATE scan_links SET replaced_at = $3 WHERE case_id = $1 AND line = $2 AND replaced_at IS NULL AND (scan_id = $5
  OR scan_id IN (SELECT l.scan_id FROM material_checks ck
                 JOIN scan_links l ON l.case_id = ck.case_id AND l.line = ck.line WHERE ck.id = $4))
"""


async def end(connection: Connection, case: UUID, line: str, at: datetime, because: str) -> dict[str, Any] | None:
    """Let nothing stand in for the paper of a line any more; what did, or nothing. :param at: UTC."""
    row = await connection.fetchrow(_END, case, line, at, because)
    if row is None:
        return None
    await connection.execute(_UNLINK, case, line, at, row["check_id"], row["scan_id"])
    await connection.execute("UPDATE case_materials SET exempt = NULL WHERE case_id = $1 AND line = $2", case, line)
    return dict(row)


async def of_case(case: UUID) -> list[dict[str, Any]]:
    """What stands, or stood, in for the paper of a case's lines; the newest first."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT r.line, r.kind, r.source, r.reference, r.issuer, r.valid_to, r.consented_by, r.consent_way,"
            " r.recorded_at, r.ended_at, r.ended_because, p.name AS recorded_by, m.number AS mandate FROM reuses r"
            " LEFT JOIN people p ON p.id = r.recorded_by LEFT JOIN mandates m ON m.id = r.mandate_id"
            " WHERE r.case_id = $1 ORDER BY r.recorded_at DESC, r.id DESC",
            case,
        )
    return [dict(row) for row in rows]


_ACCEPTED = """
SELECT item_id, situation, count(*)::int AS cases FROM cases
WHERE hall_id = ANY($1) AND parent_id IS NULL AND accepted_at >= $2 AND accepted_at < $3 GROUP BY item_id, situation
"""
_SPARED = """
SELECT c.item_id, m.line, m.exempt, count(*)::int AS cases FROM cases c JOIN case_materials m ON m.case_id = c.id
WHERE c.hall_id = ANY($1) AND c.parent_id IS NULL AND c.accepted_at >= $2 AND c.accepted_at < $3
  AND m.exempt IS NOT NULL
GROUP BY c.item_id, m.line, m.exempt
"""


async def counted_between(
    halls: list[UUID], first: datetime, before: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Cases that some halls accepted between two moments (UTC): by item version and situation, and what was spared."""
    async with reading() as connection:
        accepted = await connection.fetch(_ACCEPTED, halls, first, before)
        spared = await connection.fetch(_SPARED, halls, first, before)
    return [dict(row) for row in accepted], [dict(row) for row in spared]
