"""Sessions of people, and who calls."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from api.auth import SESSION_COOKIE, gone_cookies, session_cookies, signed_in
from api.rest.answers import GrantRow, Me, SessionOpened, SignIn
from api.rest.bodies import Strict
from api.rest.problems import problems
from api.state import Caller, Engine, Now
from engine import identity

_TAG = ["session"]


@post(
    "/api/v1/session",
    operation_id="signIn",
    summary="Sign in",
    tags=_TAG,
    dto=Strict[SignIn],
    return_dto=None,
    responses=problems(401, 413, 415, 429),
)
async def sign_in(context: Engine, now: Now, data: JSONBody[SignIn]) -> Response[SessionOpened]:
    """Open a session: cookies for a browser, and the token that every change must carry in `X-CSRF-Token`."""
    signed = await identity.sign_in(context, data.login, data.password, now)
    body = SessionOpened(signed.csrf, signed.actor.name, sorted(signed.actor.roles))
    return Response(body, cookies=session_cookies(context.settings, signed), headers={"Cache-Control": "no-store"})


@delete(
    "/api/v1/session",
    operation_id="signOut",
    summary="Sign out",
    tags=_TAG,
    guards=[signed_in],
    security=[{"session": []}],
    responses=problems(401, 403) | {204: ResponseSpec(None, description="Signed out; the cookies are gone.")},
)
async def sign_out(request: Request[Any, Any, Any], context: Engine) -> Response[None]:
    """Close the session of the cookie; a token has none."""
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        await identity.sign_out(cookie)
    return Response(None, status_code=204, cookies=gone_cookies(context.settings))


@get("/me", operation_id="readMe", summary="Who calls", tags=_TAG, responses=problems(401))
async def read_me(actor: Caller) -> Me:
    """Read who the token or the session stands for, and their roles."""
    grants = [GrantRow(grant.role, grant.role.zh, grant.role.en, grant.path) for grant in actor.grants]
    return Me(actor.person, actor.name, actor.kind, grants)
