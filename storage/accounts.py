"""Accounts, roles and tokens as administrators see and change them: within their places, never a password."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage.db import Connection, reading

_ROLES: Final = """
coalesce((SELECT jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'organisation', o.code, 'path', o.path,
  'organisation_name', o.name, 'organisation_name_en', o.name_en) ORDER BY g.role, o.path)
  FROM role_grants g JOIN organisations o ON o.id = g.organisation_id WHERE g.person_id = p.id), '[]') AS grants
"""

_PERSON: Final = f"SELECT p.id, p.login, p.name, p.active, p.locked_until, p.created_at, {_ROLES} FROM people p"  # noqa: S608  # a constant

_WITHIN: Final = """
(NOT EXISTS (SELECT FROM role_grants g WHERE g.person_id = p.id)
 OR EXISTS (SELECT FROM role_grants g JOIN organisations o ON o.id = g.organisation_id
   JOIN unnest({paths}::text[]) AS at(path) ON o.path = at.path OR starts_with(o.path, at.path || '/')
   WHERE g.person_id = p.id))
"""
"""Somebody with a role within these places, or with none anywhere yet."""

_PAGE: Final = f"""
{_PERSON} WHERE {_WITHIN.format(paths="$1")} AND p.login > $2
  AND ($3 = '' OR strpos(lower(p.login), lower($3)) > 0 OR strpos(p.name, $3) > 0)
  AND ($4 = '' OR EXISTS (SELECT FROM role_grants g WHERE g.person_id = p.id AND g.role = $4))
  AND CASE $6 WHEN 'locked' THEN p.active AND p.locked_until > $7 WHEN 'inactive' THEN NOT p.active
    WHEN 'no_role' THEN p.active AND NOT EXISTS (SELECT FROM role_grants g WHERE g.person_id = p.id) ELSE true END
ORDER BY p.login LIMIT $5
"""  # noqa: S608  # constants of this module


async def page(
    paths: list[str], *, after: str, text: str, role: str, limit: int, standing: str, now: datetime
) -> list[dict[str, Any]]:
    """A page of the people within these places and of those without any role, by sign-in name, with their roles.

    :param after: sign-in name of the last one of the page before. :param text: part of a name; empty for any.
    :param role: only those who hold it; empty for any. :param standing: ``locked`` (at ``now``, UTC), ``inactive`` or
        ``no_role`` (and active); anything else for any.
    """
    async with reading() as connection:
        rows = await connection.fetch(_PAGE, paths, after, text, role, limit, standing, now)
    return [dict(row) for row in rows]


async def one(login: str, paths: list[str]) -> dict[str, Any] | None:
    """One of the people whom :func:`page` lists."""
    async with reading() as connection:
        row = await connection.fetchrow(f"{_PERSON} WHERE {_WITHIN.format(paths='$1')} AND p.login = $2", paths, login)
    return dict(row) if row else None


async def hold(connection: Connection, login: str, paths: list[str]) -> dict[str, Any] | None:
    """As :func:`one`; nobody else changes the account until the transaction ends."""
    await connection.fetchrow("SELECT id FROM people WHERE login = $1 FOR UPDATE", login)
    row = await connection.fetchrow(f"{_PERSON} WHERE {_WITHIN.format(paths='$1')} AND p.login = $2", paths, login)
    return dict(row) if row else None


async def grant(connection: Connection, person: UUID, role: str, organisation: UUID) -> UUID | None:
    """Give somebody a role; the key of the grant, None when they hold it there already."""
    key: UUID | None = await connection.fetchval(
        "INSERT INTO role_grants (id, person_id, role, organisation_id) SELECT uuidv7(), $1::uuid, $2::text, $3::uuid"
        " WHERE NOT EXISTS (SELECT FROM role_grants WHERE person_id = $1 AND role = $2 AND organisation_id = $3)"
        " RETURNING id",
        person,
        role,
        organisation,
    )
    return key


_ANOTHER: Final = """
SELECT EXISTS (SELECT FROM role_grants g JOIN people p ON p.id = g.person_id AND p.active AND p.password IS NOT NULL
  JOIN organisations o ON o.id = g.organisation_id
  WHERE g.role = $2 AND g.person_id <> $1 AND (o.path = $3 OR starts_with($3, o.path || '/')))
"""


async def another(connection: Connection, person: UUID, role: str, path: str) -> bool:
    """Whether somebody else who can sign in holds a role at a place or above it.

    Holds whoever else asks until the transaction ends: of two who take each other away, the second sees the first's.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('administrators', 0))")
    found: bool = await connection.fetchval(_ANOTHER, person, role, path)
    return found


async def take_away(connection: Connection, key: UUID) -> None:
    """Take a role away; what rests on it (tokens, delegations) holds no more."""
    await connection.execute("DELETE FROM role_grants WHERE id = $1", key)


async def set_active(connection: Connection, person: UUID, *, active: bool) -> None:
    """Let somebody sign in again, or no more."""
    await connection.execute("UPDATE people SET active = $2 WHERE id = $1", person, active)


async def set_name(connection: Connection, person: UUID, name: str) -> None:
    """Put somebody's name right."""
    await connection.execute("UPDATE people SET name = $2 WHERE id = $1", person, name)


async def unlock(connection: Connection, person: UUID) -> None:
    """Forget the failures of an account, and the lock that they brought about."""
    await connection.execute("UPDATE people SET failures = 0, locked_until = NULL WHERE id = $1", person)


async def set_password(connection: Connection, person: UUID, hashed: str) -> None:
    """Give an account another password and forget its lock. :param hashed: an argon2id hash."""
    await connection.execute(
        "UPDATE people SET password = $2, failures = 0, locked_until = NULL WHERE id = $1", person, hashed
    )


async def end_sessions(connection: Connection, person: UUID, *, but: str = "") -> None:
    """Sign somebody out everywhere. :param but: the digest of a session that stays open."""
    await connection.execute("DELETE FROM sessions WHERE person_id = $1 AND digest <> $2", person, but)


async def login_of(person: UUID) -> str:
    """The sign-in name of somebody."""
    async with reading() as connection:
        login: str = await connection.fetchval("SELECT login FROM people WHERE id = $1", person)
    return login


_PLACES: Final = """
SELECT DISTINCT o.code, o.path, o.name, o.name_en FROM organisations o
JOIN unnest($1::text[]) AS at(path) ON o.path = at.path OR starts_with(o.path, at.path || '/')
WHERE $2 = '' OR o.kind = $2 ORDER BY o.path LIMIT $3
"""


async def places(paths: list[str], kind: str, limit: int) -> list[dict[str, Any]]:
    """Organisations at or below these paths, from the top down. :param kind: only of this kind; empty for any."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PLACES, paths, kind, limit)]


_TOKENS: Final = """
SELECT t.id, t.name, p.login, p.name AS person_name, t.role, o.code AS organisation, o.name AS organisation_name,
  o.name_en AS organisation_name_en, i.name AS issued_by, t.created_at, t.expires_at, t.revoked_at,
  p.active AND EXISTS (SELECT FROM role_grants g WHERE g.person_id = t.person_id AND g.role = t.role
    AND g.organisation_id = t.organisation_id) AS held
FROM api_tokens t JOIN people p ON p.id = t.person_id JOIN organisations o ON o.id = t.organisation_id
LEFT JOIN people i ON i.id = t.issued_by
JOIN unnest($1::text[]) AS at(path) ON o.path = at.path OR starts_with(o.path, at.path || '/')
WHERE t.id < $2 AND ($3 OR (t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $4)))
GROUP BY t.id, p.id, o.id, i.id ORDER BY t.id DESC LIMIT $5
"""


async def tokens(paths: list[str], *, before: UUID, ended: bool, now: datetime, limit: int) -> list[dict[str, Any]]:
    """A page of the tokens for roles within these places, the newest first; never the tokens themselves.

    :param before: key of the last one of the page before. :param ended: also those that have ended.
    :param now: UTC.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_TOKENS, paths, before, ended, now, limit)]
