"""好差评 after the rating: reviews of mistaken ones, follow-ups, and the figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, JSONBody, QueryParameter
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.messages.informing import NEWEST
from engine.ratings import rating_review
from engine.ratings.rating_review import Following, Proposing, Settling

_TAG = ["ratings"]
_GIVEN: Final = Example(
    summary="Another case was meant",
    value={"reason": "评价人把另一件的评价投到了本件。", "evidence": "2026年3月3日14时05分电话录音，评价人确认。"},
)


class RatingAct(Struct):
    """Something that was done about the rating of a case.

    ``state`` is proposed, set_aside or stands of a review, reached or not_reached of a follow-up.
    """

    case: str
    state: str
    at: datetime


class BadRating(Struct):
    """A rating of level 4 or 5 and what became of it; ``review`` is null, proposed, set_aside or stands."""

    case: str
    item_name: str
    item_name_en: str
    level: int
    comment: str
    rated_at: datetime
    follow_ups: int
    review: str | None = None
    reason: str | None = None
    evidence: str | None = None
    settlement: str | None = None
    proposed_at: datetime | None = None
    settled_at: datetime | None = None
    followed_up_at: datetime | None = None


class BadRatingPage(Struct):
    """Bad ratings, the newest first, and where the next page begins; no ``next`` on the last page."""

    items: list[BadRating]
    next: str | None = None


class RatingFigures(Struct):
    """Ratings of what was delivered in a period of hall days, both included.

    ``good`` are levels 1 to 3, ``bad`` 4 and 5, without those that were ``set_aside`` as mistaken. Shares from 0 to 1,
    null where there is nothing to divide by: ``good_share`` and ``bad_share`` of good and bad together,
    ``active_share`` (rated) and ``unrated_share`` of everything delivered, ``follow_up_share`` of the bad ones.
    """

    since: date
    until: date
    delivered: int
    rated: int
    good: int
    bad: int
    set_aside: int
    followed_up: int
    good_share: float | None
    bad_share: float | None
    active_share: float | None
    unrated_share: float | None
    follow_up_share: float | None


@post("/cases/{number:str}/rating/review", operation_id="proposeRatingReview", summary="A rating is mistaken",
      tags=_TAG, dto=Strict[Proposing], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def propose(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Proposing, Body(examples=[_GIVEN])],
    key: IdempotencyKey = None,
) -> RatingAct:
    """Say why the bad rating of a case is mistaken and what shows it. Somebody else settles it; the rating stays."""
    return shape(RatingAct, await rating_review.propose_review(context, actor, number, data, now, key_of(key)))


@post("/cases/{number:str}/rating/settlement", operation_id="settleRatingReview", summary="Settle the review",
      tags=_TAG, status_code=200, dto=Strict[Settling], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def settle(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: JSONBody[Settling],
    key: IdempotencyKey = None,
) -> RatingAct:
    """Set a mistaken rating aside, so that it counts for nothing, or let it stand. Not by whoever proposed it."""
    return shape(RatingAct, await rating_review.settle_review(context, actor, number, data, now, key_of(key)))


@post("/cases/{number:str}/rating/follow-ups", operation_id="followUpRating", summary="Ask the rater afterwards",
      tags=_TAG, dto=Strict[Following], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def follow_up(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: JSONBody[Following],
    key: IdempotencyKey = None,
) -> RatingAct:
    """Record a call to whoever rated badly, once it was put right: reached or not, satisfied or not."""
    return shape(RatingAct, await rating_review.follow_up(context, actor, number, data, now, key_of(key)))


@get("/ratings", operation_id="listBadRatings", summary="Bad ratings", tags=_TAG, responses=problems(401, 403))
async def list_bad(*, actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> BadRatingPage:
    """List the ratings of level 4 and 5 of the caller's halls, the newest first, with what became of each."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else NEWEST
    rows = await rating_review.list_bad_ratings(actor, before=before, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return BadRatingPage(shapes(BadRating, rows), more)


@get("/ratings/figures", operation_id="ratingFigures", summary="How the hall was rated", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def figures(
    *,
    actor: Caller,
    since: Annotated[date, QueryParameter(name="from", description="First day of the period, in hall time.")],
    until: Annotated[date, QueryParameter(name="to", description="Last day of the period, in hall time.")],
) -> RatingFigures:
    """Count the ratings of what the caller's halls delivered in a period. Who did not rate counts for neither side."""
    return shape(RatingFigures, await rating_review.rating_figures(actor, since, until))
