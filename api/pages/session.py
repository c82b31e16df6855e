"""Signing in and out of the pages, and choosing their language."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath

from api.auth import CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE, Connection, check_csrf
from api.pages.rendering import NO_STORE, PageRequest, asks_for_part, go_to, local_path, page, reader_of
from api.pages.wording import LANGUAGE_COOKIE
from api.state import Engine, Now
from engine import identity
from engine.identity import SignedIn
from workflows.errors import Forbidden, Malformed, NotAuthenticated, NotFound, TooMany
from workflows.payload import refuse_control_characters

_YEAR_SECONDS: Final = 365 * 24 * 3600


async def in_browser(connection: Connection, _: BaseRouteHandler) -> None:
    """Route guard of the pages: a signed-in browser session; a bearer token is not enough.

    :raises NotAuthenticated: ``not_authenticated``.
    """
    if connection.user is None or not connection.auth:
        raise NotAuthenticated("not_authenticated", "请先登录。", "Sign in first.")


async def plain_address(connection: Connection, _: BaseRouteHandler) -> None:
    """Route guard of every page: no hidden characters in its address.

    :raises Malformed: ``control_character``.
    """
    refuse_control_characters([*connection.path_params.values(), *connection.query_params.values()])


async def from_here(connection: Connection, _: BaseRouteHandler) -> None:
    """Route guard of the sign-in form, which has no session token yet: it must come from a page of this server.

    :raises Forbidden: ``csrf_refused`` when the browser says that it comes from elsewhere.
    """
    origin = connection.headers.get("Origin")
    if origin is None:
        return
    ours = {connection.headers.get("Host", ""), urlsplit(connection.app.state.settings.public_url).netloc}
    if urlsplit(origin).netloc not in ours - {""}:
        raise Forbidden("csrf_refused", "请从本系统的登录页面登录。", "Sign in from this system's own page.")


@get("/sign-in")
async def sign_in_page(request: PageRequest) -> Response[Any]:
    """The sign-in form."""
    return page(request, "sign_in.html", next=local_path(request.query_params.get("next", "/")), login="", refusal=None)


@post("/sign-in", guards=[from_here])
async def sign_in(request: PageRequest, context: Engine, now: Now) -> Response[Any]:
    """Open a session and go on to where the reader wanted to be.

    A page whose session has ended asks for it anew without leaving: it is told the new form token, and who signed in.
    """
    form = await request.form()
    login, onward = str(form.get("login", "")), local_path(str(form.get("next", "/")))
    try:
        refuse_control_characters(login)
        opened = await identity.sign_in(context, login, str(form.get("password", "")), now)
    except (NotAuthenticated, TooMany, Malformed) as refusal:
        return page(request, "sign_in.html", status=refusal.status, next=onward, login=login, refusal=refusal)
    if earlier := request.cookies.get(SESSION_COOKIE):
        await identity.sign_out(earlier)
    cookies = fresh_cookies(opened, context.settings.secure_cookies)
    if asks_for_part(request):
        kept = {**NO_STORE, "X-Reader": str(opened.actor.person), CSRF_HEADER: opened.csrf}
        return Response("", status_code=200, headers=kept, cookies=cookies)
    return go_to(onward, cookies)


@post("/sign-out")
async def sign_out(request: PageRequest) -> Response[Any]:
    """Close the session."""
    if reader_of(request) is not None:
        form = await request.form()
        check_csrf(request, str(form.get("csrf_token", "")))
        await identity.sign_out(request.cookies.get(SESSION_COOKIE, ""))
    return go_to("/sign-in", [_cookie(SESSION_COOKIE, "", False, 0), _cookie(CSRF_COOKIE, "", False, 0)])


@get("/language/{language:str}")
async def choose_language(request: PageRequest, language: FromPath[str], context: Engine) -> Response[Any]:
    """Remember the reader's language for a year, and show the page again.

    :raises NotFound: ``language_not_found`` for any but zh and en.
    """
    if language not in {"zh", "en"}:
        raise NotFound("language_not_found", "没有这种语言。", "There is no such language.")
    cookie = _cookie(LANGUAGE_COOKIE, language, context.settings.secure_cookies, _YEAR_SECONDS)
    return go_to(request.query_params.get("next", "/"), [cookie])


def fresh_cookies(opened: SignedIn, secure: bool) -> list[Cookie]:  # as the setting
    """The cookies of a session that was just opened."""
    return [_cookie(SESSION_COOKIE, opened.cookie, secure), _cookie(CSRF_COOKIE, opened.csrf, secure)]


def _cookie(name: str, value: str, secure: bool, seconds: int | None = None) -> Cookie:
    """A cookie that scripts cannot read and other sites cannot use; until the browser closes where no time is given."""
    return Cookie(name, value=value, max_age=seconds, httponly=True, samesite="strict", secure=secure)
