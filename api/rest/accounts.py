"""Accounts and roles, by two administrators apart: one says who signs in, the other what they may do.

A third, the auditor, reads both (GB/T 22239-2019 8.1.5). Nobody changes an account of their own.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from api.rest.account_answers import AccountPage, AccountRead, AccountRow, PasswordMade, RoleGranted
from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import CodePlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Now
from engine.administration import granting_roles, managing_people
from engine.administration.granting_roles import RoleWanted
from engine.administration.managing_people import AccountChange, FirstPassword, NewAccount, Standing
from workflows.actor import Role

_TAG: Final = ["administration"]
_ONE: Final = "/accounts/{login:str}"
_NEW: Final = Example(summary="A new clerk", value={"login": "wang.xiaohong", "name": "王晓红"})
_NAME: Final = Example(summary="The name put right", value={"name": "王晓虹"})
_ROLE: Final = Example(summary="A clerk of the hall", value={"role": "clerk", "organisation": "hall"})


def _shown_once(made: FirstPassword) -> Response[PasswordMade]:
    return Response(PasswordMade(made.login, made.password), headers={"Cache-Control": "no-store"})


@get("/accounts", operation_id="listAccounts", summary="Accounts", tags=_TAG, responses=problems(401, 403))
async def list_accounts(
    actor: Caller,
    now: Now,
    text: Annotated[str, QueryParameter(max_length=60, description="Part of a sign-in name or of a name.")] = "",
    role: Annotated[Role | None, QueryParameter(description="Only those who hold this role.")] = None,
    standing: Annotated[Standing | None, QueryParameter(description="Only those that stand so.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AccountPage:
    """List the people within the caller's organisations, and those without any role yet; the three administrators."""
    after = read_cursor(cursor, CodePlace).code if cursor is not None else ""
    rows = await managing_people.list_people(
        actor, now=now, after=after, text=text, role=role.value if role else "", standing=standing, limit=limit
    )
    more = write_cursor(CodePlace(rows[-1]["login"])) if len(rows) == limit else None
    return AccountPage(shapes(AccountRow, rows), more)


@get(_ONE, operation_id="readAccount", summary="One account", tags=_TAG, responses=problems(401, 403, 404))
async def read_account(actor: Caller, login: FromPath[str]) -> AccountRead:
    """Read an account with its roles and with what the caller may do with it."""
    row = await managing_people.read_person(actor, login)
    return shape(AccountRead, row | {"allowed": sorted(row["allowed"])})


@post("/accounts", operation_id="addAccount", summary="Add an account", tags=_TAG, dto=Strict[NewAccount],
      return_dto=None, responses=problems(401, 403, 409, 413, 415))  # fmt: skip
async def add_account(
    actor: Caller, now: Now, data: Annotated[NewAccount, Body(examples=[_NEW])]
) -> Response[PasswordMade]:
    """Add an account without any role, and make its first password; system administrators only."""
    return _shown_once(await managing_people.add_account(actor, data, now))


@patch(_ONE, operation_id="changeAccount", summary="Put a name right", tags=_TAG, dto=Strict[AccountChange],
       return_dto=None, status_code=204, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def change_account(
    actor: Caller, now: Now, login: FromPath[str], data: Annotated[AccountChange, Body(examples=[_NAME])]
) -> None:
    """Put the name of a person right; system administrators only."""
    await managing_people.rename(actor, login, data, now)


@post(f"{_ONE}/deactivation", operation_id="deactivateAccount", summary="Deactivate an account", tags=_TAG,
      status_code=204, responses=problems(401, 403, 404, 409))  # fmt: skip
async def deactivate_account(actor: Caller, now: Now, login: FromPath[str]) -> None:
    """Let somebody sign in no more, at once; their tokens rest. Never the last administrator of a place."""
    await managing_people.set_active(actor, login, active=False, now=now)


@post(f"{_ONE}/activation", operation_id="activateAccount", summary="Activate an account", tags=_TAG,
      status_code=204, responses=problems(401, 403, 404))  # fmt: skip
async def activate_account(actor: Caller, now: Now, login: FromPath[str]) -> None:
    """Let somebody sign in again; system administrators only."""
    await managing_people.set_active(actor, login, active=True, now=now)


@post(f"{_ONE}/unlocking", operation_id="unlockAccount", summary="End a lock", tags=_TAG, status_code=204,
      responses=problems(401, 403, 404))  # fmt: skip
async def unlock_account(actor: Caller, now: Now, login: FromPath[str]) -> None:
    """End the lock that wrong passwords brought about; system administrators only."""
    await managing_people.unlock(actor, login, now)


@post(f"{_ONE}/password", operation_id="resetPassword", summary="Reset a password", tags=_TAG,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def reset_password(actor: Caller, now: Now, login: FromPath[str]) -> Response[PasswordMade]:
    """Make another password, sign the person out everywhere and end a lock. Not for an administrator's account."""
    return _shown_once(await managing_people.reset_password(actor, login, now))


@post(f"{_ONE}/roles", operation_id="grantRole", summary="Give a role", tags=_TAG, dto=Strict[RoleWanted],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def grant_role(
    actor: Caller, now: Now, login: FromPath[str], data: Annotated[RoleWanted, Body(examples=[_ROLE])]
) -> RoleGranted:
    """Give somebody a role in an organisation and everything below it; security administrators only."""
    return RoleGranted(await granting_roles.grant_role(actor, login, data, now))


@delete(f"{_ONE}/roles/{{grant:uuid}}", operation_id="takeRoleAway", summary="Take a role away", tags=_TAG,
        responses=problems(401, 403, 404, 409))  # fmt: skip
async def take_role_away(actor: Caller, now: Now, login: FromPath[str], grant: FromPath[UUID]) -> None:
    """Take a role away at once; tokens and delegations that rest on it hold no more. Never the last administrator's."""
    await granting_roles.take_role_away(actor, login, grant, now)
