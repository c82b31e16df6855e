"""Who calls: a bearer token or a session cookie. Everything is refused to nobody unless a route says otherwise."""

from __future__ import annotations

import hmac
from typing import Any, Final, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import HTTPScope

from api.state import Now, clock_of, context_of
from engine import identity
from engine.identity import SignedIn
from engine.settings import Settings
from workflows.actor import Actor
from workflows.errors import Forbidden, NotAuthenticated

SESSION_COOKIE: Final = "yc_session"
CSRF_COOKIE: Final = "yc_csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]


class Authentication(AbstractAuthenticationMiddleware):
    """Finds out who calls: ``user`` is the actor or nothing, ``auth`` the digest of the form token or empty."""

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """A token wins over a cookie; a wrong token is refused, a dead session is nobody."""
        now = clock_of(connection.app)()
        header = connection.headers.get("Authorization", "")
        if header:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer":
                raise NotAuthenticated("token_refused", "仅支持 Bearer 令牌。", "Only bearer tokens are understood.")
            return AuthenticationResult(await identity.by_token(token.strip(), now), "")
        cookie = connection.cookies.get(SESSION_COOKIE)
        if not cookie:
            return AuthenticationResult(None, "")
        try:
            actor, csrf_digest = await identity.by_cookie(context_of(connection.app), cookie, now)
        except NotAuthenticated:
            return AuthenticationResult(None, "")
        return AuthenticationResult(actor, csrf_digest)


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Route guard: somebody must be there, and a browser's change must carry the session's form token in its header.

    :raises NotAuthenticated: ``not_authenticated``. :raises Forbidden: ``csrf_refused``.
    """
    if connection.user is None:
        raise NotAuthenticated("not_authenticated", "请先登录。", "Sign in first.")
    if connection.auth and cast("HTTPScope", connection.scope)["method"] not in _SAFE:
        check_csrf(connection, connection.headers.get(CSRF_HEADER, ""))


def check_csrf(connection: Connection, token: str) -> None:
    """Refuse a form or header token that is not the session's.

    :raises Forbidden: ``csrf_refused``.
    """
    if not hmac.compare_digest(identity.digest_of(token), connection.auth or ""):
        raise Forbidden(
            "csrf_refused", "表单已失效，请刷新页面后重试。", "The form is out of date; reload the page and try again."
        )


def actor_of(request: Request[Any, Any, Any], now: Now) -> Actor:  # noqa: ARG001  # only to come after it
    """Dependency: who calls, on routes behind :func:`signed_in`.

    Dependencies that wait for each other are resolved in turn; independent ones would cost the framework a task each.
    """
    actor: Actor = request.user
    return actor


def session_cookies(settings: Settings, signed: SignedIn) -> list[Cookie]:
    """The cookies of a new session: out of reach of scripts, never sent from another site."""
    ends = settings.session_hours * 3600
    return [_cookie(settings, SESSION_COOKIE, signed.cookie, ends), _cookie(settings, CSRF_COOKIE, signed.csrf, ends)]


def gone_cookies(settings: Settings) -> list[Cookie]:
    """The same cookies, to be forgotten by the browser."""
    return [_cookie(settings, SESSION_COOKIE, "", 0), _cookie(settings, CSRF_COOKIE, "", 0)]


def _cookie(settings: Settings, name: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        name,
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
        documentation_only=False,
    )
