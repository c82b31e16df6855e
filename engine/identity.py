"""Who is there: sign-in with argon2id and lock-out, browser sessions, bearer tokens for machines."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.administration.account_reach import log
from engine.context import Context
from storage import access, organisations, people
from storage.db import Connection, transaction, uuid7
from workflows.actor import SYSTEM, Actor, Grant, Role, check_exclusive
from workflows.errors import Conflict, Forbidden, Malformed, NotAuthenticated, NotFound, TooMany

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY: Final = _HASHER.hash(secrets.token_hex(8))
"""Checked when there is no such account, so that the answer takes as long."""

TOKEN_PREFIX: Final = "yct_"  # noqa: S105  # marks a token in the open, so that a leaked one can be recognised
_PASSWORD_CLASSES: Final = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a browser is handed once: the session cookie and the token that its forms carry."""

    actor: Actor
    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A new bearer token, shown this once."""

    id: UUID
    token: str


def digest_of(secret: str) -> str:
    """How a cookie or token is kept: its SHA-256, hexadecimal. The secrets are long and random and need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_password(text: str) -> None:
    """Refuse a password that is too easy (GB/T 22239: complexity).

    :raises Malformed: ``password_too_weak`` under 10 characters or with fewer than three classes of characters.
    """
    classes = sum(any(test(character) for character in text) for test in _PASSWORD_CLASSES)
    if len(text) < 10 or len(text) > 200 or classes < 3:
        raise Malformed(
            "password_too_weak",
            "密码至少10位，须包含大写字母、小写字母、数字、符号中的三类。",
            "A password needs 10 characters and three of: lower case, upper case, digits, symbols.",
            basis="GB/T 22239-2019 8.1.4",
        )


async def hash_password(text: str) -> str:
    """An argon2id hash; computed off the event loop."""
    return await asyncio.to_thread(_HASHER.hash, text)


async def sign_in(context: Context, login: str, password: str, now: datetime) -> SignedIn:
    """Open a session.

    :param now: UTC.
    :raises NotAuthenticated: ``sign_in_failed``; the same for a wrong name and a wrong password.
    :raises TooMany: ``account_locked`` after too many failures, until the lock ends.
    """
    settings = context.settings
    account = await people.by_login(login[:60], now)
    locked = account is not None and account["locked_until"] is not None and account["locked_until"] > now
    stored = account["password"] if account and account["password"] else _NOBODY
    matches = await asyncio.to_thread(_verify, stored, password[:200])
    if account is None or not account["active"] or account["password"] is None:
        raise _failed()
    if locked:
        raise TooMany(
            "account_locked",
            f"登录失败次数过多，账号已锁定{settings.lock_minutes}分钟，请稍后再试。",
            f"Too many failures; the account is locked for {settings.lock_minutes} minutes.",
            basis="GB/T 22239-2019 8.1.4",
        )
    if not matches:
        await people.count_failure(
            account["id"], now, settings.sign_in_failures, timedelta(minutes=settings.lock_minutes)
        )
        raise _failed()
    cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    await people.open_session(
        {
            "digest": digest_of(cookie),
            "csrf_digest": digest_of(csrf),
            "person_id": account["id"],
            "created_at": now,
            "seen_at": now,
            "expires_at": now + timedelta(hours=settings.session_hours),
        }
    )
    return SignedIn(actor_of(account), cookie, csrf)


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _failed() -> NotAuthenticated:
    return NotAuthenticated("sign_in_failed", "用户名或密码不正确。", "The name or the password is wrong.")


def actor_of(row: dict[str, Any], kind: Literal["person", "machine"] = "person") -> Actor:
    """Somebody as rules see them, from their account or session and its ``grants``."""
    return Actor(row["id"], row["name"], tuple(_held(grant) for grant in row["grants"]), kind)


def _held(row: dict[str, Any]) -> Grant:
    """A grant of one's own, or one that is held for somebody who is absent."""
    principal = row.get("acting_for")
    return Grant(
        Role(row["role"]),
        UUID(row["organisation"]),
        row["path"],
        UUID(principal) if principal else None,
        row.get("principal", ""),
    )


async def by_cookie(context: Context, cookie: str, now: datetime) -> tuple[Actor, str]:
    """Whose session a cookie is, and the digest of its form token.

    :raises NotAuthenticated: ``session_over`` when it is unknown, was idle too long, or has ended.
    """
    row = await people.by_session(digest_of(cookie), now, timedelta(minutes=context.settings.idle_minutes))
    if row is None:
        raise NotAuthenticated("session_over", "登录已过期，请重新登录。", "The session is over; sign in again.")
    return actor_of(row), row["csrf_digest"]


async def by_token(token: str, now: datetime) -> Actor:
    """For whom a bearer token acts.

    :raises NotAuthenticated: ``token_refused`` when it is unknown, revoked or expired.
    """
    row = await people.by_token(digest_of(token), now) if token.startswith(TOKEN_PREFIX) else None
    if row is None:
        raise NotAuthenticated(
            "token_refused", "令牌无效或已被撤销。", "The token is unknown, revoked or expired; ask for a new one."
        )
    return actor_of(row, "machine")


async def sign_out(cookie: str) -> None:
    """Close a session; harmless when it is closed already."""
    await people.close_session(digest_of(cookie))


async def issue_token(
    login: str,
    role: Role,
    organisation: str,
    name: str,
    now: datetime,
    *,
    days: int | None = None,
    issued_by: UUID | None = None,
) -> Issued:
    """A bearer token that acts for a person in one of their grants.

    :param organisation: its code. :param days: natural days until it expires; None for no end.
    :param issued_by: key of the person who issues it; None from the command line of the machine.
    :raises NotFound: ``person_not_found``, ``organisation_not_found``. :raises Conflict: ``grant_missing``.
    """
    person, place = await _grant_held(login, role, organisation)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    key = uuid7()
    row = people.ApiToken(
        id=key,
        digest=digest_of(token),
        name=name,
        person_id=person,
        role=role.value,
        organisation_id=place,
        issued_by=issued_by,
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    async with transaction() as connection:
        await people.ApiToken.insert(row)
        await _log(
            connection, issued_by or SYSTEM.person, key, "token.issue", now, f"{login} {role.value} {organisation}"
        )
    return Issued(key, token)


async def _log(connection: Connection, by: UUID, token: UUID, action: str, now: datetime, purpose: str = "") -> None:
    row = {"at": now, "actor": by, "subject": f"token:{token}", "action": action, "purpose": purpose}
    await access.add(connection, row)


async def _grant_held(login: str, role: Role, organisation: str) -> tuple[UUID, UUID]:
    """The keys of the person and of the place where they hold the role."""
    account = await people.by_login(login)
    place = await organisations.by_code(organisation)
    if account is None:
        raise NotFound("person_not_found", "没有该人员。", "There is no such person.")
    if place is None:
        raise NotFound("organisation_not_found", "没有该机构。", "There is no such organisation.")
    held = actor_of(account).grants
    if not any(grant.role is role and grant.organisation == place["id"] for grant in held):
        raise Conflict(
            "grant_missing",
            "该人员在此机构没有这一岗位，不能签发令牌。",
            "The person does not hold this role there; a token cannot carry it.",
        )
    return account["id"], place["id"]


async def revoke_token(actor: Actor, token: UUID, now: datetime) -> None:
    """End a token at once.

    :raises Forbidden: ``role_not_allowed`` for anybody but a security administrator.
    :raises NotFound: ``token_not_found`` outside the actor's organisations, or when it has ended already.
    """
    paths = [grant.path for grant in actor.grants if grant.role is Role.security_admin]
    if not paths:
        raise Forbidden(
            "role_not_allowed", "只有安全管理员可以撤销令牌。", "Only a security administrator may revoke a token."
        )
    async with transaction() as connection:
        if not await people.revoke_token(token, await organisations.subtree(paths), now):
            raise NotFound("token_not_found", "没有该令牌。", "There is no such token.")
        await _log(connection, actor.person, token, "token.revoke", now)


async def add_person(
    login: str, name: str, password: str, grants: list[tuple[Role, str]], now: datetime, by: Actor = SYSTEM
) -> UUID:
    """Add somebody with roles in organisations, given by code.

    :param now: UTC. :param by: who adds them; the engine itself for the command line of the machine.
    :raises Malformed: ``password_too_weak``. :raises NotFound: ``organisation_not_found``.
    :raises Conflict: ``login_taken``, ``roles_exclusive``.
    """
    check_password(password)
    check_exclusive(role for role, _ in grants)
    places = {code: await organisations.by_code(code) for _, code in grants}
    missing = sorted(code for code, row in places.items() if row is None)
    if missing:
        listed_zh, listed_en = "、".join(missing), ", ".join(missing)
        raise NotFound("organisation_not_found", f"没有机构：{listed_zh}。", f"No such organisation: {listed_en}.")
    if await people.by_login(login):
        raise Conflict("login_taken", "该登录名已被使用。", "The login is taken.")
    key, hashed = uuid7(), await hash_password(password)
    async with transaction() as connection:
        await people.Person.insert(
            people.Person(id=key, login=login, name=name, password=hashed, active=True, created_at=now)
        )
        for role, code in grants:
            place = places[code]
            if place is not None:
                await people.RoleGrant.insert(
                    people.RoleGrant(id=uuid7(), person_id=key, role=role.value, organisation_id=place["id"])
                )
        await log(connection, by, key, "account.add", now, " ".join(f"{role.value}@{code}" for role, code in grants))
    return key
