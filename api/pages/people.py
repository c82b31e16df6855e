"""Pages of the administrators: who signs in, and with which roles; tokens of machines."""

from __future__ import annotations

from typing import Any, Final, get_args
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.sending import GRANTABLE, asked_for, key_in, role_titles, sent
from api.pages.visit import Visit
from api.rest.cursors import CodePlace, KeyPlace, read_cursor, write_cursor
from engine import identity, operating
from engine.administration import granting_roles, listing_tokens, managing_people
from engine.administration.choosing_places import places_within
from engine.administration.granting_roles import RoleWanted
from engine.administration.managing_people import AccountChange, FirstPassword, NewAccount, Standing
from engine.identity import Issued
from engine.operating import TokenRequest
from workflows.actor import Role
from workflows.errors import YichuangError

PAGE_SIZE: Final = 50
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
_DONE: Final = ("grant", "take_away", "activate", "deactivate", "rename", "unlock")


@get("/people")
async def people_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The people within the reader's reach, by name, by role."""
    return await _list(visit, Typed())


@post("/people")
async def add_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Add an account, and show its first password this once."""
    typed = await sent(visit)
    try:
        request = asked_for(NewAccount, typed, ("login", "name"))
        made = await managing_people.add_account(visit.actor, request, visit.now)
    except YichuangError as refusal:
        return await _list(visit, typed, refusal=refusal)
    return await _person(visit, made.login, Typed(), made=made)


async def _list(visit: Visit, typed: Typed, *, refusal: YichuangError | None = None) -> Response[Any]:
    cursor, text, role = visit.asked("cursor"), visit.asked("text")[:60], visit.asked("role")[:30]
    standing = next((one for one in STANDINGS if one == visit.asked("standing")), None)
    after = read_cursor(cursor, CodePlace).code if cursor else ""
    rows = await managing_people.list_people(
        visit.actor, now=visit.now, after=after, text=text, role=role, standing=standing, limit=PAGE_SIZE
    )
    following = None
    if len(rows) == PAGE_SIZE:
        place = write_cursor(CodePlace(rows[-1]["login"]))
        following = "/people?" + urlencode({"text": text, "role": role, "standing": standing or "", "cursor": place})
    return page(
        visit.request,
        "people.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        roles=role_titles(visit.wording),
        grantable=GRANTABLE,
        text=text,
        role=role,
        standings=STANDINGS,
        standing=standing,
        next_page=following,
        further=bool(cursor),
        may_add=Role.system_admin in visit.actor.roles,
        typed=typed,
        refusal=refusal,
        now=visit.now,
    )


@get("/people/{login:str}")
async def person_page(visit: NamedDependency[Visit], login: FromPath[str]) -> Response[Any]:
    """One account: its roles, and what the reader may do with it."""
    return await _person(visit, login, Typed())


@post("/people/{login:str}")
async def change_from_page(visit: NamedDependency[Visit], login: FromPath[str]) -> Response[Any]:
    """Change an account as the form says, and show it; where it is refused, with what was typed."""
    typed = await sent(visit)
    try:
        made = await _change(visit, login, typed)
    except YichuangError as refusal:
        return await _person(visit, login, typed, refusal=refusal)
    return (
        await _person(visit, login, Typed(), made=made) if made else go_to(f"/people/{login}?done={typed.get('act')}")
    )


async def _change(visit: Visit, login: str, typed: Typed) -> FirstPassword | None:
    actor, now, act = visit.actor, visit.now, typed.get("act")
    if act == "reset_password":
        return await managing_people.reset_password(actor, login, now)
    if act == "grant":
        await granting_roles.grant_role(actor, login, asked_for(RoleWanted, typed, ("role", "organisation")), now)
    elif act == "take_away":
        await granting_roles.take_role_away(actor, login, key_in(typed, "grant"), now)
    elif act == "rename":
        await managing_people.rename(actor, login, asked_for(AccountChange, typed, ("name",)), now)
    elif act == "unlock":
        await managing_people.unlock(actor, login, now)
    else:
        await managing_people.set_active(actor, login, active=act == "activate", now=now)
    return None


async def _person(
    visit: Visit, login: str, typed: Typed, *, refusal: YichuangError | None = None, made: FirstPassword | None = None
) -> Response[Any]:
    row = await managing_people.read_person(visit.actor, login)
    done = visit.asked("done")
    return page(
        visit.request,
        "person.html",
        status=refusal.status if refusal else 200,
        person=row,
        roles=role_titles(visit.wording),
        grantable=GRANTABLE,
        places=await places_within(visit.actor) if "grant" in row["allowed"] else (),
        typed=typed,
        naming=typed if typed.get("act") == "rename" else Typed({"name": (row["name"],)}),
        refusal=refusal,
        made=made,
        done=done if done in _DONE and not refusal and not made else "",
        now=visit.now,
    )


@get("/tokens")
async def tokens_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The tokens of machines within the reader's reach."""
    return await _tokens(visit, Typed())


@post("/tokens")
async def token_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Issue a token and show it this once, or revoke one."""
    typed = await sent(visit)
    try:
        if typed.get("act") == "revoke":
            await identity.revoke_token(visit.actor, key_in(typed, "token"), visit.now)
            return go_to("/tokens?done=revoke")
        issued = await operating.issue_token(visit.actor, _wanted(typed), visit.now)
    except YichuangError as refusal:
        return await _tokens(visit, typed, refusal=refusal)
    return await _tokens(visit, Typed(), issued=issued)


def _wanted(typed: Typed) -> TokenRequest:
    days = text_of(typed, "days")
    number = int(days) if days and days.isdecimal() else days
    return asked_for(TokenRequest, typed, ("person", "role", "organisation", "name"), days=number)


async def _tokens(
    visit: Visit, typed: Typed, *, refusal: YichuangError | None = None, issued: Issued | None = None
) -> Response[Any]:
    cursor, ended = visit.asked("cursor"), bool(visit.asked("ended"))
    before = read_cursor(cursor, KeyPlace).id if cursor else listing_tokens.NEWEST
    rows = await listing_tokens.list_tokens(visit.actor, visit.now, before=before, ended=ended, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"/tokens?{'ended=1&' if ended else ''}cursor={write_cursor(KeyPlace(rows[-1]['id']))}"
    may_issue = Role.security_admin in visit.actor.roles
    return page(
        visit.request,
        "tokens.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        roles=role_titles(visit.wording),
        grantable=GRANTABLE,
        places=await places_within(visit.actor) if may_issue else (),
        ended=ended,
        next_page=following,
        further=bool(cursor),
        may_issue=may_issue,
        typed=typed,
        refusal=refusal,
        issued=issued,
        done=visit.asked("done") == "revoke" and not refusal,
    )
