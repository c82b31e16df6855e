"""好差评: an applicant is invited to rate a case once and rates it with the code on the receipt; bad ones are answered.

Nobody who did not rate counts as satisfied.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from engine.context import Context
from engine.operations import act
from engine.ratings.rating_window import require_window
from engine.work import Answer, Command
from storage import cases
from workflows.actor import SYSTEM, TITLES, Actor, Role
from workflows.errors import Conflict, NotFound
from workflows.events import Act
from workflows.numbers import normalise_query_code
from workflows.rating_words import comment_of
from workflows.scope import not_found

_DONE_ALREADY: Final = frozenset({"already_invited", "no_bad_rating", "action_not_allowed"})
"""What a repeated job is told."""


async def rate(
    context: Context,
    query_code: str,
    level: int,
    comment: str,
    now: datetime,
    *,
    tags: Sequence[str] = (),
    named: bool | None = None,
) -> Answer:
    """Rate a case as its applicant, who is known by the query code alone.

    :param level: 1 very satisfied to 5 very dissatisfied. :param comment: may be empty. :param now: UTC.
    :param tags: words ticked, see :data:`workflows.rating_words.WORDS`. :param named: see there.
    :raises Malformed: ``query_code_wrong``; ``payload_invalid`` for any other level; ``rating_word_unknown``.
    :raises NotFound: ``case_not_found``.
    :raises Conflict: ``action_not_allowed`` before delivery; ``already_rated``; ``rating_window_over``.
    """
    number = await cases.number_by_query_code(normalise_query_code(query_code))
    case = await cases.read(number) if number else None
    if case is None:
        raise not_found()
    if "rated" not in case["flags"]:
        await require_window(context, case, now)
    applicant = Actor(case["party_id"], TITLES[Role.applicant][0], kind="applicant", case=case["number"])
    said = comment_of(comment, tags, named)
    payload = {"level": level} | ({"comment": said} if said else {})
    return await act(context, Command(applicant, case["number"], Act.RATE, payload, now))


async def invite(context: Context, number: str, now: datetime) -> None:
    """Invite the applicant to rate a case that was delivered; once, however often it is asked for.

    :param now: UTC.
    """
    await _by_the_engine(context, number, Act.INVITE_RATING, now)


async def open_rectification(context: Context, number: str, now: datetime) -> None:
    """Open the rectification of a bad rating; once, however often it is asked for. :param now: UTC."""
    await _by_the_engine(context, number, Act.OPEN_RECTIFICATION, now)


async def _by_the_engine(context: Context, number: str, what: Act, now: datetime) -> None:
    try:
        await act(context, Command(SYSTEM, number, what, {}, now))
    except NotFound:
        return
    except Conflict as refusal:
        if refusal.code not in _DONE_ALREADY:
            raise
