"""The page on which everybody changes their own password."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.rendering import go_to, page
from api.pages.sending import asked_for, sent
from api.pages.session import fresh_cookies
from api.pages.visit import Visit
from engine.administration.own_password import PasswordChange, change_own_password
from workflows.errors import YichuangError


@get("/password")
async def password_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form."""
    return _form(visit)


@post("/password")
async def change_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Change it, go on in a new session; passwords are not put back into a form that is refused."""
    typed = await sent(visit)
    try:
        parts = {name: typed.get(name) for name in ("old", "new", "again")}  # blanks belong to a password
        request = asked_for(PasswordChange, typed, (), **parts)
        opened = await change_own_password(visit.context, visit.actor, request, visit.now)
    except YichuangError as refusal:
        return _form(visit, refusal)
    return go_to("/password?done=1", fresh_cookies(opened, visit.context.settings.secure_cookies))


def _form(visit: Visit, refusal: YichuangError | None = None) -> Response[Any]:
    return page(
        visit.request,
        "password.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        done=bool(visit.asked("done")) and not refusal,
    )
