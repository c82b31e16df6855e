"""Who works here, what they may do and where; how they sign in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation


class Person(Table, db=DB, tablename="people"):
    """Somebody who signs in. ``password`` is an argon2id hash; five failures lock the account for a while."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    login = Varchar(length=60, unique=True)
    name = Varchar(length=60)
    password = Text(null=True, default=None)
    active = Boolean(default=True)
    failures = Integer(default=0)
    locked_until = Timestamptz(null=True, default=None)
    created_at = Timestamptz()


class RoleGrant(Table, db=DB, tablename="role_grants"):
    """One role of one person in one organisation and everything below it."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    person_id = ForeignKey(Person, null=False, index=True)
    role = Varchar(length=30)
    organisation_id = ForeignKey(Organisation, null=False)


class Session(Table, db=DB, tablename="sessions"):
    """A signed-in browser. Only digests are kept: of the cookie, and of the token that forms must carry."""

    digest = Varchar(length=64, primary_key=True)
    csrf_digest = Varchar(length=64)
    person_id = ForeignKey(Person, null=False, index=True)
    created_at = Timestamptz()
    seen_at = Timestamptz()
    expires_at = Timestamptz(index=True)


class ApiToken(Table, db=DB, tablename="api_tokens"):
    """A machine's bearer token: it acts for one person in one of that person's grants. Only its digest is kept."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    digest = Varchar(length=64, unique=True)
    name = Varchar(length=80)
    person_id = ForeignKey(Person, null=False, index=True)
    role = Varchar(length=30)
    organisation_id = ForeignKey(Organisation, null=False)
    issued_by = ForeignKey(Person, null=True)
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


_SEEN_AGAIN = timedelta(seconds=30)

_HELD = """
SELECT g.person_id, g.role, g.organisation_id, NULL::uuid AS acting_for, '' AS principal FROM role_grants g
UNION ALL
SELECT d.delegate_id, d.role, d.organisation_id, d.person_id, q.name FROM delegations d
JOIN people q ON q.id = d.person_id AND q.active
JOIN role_grants g ON g.person_id = d.person_id AND g.role = d.role AND g.organisation_id = d.organisation_id
WHERE d.from_at <= $2 AND d.until_at > $2 AND d.ended_at IS NULL
"""
"""Every grant as it is held at a moment ($2): one's own, and those of absent people whom one stands in for."""

_GRANTS = f"""
SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'organisation', o.id, 'path', o.path,
  'acting_for', g.acting_for, 'principal', g.principal) ORDER BY g.acting_for NULLS FIRST, g.role), '[]')
FROM ({_HELD}) g JOIN organisations o ON o.id = g.organisation_id WHERE g.person_id = p.id
"""  # noqa: S608  # a constant of this module

_BY_SESSION = f"""
SELECT p.id, p.name, p.login, s.csrf_digest, s.seen_at, ({_GRANTS}) AS grants
FROM sessions s JOIN people p ON p.id = s.person_id
WHERE s.digest = $1 AND p.active AND s.expires_at > $2 AND s.seen_at > $2::timestamptz - $3::interval
"""  # noqa: S608  # a constant of this module

_BY_BEARER = """
SELECT p.id, p.name, p.login, t.id AS token,
  jsonb_build_array(jsonb_build_object('role', t.role, 'organisation', o.id, 'path', o.path)) AS grants
FROM api_tokens t
JOIN people p ON p.id = t.person_id AND p.active
JOIN role_grants g ON g.person_id = t.person_id AND g.role = t.role AND g.organisation_id = t.organisation_id
JOIN organisations o ON o.id = t.organisation_id
WHERE t.digest = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)
"""

_BY_LOGIN = f"SELECT p.*, ({_GRANTS}) AS grants FROM people p WHERE p.login = $1"  # noqa: S608  # idem


async def by_session(digest: str, now: datetime, idle: Any) -> dict[str, Any] | None:
    """Whose session this is; moves its last use forward, at most once in half a minute.

    :param digest: SHA-256 of the cookie, hexadecimal.
    :param idle: a session unused for longer than this ``timedelta`` is dead.
    """
    async with reading() as connection:
        row = await connection.fetchrow(_BY_SESSION, digest, now, idle)
        if row and now - row["seen_at"] > _SEEN_AGAIN:
            await connection.execute("UPDATE sessions SET seen_at = $2 WHERE digest = $1", digest, now)
    return dict(row) if row else None


async def by_token(digest: str, now: datetime) -> dict[str, Any] | None:
    """For whom this token acts, unless it was revoked, has expired, or the grant behind it was taken away."""
    async with reading() as connection:
        row = await connection.fetchrow(_BY_BEARER, digest, now)
    return dict(row) if row else None


async def by_login(login: str, now: datetime | None = None) -> dict[str, Any] | None:
    """The account of that name, with its grants.

    :param now: UTC; with it, the grants of absent people whom the account stands in for at that moment are among them.
    """
    async with reading() as connection:
        row = await connection.fetchrow(_BY_LOGIN, login, now)
    return dict(row) if row else None


_NAMED = f"""
SELECT p.id, p.login, (SELECT coalesce(jsonb_agg(DISTINCT g.role), '[]') FROM ({_HELD}) g
  JOIN organisations o ON o.id = g.organisation_id JOIN unnest($3::text[]) AS at(path) ON true
  WHERE g.person_id = p.id AND (at.path = o.path OR starts_with(at.path, o.path || '/')
    OR starts_with(o.path, at.path || '/'))) AS roles
FROM people p WHERE p.login = ANY($1::text[]) AND p.active
"""  # noqa: S608  # a constant of this module


async def named(connection: Connection, logins: list[str], paths: list[str], now: datetime) -> list[dict[str, Any]]:
    """Active people by sign-in name, with the roles that they have at, above or below these places at a moment."""
    return [dict(row) for row in await connection.fetch(_NAMED, logins, now, paths)] if logins else []


async def names(logins: list[str]) -> dict[str, str]:
    """The names of people by their sign-in names, whether they still work here or not."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT login, name FROM people WHERE login = ANY($1::text[])", logins)
    return {row["login"]: row["name"] for row in rows}


_AROUND = """
SELECT p.login, p.name, array_agg(DISTINCT g.role ORDER BY g.role) AS roles
FROM people p JOIN role_grants g ON g.person_id = p.id JOIN organisations o ON o.id = g.organisation_id
WHERE p.active AND (o.path = ANY($1::text[]) OR starts_with(o.path, $1[1] || '/'))
GROUP BY p.login, p.name ORDER BY p.name, p.login LIMIT 200
"""


async def around(connection: Connection, hall_path: str, department_path: str) -> list[dict[str, Any]]:
    """Who works in a hall, at its windows, or in a department: login, name, roles; at most 200."""
    return [dict(row) for row in await connection.fetch(_AROUND, [hall_path, department_path])]


async def count_failure(person: UUID, now: datetime, limit: int, lock: Any) -> None:
    """Count a wrong password; the ``limit``-th locks the account for ``lock`` (a ``timedelta``)."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE people SET failures = (failures + 1) % $3,"
            " locked_until = CASE WHEN failures + 1 >= $3 THEN $2::timestamptz + $4::interval ELSE locked_until END"
            " WHERE id = $1",
            person,
            now,
            limit,
            lock,
        )


async def open_session(row: dict[str, Any]) -> None:
    """Keep a new session and forget the failures before it."""
    await Person.update({Person.failures: 0, Person.locked_until: None}).where(Person.id == row["person_id"])
    await Session.insert(Session(**row))


async def close_session(digest: str) -> None:
    """Forget a session."""
    await Session.delete().where(Session.digest == digest)


async def purge_sessions(now: datetime) -> int:
    """Forget every session past its end; how many."""
    gone = await Session.delete().where(Session.expires_at <= now).returning(Session.digest)
    return len(gone)


async def revoke_token(token: UUID, organisations: list[UUID], now: datetime) -> bool:
    """End a token within these organisations; whether there was one to end."""
    done = (
        await ApiToken.update({ApiToken.revoked_at: now})
        .where(ApiToken.id == token, ApiToken.organisation_id.is_in(organisations), ApiToken.revoked_at.is_null())
        .returning(ApiToken.id)
    )
    return bool(done)
