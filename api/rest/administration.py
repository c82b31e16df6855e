"""For administrators: tokens of machines, work that failed for good."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from api.rest.account_answers import TokenPage, TokenRow
from api.rest.answers import Alarm, AlarmPage, DeadLetter, DeadLetterPage, TokenIssued, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Engine, Now
from engine import identity, operating
from engine.administration import listing_tokens
from engine.operating import TokenRequest

_TAG = ["administration"]
_FIRST = UUID(int=0)
_WANTED = Example(
    summary="A self-service kiosk",
    value={"person": "clerk", "role": "clerk", "organisation": "hall", "name": "自助终端1号", "days": 90},
)


@post(
    "/tokens",
    operation_id="issueToken",
    summary="Issue a token",
    tags=_TAG,
    dto=Strict[TokenRequest],
    return_dto=None,
    responses=problems(401, 403, 404, 409, 413, 415),
)
async def issue_token(
    actor: Caller, now: Now, data: Annotated[TokenRequest, Body(examples=[_WANTED])]
) -> Response[TokenIssued]:
    """Issue a bearer token that acts for a person in one of their roles; security administrators only."""
    issued = await operating.issue_token(actor, data, now)
    return Response(TokenIssued(issued.id, issued.token), headers={"Cache-Control": "no-store"})


@get("/tokens", operation_id="listTokens", summary="Tokens", tags=_TAG, responses=problems(401, 403))
async def list_tokens(
    actor: Caller,
    now: Now,
    ended: Annotated[bool, QueryParameter(description="Also those that were revoked or have expired.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TokenPage:
    """List the tokens for roles within the caller's organisations; security administrators and auditors."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else listing_tokens.NEWEST
    rows = await listing_tokens.list_tokens(actor, now, before=before, ended=ended, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return TokenPage(shapes(TokenRow, rows), more)


@delete("/tokens/{token:uuid}", operation_id="revokeToken", summary="Revoke a token", tags=_TAG,
        responses=problems(401, 403, 404))  # fmt: skip
async def revoke_token(actor: Caller, now: Now, token: FromPath[UUID]) -> None:
    """End a token at once; security administrators only."""
    await identity.revoke_token(actor, token, now)


@get("/dead-letters", operation_id="listDeadLetters", summary="Failed work", tags=_TAG, responses=problems(401, 403))
async def list_dead_letters(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> DeadLetterPage:
    """List the work that failed for good, with the reason; system administrators only."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else _FIRST
    rows = await operating.list_dead_letters(actor, after=after, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return DeadLetterPage(shapes(DeadLetter, rows), more)


@post("/dead-letters/{letter:uuid}/retry", operation_id="retryDeadLetter", summary="Try failed work again", tags=_TAG,
      status_code=204, responses=problems(401, 403, 404))  # fmt: skip
async def retry_dead_letter(context: Engine, actor: Caller, now: Now, letter: FromPath[UUID]) -> None:
    """Let failed work be tried again from the start; system administrators only."""
    await operating.retry_dead_letter(context, actor, letter, now)


@get("/alarms", operation_id="listAlarms", summary="What is wrong", tags=_TAG, responses=problems(401, 403))
async def list_alarms(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> AlarmPage:
    """List the alarms that are open: broken invariants, evidence that is not whole; system administrators, auditors."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else _FIRST
    rows = await operating.list_alarms(actor, after=after, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return AlarmPage(shapes(Alarm, rows), more)


ROUTES: Final = (issue_token, revoke_token, list_dead_letters, retry_dead_letter, list_alarms)
