"""What the trail says about a rating after it was given: a review of a mistaken one, a call to the rater."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.pages.wording import Wording


def of_rating(event: Mapping[str, Any], w: Wording) -> Iterator[tuple[str, str]]:
    """Why, with what evidence, and what the rater said."""
    if not event["name"].startswith("rating:"):
        return
    for title in ("rating.reason", "rating.evidence", "rating.reached", "rating.satisfied", "rating.note"):
        value = event["data"].get(title.partition(".")[2])
        if value is not None:
            yield w.t(title), w.t("yes" if value else "no") if isinstance(value, bool) else value
