"""Pages of who stands in for whom (代理履职): one's own, and those that one may appoint."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.sending import GRANTABLE, asked_for, key_in, moment_of, role_titles, sent
from api.pages.visit import Visit
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from engine import delegating
from engine.administration.choosing_places import places_within
from engine.delegating import Appointing
from workflows.actor import ADMINISTRATORS, Role
from workflows.errors import YichuangError

PAGE_SIZE: Final = 50
DELEGABLE: Final = tuple(role for role in GRANTABLE if Role(role) not in ADMINISTRATORS)
"""The roles in which somebody may stand in."""
_TEXTS: Final = ("person", "delegate", "role", "organisation", "reason")


@get("/delegations")
async def delegations_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The delegations that hold or are to come, and the form of a new one, begun for the reader's own absence."""
    return await _list(visit)


@post("/delegations")
async def delegate_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Appoint a delegate, or end a delegation; where it is refused, the form as it was."""
    typed = await sent(visit)
    try:
        if typed.get("act") == "end":
            await delegating.end(visit.actor, key_in(typed, "delegation"), visit.now)
        else:
            await delegating.appoint(visit.actor, _appointing(visit, typed), visit.now)
    except YichuangError as refusal:
        return await _list(visit, typed, refusal)
    return go_to(f"/delegations?done={'end' if typed.get('act') == 'end' else 'appoint'}")


def _appointing(visit: Visit, typed: Typed) -> Appointing:
    zone = visit.wording.zone
    moments = {name: moment_of(typed, name, zone) or "" for name in ("from_at", "until_at")}
    return asked_for(Appointing, typed, _TEXTS, **moments)


def _own_absence(visit: Visit, colleagues: list[dict[str, Any]]) -> Typed:
    """What the form begins with: the reader, in the first of their roles that may be delegated, from now on."""
    own = [row for row in colleagues if row["person"] == visit.actor.person and row["role"] in DELEGABLE]
    begun = {"from_at": [f"{visit.now.astimezone(visit.wording.zone):%Y-%m-%dT%H:%M}"]}
    if own:
        begun |= {"person": [own[0]["login"]], "role": [own[0]["role"]], "organisation": [own[0]["organisation"]]}
    return Typed(begun)


async def _list(visit: Visit, typed: Typed | None = None, refusal: YichuangError | None = None) -> Response[Any]:
    cursor, done = visit.asked("cursor"), visit.asked("done")
    place = read_cursor(cursor, MomentPlace) if cursor else None
    after = (place.at, place.id) if place else None
    rows = await delegating.list_delegations(visit.actor, visit.now, after=after, limit=PAGE_SIZE)
    colleagues = await delegating.list_colleagues(visit.actor)
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"/delegations?cursor={write_cursor(MomentPlace(rows[-1]['from_at'], rows[-1]['id']))}"
    return page(
        visit.request,
        "delegations.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        roles=role_titles(visit.wording),
        grantable=DELEGABLE,
        colleagues={row["login"]: row["name"] for row in colleagues},
        places=await places_within(visit.actor),
        next_page=following,
        further=bool(cursor),
        typed=typed or _own_absence(visit, colleagues),
        refusal=refusal,
        done=done if done in {"end", "appoint"} and not refusal else "",
        now=visit.now,
    )
