"""A case bound into a dossier, or packed for the archive, from its page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.case import Attempt, refused_page
from api.pages.forms import Typed
from api.pages.rendering import go_to
from api.pages.visit import Visit
from engine.archive.archiving import order_package
from engine.archive.dossier import order_dossier
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.payload import refuse_control_characters

Order = Callable[..., Awaitable[dict[str, Any]]]


@post("/cases/{number:str}/dossier")
async def bind_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Have the dossier bound and show the case; where it is refused, with what was typed."""
    return await _order(visit, number, "dossier", order_dossier)


@post("/cases/{number:str}/archive-package")
async def package_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Have the archive package made and show the case; where it is refused, with what was typed."""
    return await _order(visit, number, "package", order_package)


async def _order(visit: Visit, number: str, name: str, order: Order) -> Response[Any]:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        refuse_control_characters(typed.get("reason"))
        await order(visit.context, visit.actor, number, typed.get("reason"), visit.now)
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await refused_page(visit, number, Attempt(name, typed, refusal))
    return go_to(f"/cases/{quote(number)}?done={name}_ordered")
