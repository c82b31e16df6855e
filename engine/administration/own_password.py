"""Changing one's own password, which is the first thing to do with one that somebody else has made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from engine.context import Context
from engine.identity import SignedIn, check_password, digest_of, hash_password, sign_in
from storage import access, accounts
from storage.db import transaction
from workflows.actor import Actor
from workflows.errors import Forbidden, Malformed, NotAuthenticated

_Typed = Annotated[str, Meta(min_length=1, max_length=200)]


class PasswordChange(Struct, forbid_unknown_fields=True, frozen=True):
    """The password so far, and the new one twice."""

    old: _Typed
    new: _Typed
    again: _Typed


async def change_own_password(context: Context, actor: Actor, request: PasswordChange, now: datetime) -> SignedIn:
    """Change the password of the person who asks, sign them out everywhere else, and open a session anew.

    A wrong password counts as a failed sign-in, so that an open desk does not let anybody guess.

    :param now: UTC.
    :raises Forbidden: ``password_wrong``, ``machine_not_allowed`` for a token.
    :raises Malformed: ``passwords_differ``, ``password_too_weak``. :raises TooMany: ``account_locked``.
    """
    if actor.kind != "person":
        raise Forbidden("machine_not_allowed", "令牌不能更改密码。", "A token cannot change a password.")
    if request.new != request.again:
        raise Malformed("passwords_differ", "两次输入的新密码不一致。", "The new password was not typed alike twice.")
    check_password(request.new)
    login = await accounts.login_of(actor.person)
    try:
        tried = await sign_in(context, login, request.old, now)
    except NotAuthenticated:
        raise Forbidden("password_wrong", "原密码不正确。", "The password so far is wrong.") from None
    hashed = await hash_password(request.new)
    async with transaction() as connection:
        await accounts.set_password(connection, actor.person, hashed)
        await accounts.end_sessions(connection, actor.person, but=digest_of(tried.cookie))
        row = {"at": now, "actor": actor.person, "subject": f"person:{actor.person}", "action": "account.own_password"}
        await access.add(connection, row | {"purpose": ""})
    return tried
