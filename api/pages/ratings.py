"""差评 on pages: the bad ratings about which something is to be done, by when and by whom; and what became of each."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.sending import asked_for, sent
from api.pages.visit import Visit
from api.rest.cursors import DayPlace, KeyPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine.messages.informing import NEWEST
from engine.ratings import rating_review
from engine.ratings.rating_review import Following, Proposing, Settling
from workflows.errors import NotAuthenticated, NotFound, YichuangError

PAGE_SIZE: Final = 50
HERE: Final = "/ratings"
_FORMS: Final[dict[str, tuple[type[Any], tuple[str, ...], tuple[str, ...]]]] = {
    "propose": (Proposing, ("reason", "evidence"), ()),
    "settle": (Settling, ("reason",), ("mistaken",)),
    "follow_up": (Following, ("note",), ("reached", "satisfied")),
}
"""What each form sends: the request, its texts, its answers of yes or no."""
_DO: Final[dict[str, Any]] = {
    "propose": rating_review.propose_review,
    "settle": rating_review.settle_review,
    "follow_up": rating_review.follow_up,
}


@get(HERE)
async def ratings_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What is to be done about bad ratings, the most urgent first; ``show=all`` lists every one, the newest first."""
    return await (_all(visit) if visit.asked("show") == "all" else _open(visit))


@post(HERE)
async def step_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Propose a review, settle it, or record a follow-up; where it is refused, the form as it was."""
    typed = await sent(visit)
    number, step = typed.get("case"), typed.get("step")
    if step not in _FORMS:
        raise NotFound("step_unknown", "评价没有这种操作。", "There is no such step for a rating.")
    kind, texts, answers = _FORMS[step]
    key = key_of(typed.get("key") or None)
    try:
        request = asked_for(kind, typed, texts, **{name: _answer(typed, name) for name in answers})
        done = await _DO[step](visit.context, visit.actor, number, request, visit.now, key)
    except (NotAuthenticated, NotFound):
        raise
    except YichuangError as refusal:
        return await _open(visit, (number, step), typed, refusal)
    return go_to(f"{HERE}?done={done['state']}&case={quote(number)}")


def _answer(typed: Typed, name: str) -> bool | str | None:
    said = text_of(typed, name)
    return {"yes": True, "no": False}.get(said, said) if said else None


async def _open(
    visit: Visit,
    tried: tuple[str, str] = ("", ""),
    typed: Typed | None = None,
    refusal: YichuangError | None = None,
) -> Response[Any]:
    cursor = visit.asked("cursor")
    place = read_cursor(cursor, DayPlace) if cursor else None
    after = (place.day, place.id) if place else rating_review.FIRST
    rows = await rating_review.list_open_ratings(visit.actor, visit.now, after=after, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"{HERE}?cursor={write_cursor(DayPlace(rows[-1]['day'], rows[-1]['id']))}"
    return page(
        visit.request,
        "ratings.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        tried=tried,
        typed=typed or Typed(),
        refusal=refusal,
        done=visit.asked("done"),
        done_case=visit.asked("case"),
        next_page=following,
        further=bool(cursor),
        key=uuid4().hex,
    )


async def _all(visit: Visit) -> Response[Any]:
    cursor = visit.asked("cursor")
    before = read_cursor(cursor, KeyPlace).id if cursor else NEWEST
    rows = await rating_review.list_bad_ratings(visit.actor, before=before, limit=PAGE_SIZE)
    following = f"{HERE}?show=all&cursor={write_cursor(KeyPlace(rows[-1]['id']))}" if len(rows) == PAGE_SIZE else None
    return page(visit.request, "ratings_all.html", rows=rows, next_page=following, further=bool(cursor))
